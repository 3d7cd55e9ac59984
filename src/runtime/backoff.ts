// How long to wait before the next try. Doubling spares a server that is down; the jitter keeps
// many clients that lost it together from coming back together.

import type { Random } from "../ports.ts";

export interface BackoffOptions {
  readonly random: Random;
  /** Limit of the first delay. Each further one doubles. */
  readonly baseMs: number;
  /** Limit of every delay. */
  readonly maxMs: number;
}

/** Delays per key. The n-th lies between half and the whole of min(maxMs, baseMs × 2ⁿ⁻¹). */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #failures = new Map<string, number>();

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Counts a failure of the key and answers the delay in milliseconds before its next try. */
  nextMs(key: string): number {
    const { random, baseMs, maxMs } = this.#options;
    const failures = this.failures(key);
    this.#failures.set(key, failures + 1);
    const limitMs = Math.min(maxMs, baseMs * 2 ** Math.min(failures, 40));
    return limitMs * (0.5 + random.next() / 2);
  }

  /** Failures of the key since it last went well. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** It went well: the next failure starts from baseMs. */
  reset(key: string): void {
    this.#failures.delete(key);
  }
}
