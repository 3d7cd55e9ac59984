// Every measure of the operator in one table: the Metrics adapter refuses what is not in it, and
// tests hold alerts and dashboard to it. A renamed metric breaks somebody's alert silently, so
// names are public API. Slots are connections of the server, pool sizes are those of one pool, a
// server is `host:port`.

import {
  controllers,
  readOutcomes,
  results,
  watchedKinds,
  writeOutcomes,
  writtenKinds,
} from "./metric-values.ts";

export type MetricKind = "counter" | "gauge" | "histogram";

export interface MetricDefinition {
  readonly name: string;
  readonly kind: MetricKind;
  readonly help: string;
  readonly labels: readonly string[];
  /** Labels of which every value is known, with these values. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
  /** Upper bounds of a histogram, in seconds. */
  readonly buckets?: readonly number[];
}

const server = ["server"];
const policy = ["namespace", "policy"];
const workload = ["server", "namespace", "policy", "workload"];
const readBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const stepBuckets = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

const serverMetrics: readonly MetricDefinition[] = [
  gauge(
    "poolwarden_max_connections",
    "max_connections (Redis: maxclients) of the server, or as declared where it is not read.",
    server,
  ),
  gauge(
    "poolwarden_capacity_slots",
    "Slots that the server allows ordinary logins: max_connections less reserved slots, cut by role and database limits.",
    server,
  ),
  gauge(
    "poolwarden_reserve_slots",
    "Slots that the policies keep for people, migrations and jobs.",
    server,
  ),
  gauge(
    "poolwarden_foreign_sessions",
    "Sessions that belong to no managed pod, highest of the sliding window.",
    server,
  ),
  gauge(
    "poolwarden_fleet_sessions",
    "Sessions of managed pods that were open at the latest reading.",
    server,
  ),
  gauge(
    "poolwarden_budget_slots",
    "What the fleet may hold: capacity less reserve less foreign sessions.",
    server,
  ),
  gauge(
    "poolwarden_room_slots",
    "Slots kept free so that workloads can roll out at any moment.",
    server,
  ),
  gauge(
    "poolwarden_used_slots",
    "Exposure: slots that the fleet can hold in the worst case, running pods, expected pods and the room for rollouts together.",
    server,
  ),
  gauge("poolwarden_free_slots", "Budget less exposure, at least 0.", server),
  gauge(
    "poolwarden_over_budget_slots",
    "Slots by which exposure exceeds the budget; 0 while it holds.",
    server,
  ),
  gauge(
    "poolwarden_database_up",
    "1 if the latest reading of the server worked, 0 if it failed.",
    server,
  ),
  {
    ...counter("poolwarden_database_reads_total", "Attempts to read a server, by outcome.", [
      "server",
      "outcome",
    ]),
    values: { outcome: Object.keys(readOutcomes) },
  },
  histogram(
    "poolwarden_database_read_seconds",
    "Time of one reading of a server that worked, connecting included.",
    server,
    readBuckets,
  ),
];

const workloadMetrics: readonly MetricDefinition[] = [
  gauge(
    "poolwarden_workload_pool_size",
    "Grant: the pool size that the workload's next pod gets.",
    workload,
  ),
  gauge(
    "poolwarden_workload_wanted_pool_size",
    "Share: the pool size that the allocation says the workload should have.",
    workload,
  ),
  gauge(
    "poolwarden_workload_in_use_peak",
    "Connections that one pod of the workload has at work at most; absent until enough was seen.",
    workload,
  ),
  gauge(
    "poolwarden_workload_recommended_pool_size",
    "Pool size for what is in use: the peak x 1.2; absent until enough was seen.",
    workload,
  ),
  gauge(
    "poolwarden_workload_pods",
    "Pods of the workload that exist, terminating ones included.",
    workload,
  ),
  gauge(
    "poolwarden_workload_planned_pods",
    "Pods that the workload's share is worked out for.",
    workload,
  ),
  gauge(
    "poolwarden_workload_slots",
    "Slots that the workload can hold in the worst case.",
    workload,
  ),
  gauge(
    "poolwarden_workload_waiting",
    "1 while the workload waits for a grant or a rollout, with the reason.",
    [...workload, "reason"],
  ),
  gauge(
    "poolwarden_unsized_pods",
    "Pods of the workload that started without a pool size from Poolwarden.",
    ["namespace", "policy", "workload"],
  ),
  gauge(
    "poolwarden_not_following_pods",
    "Pods of live pools that show more sessions than their size although they were told it again, or whose admin console does not answer.",
    ["namespace", "policy", "workload"],
  ),
];

const waitMetrics: readonly MetricDefinition[] = [
  gauge(
    "poolwarden_waiting_pods",
    "New pods of the workload that wait behind the scheduling gate until their slots are there.",
    ["namespace", "policy", "workload"],
  ),
  histogram(
    "poolwarden_slot_wait_seconds",
    "How long new pods waited behind the scheduling gate until they were released; pods are created at whole seconds.",
    server,
    [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3600],
  ),
];

const policyMetrics: readonly MetricDefinition[] = [
  gauge(
    "poolwarden_policy_condition",
    "1 for the status (True, False or Unknown) that the condition has, 0 for the other two.",
    [...policy, "type", "status"],
  ),
  gauge(
    "poolwarden_policy_last_decision_timestamp_seconds",
    "Unix time at which the policy was last decided about.",
    policy,
  ),
  gauge(
    "poolwarden_growth_waiting",
    "Workloads of the policy whose grant waits below its share.",
    policy,
  ),
  gauge(
    "poolwarden_infeasible",
    "1 while the floors do not fit the budget of the policy's server.",
    policy,
  ),
];

const behind = [...policy, "behind"];

const tierMetrics: readonly MetricDefinition[] = [
  gauge(
    "poolwarden_behind_slots",
    "Slots that a server behind the policy's pooler has for applications.",
    behind,
  ),
  gauge(
    "poolwarden_behind_may_open_slots",
    "Connections that all pods of the pooler together may open to the server behind it; +Inf: there is no limit.",
    behind,
  ),
  gauge(
    "poolwarden_behind_open_slots",
    "Connections that the pooler has open to the server behind it.",
    behind,
  ),
];

const processMetrics: readonly MetricDefinition[] = [
  counter("poolwarden_grants_total", "Grants that were changed.", ["server"]),
  counter("poolwarden_rolls_total", "Rollouts that the operator started.", ["server"]),
  counter("poolwarden_evictions_total", "Pods that the operator evicted.", ["server"]),
  {
    ...counter("poolwarden_resizes_total", "Running pods of live pools that were resized.", [
      "server",
      "change",
    ]),
    values: { change: ["Shrink", "Touch", "Grow"] },
  },
  {
    ...counter("poolwarden_writes_total", "Writes to the API server, by kind and outcome.", [
      "kind",
      "outcome",
    ]),
    values: { kind: writtenKinds, outcome: Object.keys(writeOutcomes) },
  },
  {
    ...counter(
      "poolwarden_reconcile_total",
      "Runs of each reconciler, by result: done, after (with a time to look again), or the code of an error.",
      ["controller", "result"],
    ),
    values: { controller: controllers, result: Object.keys(results) },
  },
  gauge(
    "poolwarden_reconcile_running_seconds",
    "Age of the longest run under way of each reconciler, 0 if none is.",
    ["controller"],
  ),
  histogram(
    "poolwarden_reconcile_step_seconds",
    "Time of one step of a decision: observe, plan, apply, report.",
    ["step"],
    stepBuckets,
  ),
  gauge("poolwarden_leader", "1 on the operator that leads and writes, 0 on a standby.", []),
  gauge(
    "poolwarden_database_interval_seconds",
    "How often each server is read and decided about: --database-interval.",
    [],
  ),
  gauge("poolwarden_cache_objects", "Objects in the operator's cache.", ["kind"]),
  gauge(
    "poolwarden_cache_synced",
    "1 while the cache is filled and its watch gives signs of life, else 0: then nothing is decided.",
    ["kind"],
  ),
  {
    ...counter("poolwarden_watch_restarts_total", "Watches that were begun anew.", ["kind"]),
    values: { kind: watchedKinds },
  },
];

/** All measures except the process's own (prom-client's default set, without prefix). */
export const metricDefinitions: readonly MetricDefinition[] = [
  ...serverMetrics,
  ...workloadMetrics,
  ...waitMetrics,
  ...policyMetrics,
  ...tierMetrics,
  ...processMetrics,
];

function gauge(name: string, help: string, labels: readonly string[]): MetricDefinition {
  return { name, kind: "gauge", help, labels };
}

function counter(name: string, help: string, labels: readonly string[]): MetricDefinition {
  return { name, kind: "counter", help, labels };
}

function histogram(
  name: string,
  help: string,
  labels: readonly string[],
  buckets: readonly number[],
): MetricDefinition {
  return { name, kind: "histogram", help, labels, buckets };
}
