// What is worth an event: a grant that changed, a condition that turned, a roll. One per change,
// with the arithmetic. Everything is told from the difference between the plan and the stored
// status, so that a restart repeats nothing.

import type { Reason } from "../api/conditions.ts";
import type { Condition, PoolPolicyStatus } from "../api/poolpolicy.ts";
import type { PolicyFacts, WorkloadFacts } from "./facts.ts";
import type { Plan } from "./plan.ts";
import { rowAt } from "./rows.ts";

/**
 * `workload` unset: about the policy alone; set: about the workload, and said on the policy too.
 */
export interface Announcement {
  readonly policy: PolicyFacts;
  readonly workload?: WorkloadFacts;
  readonly type: "Normal" | "Warning";
  readonly reason: Reason;
  readonly message: string;
}

export function announcementsOf(
  plan: Plan,
  policy: PolicyFacts,
  status: Pick<PoolPolicyStatus, "conditions">,
): Announcement[] {
  return [...grantChanges(plan, policy), ...turnedConditions(policy, status.conditions ?? [])];
}

function grantChanges(plan: Plan, policy: PolicyFacts): Announcement[] {
  return plan.positions.flatMap((position, index) => {
    const { workload } = position;
    const decision = plan.grants[index]?.decision;
    const isChange = decision === "Shrink" || decision === "Grow";
    if (position.policy.key !== policy.key || !isChange) return [];
    const { message } = rowAt(plan, index, position);
    const account = `${plan.exposure.slots} of ${plan.budgetSlots ?? 0} slots on ${plan.server}`;
    return [
      {
        policy,
        workload,
        type: "Normal" as const,
        reason: "GrantChanged" as const,
        message: `${workload.kind}/${workload.name} ${message}; the fleet has ${account}`,
      },
    ];
  });
}

/** Ready repeats what another condition says, so only its turn to True is told. */
function turnedConditions(policy: PolicyFacts, now: readonly Condition[]): Announcement[] {
  const before = new Map(policy.status?.conditions?.map((c) => [c.type, c]));
  return now.flatMap(({ type, status, reason, message }) => {
    const old = before.get(type);
    const turned = old?.status !== status || (status === "False" && old.reason !== reason);
    const isTold = type === "Ready" ? status === "True" : status === "False" || old !== undefined;
    if (!turned || !isTold || status === "Unknown") return [];
    const kind = isTrouble(type, status) ? ("Warning" as const) : ("Normal" as const);
    return [{ policy, type: kind, reason: reason as Reason, message: `${type}: ${message}` }];
  });
}

/** Applied is False for as long as rollouts take; that alone is no trouble. */
function isTrouble(type: string, status: string): boolean {
  return status === "False" && type !== "Applied";
}
