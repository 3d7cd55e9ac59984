// The writes of one run: what went wrong, and when it may go right. A passing failure (a conflict,
// an API server that does not answer) is tried again as soon as a fact changes, and without that
// after a time that grows from run to run; a refusal with growing delays, whatever happens.

import { namespaceOf } from "../../api/keys.ts";
import type { PolicyFacts, PolicyKey, ServerKey } from "../../domain/facts/facts.ts";
import type { Failure } from "../../ports.ts";
import type { ContestedActs } from "../memory/contested-acts.ts";
import type { GrowthHolds } from "../memory/growth-holds.ts";
import { isRefusal, type Refusals, type Write } from "../memory/refusals.ts";

export interface Attempt {
  readonly policy: PolicyFacts;
  readonly write: Write;
}

export interface WriteFailure {
  readonly what: string;
  readonly policy: PolicyFacts;
  readonly failure: Failure;
}

/** Of a write for which nothing else of the run waits. */
export interface FailureBeside extends Pick<WriteFailure, "what" | "failure"> {
  readonly retryMs: number;
}

const passingRetryMs = 1_000;
const passingRetryMaxMs = 15_000;

/** How often in a row writes of a namespace on a server have failed for a reason that passes. */
export class PassingFailures {
  readonly #inARow = new Map<ServerKey, ReadonlyMap<string, number>>();

  retryMs(server: ServerKey, namespace: string): number {
    const inARow = this.#inARow.get(server)?.get(namespace) ?? 0;
    return Math.min(passingRetryMs * 2 ** inARow, passingRetryMaxMs);
  }

  /** `namespaces`: all that had such a failure this time. */
  note(server: ServerKey, namespaces: ReadonlySet<string>): void {
    const before = this.#inARow.get(server);
    const counts = [...namespaces].map((one) => [one, (before?.get(one) ?? 0) + 1] as const);
    if (counts.length > 0) this.#inARow.set(server, new Map(counts));
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
  readonly contested: ContestedActs;
  readonly growth: GrowthHolds;
}

type AttemptMemories = Omit<FailureMemories, "growth">;

interface AttemptedRun {
  readonly nowMs: number;
  readonly server: ServerKey;
}

export class WriteAttempts {
  readonly failures: WriteFailure[] = [];
  /** When to try again what did not go through; undefined: all did. */
  retryAfterMs: number | undefined;
  readonly #refusals: Refusals;
  readonly #contested: ContestedActs;
  readonly nowMs: number;
  /** Policies of which something was not written for a reason that passes by itself. */
  readonly passingOf = new Set<PolicyKey>();
  readonly #passingRetryMs: (namespace: string) => number;
  readonly #unwritten = new Set<PolicyKey>();

  constructor({ refusals, passing, contested }: AttemptMemories, { nowMs, server }: AttemptedRun) {
    this.#refusals = refusals;
    this.#contested = contested;
    this.nowMs = nowMs;
    this.#passingRetryMs = (namespace) => passing.retryMs(server, namespace);
  }

  /** Their namespaces. */
  get passingIn(): ReadonlySet<string> {
    return new Set([...this.passingOf].map(namespaceOf));
  }

  /** Whether `run` went through. What was refused lately is not even tried. */
  async try({ policy, write }: Attempt, run: () => Promise<Failure | undefined>): Promise<boolean> {
    if (this.isRefused({ policy, write })) return false;
    const failure = await run();
    if (failure) {
      this.failures.push({ what: write.what, policy, failure });
      return this.#failed(policy.key, this.#delayAfter(failure, { policy, write }));
    }
    this.#refusals.forget(write);
    if (write.what !== "status") this.#contested.forget(write.key);
    return true;
  }

  /** It was refused lately, and is left until it may be tried again. */
  isRefused({ policy, write }: Attempt): boolean {
    const waitMs = this.#refusals.waitMs(write, this.nowMs);
    if (waitMs > 0) this.#failed(policy.key, waitMs);
    return waitMs > 0;
  }

  /** Somebody else has just written there: ours is not tried before forMs have passed. */
  defer(policy: PolicyFacts, forMs: number): void {
    this.failures.push({ what: "status", policy, failure: writtenByAnother });
    this.passingOf.add(policy.key);
    this.#failed(policy.key, forMs);
  }

  noteBeside(policy: PolicyFacts, { what, failure, retryMs }: FailureBeside): void {
    this.failures.push({ what, policy, failure });
    this.again(retryMs);
  }

  /** What was not written is decided anew then. */
  again(retryMs: number): void {
    this.retryAfterMs = Math.min(retryMs, this.retryAfterMs ?? retryMs);
  }

  /** Its status is left as it is for now, and nothing that counts on it is rolled. */
  leave({ key }: PolicyFacts, forMs: number): void {
    this.#failed(key, forMs);
  }

  /**
   * A roll counts on the grants of its policy, and after a passing failure its namespace is decided
   * anew. Rolls of others go on: they were decided with the larger of what stood there and what was
   * to be written, and so are those that come next (doubtful-grants.ts). Where that happens each
   * time, others come first for a while, as with a workload that is changed each time.
   */
  blocks({ policy: { key, namespace }, write }: Attempt): boolean {
    const isBlocked = this.passingIn.has(namespace) || this.#unwritten.has(key);
    if (isBlocked) this.#contested.note(write.key, this.nowMs);
    return isBlocked;
  }

  #delayAfter(failure: Failure, { policy, write }: Attempt): number {
    if (isRefusal(failure)) return this.#refusals.note(write, failure, this.nowMs);
    this.passingOf.add(policy.key);
    const isContested = write.what !== "status" && failure.kind === "conflict";
    if (isContested) this.#contested.note(write.key, this.nowMs);
    return this.#passingRetryMs(policy.namespace);
  }

  #failed(policy: PolicyKey, retryMs: number): false {
    this.#unwritten.add(policy);
    this.again(retryMs);
    return false;
  }
}
