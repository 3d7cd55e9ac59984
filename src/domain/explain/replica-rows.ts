// What a policy is told of its read replicas: the numbers of each, and why one cannot be read.

import type { PoolPolicyStatus } from "../../api/poolpolicy.ts";
import type { DatabaseFailure, Finding, PolicyFacts } from "../facts/facts.ts";
import { foreignWithin } from "../supply/capacity.ts";
import type { Plan } from "../decide/plan.ts";
import { hasLoginWorked } from "../supply/readers.ts";
import { failureToldTo } from "./told-failure.ts";

type Row = NonNullable<PoolPolicyStatus["replicas"]>[number];

interface OnReplica {
  readonly plan: Plan;
  /** As it stands there. */
  readonly policy: PolicyFacts;
}

/** By the names of the servers, without those that are the policy's own server by now. */
function replicasOf({ server, unit }: Plan, { key }: PolicyFacts): readonly OnReplica[] {
  const others = (unit?.() ?? []).filter((plan) => plan.server !== server);
  return others.flatMap((plan) => {
    const policy = plan.snapshot.policies.find((one) => one.key === key && one.isReplica === true);
    return policy ? [{ plan, policy }] : [];
  });
}

/** Undefined where it has none. */
export function replicaRows(plan: Plan, policy: PolicyFacts): Pick<PoolPolicyStatus, "replicas"> {
  const replicas = replicasOf(plan, policy).map(rowOf);
  return replicas.length === 0 ? {} : { replicas };
}

function rowOf({ plan, policy }: OnReplica): Row {
  const { server, capacity, budgetSlots, exposure, foreign, snapshot } = plan;
  const loginWorked = hasLoginWorked(policy, snapshot.database);
  const row = { server, loginWorked, used: exposure.slots };
  if (!capacity || budgetSlots === undefined) return row;
  const { maxConnections } = capacity;
  return {
    ...{ ...row, maxConnections, budget: budgetSlots },
    foreign: foreignWithin(capacity, foreign.slots),
  };
}

/** Of the first one that does not answer now. */
export function replicaFailure(plan: Plan, policy: PolicyFacts): DatabaseFailure | undefined {
  for (const replica of replicasOf(plan, policy)) {
    const { databaseFailure, server } = replica.plan;
    if (!databaseFailure) continue;
    const { reason, message } = failureToldTo(policy.namespace, databaseFailure, server);
    return { reason, message: `read replica ${server}: ${message}` };
  }
  return undefined;
}

/** Names of the policy that lead to several servers by turns. */
export function serversByTurns(plan: Plan, policy: PolicyFacts): Finding[] {
  const own = { plan, policy };
  return [own, ...replicasOf(plan, policy)].flatMap(({ plan: { server, snapshot } }) => {
    const { serversByTurns: count } = snapshot.database;
    if (count === undefined) return [];
    const message =
      `${server} leads to ${count} servers by turns: each reading shows the sessions of one of them. The ` +
      "strictest of their limits counts, and each pool as if it were on one server. To fix: give each " +
      "server a name of its own";
    return [{ reason: "SeveralServers", severity: "degraded", message }];
  });
}

/** `; read replica db-ro:5432: 100`; empty where it has none. */
export function sayReplicas(plan: Plan, policy: PolicyFacts): string {
  return replicasOf(plan, policy)
    .map(
      ({ plan: { server, capacity } }) =>
        `; read replica ${server}: ${capacity?.maxConnections ?? 0}`,
    )
    .join("");
}
