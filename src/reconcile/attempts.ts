// The writes of one run: what went wrong, and when it may go right. A passing failure (a conflict,
// an API server that does not answer) is tried again in a moment; a refusal with growing delays.

import type { PolicyFacts, PolicyKey } from "../domain/facts.ts";
import type { Failure } from "../ports.ts";
import { isRefusal, type Refusals, type Write } from "./refusals.ts";

export interface Attempt {
  readonly policy: PolicyFacts;
  readonly write: Write;
}

export interface WriteFailure {
  readonly what: string;
  readonly policy: PolicyFacts;
  readonly failure: Failure;
}

const passingRetryMs = 1_000;

const writtenByAnother: Failure = {
  kind: "conflict",
  message: "somebody else has just written another status: ours waits",
  managers: [],
};

export class Attempts {
  readonly failures: WriteFailure[] = [];
  /** When to try again what did not go through; undefined: all did. */
  retryAfterMs: number | undefined;
  readonly #refusals: Refusals;
  readonly nowMs: number;
  readonly #unwritten = new Set<PolicyKey>();
  #isPassing = false;

  constructor(refusals: Refusals, nowMs: number) {
    this.#refusals = refusals;
    this.nowMs = nowMs;
  }

  /** Whether `run` went through. What was refused lately is not even tried. */
  async make(
    { policy, write }: Attempt,
    run: () => Promise<Failure | undefined>,
  ): Promise<boolean> {
    const waitMs = this.#refusals.waitMs(write, this.nowMs);
    if (waitMs > 0) return this.#failed(policy.key, waitMs);
    const failure = await run();
    if (failure) {
      this.failures.push({ what: write.what, policy, failure });
      return this.#failed(policy.key, this.#delayAfter(failure, write));
    }
    this.#refusals.forget(write);
    return true;
  }

  /** Somebody else has just written there: ours is not tried before forMs have passed. */
  hold(policy: PolicyFacts, forMs: number): void {
    this.failures.push({ what: "status", policy, failure: writtenByAnother });
    this.#isPassing = true;
    this.#failed(policy.key, forMs);
  }

  /** A roll counts on the grants of its policy; after a passing failure all is decided anew. */
  keepFrom({ key }: PolicyFacts): boolean {
    return this.#isPassing || this.#unwritten.has(key);
  }

  #delayAfter(failure: Failure, write: Write): number {
    if (isRefusal(failure)) return this.#refusals.note(write, failure, this.nowMs);
    this.#isPassing = true;
    return passingRetryMs;
  }

  #failed(policy: PolicyKey, retryMs: number): false {
    this.#unwritten.add(policy);
    this.retryAfterMs = Math.min(retryMs, this.retryAfterMs ?? retryMs);
    return false;
  }
}
