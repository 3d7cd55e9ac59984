// Whether a plan over what runs begins where the operator is. Before anything is applied its sizes
// are those that the operator has published, unless the fleet has not come to rest, or the operator
// knows a limit that the plan does not.

import { at } from "../adapters/kubernetes/raw-values.ts";
import { poolNameIn } from "../api/keys.ts";
import type { PoolPolicyStatus } from "../api/poolpolicy.ts";
import type { Plan } from "../domain/decide/plan.ts";
import { type PoolPlan, poolsHere } from "../domain/decide/pool-plan.ts";
import { rowOf } from "../domain/explain/rows.ts";
import type { PolicyKey, ServerKey } from "../domain/facts/facts.ts";
import type { ManifestObject } from "./objects.ts";

const poolsTold = 3;

/** For each of the servers that differs, what does. */
export function unlikePublished(
  before: ReadonlyMap<ServerKey, Plan>,
  servers: readonly ServerKey[],
  live: readonly ManifestObject[],
): readonly string[] {
  const statuses = new Map(
    live.map(({ kind, namespace, name, raw }) => [
      kind === "PoolPolicy" ? `${namespace}/${name}` : "",
      (at(raw, "status") ?? {}) as PoolPolicyStatus,
    ]),
  );
  return servers.flatMap((server) => {
    const plan = before.get(server);
    return plan ? noteOn(plan, statuses) : [];
  });
}

function noteOn(plan: Plan, statuses: ReadonlyMap<PolicyKey, PoolPolicyStatus>): string[] {
  const pools = poolsHere(plan).flatMap((pool) => differenceOf(plan, pool, statuses));
  const [policy] = poolsHere(plan).map(({ position }) => statuses.get(position.policy.key));
  const { budget = plan.budgetSlots } = policy ?? {};
  const budgets =
    budget === plan.budgetSlots ? [] : [`a budget of ${budget} (here ${plan.budgetSlots})`];
  const more = pools.length - poolsTold;
  const rest = more > 0 ? [`${more} more`] : [];
  const differing = [...budgets, ...pools.slice(0, poolsTold), ...rest];
  if (differing.length === 0) return [];
  return [
    `${plan.server}: before anything is applied, the operator has published ${differing.join(", ")}. ` +
      "Either it is not done with the last change, or it knows a limit that this plan does not: " +
      "see --read, --reserved-connections, --role-limit and --namespace-quotas",
  ];
}

function differenceOf(
  plan: Plan,
  pool: PoolPlan,
  statuses: ReadonlyMap<PolicyKey, PoolPolicyStatus>,
): string[] {
  const { policy, pool: its } = pool.position;
  const name = poolNameIn(its.poolKey);
  const row = statuses.get(policy.key)?.workloads?.find(({ workload }) => workload === name);
  const here = rowOf(plan, pool).poolSize;
  if (!row || row.poolSize === here) return [];
  return [`a pool size of ${row.poolSize} for ${policy.key} ${name} (here ${here})`];
}
