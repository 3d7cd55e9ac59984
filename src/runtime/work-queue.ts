// Keys that need a look. A key stands in it at most once, however many events name it, and is never
// handed out twice at the same time: what is added while it is being worked on comes again
// afterwards. A queue with a pause hands out a key no sooner than that after its last run: the
// first event of a burst is worked on at once, and those that follow it cost one run together.
//
// A key is in any of: ready (waits for a worker) · running · running and again (was added
// meanwhile) · delayed.

import type { Clock } from "../ports.ts";
import { type Fairness, Turns } from "./turns.ts";

export interface WorkQueueOptions extends Partial<Fairness> {
  /** Between the end of a key's run and its next one. Default: 0. */
  readonly pauseMs?: number;
  /** For how long whoever a run is charged to stays so after it. Default: 0. */
  readonly chargedMs?: (key: string) => number;
}

export class WorkQueue {
  readonly #clock: Clock;
  readonly #ready: Turns;
  readonly #pauseMs: number;
  readonly #chargedMs: (key: string) => number;
  /** How to cancel what ends a charge. */
  readonly #charges = new Set<() => void>();
  readonly #running = new Set<string>();
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, { atMs: number; cancel: () => void }>();
  /** Until when a key rests after its run, by the monotonic clock, in the order of these times. */
  readonly #restUntilMs = new Map<string, number>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #closed = false;

  /** Without fairness: first come, first served. */
  constructor(
    clock: Clock,
    { pauseMs = 0, chargedMs = () => 0, groupsOf = () => [], ...others }: WorkQueueOptions = {},
  ) {
    this.#clock = clock;
    this.#pauseMs = pauseMs;
    this.#chargedMs = chargedMs;
    this.#ready = new Turns({ groupsOf, ...others });
  }

  /** Keys that wait for a worker; delayed ones do not count. */
  get size(): number {
    return this.#ready.waiting + this.#again.size;
  }

  /** As soon as may be: when its pause is over. */
  add(key: string): void {
    if (this.#closed) return;
    if (this.#running.has(key)) {
      this.#again.add(key);
      return;
    }
    const restMs = this.#restMs(key);
    if (restMs > 0) {
      this.addAfter(key, restMs);
      return;
    }
    this.#ready.wait(key);
    this.#hand();
  }

  /** After delayMs. Of several delays of one key the soonest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#closed) return;
    const atMs = this.#clock.monotonicMs() + delayMs;
    const planned = this.#delayed.get(key);
    if (planned !== undefined && planned.atMs <= atMs) return;
    planned?.cancel();
    const cancel = this.#clock.after(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { atMs, cancel });
  }

  /** The next key; undefined once the queue is closed. A key taken is given back by finish. */
  take(): Promise<string | undefined> {
    return new Promise((resolve) => {
      if (this.#closed) {
        resolve(undefined);
        return;
      }
      this.#takers.push(resolve);
      this.#hand();
    });
  }

  /** The work on a taken key has ended, well or not. */
  finish(key: string): void {
    this.#running.delete(key);
    this.#discharge(key);
    this.#rest(key);
    if (this.#again.delete(key)) this.add(key);
    // Also where it pauses: its turn is another's now.
    this.#hand();
  }

  /** Hands out nothing more and forgets what waits. */
  close(): void {
    this.#closed = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    for (const cancel of this.#charges) cancel();
    this.#charges.clear();
    this.#ready.clear();
    this.#again.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  #discharge(key: string): void {
    const discharge = this.#ready.end(key);
    const chargedMs = this.#closed ? 0 : this.#chargedMs(key);
    if (chargedMs <= 0) {
      discharge();
      return;
    }
    const cancel = this.#clock.after(chargedMs, () => {
      this.#charges.delete(cancel);
      discharge();
      this.#hand();
    });
    this.#charges.add(cancel);
  }

  #rest(key: string): void {
    if (this.#pauseMs === 0) return;
    const nowMs = this.#clock.monotonicMs();
    for (const [rested, untilMs] of this.#restUntilMs) {
      if (untilMs > nowMs) break;
      this.#restUntilMs.delete(rested);
    }
    this.#restUntilMs.set(key, nowMs + this.#pauseMs);
  }

  #restMs(key: string): number {
    return (this.#restUntilMs.get(key) ?? 0) - this.#clock.monotonicMs();
  }

  #hand(): void {
    if (this.#takers.length === 0) return;
    const key = this.#ready.next();
    if (key === undefined) return;
    const taker = this.#takers.shift();
    this.#ready.begin(key);
    this.#running.add(key);
    // The run that starts now sees whatever a later look would have been for.
    this.#delayed.get(key)?.cancel();
    this.#delayed.delete(key);
    taker?.(key);
  }
}
