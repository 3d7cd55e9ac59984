// The upper half of the dashboard: the fleet against its budget, the ledger, and what each workload
// has of it. Words and numbers are those of the ledger, so that dashboard, status and `kubectl
// describe` never disagree.

import {
  byServer,
  byWorkload,
  ofServer,
  type PanelRow,
  total,
  workloadName,
} from "./dashboard-queries.ts";

const overview: PanelRow = {
  title: "Fleet against budget",
  height: 4,
  panels: [
    {
      title: "Budget spoken for",
      kind: "stat",
      about:
        "Exposure as a part of the budget: what runs and what may still start, in the worst case.",
      width: 6,
      unit: "percent",
      queries: [
        {
          expression: `100 * ${byServer("poolwarden_used_slots")} / ${byServer("poolwarden_budget_slots")}`,
          legend: "{{server}}",
        },
      ],
    },
    {
      title: "Slots over the budget",
      kind: "stat",
      about:
        "0 while what runs and what may still start fits. Rollouts that repair it wait or run.",
      width: 6,
      queries: [{ expression: byServer("poolwarden_over_budget_slots"), legend: "{{server}}" }],
    },
    {
      title: "Policies that are not Ready",
      kind: "stat",
      about: "The condition Ready of each policy says why.",
      width: 6,
      queries: [
        {
          expression: `count(max by (namespace, policy) (poolwarden_policy_condition{namespace=~"$namespace",policy=~"$policy",type="Ready",status!="True"}) == 1) or vector(0)`,
          legend: "policies",
        },
      ],
    },
    {
      title: "Servers that answer",
      kind: "stat",
      about: "1 if the latest reading worked. While it does not, sizes stay and nothing grows.",
      width: 6,
      queries: [{ expression: byServer("poolwarden_database_up"), legend: "{{server}}" }],
    },
  ],
};

const accounts: PanelRow = {
  title: "Ledger",
  height: 10,
  panels: [
    {
      title: "Fleet against budget",
      kind: "lines",
      about:
        "Sessions that are open, what the fleet may hold in the worst case, and the budget below the server's own limit.",
      width: 12,
      queries: [
        {
          expression: byServer("poolwarden_max_connections"),
          legend: "limit of {{server}}",
          dashed: true,
        },
        {
          expression: byServer("poolwarden_budget_slots"),
          legend: "budget {{server}}",
          dashed: true,
        },
        { expression: byServer("poolwarden_used_slots"), legend: "worst case {{server}}" },
        { expression: byServer("poolwarden_fleet_sessions"), legend: "open sessions {{server}}" },
      ],
    },
    {
      title: "Ledger: every slot of the server once",
      kind: "stack",
      about:
        "Adds up to max_connections (Redis: maxclients) of the chosen servers, and to more while the worst case exceeds the budget.",
      width: 12,
      queries: [
        {
          expression: `${total("poolwarden_max_connections")} - ${total("poolwarden_capacity_slots")}`,
          legend: "reserved by the server",
        },
        { expression: total("poolwarden_reserve_slots"), legend: "reserve" },
        { expression: total("poolwarden_foreign_sessions"), legend: "foreign sessions" },
        {
          expression:
            `clamp_min(${total("poolwarden_capacity_slots")} - ${total("poolwarden_reserve_slots")} - ` +
            `${total("poolwarden_foreign_sessions")} - ${total("poolwarden_budget_slots")}, 0)`,
          legend: "own session",
        },
        {
          expression: `max by (server, namespace, policy, workload) (poolwarden_workload_slots${ofServer})`,
          legend: workloadName,
        },
        { expression: total("poolwarden_room_slots"), legend: "room for rollouts" },
        { expression: total("poolwarden_free_slots"), legend: "free" },
      ],
    },
  ],
};

const workloads: PanelRow = {
  title: "Workloads",
  height: 9,
  panels: [
    {
      title: "Pool sizes",
      kind: "lines",
      about: "What the next pod gets, and dashed what the allocation says that it should get.",
      width: 12,
      queries: [
        { expression: byWorkload("poolwarden_workload_pool_size"), legend: workloadName },
        {
          expression: byWorkload("poolwarden_workload_wanted_pool_size"),
          legend: `${workloadName} wanted`,
          dashed: true,
        },
      ],
    },
    {
      title: "Pods",
      kind: "lines",
      about: "Pods that exist, and dashed those that the shares are worked out for.",
      width: 12,
      queries: [
        { expression: byWorkload("poolwarden_workload_pods"), legend: workloadName },
        {
          expression: byWorkload("poolwarden_workload_planned_pods"),
          legend: `${workloadName} planned`,
          dashed: true,
        },
      ],
    },
    {
      title: "Workloads now",
      kind: "table",
      about:
        "One line for each workload: pool size, wanted, pods, planned pods, slots in the worst case.",
      width: 24,
      queries: [
        { expression: byWorkload("poolwarden_workload_pool_size"), legend: "pool size" },
        { expression: byWorkload("poolwarden_workload_wanted_pool_size"), legend: "wanted" },
        { expression: byWorkload("poolwarden_workload_pods"), legend: "pods" },
        { expression: byWorkload("poolwarden_workload_planned_pods"), legend: "planned pods" },
        { expression: byWorkload("poolwarden_workload_slots"), legend: "slots" },
      ],
    },
  ],
};

const use: PanelRow = {
  title: "Use",
  height: 8,
  panels: [
    {
      title: "Connections at work in one pod",
      kind: "lines",
      about: "The peak of one pod, and dashed the pool size for it: the peak x 1.2.",
      width: 12,
      queries: [
        { expression: byWorkload("poolwarden_workload_in_use_peak"), legend: workloadName },
        {
          expression: byWorkload("poolwarden_workload_recommended_pool_size"),
          legend: `${workloadName} recommended`,
          dashed: true,
        },
      ],
    },
    {
      title: "Pool size that is not needed",
      kind: "lines",
      about: "Pool size less the recommended one; below 0 the pool is too small for what it does.",
      width: 12,
      queries: [
        {
          expression: `${byWorkload("poolwarden_workload_pool_size")} - ${byWorkload("poolwarden_workload_recommended_pool_size")}`,
          legend: workloadName,
        },
      ],
    },
  ],
};

/** From the question that is asked most to the one that is asked last. */
export const fleetRows: readonly PanelRow[] = [overview, accounts, workloads, use];
