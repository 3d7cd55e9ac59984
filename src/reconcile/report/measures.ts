// The gauges, filled from the latest plans when somebody scrapes: what Prometheus sees is what was
// decided, in the words of the ledger. Gauges are reset first, so that what is gone does not
// linger.

import { budgetOf } from "../../domain/supply/capacity.ts";
import { isGranted } from "../../domain/decide/grants.ts";
import type { Plan } from "../../domain/decide/plan.ts";
import { ownPools, type PoolPlan, poolsHere } from "../../domain/decide/pool-plan.ts";
import { countingHere } from "../../domain/demand/standing.ts";
import { podsNotFollowing } from "../../domain/explain/live-rows.ts";
import { rowOf } from "../../domain/explain/rows.ts";
import { tierAccounts } from "../../domain/explain/tier-rows.ts";
import type { PolicyFacts } from "../../domain/facts/facts.ts";
import { stillWaiting } from "../../domain/explain/waiting-rows.ts";
import { conditionsFor } from "../../domain/explain/verdict.ts";
import type { Metrics } from "../../ports.ts";

const gauges = [
  "poolwarden_max_connections",
  "poolwarden_capacity_slots",
  "poolwarden_reserve_slots",
  "poolwarden_foreign_sessions",
  "poolwarden_fleet_sessions",
  "poolwarden_budget_slots",
  "poolwarden_room_slots",
  "poolwarden_used_slots",
  "poolwarden_free_slots",
  "poolwarden_over_budget_slots",
  "poolwarden_database_up",
  "poolwarden_workload_pool_size",
  "poolwarden_workload_wanted_pool_size",
  "poolwarden_workload_in_use_peak",
  "poolwarden_workload_recommended_pool_size",
  "poolwarden_workload_pods",
  "poolwarden_workload_planned_pods",
  "poolwarden_workload_slots",
  "poolwarden_workload_waiting",
  "poolwarden_unsized_pods",
  "poolwarden_not_following_pods",
  "poolwarden_waiting_pods",
  "poolwarden_policy_condition",
  "poolwarden_policy_last_decision_timestamp_seconds",
  "poolwarden_growth_waiting",
  "poolwarden_infeasible",
  "poolwarden_behind_slots",
  "poolwarden_behind_may_open_slots",
  "poolwarden_behind_open_slots",
];

export function measure(metrics: Metrics, plans: Iterable<Plan>): void {
  for (const name of gauges) metrics.reset(name);
  for (const plan of plans) {
    measureServer(metrics, plan);
    measurePolicies(metrics, plan);
    for (const pool of poolsHere(plan)) measureWorkload(metrics, plan, pool);
  }
}

function measureServer(metrics: Metrics, plan: Plan): void {
  const { server, capacity, foreign, ownSessions, exposure, databaseFailure } = plan;
  // A server that is not asked, because all is declared, is neither up nor down.
  if (databaseFailure ?? plan.snapshot.database.reading) {
    metrics.gauge("poolwarden_database_up", databaseFailure ? 0 : 1, { server });
  }
  if (!capacity) return;
  const budget = budgetOf(capacity, foreign.slots, ownSessions);
  const values: readonly (readonly [string, number])[] = [
    ["poolwarden_max_connections", capacity.maxConnections],
    ["poolwarden_capacity_slots", capacity.slots],
    ["poolwarden_reserve_slots", capacity.reserveSlots],
    ["poolwarden_foreign_sessions", foreign.slots],
    ["poolwarden_fleet_sessions", foreign.fleetSessions],
    ["poolwarden_budget_slots", budget],
    ["poolwarden_room_slots", exposure.roomLineSlots],
    ["poolwarden_used_slots", exposure.slots],
    ["poolwarden_free_slots", Math.max(0, budget - exposure.slots)],
    ["poolwarden_over_budget_slots", Math.max(0, exposure.slots - budget)],
  ];
  for (const [name, value] of values) metrics.gauge(name, value, { server });
}

function measurePolicies(metrics: Metrics, plan: Plan): void {
  for (const policy of countingHere(plan.snapshot)) {
    const labels = { namespace: policy.namespace, policy: policy.name };
    for (const { type, status } of conditionsFor(plan, policy)) {
      for (const word of ["True", "False", "Unknown"]) {
        const value = status === word ? 1 : 0;
        metrics.gauge("poolwarden_policy_condition", value, { ...labels, type, status: word });
      }
    }
    const waiting = ownPools(plan.pools, policy.key).filter(
      ({ grant }) => grant.decision === "Wait",
    ).length;
    metrics.gauge("poolwarden_growth_waiting", waiting, labels);
    metrics.gauge("poolwarden_infeasible", plan.floors.missingSlots > 0 ? 1 : 0, labels);
    const seconds = plan.nowMs / 1000;
    metrics.gauge("poolwarden_policy_last_decision_timestamp_seconds", seconds, labels);
    measureTiers(metrics, plan, policy);
  }
}

function measureTiers(metrics: Metrics, plan: Plan, policy: PolicyFacts): void {
  for (const { known, maySlots, openSlots } of tierAccounts(policy, plan.snapshot)) {
    const labels = { namespace: policy.namespace, policy: policy.name, behind: known.server };
    metrics.gauge("poolwarden_behind_slots", known.slots, labels);
    metrics.gauge("poolwarden_behind_may_open_slots", maySlots, labels);
    metrics.gauge("poolwarden_behind_open_slots", openSlots, labels);
  }
}

function measureWorkload(metrics: Metrics, plan: Plan, pool: PoolPlan): void {
  const { position } = pool;
  const { policy, workload } = position;
  const row = rowOf(plan, pool);
  const labels = { namespace: policy.namespace, policy: policy.name, workload: row.workload };
  const unsized = isGranted(position) ? workload.pods.filter(({ sized }) => !sized).length : 0;
  metrics.gauge("poolwarden_unsized_pods", unsized, labels);
  metrics.gauge("poolwarden_not_following_pods", podsNotFollowing(workload.pods).length, labels);
  metrics.gauge("poolwarden_waiting_pods", stillWaiting(plan, pool).length, labels);
  const ofServer = { server: plan.server, ...labels };
  metrics.gauge("poolwarden_workload_pool_size", row.poolSize, ofServer);
  metrics.gauge("poolwarden_workload_wanted_pool_size", row.wantedPoolSize, ofServer);
  metrics.gauge("poolwarden_workload_pods", row.pods, ofServer);
  metrics.gauge("poolwarden_workload_planned_pods", row.plannedPods, ofServer);
  metrics.gauge("poolwarden_workload_slots", row.slots, ofServer);
  const { inUse, recommendedPoolSize: recommended } = row;
  if (inUse) metrics.gauge("poolwarden_workload_in_use_peak", inUse.peak, ofServer);
  if (recommended !== undefined) {
    metrics.gauge("poolwarden_workload_recommended_pool_size", recommended, ofServer);
  }
  if (row.decision !== "Wait") return;
  metrics.gauge("poolwarden_workload_waiting", 1, { ...ofServer, reason: row.reason });
}
