// The time that the writes of pods have in one decision, on however many servers it is: each server
// has its part of it, and what one leaves is for those that follow. Else the pods of one namespace
// on its own servers would keep the statuses on all others waiting.

import type { Clock } from "../../ports.ts";

/** For how long those of one decision are begun, in all. */
const writingMs = 2_000;

export class PodTime {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #serversLeft: number;
  #spentMs = 0;
  /** Up to which time spent the server at hand may write. */
  #allowedMs = 0;

  constructor(clock: Pick<Clock, "monotonicMs">, servers: number) {
    this.#clock = clock;
    this.#serversLeft = servers;
  }

  /** The next server is written to. */
  begin(): void {
    const leftMs = Math.max(0, writingMs - this.#spentMs);
    this.#allowedMs = this.#spentMs + leftMs / Math.max(1, this.#serversLeft);
    this.#serversLeft -= 1;
  }

  /** For how long those of the server at hand may still be begun. */
  get leftMs(): number {
    return Math.max(0, this.#allowedMs - this.#spentMs);
  }

  get spentMs(): number {
    return this.#spentMs;
  }

  /** Writes pods, and counts how long that takes. */
  async spend<T>(write: () => Promise<T>): Promise<T> {
    const startMs = this.#clock.monotonicMs();
    try {
      return await write();
    } finally {
      this.#spentMs += this.#clock.monotonicMs() - startMs;
    }
  }
}
