// Readings between two of the interval, as decisions wish for them, and the bound on their rate: a
// server is read at most every two seconds; while nothing moves each pause is twice as long as the
// one before, up to the interval; a login that was refused is left to the readings of the interval.

import type { ServerKey } from "../../domain/facts/facts.ts";
import type { ReadingWish } from "../../domain/decide/reading-wish.ts";
import type { Clock } from "../../ports.ts";
import type { Readings } from "./readings.ts";

export interface RereadsParts {
  readonly readings: Readings;
  readonly clock: Pick<Clock, "monotonicMs">;
  readonly intervalMs: number;
  /** Has a server read, after `delayMs`. */
  readonly enqueueDatabase: (server: ServerKey, delayMs?: number) => void;
}

/** Between two readings of a server, whoever asks for them. */
export const shortestPauseMs = 2_000;
/** The interval has some jitter. */
const wholeAfter = 0.85;

interface Wanted {
  readonly state: string;
  /** The pause counts from the reading that was made then. */
  readonly readAtMs: number;
  readonly pauseMs: number;
}

export class Rereads {
  readonly #parts: RereadsParts;
  readonly #wanted = new Map<ServerKey, Wanted>();
  readonly #wholeAtMs = new Map<ServerKey, number>();

  constructor(parts: RereadsParts) {
    this.#parts = parts;
  }

  /** Obeys what the latest decision on a server wishes for, as soon as the bound allows. */
  want(server: ServerKey, wish: ReadingWish | undefined): void {
    // One that failed comes in its own time: a wish never makes it sooner.
    if (!wish || this.#parts.readings.failureOf(server)) {
      this.#wanted.delete(server);
      return;
    }
    const { readings, clock, intervalMs, enqueueDatabase } = this.#parts;
    const readAtMs = readings.attemptedAtMs(server);
    const pauseMs = this.#pauseMs(server, wish, readAtMs);
    this.#wanted.set(server, { state: wish.state, readAtMs, pauseMs });
    if (pauseMs >= intervalMs) return;
    enqueueDatabase(server, Math.max(0, readAtMs + pauseMs - clock.monotonicMs()));
  }

  /** Whether the reading that begins now is one between two of the interval. */
  isBetween(server: ServerKey): boolean {
    const { clock, intervalMs } = this.#parts;
    const nowMs = clock.monotonicMs();
    const sinceMs = nowMs - (this.#wholeAtMs.get(server) ?? -Infinity);
    if (this.#wanted.has(server) && sinceMs < wholeAfter * intervalMs) return true;
    this.#wholeAtMs.set(server, nowMs);
    return false;
  }

  forget(server: ServerKey): void {
    this.#wanted.delete(server);
    this.#wholeAtMs.delete(server);
  }

  #pauseMs(server: ServerKey, { state, isHolding }: ReadingWish, readAtMs: number): number {
    const before = this.#wanted.get(server);
    if (!before || before.state !== state || isHolding) return shortestPauseMs;
    if (before.readAtMs === readAtMs) return before.pauseMs;
    return Math.min(2 * before.pauseMs, this.#parts.intervalMs);
  }
}
