// When the alerts on budget, growth and decisions of a policy fire, and when they do not.
import { budget, honoured, limit, ofPolicy, ofServer, running, server } from "./policy-series.ts";
import type { Scenario, Series } from "./scenario.ts";

const web = ',workload="Deployment/web"';

function interval(seconds: number): Series {
  return {
    series: 'poolwarden_database_interval_seconds{pod="poolwarden-1"}',
    values: `${seconds}+0x1100`,
  };
}

const budgetScenarios: readonly Scenario[] = [
  {
    name: "pods that hold nine tenths of the budget, the old operator's series beside the new",
    alert: "PoolBudgetNearlyUsed",
    series: [
      ...[running, budget, limit],
      ofServer("poolwarden_foreign_sessions", "3+0x300"),
      ofServer("poolwarden_fleet_sessions", "100+0x20 175+0x300"),
      ofServer("poolwarden_fleet_sessions", "100+0x20 stale", "poolwarden-0"),
    ],
    quietAt: "10m",
    firesAt: "10m15s",
    wantLabels: { severity: "warning", server },
    wantSummary: `The pods hold 94 % of the budget of ${server}.`,
    wantDescription:
      `175 sessions open of a budget of 187 slots on ${server}: 94 %, and 90 % is the threshold. ` +
      "max_connections is 200, foreign sessions take 3.",
    quiet: {
      name: "168 of 187 are less than 90 %",
      series: [running, budget, ofServer("poolwarden_fleet_sessions", "168+0x1000")],
    },
  },
  {
    name: "a promise beyond the budget",
    alert: "PoolBudgetExceeded",
    series: [
      ...[running, budget],
      ofServer("poolwarden_over_budget_slots", "0 53+0x300"),
      ofServer("poolwarden_used_slots", "240+0x300"),
    ],
    quietAt: "5m",
    firesAt: "5m15s",
    wantLabels: { severity: "critical", server },
    wantSummary: `What runs and may still start on ${server} is 53 slots over the budget.`,
    wantDescription: "takes 240 slots of a budget of 187: 53 too many",
    quiet: {
      name: "repaired within five minutes, as after an adoption",
      series: [running, budget, ofServer("poolwarden_over_budget_slots", "53+0x17 0+0x1000")],
    },
  },
  {
    name: "floors that do not fit",
    alert: "PoolPolicyInfeasible",
    series: [running, budget, ofPolicy("poolwarden_infeasible", "1+0x300")],
    quietAt: "4m45s",
    firesAt: "5m",
    wantLabels: { severity: "warning" },
    wantSummary: "The floors of shop/orders do not fit the budget.",
    wantDescription: "need more than the 187 slots",
    quiet: {
      name: "the policy of that name in another namespace",
      series: [
        running,
        ofPolicy("poolwarden_infeasible", "0+0x1000"),
        ofPolicy("poolwarden_infeasible", "1+0x1000", "", "other"),
      ],
    },
  },
  {
    name: "foreign sessions that come and stay",
    alert: "ForeignSessionsGrowing",
    series: [
      running,
      ofServer("poolwarden_capacity_slots", "197+0x400"),
      ofServer("poolwarden_foreign_sessions", "3+0x240 25+0x160"),
    ],
    quietAt: "1h10m",
    firesAt: "1h10m15s",
    wantLabels: { severity: "warning", server },
    wantSummary: `Sessions of nobody's pods on ${server} grew by 22 within an hour.`,
    wantDescription: "25 sessions on",
    quiet: {
      name: "nine more of 197 are less than 5 %, and so is a hundred that has always been there",
      series: [
        running,
        ofServer("poolwarden_capacity_slots", "197+0x1000"),
        ofServer("poolwarden_foreign_sessions", "100+0x240 109+0x800"),
      ],
    },
  },
];

/** Another workload of the policy has none. */
function podsOfWeb(metric: string, values: string): readonly Series[] {
  const ofApi = honoured(metric, "0+0x300", ',workload="Deployment/api"');
  return [running, ofPolicy(metric, values, web), ofApi];
}

/** A workload of that name in another namespace has them all the time. */
function podsOfWebAndElsewhere(metric: string, values: string): readonly Series[] {
  const elsewhere = ofPolicy(metric, "9+0x1000", web, "other");
  return [running, ofPolicy(metric, values, web), elsewhere];
}

const growthScenarios: readonly Scenario[] = [
  {
    name: "grants that wait for an hour",
    alert: "PoolGrowthBlocked",
    series: [
      ...[running, budget],
      ofServer("poolwarden_used_slots", "180+0x300"),
      honoured("poolwarden_growth_waiting", "2+0x300"),
    ],
    quietAt: "59m45s",
    firesAt: "1h",
    wantLabels: { severity: "info" },
    wantSummary: "2 workloads of shop/orders have waited an hour for larger pools.",
    wantDescription: "180 of 187 slots",
    quiet: {
      name: "grants that waited for fifty minutes",
      series: [running, honoured("poolwarden_growth_waiting", "2+0x200 0+0x1000")],
    },
  },
  {
    name: "pods that started without a size",
    alert: "PodsStartedUnsized",
    series: podsOfWeb("poolwarden_unsized_pods", "0 4+0x300"),
    quietAt: "10m",
    firesAt: "10m15s",
    wantLabels: { severity: "warning", workload: "Deployment/web" },
    wantSummary: "4 pods of Deployment/web in shop run with a size of their own.",
    wantDescription: "4 pods of Deployment/web were started while the admission policy",
    quiet: {
      name: "rolled within ten minutes; another namespace's stay",
      series: podsOfWebAndElsewhere("poolwarden_unsized_pods", "4+0x38 0+0x1000"),
    },
  },
  {
    name: "new pods whose slots are not there",
    alert: "PodsWaitingForSlots",
    series: podsOfWeb("poolwarden_waiting_pods", "0 3+0x300"),
    quietAt: "5m",
    firesAt: "5m15s",
    wantLabels: { severity: "warning", workload: "Deployment/web" },
    wantSummary: "3 new pods of Deployment/web in shop wait for slots.",
    wantDescription: "are held by the scheduling gate poolwarden.dev/slots",
    quiet: {
      name: "released within five minutes; another namespace's wait",
      series: podsOfWebAndElsewhere("poolwarden_waiting_pods", "3+0x18 0+0x1000"),
    },
  },
  {
    name: "pods of a live pool that hold more than they were told",
    alert: "PodsNotFollowing",
    series: podsOfWeb("poolwarden_not_following_pods", "0 2+0x300"),
    quietAt: "10m",
    firesAt: "10m15s",
    wantLabels: { severity: "warning", workload: "Deployment/web" },
    wantSummary: "2 pods of Deployment/web in shop do not follow their pool size.",
    wantDescription: "2 pods of Deployment/web do not have the pool size that they were told",
    quiet: {
      name: "followed within ten minutes; another namespace's do not",
      series: podsOfWebAndElsewhere("poolwarden_not_following_pods", "2+0x38 0+0x1000"),
    },
  },
];

const decidedAt = "poolwarden_policy_last_decision_timestamp_seconds";
/** A value that is the time itself. */
const alwaysNow = "0+15x1000";
const onceAnHour = [0, 3_600, 7_200, 10_800, 14_400].map((time) => `${time}+0x239`).join(" ");

const decisionScenarios: readonly Scenario[] = [
  {
    name: "a policy that nobody decides about",
    alert: "PoolPolicyNotReconciled",
    series: [running, interval(30), ofPolicy(decidedAt, "0+0x300")],
    quietAt: "15m",
    firesAt: "15m30s",
    wantLabels: { severity: "warning" },
    wantSummary: "shop/orders was last decided on 930 s ago.",
    wantDescription: "for 15m 30s (usual: every 30 s at least)",
    quiet: {
      name: "decided on all the time; one that is gone elsewhere is not ours",
      series: [
        ...[running, interval(30)],
        ofPolicy(decidedAt, alwaysNow),
        ofPolicy(decidedAt, "0+0x1000", "", "other"),
      ],
    },
  },
  {
    name: "the same of an operator that was told to read once an hour",
    alert: "PoolPolicyNotReconciled",
    series: [running, interval(3_600), honoured(decidedAt, "0+0x1100")],
    quietAt: "4h5m",
    firesAt: "4h5m30s",
    wantLabels: { severity: "warning" },
    wantSummary: "shop/orders was last decided on 14730 s ago.",
    wantDescription: "(usual: every 3600 s at least)",
    quiet: {
      name: "decided on once an hour, as it was told",
      series: [running, interval(3_600), ofPolicy(decidedAt, onceAnHour)],
    },
  },
  {
    name: "no operator at all",
    alert: "PoolwardenAbsent",
    series: [{ series: 'poolwarden_cache_objects{kind="Pod"}', values: "5+0x8 stale" }],
    quietAt: "12m",
    firesAt: "12m15s",
    wantLabels: { severity: "warning" },
    wantSummary: "No Poolwarden is scraped.",
    wantDescription: "Nothing decides about shop/orders",
    quiet: {
      name: "one pod replaces another, which takes five minutes",
      series: [
        { series: 'poolwarden_cache_objects{kind="Pod",pod="a"}', values: "5+0x8 stale" },
        { series: 'poolwarden_cache_objects{kind="Pod",pod="b"}', values: "_x28 5+0x1000" },
      ],
    },
  },
];

/** Those of every policy, whatever its settings. */
export const policyScenarios: readonly Scenario[] = [
  ...budgetScenarios,
  ...growthScenarios,
  ...decisionScenarios,
];
