// apply: the plan's writes, in order. First the statuses, whose grants shrink at once and grow only
// within the line as it is; then, if all of them went through, at most one roll, validated against
// the workload as it is now. What did not go through is decided anew from what the cluster says
// then.

import type { PoolPolicyStatus } from "../api/poolpolicy.ts";
import type { PolicyFacts, PolicyKey } from "../domain/facts.ts";
import type { Plan } from "../domain/plan.ts";
import type { Wish } from "../domain/wishes.ts";
import type { Failure } from "../ports.ts";
import type { Expectations } from "./expectations.ts";
import { Attempts, type FailureMemories, type WriteFailure } from "./attempts.ts";
import { rollOf, statusOf } from "./refusals.ts";
import { type RollStarter, startRoll } from "./start-roll.ts";
import { isKept, overfullRetryMs } from "./overfull-status.ts";
import { buildStatus, type WrittenStatus } from "./write-status.ts";
import type { WrittenStatuses } from "./written-statuses.ts";

export interface Applier extends RollStarter, FailureMemories {
  readonly statuses: Expectations<WrittenStatus>;
  readonly written: WrittenStatuses;
  /** What was decided on is what the policy says now. */
  readonly isCurrent: (policy: PolicyKey) => boolean;
}

/** What was written, and what was not and why. */
export interface Applied {
  readonly statuses: readonly { readonly policy: PolicyFacts; readonly status: PoolPolicyStatus }[];
  readonly roll: Wish | undefined;
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
  const { roll } = plan.rolls;
  const isStarted = roll && !signal.aborted && (await rollOut(applier, roll, attempts));
  applier.passing.note(plan.server, attempts);
  const { failures, retryAfterMs } = attempts;
  return { statuses, roll: isStarted === true ? roll : undefined, failures, retryAfterMs };
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
