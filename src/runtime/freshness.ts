// How new what a cache holds surely is. A list shows everything as it is. A watch is no such sign
// when it begins: first it brings what happened since its position, which may be minutes old, and
// where watches break again and again each brings a bit of that, and the cache stays behind. Only
// what comes once a watch has held for a while shows that the cache has caught up. Where none has
// for long, listing anew is the way to know.

import type { Clock } from "../ports.ts";
import { ageMs, longAgo, type Moment, momentOf } from "./moment.ts";

/** The API server sends one that often, however little happens. */
const bookmarkMs = 60_000;
/** Two bookmarks in a row must have been lost. */
const silenceLimitMs = 150_000;
/** Not caught up for as long, and what the cache says may be old. */
const freshForMs = 180_000;
/** By then a watch has brought what happened before it began. */
const heldAfterMs = 10_000;

export class Freshness {
  readonly #clock: Clock;
  #caughtUpAt: Moment = longAgo;
  #watchBeganMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The cache has caught up within three minutes. */
  get isFresh(): boolean {
    return ageMs(this.#caughtUpAt, this.#clock) < freshForMs;
  }

  /** How long a watch is waited for, unless the cache has caught up before; 0: no longer. */
  get patienceMs(): number {
    const silentMs = this.#clock.monotonicMs() - this.#caughtUpAt.monotonicMs;
    return Math.max(0, silenceLimitMs - silentMs);
  }

  /** The first bookmark of a watch that begins now may come too late. */
  get isListDue(): boolean {
    return this.patienceMs <= bookmarkMs;
  }

  /** The watch lives for longer than one that breaks again and again. */
  get hasHeld(): boolean {
    if (this.#watchBeganMs === undefined) return false;
    return this.#clock.monotonicMs() - this.#watchBeganMs > heldAfterMs;
  }

  /** Everything was listed just now. */
  noteListed(): void {
    this.#caughtUpAt = momentOf(this.#clock);
  }

  /** Another watch is asked for. */
  noteWatch(): void {
    this.#watchBeganMs = undefined;
  }

  /** The watch has brought something; its first word is that it has begun. */
  noteEvent(): void {
    this.#watchBeganMs ??= this.#clock.monotonicMs();
    if (this.hasHeld) this.#caughtUpAt = momentOf(this.#clock);
  }
}
