// One row per workload: what it has, what it should have, what is done about it, and why, with the
// arithmetic.

import type { WorkloadRow } from "../api/poolpolicy.ts";
import type { Reason } from "../api/conditions.ts";
import { restSlots } from "./exposure.ts";
import { isGranted } from "./grants.ts";
import type { Plan } from "./plan.ts";
import { expectedPodsOf, heldSlots, type Position } from "./position.ts";

interface Reading {
  readonly decision: string;
  readonly reason: Reason;
  readonly message: string;
}

/** The row of the workload at `index` of the plan's positions. */
export function rowAt(plan: Plan, index: number, position: Position): WorkloadRow {
  const { workload, plannedPods } = position;
  const poolSize = poolSizeAfter(plan, index, position);
  const wanted = (position.managed ? plan.shares.poolSizes : plan.shares.advised)[index];
  const slots = restSlots(position, poolSize);
  const { decision, reason, message } = readingOf(plan, index, position);
  return {
    workload: `${workload.kind}/${workload.name}`,
    replicas: workload.replicas,
    pods: workload.pods.length,
    plannedPods,
    poolSize,
    wantedPoolSize: wanted ?? poolSize,
    slots,
    decision,
    reason,
    message: `${message}; ${arithmeticOf(position, poolSize, slots)}`,
  };
}

/** Pool size of the next pod once the plan is carried out. */
export function poolSizeAfter(plan: Plan, index: number, position: Position): number {
  if (isGranted(position)) return plan.grants[index]?.poolSize ?? position.published;
  const { roll } = plan.rolls;
  return roll?.index === index ? roll.poolSize : position.published;
}

function arithmeticOf(position: Position, poolSize: number, slots: number): string {
  const { stayingPods, leavingPods, leavingSlots } = position;
  const expected = expectedPodsOf(position);
  const leaving = leavingPods > 0 ? `, ${leavingPods} leaving pods hold ${leavingSlots}` : "";
  return (
    `${stayingPods} pods hold ${heldSlots(position)} slots, ${expected} more may start ` +
    `with ${poolSize} each: ${slots} in all${leaving}`
  );
}

function readingOf(plan: Plan, index: number, position: Position): Reading {
  return (
    unmanagedReading(position) ??
    rollReading(plan, index) ??
    grantReading(plan, index, position) ?? {
      decision: "Unchanged",
      reason: "Applied",
      message: "nothing to change",
    }
  );
}

function unmanagedReading({ managed, workload, policy }: Position): Reading | undefined {
  if (managed) return undefined;
  const decision = "Unmanaged";
  const blocking = [...workload.findings, ...policy.findings].find(
    ({ severity }) => severity === "blocking",
  );
  if (blocking) return { decision, reason: blocking.reason, message: blocking.message };
  if (policy.failure) {
    return { decision, reason: policy.failure.reason, message: "keeps its last size" };
  }
  if (policy.spec.mode === "Observe") {
    return { decision, reason: "Observing", message: "mode is Observe" };
  }
  return { decision, reason: "ClaimedTwice", message: `keeps its last size` };
}

function rollReading({ rolls }: Plan, index: number): Reading | undefined {
  if (rolls.roll?.index === index) {
    const message = `is rolled to ${rolls.roll.poolSize}`;
    return { decision: "Roll", reason: "RollStarted", message };
  }
  const waiting = rolls.waiting.find(({ wish }) => wish.index === index);
  if (!waiting) return undefined;
  const { reason, message } = waiting.obstacle;
  return { decision: "Wait", reason, message };
}

function grantReading(
  { grants, shares, budgetSlots }: Plan,
  index: number,
  position: Position,
): Reading | undefined {
  const grant = grants[index];
  if (!isGranted(position) || !grant || budgetSlots === undefined) return undefined;
  const change = `${position.published}→${grant.poolSize}`;
  if (grant.decision === "Shrink" || grant.decision === "Grow") {
    const message = `next pods get ${change}`;
    return { decision: grant.decision, reason: "GrantChanged", message };
  }
  if (grant.decision !== "Wait") return undefined;
  const share = shares.poolSizes[index] ?? grant.poolSize;
  const message = `waits for free slots to grow ${grant.poolSize}→${share}`;
  return { decision: "Wait", reason: "GrowthWaiting", message };
}
