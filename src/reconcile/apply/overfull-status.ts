// A policy that matches more workloads than a status can hold. Its rows and grants are what the
// operator counts by after a restart, and what new pods get, so no part of them may be left out:
// such a status is not written, the rows and grants that stand there stay in force, and the policy
// says why nothing changes.

import { fitStatus } from "../../api/fit.ts";
import type { Condition, PoolPolicyStatus } from "../../api/poolpolicy.ts";
import { workloadsMax } from "../../api/poolpolicy-status.ts";
import { bytesOf, isShortened, isTooLarge, statusBytesMax } from "../../api/status-bytes.ts";
import type { PolicyFacts, WorkloadFacts } from "../../domain/facts/facts.ts";
import { isoTime } from "../../domain/words/iso-time.ts";

const reason = "StatusTooLarge";

/** The status within its limits; where rows and grants have no room, what is written instead. */
export function fitOrKeep(status: PoolPolicyStatus, decided: Decided): PoolPolicyStatus {
  const fitted = fitStatus(status);
  const message = sayTooLarge(status, fitted);
  return message === undefined ? fitted : keptStatus(status, message, decided);
}

interface Decided {
  readonly policy: PolicyFacts;
  readonly nowMs: number;
}

/** Of a status as it was worked out, and as it fits; undefined where it has room. */
function sayTooLarge(status: PoolPolicyStatus, fitted: PoolPolicyStatus): string | undefined {
  const { workloads = [], grants = {} } = status;
  const entries = Math.max(workloads.length, Object.keys(grants).length);
  const ways =
    "its sizes stay as they are. Split the policy: each part needs a selector of its own";
  if (entries > workloadsMax) {
    return `the policy matches ${entries} workloads, and a status has room for ${workloadsMax}: ${ways}`;
  }
  if (!isShortened(fitted) || !isTooLarge(fitted)) return undefined;
  const bytes = bytesOf(fitted);
  return (
    `rows and grants of ${entries} workloads need ${bytes} bytes, and a status has room for ` +
    `${statusBytesMax}: ${ways}, or shorter names`
  );
}

/** The rows and grants that stand there, and why. */
function keptStatus(
  status: PoolPolicyStatus,
  message: string,
  { policy, nowMs }: Decided,
): PoolPolicyStatus {
  const { status: before } = policy;
  const told = ["Ready", "Applied"];
  const conditions = (status.conditions ?? []).map((condition): Condition => {
    if (!told.includes(condition.type)) return condition;
    const last = before?.conditions?.find(({ type }) => type === condition.type);
    const lastTransitionTime = last?.status === "False" ? last.lastTransitionTime : isoTime(nowMs);
    return { ...condition, status: "False", reason, message, lastTransitionTime };
  });
  return fitStatus({
    ...status,
    conditions,
    ...{ findings: [], ledger: [] },
    ...{ workloads: before?.workloads ?? [], grants: before?.grants ?? {} },
  });
}

export function isKept({ conditions }: PoolPolicyStatus): boolean {
  return conditions?.some((condition) => condition.reason === reason) ?? false;
}

/** One that matches too many workloads waits for somebody to split it. */
export const overfullRetryMs = 60_000;

/** Why no workload of the policy is rolled: its grants do not say what was decided. */
export function refusedByOverfull(
  { status }: PolicyFacts,
  nowMs: number,
): WorkloadFacts["refusedRoll"] {
  if (!status || !isKept(status)) return undefined;
  return { untilMs: nowMs + overfullRetryMs, message: "the policy matches too many workloads" };
}
