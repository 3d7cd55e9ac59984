// The writes of one run: what went wrong, and when it may go right. A passing failure (a conflict,
// an API server that does not answer) is tried again as soon as a fact changes, and without that
// after a time that grows from run to run; a refusal with growing delays, whatever happens.

import type { PolicyFacts, PolicyKey, ServerKey } from "../domain/facts.ts";
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
const passingRetryMaxMs = 15_000;

/** How often in a row writes of a server have failed for a reason that passes. */
export class PassingFailures {
  readonly #inARow = new Map<ServerKey, number>();

  retryMs(server: ServerKey): number {
    return Math.min(passingRetryMs * 2 ** (this.#inARow.get(server) ?? 0), passingRetryMaxMs);
  }

  note(server: ServerKey, { isPassing }: { readonly isPassing: boolean }): void {
    if (isPassing) this.#inARow.set(server, (this.#inARow.get(server) ?? 0) + 1);
    else this.#inARow.delete(server);
  }

  forget(server: ServerKey): void {
    this.#inARow.delete(server);
  }
}

const writtenByAnother: Failure = {
  kind: "conflict",
  message: "somebody else has just written another status: ours waits",
  managers: [],
};

/** Of the runs before this one. */
export interface FailureMemories {
  readonly refusals: Refusals;
  readonly passing: PassingFailures;
}

interface AttemptedRun {
  readonly nowMs: number;
  readonly server: ServerKey;
}

export class Attempts {
  readonly failures: WriteFailure[] = [];
  /** When to try again what did not go through; undefined: all did. */
  retryAfterMs: number | undefined;
  readonly #refusals: Refusals;
  readonly nowMs: number;
  readonly #passingRetryMs: number;
  readonly #unwritten = new Set<PolicyKey>();
  #isPassing = false;

  constructor({ refusals, passing }: FailureMemories, { nowMs, server }: AttemptedRun) {
    this.#refusals = refusals;
    this.nowMs = nowMs;
    this.#passingRetryMs = passing.retryMs(server);
  }

  /** Something was not written for a reason that passes by itself. */
  get isPassing(): boolean {
    return this.#isPassing;
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

  /** Its status is left as it is for now, and nothing that counts on it is rolled. */
  leave({ key }: PolicyFacts, forMs: number): void {
    this.#failed(key, forMs);
  }

  /** A roll counts on the grants of its policy; after a passing failure all is decided anew. */
  keepFrom({ key }: PolicyFacts): boolean {
    return this.#isPassing || this.#unwritten.has(key);
  }

  #delayAfter(failure: Failure, write: Write): number {
    if (isRefusal(failure)) return this.#refusals.note(write, failure, this.nowMs);
    this.#isPassing = true;
    return this.#passingRetryMs;
  }

  #failed(policy: PolicyKey, retryMs: number): false {
    this.#unwritten.add(policy);
    this.retryAfterMs = Math.min(retryMs, this.retryAfterMs ?? retryMs);
    return false;
  }
}
