// Time that passes only when a test says so, and then passes completely: timers run in order of
// their time, and whatever they set in motion settles before the next one.

import type { Clock } from "../../src/ports.ts";

export class VirtualClock implements Clock {
  #nowMs: number;
  #timers: { atMs: number; run: () => void }[] = [];

  constructor(nowMs: number = Date.parse("2026-09-01T00:00:00Z")) {
    this.#nowMs = nowMs;
  }

  /** Timers that have not run yet. */
  get pending(): number {
    return this.#timers.length;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass, and everything happen that becomes due meanwhile. */
  async advance(byMs: number): Promise<void> {
    const endMs = this.#nowMs + byMs;
    await settle();
    for (let next = this.#due(endMs); next !== undefined; next = this.#due(endMs)) {
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
      await settle();
    }
    this.#nowMs = endMs;
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
