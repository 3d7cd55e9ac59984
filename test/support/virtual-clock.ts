// Time that passes only when a test says so, and then passes completely: timers run in order of
// their time, and whatever they set in motion settles before the next one. Somebody may set the
// wall clock meanwhile: timers and durations do not care.

import type { Clock } from "../../src/ports.ts";

export class VirtualClock implements Clock {
  #monotonicMs = 0;
  #epochMs: number;
  #timers: { atMs: number; run: () => void }[] = [];

  constructor(nowMs: number = Date.parse("2026-09-01T00:00:00Z")) {
    this.#epochMs = nowMs;
  }

  /** Timers that have not run yet. */
  get pending(): number {
    return this.#timers.length;
  }

  nowMs(): number {
    return this.#epochMs + this.#monotonicMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** Somebody sets the wall clock: forward, or back with a number below 0. */
  setForward(byMs: number): void {
    this.#epochMs += byMs;
  }

  /** The process does not run for a while: time passes, and what was due comes late. */
  sleep(byMs: number): void {
    this.#monotonicMs += byMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#monotonicMs + Math.max(0, delayMs), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass, and everything happen that becomes due meanwhile. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#monotonicMs + byMs;
    await settle();
    for (let next = this.#due(endMs); next !== undefined; next = this.#due(endMs)) {
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#monotonicMs = Math.max(this.#monotonicMs, next.atMs);
      next.run();
      await settle();
    }
    this.#monotonicMs = endMs;
  }

  #due(endMs: number): { atMs: number; run: () => void } | undefined {
    const due = this.#timers.filter((timer) => timer.atMs <= endMs);
    // Stable: of two timers of one time the older one runs first.
    return due.sort((a, b) => a.atMs - b.atMs)[0];
  }
}

/** Everything that can happen without time passing or a socket answering has happened. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
