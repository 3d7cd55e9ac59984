// What is worth an event: a grant that changed, a condition that turned, a roll. One per change,
// with the arithmetic. Everything is told from the difference between the plan and the stored
// status, so that a restart repeats nothing.

import { poolNameIn } from "../../api/keys.ts";
import type { Reason } from "../../api/conditions.ts";
import type { Condition, PoolPolicyStatus } from "../../api/poolpolicy.ts";
import type { PolicyFacts, WorkloadFacts } from "../facts/facts.ts";
import type { Plan } from "../decide/plan.ts";
import { ownPools } from "../decide/pool-plan.ts";
import { rowOf } from "./rows.ts";
import { sayCount } from "../words/say-count.ts";
import { workloadNotFound } from "./unused-entries.ts";

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
  status: Pick<PoolPolicyStatus, "conditions" | "findings">,
): Announcement[] {
  return [
    ...grantChanges(plan, policy),
    ...turnedConditions(policy, status.conditions ?? []),
    ...newFindings(policy, status.findings ?? []),
  ];
}

const toldAtOnce: ReadonlySet<string> = new Set<Reason>([workloadNotFound, "ResizeUndone"]);

/** No condition turns for them, and nobody would look. */
function newFindings(
  policy: PolicyFacts,
  now: NonNullable<PoolPolicyStatus["findings"]>,
): Announcement[] {
  const before = new Set(policy.status?.findings?.map(({ message }) => message));
  return now
    .filter(({ reason, message }) => toldAtOnce.has(reason) && !before.has(message))
    .map(({ reason, message }) => {
      return { policy, type: "Warning", reason: reason as Reason, message };
    });
}

function grantChanges(plan: Plan, policy: PolicyFacts): Announcement[] {
  return ownPools(plan.pools, policy.key).flatMap((pool) => {
    const { workload } = pool.position;
    const { decision } = pool.grant;
    const isChange = decision === "Shrink" || decision === "Grow";
    if (!isChange) return [];
    const { message } = rowOf(plan, pool);
    const slots = sayCount(plan.exposure.slots, "slot");
    const account = `may use up to ${slots}, the budget is ${plan.budgetSlots ?? 0}`;
    return [
      {
        policy,
        workload,
        type: "Normal" as const,
        reason: "GrantChanged" as const,
        message: `${poolNameIn(pool.position.pool.poolKey)} ${message}; the fleet on ${plan.server} ${account}`,
      },
    ];
  });
}

function turnedConditions(policy: PolicyFacts, now: readonly Condition[]): Announcement[] {
  const before = new Map(policy.status?.conditions?.map((c) => [c.type, c]));
  return now.flatMap((condition) => {
    const { type, status, reason, message } = condition;
    if (!isTold(condition) || !hasTurned(before.get(type), condition)) return [];
    const kind = status === "False" ? ("Warning" as const) : ("Normal" as const);
    return [{ policy, type: kind, reason: reason as Reason, message: `${type}: ${message}` }];
  });
}

/**
 * The first word on a condition is worth an event only if it is bad; Ready is good news even then.
 */
function hasTurned(old: Condition | undefined, { type, status, reason }: Condition): boolean {
  if (!old) return status === "False" || type === "Ready";
  return old.status !== status || (status === "False" && old.reason !== reason);
}

/** Ready repeats what another condition says, so only its turn to True is told. */
function isTold({ type, status, reason }: Condition): boolean {
  if (status === "Unknown" || (type === "Ready" && status === "False")) return false;
  return !isOrdinary(type, reason);
}

const ordinaryReasons: ReadonlySet<string> = new Set<Reason>([
  "Applied",
  "Rolling",
  "RollsWaiting",
  "GrowthWaiting",
  "Observing",
]);

/** Rollouts and waiting are how sizes change; the events of grants and rolls tell them better. */
function isOrdinary(type: string, reason: string): boolean {
  return type === "Applied" && ordinaryReasons.has(reason);
}
