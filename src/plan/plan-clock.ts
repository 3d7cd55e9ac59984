// The clock of a plan: nobody waits for anything, and time passes where the reconcilers ask for it.

import type { Clock } from "../ports.ts";

/** Time that passes when it is told to. */
export class PlanClock implements Clock {
  #passedMs = 0;
  readonly #startMs: number;

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  nowMs(): number {
    return this.#startMs + this.#passedMs;
  }

  monotonicMs(): number {
    return this.#passedMs;
  }

  /** Nothing is waited for. */
  after(): () => void {
    return () => undefined;
  }

  pass(byMs: number): void {
    this.#passedMs += byMs;
  }
}
