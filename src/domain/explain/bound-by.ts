// What keeps a pool from being larger: its own ceiling, a quota, a login's limit, or the server.
// Whoever wants larger pools has to know which of them to move.

import type { PoolPlan } from "../decide/pool-plan.ts";
import type { Plan } from "../decide/plan.ts";
import { idOf } from "../supply/limit.ts";
import { sayWhose } from "../decide/limit-words.ts";
import { sayAllOfFew } from "../words/fold-findings.ts";

/** A few words for a table. */
export function boundBy(plan: Plan, { index, position, share, advised }: PoolPlan): string {
  const { managed, sizing, plannedPods, pool, policy } = position;
  const size = managed ? share : advised;
  if (plan.budgetSlots === undefined) return "the limit is not known";
  if (plannedPods === 0) return "no pods are planned";
  if (size >= sizing.ceiling) {
    const isSaid = policy.spec.workloads[pool.entry]?.poolSize.max === sizing.ceiling;
    return isSaid ? `poolSize.max ${sizing.ceiling}` : `the usual ceiling ${sizing.ceiling}`;
  }
  const limit = narrowBounds(plan, index) || "the server";
  if (size > sizing.floor) return limit;
  const isLacking = plan.floors.missingSlots > 0;
  return isLacking ? `${limit}, where the floors do not fit` : `${limit}: it has its floor`;
}

/** The limits that make its share smaller, where it is not the server's; else empty. */
export function narrowBounds({ limits, floors }: Plan, index: number): string {
  const names = limits.of(index).flatMap(({ limit }) => {
    if (limit.kind === "server" || floors.bound?.has(idOf(limit)) !== true) return [];
    if (limit.kind === "linked") return sayWhose(limit);
    return limit.kind === "login"
      ? `${limit.by}${limit.server === undefined ? "" : ` on ${limit.server}`}`
      : `the quota of ${sayWhose(limit)} (--namespace-quotas)`;
  });
  return sayAllOfFew(names);
}
