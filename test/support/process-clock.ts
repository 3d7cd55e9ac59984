// Time as one process sees it: it can be killed, stopped and continued as by SIGSTOP and SIGCONT,
// and have its wall clock set. Nothing of a dead process ever runs; a stopped one catches up, and
// what it cancels while it does so stays cancelled, as with timers of a real one.

import type { Clock } from "../../src/ports.ts";

export class ProcessClock implements Clock {
  readonly #clock: Clock;
  #isDead = false;
  #waiting: (() => void)[] | undefined;
  /** By how much its wall clock is wrong. */
  skewMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isAlive(): boolean {
    return !this.#isDead;
  }

  nowMs(): number {
    return this.#clock.nowMs() + this.skewMs;
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  after(delayMs: number, run: () => void): () => void {
    let isCancelled = false;
    const cancel = this.#clock.after(delayMs, () => {
      this.whenAwake(() => {
        if (!isCancelled) run();
      });
    });
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  whenAwake(run: () => void): void {
    if (this.#isDead) return;
    if (this.#waiting) this.#waiting.push(run);
    else run();
  }

  kill(): void {
    this.#isDead = true;
    this.#waiting = undefined;
  }

  stop(): void {
    this.#waiting ??= [];
  }

  resume(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const run of waiting) this.whenAwake(run);
  }
}
