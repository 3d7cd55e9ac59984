// A PoolPolicy on its own: parse it, find the server that it means, and wake what depends on it. No
// size is decided here. It comes back on the database interval, because a secret that was rotated
// or created sends no event (secrets are fetched by name, never watched).

import { fitStatus } from "../api/fit.ts";
import type { Condition, PoolPolicyStatus } from "../api/poolpolicy.ts";
import type { Reason } from "../api/conditions.ts";
import type { HostPattern } from "../domain/supply/allowed-hosts.ts";
import type { PolicyKey, ServerKey } from "../domain/facts/facts.ts";
import { isoTime } from "../domain/words/iso-time.ts";
import type { ObservedPolicy } from "../observed.ts";
import type { Clock, Cluster, KubernetesEvent, Log, Store, Outcome } from "../ports.ts";
import { after, done, type Result } from "../runtime/result.ts";
import { afterServerChange, stageServerChange } from "./resolve/server-changes.ts";
import type { Place, PolicyBook, ResolvedPolicy } from "./resolve/policy-book.ts";
import type { Readings } from "./memory/readings.ts";
import { policyReference } from "./report/regarding.ts";
import { untied } from "./resolve/replicas.ts";
import { resolvePolicy } from "./resolve/resolve-policy.ts";
import { isSameStatus } from "./same-status.ts";

export interface PolicyReconcilerParts {
  readonly policies: Store<ObservedPolicy>;
  readonly book: PolicyBook;
  readonly readings: Pick<Readings, "failureOf" | "wordOf">;
  readonly cluster: Cluster;
  /** Of the operator, as `namespace:name`, where it is not the usual one. */
  readonly serviceAccount?: string | undefined;
  /** Database hosts that policies may name; none: all. */
  readonly allowedHosts?: readonly HostPattern[] | undefined;
  /** Told how long the secrets of a namespace kept the only thread busy. */
  readonly tellBusy?: ((namespace: string, busyMs: number) => void) | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly intervalMs: number;
  readonly enqueueServer: (server: ServerKey) => void;
  readonly enqueueDatabase: (server: ServerKey) => void;
}

/** A person who corrects a secret looks at the screen, and not for ever. */
const failedRetryMs = 5_000;
const longestFailedRetryMs = 30_000;
const notSyncedRetryMs = 200;

export class PolicyReconciler {
  readonly #parts: PolicyReconcilerParts;
  /** By the monotonic clock. */
  readonly #failedSinceMs = new Map<PolicyKey, number>();

  constructor(parts: PolicyReconcilerParts) {
    this.#parts = parts;
  }

  async reconcile(key: PolicyKey): Promise<Result> {
    const { policies, book } = this.#parts;
    if (!policies.synced) return after(notSyncedRetryMs);
    const policy = policies.get(key);
    if (!policy || policy.deleting) {
      this.#failedSinceMs.delete(key);
      this.#wake(book.delete(key));
      return done;
    }
    const known = book.get(key);
    const resolution = await resolvePolicy(policy, known && afterServerChange(known), this.#parts);
    book.see(key);
    if (resolution.kind === "invalid") {
      await this.#writeFailure(policy, { reason: "InvalidSpec", message: resolution.problem });
      return done;
    }
    await this.#adopt(policy, resolution.policy);
    return after(this.#nextLookMs(resolution.policy));
  }

  /** What has failed for long is looked at less often: each look reads the secret. */
  #nextLookMs({ key, failure }: ResolvedPolicy): number {
    const { intervalMs, clock } = this.#parts;
    if (!failure) {
      this.#failedSinceMs.delete(key);
      return intervalMs;
    }
    const nowMs = clock.monotonicMs();
    const sinceMs = this.#failedSinceMs.get(key) ?? nowMs;
    this.#failedSinceMs.set(key, sinceMs);
    const growingMs = Math.max(failedRetryMs, (nowMs - sinceMs) / 4);
    return Math.min(growingMs, longestFailedRetryMs, intervalMs);
  }

  async #adopt(policy: ObservedPolicy, meant: ResolvedPolicy): Promise<void> {
    const { book, clock, readings } = this.#parts;
    // As it is now: it may have arrived at its new server while the secret was fetched.
    const before = book.get(policy.key);
    const nowMs = clock.monotonicMs();
    const staged = stageServerChange(meant, { book, policy, nowMs, readings });
    const resolved = book.mayTie(staged) ? staged : untied(staged);
    const servers = book.set(resolved);
    if (resolved.server === undefined) {
      const failure = resolved.failure ?? { reason: "NotReadYet" as const, message: "" };
      await this.#writeFailure(policy, failure);
    }
    if (isSame(resolved, before)) return;
    const known = before && afterServerChange(before);
    // The reading wakes the decision; before it, a new login would only be said to be untried.
    if (!isSame(connectionsIn(meant), connectionsIn(known))) this.#read(servers);
    else if (this.#isToRead(meant, known)) this.#wake(servers);
    else for (const server of servers) this.#parts.enqueueServer(server);
  }

  /**
   * What the server is asked for, or with what, has changed; or somebody with a login of his own is
   * mending what failed. No other edit costs a server a reading, least of all with another's login.
   */
  #isToRead(meant: ResolvedPolicy, known: ResolvedPolicy | undefined): boolean {
    if (!known || !isSame(placeOf(meant), placeOf(known))) return true;
    const { book, readings } = this.#parts;
    const { server, connection } = meant;
    if (server === undefined || !connection) return false;
    return readings.failureOf(book.canonical(server)) !== undefined;
  }

  #read(servers: readonly ServerKey[]): void {
    for (const server of servers) this.#parts.enqueueDatabase(server);
  }

  #wake(servers: readonly ServerKey[]): void {
    for (const server of servers) {
      // The reading wakes the decision too; a decision without a change costs little.
      this.#parts.enqueueDatabase(server);
      this.#parts.enqueueServer(server);
    }
  }

  /** For a policy whose server is not known: nobody else would write its status. */
  async #writeFailure(
    policy: ObservedPolicy,
    { reason, message }: { readonly reason: Reason; readonly message: string },
  ): Promise<void> {
    const { cluster, clock, log } = this.#parts;
    const stored = (policy.status ?? {}) as PoolPolicyStatus;
    const status = failedStatus(policy, stored, { reason, message, nowMs: clock.nowMs() });
    if (isSameStatus(stored, status)) return;
    const outcome = await cluster.writeStatus(policy.key, policy.resourceVersion, status);
    const fields = { policy: policy.key, reason, detail: message, ...unwritten(outcome) };
    log.warn(fields, "policy cannot be used");
    if (outcome.kind === "ok" && message !== "" && reasonOf(stored) !== reason) {
      await cluster.createEvent(unusableEvent(policy, { reason, message }));
    }
  }
}

/** Empty where the status says it now. */
function unwritten({ kind }: Outcome<unknown>): object {
  return kind === "ok" ? {} : { statusWrite: kind };
}

function reasonOf({ conditions = [] }: PoolPolicyStatus): string | undefined {
  return conditions.find(({ type }) => type === "DatabaseReachable")?.reason;
}

/** Where a server is known, its decision tells that a condition has turned; here nobody does. */
function unusableEvent(
  policy: ObservedPolicy,
  { reason, message }: { readonly reason: Reason; readonly message: string },
): KubernetesEvent {
  return { regarding: policyReference(policy), type: "Warning", reason, action: "Decide", message };
}

/** The stored status with Ready and DatabaseReachable False; grants and everything else stay. */
function failedStatus(
  { generation }: ObservedPolicy,
  stored: PoolPolicyStatus,
  failure: { readonly reason: Reason; readonly message: string; readonly nowMs: number },
): PoolPolicyStatus {
  const { reason, message, nowMs } = failure;
  const failed = (["Ready", "DatabaseReachable"] as const).map((type): Condition => {
    const before = stored.conditions?.find((condition) => condition.type === type);
    const since = before?.status === "False" ? before.lastTransitionTime : isoTime(nowMs);
    return {
      type,
      status: "False",
      reason,
      message,
      observedGeneration: generation,
      lastTransitionTime: since,
    };
  });
  const others = (stored.conditions ?? []).filter(
    ({ type }) => type !== "Ready" && type !== "DatabaseReachable",
  );
  const conditions = [...failed, ...others];
  return fitStatus({ ...stored, observedGeneration: generation, conditions });
}

function placeOf({ server, connection, role, database, replicas }: ResolvedPolicy): Place {
  return { server, connection, role, database, replicas };
}

/** With what its servers are read. */
function connectionsIn(policy: ResolvedPolicy | undefined): object {
  const { connection, replicas = [] } = { ...policy };
  return [connection, ...replicas.map((one) => one.connection)];
}

/**
 * A CA that is kept already has an id there, and none where it was read. It may be long, and to
 * compare two texts takes far less than to write both of them down.
 */
function isSame(a: object | undefined, b: object | undefined): boolean {
  const [ours, theirs] = [writtenDown(a), writtenDown(b)];
  return ours.text === theirs.text && ours.cas.every((ca, place) => ca === theirs.cas[place]);
}

function writtenDown(value: object | undefined): {
  readonly text: string;
  readonly cas: unknown[];
} {
  const cas: unknown[] = [];
  const text = JSON.stringify({ value }, (name, part: unknown) => {
    if (name === "caId") return undefined;
    return name === "ca" && typeof part === "string" ? cas.push(part) : part;
  });
  return { text, cas };
}
