// What the alert rules fire on, when, and what they say: scenarios of series over time, evaluated
// by Prometheus' own promtool. Without it (Debian's package prometheus) they are skipped, which is
// said.
import { beforeEach, describe, expect, it } from "vitest";
import { buildPrometheusRule } from "../../../src/render/prometheus-rule.ts";
import { aPolicy } from "../../support/builders.ts";
import { promtoolPath, rulesOf, testRules } from "../../support/promtool.ts";

// Quotes, braces and a backslash: the rules must select and print it as it is.
const server = 'db"\\{{ $value }}.svc:5432';
const promServer = JSON.stringify(server);
const alerts = { poolMetrics: "Micrometer", postgresExporter: true };
const rule = buildPrometheusRule(
  aPolicy("orders", {
    spec: {
      database: { secretRef: { name: "db" } },
      workloads: [{ selector: { matchLabels: { team: "shop" } } }],
      alerts,
    },
  }),
  server,
);

const running = { series: 'poolwarden_cache_objects{kind="Pod"}', values: "5+0x300" };
const budget = { series: `poolwarden_budget_slots{server=${promServer}}`, values: "187+0x300" };
const limit = { series: `poolwarden_max_connections{server=${promServer}}`, values: "200+0x300" };

function ofServer(metric: string, values: string): { series: string; values: string } {
  return { series: `${metric}{server=${promServer},pod="poolwarden-1"}`, values };
}

/** A series of ours as it is scraped without honorLabels, and with them. */
function ofPolicy(metric: string, values: string, more = ""): { series: string; values: string } {
  const labels = `namespace="poolwarden-system",exported_namespace="shop",policy="orders"${more}`;
  return { series: `${metric}{${labels}}`, values };
}

function honoured(metric: string, values: string, more = ""): { series: string; values: string } {
  return { series: `${metric}{namespace="shop",policy="orders"${more}}`, values };
}

type Scenario = {
  readonly name: string;
  readonly alert: string;
  readonly series: readonly { readonly series: string; readonly values: string }[];
  readonly quietAt: string;
  readonly firesAt: string;
  readonly wantLabels: Readonly<Record<string, string>>;
  readonly wantSummary: string;
  /** A part of the description. */
  readonly wantDescription: string;
};

const scenarios: readonly Scenario[] = [
  {
    name: "a HikariCP pool whose connections are all in use for a minute",
    alert: "ConnectionPoolExhausted",
    series: [
      running,
      budget,
      ofServer("poolwarden_fleet_sessions", "60+0x300"),
      {
        series: 'hikaricp_connections_active{namespace="shop",pod="web-1",pool="main"}',
        values: "3 6+0x300",
      },
      {
        series: 'hikaricp_connections_max{namespace="shop",pod="web-1",pool="main"}',
        values: "6+0x300",
      },
      {
        series: 'hikaricp_connections_active{namespace="other",pod="x-1",pool="main"}',
        values: "6+0x300",
      },
      {
        series: 'hikaricp_connections_max{namespace="other",pod="x-1",pool="main"}',
        values: "6+0x300",
      },
    ],
    quietAt: "1m",
    firesAt: "1m15s",
    wantLabels: { severity: "critical", pod: "web-1", pool: "main" },
    wantSummary: "A pool of web-1 in shop has no free connection.",
    wantDescription: "The server's budget is 187 slots and the fleet holds 60 of them",
  },
  {
    name: "threads that wait for a connection",
    alert: "ConnectionPoolExhausted",
    series: [
      running,
      {
        series: 'hikaricp_connections_pending{namespace="shop",pod="web-2",pool="main"}',
        values: "0+0x4 3+0x300",
      },
    ],
    quietAt: "2m",
    firesAt: "2m15s",
    wantLabels: { severity: "critical", pod: "web-2", pool: "main" },
    wantSummary: "A pool of web-2 in shop has no free connection.",
    wantDescription: "The server's budget is ? slots",
  },
  {
    name: "a server that cannot be read for 30 s",
    alert: "DatabaseUnhealthy",
    series: [running, budget, ofServer("poolwarden_database_up", "1 1 1 1 0+0x300")],
    quietAt: "1m15s",
    firesAt: "1m30s",
    wantLabels: { severity: "critical", source: "operator", server },
    wantSummary: `The operator cannot read the limits of ${server}.`,
    wantDescription: `The latest reading of ${server} failed. Sizes stay as they are and nothing grows (budget 187 slots)`,
  },
  {
    name: "an exporter whose server is down",
    alert: "DatabaseUnhealthy",
    series: [
      running,
      { series: 'pg_up{namespace="shop",instance="exporter:9187"}', values: "1 1 0+0x300" },
      { series: 'pg_up{namespace="other",instance="exporter:9187"}', values: "0+0x300" },
    ],
    quietAt: "45s",
    firesAt: "1m",
    wantLabels: { severity: "critical", source: "exporter", instance: "exporter:9187" },
    wantSummary: "postgres_exporter in shop cannot reach its server.",
    wantDescription: "exporter:9187 reports pg_up 0 since 30 s",
  },
  {
    name: "pods that hold nine tenths of the budget, the old operator's series beside the new",
    alert: "PoolBudgetNearlyUsed",
    series: [
      running,
      budget,
      limit,
      ofServer("poolwarden_foreign_sessions", "3+0x300"),
      ofServer("poolwarden_fleet_sessions", "100+0x20 175+0x300"),
      {
        series: `poolwarden_fleet_sessions{server=${promServer},pod="poolwarden-0"}`,
        values: "100+0x20 stale",
      },
    ],
    quietAt: "10m",
    firesAt: "10m15s",
    wantLabels: { severity: "warning", server },
    wantSummary: `The pods hold 94 % of the budget of ${server}.`,
    wantDescription:
      `175 sessions open of a budget of 187 slots on ${server}: 94 %, and 90 % is the threshold. ` +
      "max_connections is 200, foreign sessions take 3.",
  },
  {
    name: "a promise beyond the budget",
    alert: "PoolBudgetExceeded",
    series: [
      running,
      budget,
      ofServer("poolwarden_over_budget_slots", "0 53+0x300"),
      ofServer("poolwarden_used_slots", "240+0x300"),
    ],
    quietAt: "5m",
    firesAt: "5m15s",
    wantLabels: { severity: "critical", server },
    wantSummary: `What runs and may still start on ${server} is 53 slots over the budget.`,
    wantDescription: "takes 240 slots of a budget of 187: 53 too many",
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
  },
  {
    name: "grants that wait for an hour",
    alert: "PoolGrowthBlocked",
    series: [
      running,
      budget,
      ofServer("poolwarden_used_slots", "180+0x300"),
      honoured("poolwarden_growth_waiting", "2+0x300"),
    ],
    quietAt: "59m45s",
    firesAt: "1h",
    wantLabels: { severity: "info" },
    wantSummary: "2 workloads of shop/orders have waited an hour for larger pools.",
    wantDescription: "180 of 187 slots",
  },
  {
    name: "pods that started without a size",
    alert: "PodsStartedUnsized",
    series: [
      running,
      ofPolicy("poolwarden_unsized_pods", "0 4+0x300", ',workload="Deployment/web"'),
      honoured("poolwarden_unsized_pods", "0+0x300", ',workload="Deployment/api"'),
      {
        series:
          'poolwarden_unsized_pods{namespace="poolwarden-system",exported_namespace="other",policy="orders",workload="Deployment/web"}',
        values: "9+0x300",
      },
    ],
    quietAt: "10m",
    firesAt: "10m15s",
    wantLabels: { severity: "warning", workload: "Deployment/web" },
    wantSummary: "4 pods of Deployment/web in shop run with a size of their own.",
    wantDescription: "4 pods of Deployment/web were started while the admission policy",
  },
  {
    name: "a policy that nobody decides about",
    alert: "PoolPolicyNotReconciled",
    series: [running, ofPolicy("poolwarden_policy_last_decision_timestamp_seconds", "0+0x300")],
    quietAt: "15m",
    firesAt: "15m30s",
    wantLabels: { severity: "warning" },
    wantSummary: "shop/orders was last decided on 930 s ago.",
    wantDescription: "for 15m 30s (usual: 30 s)",
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
  },
];

function expectation({ alert, firesAt, wantLabels, wantSummary }: Scenario): object {
  const source = wantLabels["source"];
  const found = rulesOf(rule).find((one) => one.alert === alert && one.labels["source"] === source);
  const { runbook_url } = found?.annotations ?? {};
  const exp_labels = { namespace: "shop", policy: "orders", ...wantLabels };
  const exp_annotations = { summary: wantSummary, description: "?", runbook_url };
  return { eval_time: firesAt, alertname: alert, exp_alerts: [{ exp_labels, exp_annotations }] };
}

describe("alerts, by Prometheus itself", () => {
  beforeEach(({ skip }) => {
    skip(promtoolPath === undefined, "promtool is not installed (Debian: prometheus)");
  });

  it.each(scenarios)("$alert: $name", async (scenario) => {
    const { alert, series, quietAt, wantDescription } = scenario;
    const quiet = { eval_time: quietAt, alertname: alert, exp_alerts: [] };
    const { output } = await testRules(rule, {
      evaluation_interval: "15s",
      tests: [
        {
          interval: "15s",
          input_series: series,
          alert_rule_test: [quiet, expectation(scenario)],
        },
      ],
    });

    // promtool compares whole annotations, and no description is "?": what it prints is compared
    // here, with a part of the description. A second finding would be the alert firing too soon.
    const [before = "", got = "", ...tooSoon] = output.split("got:");
    expect(tooSoon).toEqual([]);
    expect(got.replace(/\\(.)/g, "$1")).toContain(wantDescription);
    const [description = ""] = /description="(?:[^"\\]|\\.)*"/.exec(got) ?? [];
    const wanted = before.slice(before.indexOf("exp:") + "exp:".length);
    expect(linesOf(got)).toEqual(linesOf(wanted.replace('description="?"', description)));
  });

  it("every alert of the policy has a scenario", () => {
    const tried = new Set(scenarios.map(({ alert }) => alert));

    expect(new Set(rulesOf(rule).map(({ alert }) => alert))).toEqual(tried);
  });
});

function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim().replace(/,$/, ""))
    .filter((line) => line !== "" && line !== "]");
}
