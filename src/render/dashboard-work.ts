// The lower half of the dashboard: who waits and why, what was refused, who else is on the server,
// and how the operator itself does.

import { byServer, increase, ofPolicy, type PanelRow, workloadName } from "./dashboard-queries.ts";

const waits: PanelRow = {
  title: "Waits and refusals",
  height: 8,
  panels: [
    {
      title: "Who waits, and why",
      kind: "states",
      about:
        "A band while a workload waits for a grant or a rollout; the reason is that of its row in the status.",
      width: 12,
      queries: [
        {
          expression: `max by (namespace, policy, workload, reason) (poolwarden_workload_waiting${ofPolicy})`,
          legend: `${workloadName}: {{reason}}`,
        },
      ],
    },
    {
      title: "Conditions",
      kind: "states",
      about: "1 while the condition is True, 0 while it is not.",
      width: 12,
      queries: [
        {
          expression:
            'max by (namespace, policy, type) (poolwarden_policy_condition{namespace=~"$namespace",policy=~"$policy",status="True"})',
          legend: "{{namespace}}/{{policy}} {{type}}",
        },
      ],
    },
    {
      title: "Refused and failed readings",
      kind: "lines",
      about:
        "By the server: TooManyConnections means that applications are refused as well. Needs the operator's own login to be seen early.",
      width: 8,
      queries: [
        {
          expression: increase(
            "poolwarden_database_reads_total",
            'server=~"$server",outcome!="read"',
            "server, outcome",
          ),
          legend: "{{server}} {{outcome}}",
        },
      ],
    },
    {
      title: "Refused writes",
      kind: "lines",
      about: "By the API server. Conflicts are the ordinary course of things.",
      width: 8,
      queries: [
        {
          expression: increase("poolwarden_writes_total", 'outcome!="ok"', "kind, outcome"),
          legend: "{{kind}} {{outcome}}",
        },
      ],
    },
    {
      title: "Pods without a pool size from Poolwarden",
      kind: "lines",
      about:
        "Started while the admission policy was not in effect; they hold what their template says.",
      width: 8,
      queries: [
        {
          expression: `max by (namespace, policy, workload) (poolwarden_unsized_pods${ofPolicy})`,
          legend: workloadName,
        },
      ],
    },
  ],
};

const changes: PanelRow = {
  title: "Foreign sessions and changes",
  height: 8,
  panels: [
    {
      title: "Foreign sessions",
      kind: "lines",
      about:
        "Sessions of no managed pod: the most that were there at once within 10 min. They cut the budget.",
      width: 12,
      queries: [{ expression: byServer("poolwarden_foreign_sessions"), legend: "{{server}}" }],
    },
    {
      title: "Grants changed and rollouts started",
      kind: "lines",
      about: "What was done. A quiet fleet has none of both.",
      width: 12,
      queries: [
        {
          expression: increase("poolwarden_grants_total", 'server=~"$server"', "server"),
          legend: "grants {{server}}",
        },
        {
          expression: increase("poolwarden_rolls_total", 'server=~"$server"', "server"),
          legend: "rollouts {{server}}",
        },
      ],
    },
  ],
};

const livePools: PanelRow = {
  title: "Live pools",
  height: 8,
  panels: [
    {
      title: "Running pods resized",
      kind: "lines",
      about:
        "Sizes that were changed without a restart. Touch: the same size once more, for a pod that did not follow.",
      width: 12,
      queries: [
        {
          expression: increase("poolwarden_resizes_total", 'server=~"$server"', "server, change"),
          legend: "{{change}} {{server}}",
        },
      ],
    },
    {
      title: "Pods that do not follow their size",
      kind: "lines",
      about: "They hold more sessions than they were told, and count with what they hold.",
      width: 6,
      queries: [
        {
          expression: `max by (namespace, policy, workload) (poolwarden_not_following_pods${ofPolicy})`,
          legend: workloadName,
        },
      ],
    },
    {
      title: "New pods that wait for slots",
      kind: "lines",
      about: "Held by the scheduling gate until running pods have made room.",
      width: 6,
      queries: [
        {
          expression: `max by (namespace, policy, workload) (poolwarden_waiting_pods${ofPolicy})`,
          legend: workloadName,
        },
      ],
    },
  ],
};

/** Per policy, because only who has a login on the server behind is told of it. */
function behind(metric: string): string {
  return `max by (namespace, policy, behind) (${metric}${ofPolicy})`;
}

const poolers: PanelRow = {
  title: "Servers behind poolers",
  height: 8,
  panels: [
    {
      title: "Connections of poolers to the server behind them",
      kind: "lines",
      about:
        "What all pods of a pooler have open there, what they may open at most, and what that server has for applications.",
      width: 24,
      queries: [
        { expression: behind("poolwarden_behind_open_slots"), legend: "open {{behind}}" },
        { expression: behind("poolwarden_behind_may_open_slots"), legend: "may open {{behind}}" },
        {
          expression: behind("poolwarden_behind_slots"),
          legend: "{{behind}} has",
          dashed: true,
        },
      ],
    },
  ],
};

const operator: PanelRow = {
  title: "Operator",
  height: 8,
  panels: [
    {
      title: "Who leads",
      kind: "states",
      about: "1 on the replica that leads and writes, 0 on one that stands by.",
      width: 8,
      queries: [
        {
          expression: "max by (pod, instance) (poolwarden_leader{})",
          legend: "{{pod}} {{instance}}",
        },
      ],
    },
    {
      title: "Runs",
      kind: "lines",
      about: "Runs of the reconcilers a second, by result: done, after, or the code of an error.",
      width: 8,
      queries: [
        {
          expression:
            "sum by (controller, result) (rate(poolwarden_reconcile_total{}[$__rate_interval])) > 0",
          legend: "{{controller}} {{result}}",
        },
      ],
    },
    {
      title: "Time of a decision",
      kind: "lines",
      about: "95 % of the steps took less.",
      width: 8,
      unit: "s",
      queries: [
        {
          expression:
            "histogram_quantile(0.95, sum by (le, step) (rate(poolwarden_reconcile_step_seconds_bucket{}[$__rate_interval])))",
          legend: "{{step}}",
        },
      ],
    },
    {
      title: "Time of a reading",
      kind: "lines",
      about: "95 % of the readings of a server took less.",
      width: 8,
      unit: "s",
      queries: [
        {
          expression:
            'histogram_quantile(0.95, sum by (le, server) (rate(poolwarden_database_read_seconds_bucket{server=~"$server"}[$__rate_interval])))',
          legend: "{{server}}",
        },
      ],
    },
    {
      title: "Caches that are not up to date",
      kind: "states",
      about:
        "1 while the cache is filled and its watch gives signs of life; without it nothing is decided.",
      width: 8,
      queries: [
        {
          expression: "min by (pod, kind) (poolwarden_cache_synced{})",
          legend: "{{pod}} {{kind}}",
        },
      ],
    },
    {
      title: "Memory",
      kind: "lines",
      about: "Resident memory of each replica.",
      width: 8,
      unit: "bytes",
      queries: [
        {
          expression:
            "max by (pod, instance) (process_resident_memory_bytes{} and on (pod, instance) poolwarden_leader{})",
          legend: "{{pod}} {{instance}}",
        },
      ],
    },
  ],
};

export const workRows: readonly PanelRow[] = [waits, changes, livePools, poolers, operator];
