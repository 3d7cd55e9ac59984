// When the alerts of the operator itself fire, and when they do not. Series carry the labels that
// Prometheus gives to a scraped pod.
import type { Scenario, Series } from "./scenario.ts";

const namespace = "poolwarden-system";

/** A series of one replica. */
function ofPod(metric: string, values: string, pod = "a", more = ""): Series {
  const labels = `namespace="${namespace}",pod="${pod}",instance="${pod}:8080"${more}`;
  return { series: `${metric}{${labels}}`, values };
}

function leader(values: string, pod = "a"): Series {
  return ofPod("poolwarden_leader", values, pod);
}

function runs(result: string, values: string): Series {
  const more = `,controller="server",result="${result}"`;
  return ofPod("poolwarden_reconcile_total", values, "a", more);
}

function writes(outcome: string, values: string): Series {
  const more = `,kind="Deployment",outcome="${outcome}"`;
  return ofPod("poolwarden_writes_total", values, "a", more);
}

function synced(values: string): Series {
  return ofPod("poolwarden_cache_synced", values, "a", ',kind="Pod"');
}

function running(values: string): Series {
  return ofPod("poolwarden_reconcile_running_seconds", values, "a", ',controller="server"');
}

function databaseUp(values: string): Series {
  return ofPod("poolwarden_database_up", values, "a", ',server="db:5432"');
}

function decidedAt(policy: string, values: string): Series {
  const metric = "poolwarden_policy_last_decision_timestamp_seconds";
  return ofPod(metric, values, "a", `,policy="${policy}",exported_namespace="shop"`);
}

const interval = ofPod("poolwarden_database_interval_seconds", "30+0x1100");

const leadershipScenarios: readonly Scenario[] = [
  {
    name: "no operator at all",
    alert: "PoolwardenAbsent",
    series: [ofPod("poolwarden_cache_objects", "5+0x8 stale", "a", ',kind="Pod"')],
    quietAt: "12m",
    firesAt: "12m15s",
    wantLabels: { severity: "warning" },
    wantSummary: "No Poolwarden is scraped.",
    wantDescription: "Nothing decides: grants stay in force",
    quiet: {
      name: "one pod replaces another, which takes five minutes",
      series: [
        ofPod("poolwarden_cache_objects", "5+0x8 stale", "a", ',kind="Pod"'),
        ofPod("poolwarden_cache_objects", "_x28 5+0x1000", "b", ',kind="Pod"'),
      ],
    },
  },
  {
    name: "two standbys and nobody who leads",
    alert: "PoolwardenNoLeader",
    series: [leader("1 0+0x300", "a"), leader("0+0x300", "b")],
    quietAt: "5m",
    firesAt: "5m15s",
    wantLabels: { severity: "warning", namespace },
    wantSummary: "No Poolwarden in poolwarden-system leads.",
    wantDescription: "none of them has the Lease",
    quiet: {
      name: "a leader is killed, and another takes over within a minute",
      series: [leader("1+0x20 stale", "a"), leader("0+0x24 1+0x1000", "b")],
    },
  },
  {
    name: "two replicas without leader election",
    alert: "PoolwardenTwoLeaders",
    series: [leader("1+0x300", "a"), leader("0 1+0x300", "b")],
    quietAt: "2m",
    firesAt: "2m15s",
    wantLabels: { severity: "critical", namespace },
    wantSummary: "2 operators in poolwarden-system take themselves to be the leader.",
    wantDescription: "leader election is switched off with more than one replica",
    quiet: {
      name: "two installations, and a change of the leader that one scrape sees twice",
      series: [
        leader("1+0x20 0+0x1000", "a"),
        leader("0+0x17 1+0x1000", "b"),
        { series: 'poolwarden_leader{namespace="other",pod="c"}', values: "1+0x1000" },
      ],
    },
  },
  {
    name: "a pod that is started anew every few minutes",
    alert: "PoolwardenRestarting",
    series: [
      leader("1 1 stale 1 1 stale 1 1 stale 1 1 stale 1 1 stale"),
      ofPod(
        "process_start_time_seconds",
        "0 0 stale 45 45 stale 90 90 stale 135 135 stale 180 180",
      ),
    ],
    quietAt: "2m45s",
    firesAt: "3m",
    wantLabels: { severity: "warning", namespace, pod: "a", instance: "a:8080" },
    wantSummary: "a was started anew again and again.",
    wantDescription: "a in poolwarden-system was started 4 times within an hour",
    quiet: {
      name: "started twice; somebody else's pod often",
      series: [
        leader("1+0x1000"),
        ofPod("process_start_time_seconds", "0+0x20 300+0x20 600+0x1000"),
        { series: 'process_start_time_seconds{namespace="shop",pod="web"}', values: "0+15x1000" },
      ],
    },
  },
];

const workScenarios: readonly Scenario[] = [
  {
    name: "a run a quarter of a minute that fails",
    alert: "PoolwardenReconcileFailing",
    series: [runs("K8S_UNAVAILABLE", "0+1x300"), runs("done", "0+5x300")],
    quietAt: "11m",
    firesAt: "11m30s",
    wantLabels: {
      severity: "warning",
      namespace,
      controller: "server",
      result: "K8S_UNAVAILABLE",
    },
    wantSummary: "The server reconciler fails again and again: K8S_UNAVAILABLE.",
    wantDescription: "40 runs of the server reconciler ended with K8S_UNAVAILABLE within 10 min",
    quiet: {
      name: "four failures and then success",
      series: [
        runs("K8S_UNAVAILABLE", "0 1 2 3 4+0x1000"),
        runs("done", "0+5x1000"),
        runs("after", "0+5x1000"),
      ],
    },
  },
  {
    name: "something that its authors held to be impossible",
    alert: "PoolwardenFault",
    series: [runs("INVARIANT_VIOLATED", "0+0x20 1+0x300")],
    quietAt: "5m",
    firesAt: "5m15s",
    wantLabels: {
      severity: "warning",
      namespace,
      controller: "server",
      result: "INVARIANT_VIOLATED",
    },
    wantSummary: "A fault of the operator: INVARIANT_VIOLATED in server.",
    wantDescription: "has met 1 times what its authors held to be impossible",
    quiet: {
      name: "an API server that does not answer is nobody's fault here",
      series: [runs("K8S_UNAVAILABLE", "0+1x1000"), runs("INVARIANT_VIOLATED", "0+0x1000")],
    },
  },
  {
    name: "a run that does not end",
    alert: "PoolwardenReconcileStuck",
    series: [running("0+0x8 0+15x300")],
    quietAt: "4m15s",
    firesAt: "4m30s",
    wantLabels: { severity: "warning", namespace, pod: "a", controller: "server" },
    wantSummary: "A run of the server reconciler does not end.",
    wantDescription: "has been under way for 135 s",
    quiet: {
      name: "slow runs that end",
      series: [running("0 15 30 45 60 0 15 30 45 60 0 15 30 45 60 5+0x1000")],
    },
  },
  {
    name: "policies that nobody decides about",
    alert: "PoolwardenNotReconciling",
    series: [
      interval,
      decidedAt("orders", "0+0x300"),
      decidedAt("mail", "0+0x300"),
      decidedAt("reports", "0+15x300"),
    ],
    quietAt: "15m",
    firesAt: "15m15s",
    wantLabels: { severity: "warning" },
    wantSummary: "2 policies have not been decided on for long.",
    wantDescription: "has decided nothing about 2 policies",
    quiet: {
      name: "all decided on; the gauges of the leader before are old",
      series: [
        interval,
        decidedAt("orders", "0+15x1000"),
        {
          series:
            "poolwarden_policy_last_decision_timestamp_seconds" +
            '{namespace="poolwarden-system",pod="b",policy="orders",exported_namespace="shop"}',
          values: "0+0x1000",
        },
      ],
    },
  },
];

const surroundingScenarios: readonly Scenario[] = [
  {
    name: "a kind of object that cannot be listed",
    alert: "PoolwardenCacheStale",
    series: [synced("1 0+0x300")],
    quietAt: "5m",
    firesAt: "5m15s",
    wantLabels: { severity: "warning", namespace, pod: "a", kind: "Pod" },
    wantSummary: "The cache of Pod objects in a is not up to date.",
    wantDescription: "a cannot list or watch Pod objects, or has heard nothing for 3 min",
    quiet: { name: "two minutes after a start", series: [synced("0+0x8 1+0x1000")] },
  },
  {
    name: "a server that is away for a quarter of an hour",
    alert: "PoolwardenDatabaseUnreachable",
    series: [databaseUp("1 1 0+0x300")],
    quietAt: "15m15s",
    firesAt: "15m30s",
    wantLabels: { severity: "warning", namespace, server: "db:5432" },
    wantSummary: "db:5432 has not been readable for 15 min.",
    wantDescription: "No reading of db:5432 has worked for 15 min",
    quiet: { name: "an upgrade of ten minutes", series: [databaseUp("1 1 0+0x40 1+0x1000")] },
  },
  {
    name: "a right that is missing",
    alert: "PoolwardenWritesRefused",
    series: [writes("forbidden", "0+0x4 1 1 2 2 2 2 3+0.25x300"), writes("ok", "0+1x300")],
    quietAt: "16m",
    firesAt: "16m15s",
    wantLabels: { severity: "warning", namespace, kind: "Deployment", outcome: "forbidden" },
    wantSummary: "The API server refuses writes of Deployment: forbidden.",
    wantDescription: "were refused within 15 min (forbidden)",
    quiet: {
      name: "somebody else was faster, and one write was refused once",
      series: [writes("conflict", "0+1x1000"), writes("invalid", "0+0x20 1+0x1000")],
    },
  },
];

export const operatorScenarios: readonly Scenario[] = [
  ...leadershipScenarios,
  ...workScenarios,
  ...surroundingScenarios,
];
