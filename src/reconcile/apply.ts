// apply: the plan's writes, in order. First the statuses, whose grants shrink at once and grow only
// within the line as it is; then, if all of them went through, at most one roll or one eviction,
// validated against the workload as it is now. What did not go through is decided anew from what
// the cluster says then.

import type { PoolPolicyStatus } from "../api/poolpolicy.ts";
import type { PolicyFacts, PolicyKey } from "../domain/facts.ts";
import type { Eviction } from "../domain/evictions.ts";
import type { Plan } from "../domain/plan.ts";
import type { RollDecisions } from "../domain/rolls.ts";
import type { Wish } from "../domain/wishes.ts";
import type { Failure } from "../ports.ts";
import type { Expectations } from "./expectations.ts";
import { Attempts, type FailureMemories, type WriteFailure } from "./attempts.ts";
import { type Evictor, evictPod } from "./evict-pod.ts";
import { evictionFrom, rollOf, statusOf } from "./refusals.ts";
import { type RollStarter, startRoll } from "./start-roll.ts";
import { isKept, overfullRetryMs } from "./overfull-status.ts";
import { buildStatus, type WrittenStatus } from "./write-status.ts";
import type { WrittenStatuses } from "./written-statuses.ts";

export interface Applier extends RollStarter, Evictor, FailureMemories {
  readonly statuses: Expectations<WrittenStatus>;
  readonly written: WrittenStatuses;
  /** What was decided on is what the policy says now. */
  readonly isCurrent: (policy: PolicyKey) => boolean;
}

/** What was written, and what was not and why. */
export interface Applied {
  readonly statuses: readonly { readonly policy: PolicyFacts; readonly status: PoolPolicyStatus }[];
  readonly roll: Wish | undefined;
  /** The pod that was evicted. */
  readonly eviction: Eviction | undefined;
  readonly failures: readonly WriteFailure[];
  /** When to try again what was not written; undefined: all was. */
  readonly retryAfterMs: number | undefined;
}

/** A policy that was edited since is decided anew soon. */
const editedRetryMs = 500;

/**
 * With `signal` aborted no further write is begun: the one in hand is finished, the rest decided
 * anew by who comes next.
 */
export async function apply(applier: Applier, plan: Plan, signal: AbortSignal): Promise<Applied> {
  const statuses: Applied["statuses"][number][] = [];
  const attempts = new Attempts(applier, plan);
  for (const policy of plan.snapshot.policies) {
    const status = buildStatus(plan, policy);
    // Nothing that counts on other grants than those that stand is rolled; others come first.
    if (isKept(status)) attempts.leave(policy, overfullRetryMs);
    if (signal.aborted || applier.written.isWritten(policy, status)) continue;
    if (mustWait(applier, { policy, status }, attempts)) continue;
    const attempt = { policy, write: statusOf(policy) };
    const write = (): ReturnType<typeof writeStatus> =>
      writeStatus(applier, policy, { status, nowMs: plan.nowMs });
    if (await attempts.make(attempt, write)) statuses.push({ policy, status });
  }
  const acts = signal.aborted ? noActs : await act(applier, plan.rolls, attempts);
  applier.passing.note(plan.server, attempts);
  const { failures, retryAfterMs } = attempts;
  return { statuses, ...acts, failures, retryAfterMs };
}

const noActs = { roll: undefined, eviction: undefined };

/** A roll or an eviction: never both are decided. */
async function act(
  applier: Applier,
  { roll, eviction }: RollDecisions,
  attempts: Attempts,
): Promise<Pick<Applied, "roll" | "eviction">> {
  const isStarted = roll && (await rollOut(applier, roll, attempts));
  if (isStarted === true) return { roll, eviction: undefined };
  const isEvicted = eviction && (await evict(applier, eviction, attempts));
  return { roll: undefined, eviction: isEvicted === true ? eviction : undefined };
}

async function evict(applier: Applier, eviction: Eviction, attempts: Attempts): Promise<boolean> {
  const { policy, workload } = eviction.wish.position;
  if (attempts.keepFrom(policy)) return false;
  const attempt = { policy, write: evictionFrom(workload) };
  return attempts.make(attempt, () => evictPod(applier, eviction, attempts.nowMs));
}

function mustWait(
  { isCurrent, written }: Applier,
  { policy, status }: Applied["statuses"][number],
  attempts: Attempts,
): boolean {
  if (!isCurrent(policy.key)) {
    attempts.leave(policy, editedRetryMs);
    return true;
  }
  const heldMs = written.heldUntilMs(policy, status, attempts.nowMs) - attempts.nowMs;
  if (heldMs > 0) attempts.hold(policy, heldMs);
  return heldMs > 0;
}

async function rollOut(applier: Applier, roll: Wish, attempts: Attempts): Promise<boolean> {
  const { policy, workload } = roll.position;
  if (attempts.keepFrom(policy)) return false;
  const attempt = { policy, write: rollOf(workload) };
  return attempts.make(attempt, () => startRoll(applier, roll, attempts.nowMs));
}

async function writeStatus(
  { cluster, statuses, written }: Applier,
  policy: PolicyFacts,
  { status, nowMs }: { readonly status: PoolPolicyStatus; readonly nowMs: number },
): Promise<Failure | undefined> {
  const outcome = await cluster.writeStatus(policy.key, policy.resourceVersion, status);
  if (outcome.kind !== "ok") return outcome;
  const { resourceVersion } = outcome.value;
  statuses.expect(policy.key, resourceVersion, { resourceVersion, status });
  written.note(policy, { resourceVersion, status }, nowMs);
  return undefined;
}
