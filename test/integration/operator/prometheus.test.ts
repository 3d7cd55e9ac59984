// Alerts and dashboard on a real Prometheus that scrapes a running operator: every metric, label
// and value that an expression names is one that the operator exports, and every panel shows
// something. Series are scraped twice, with honorLabels as the chart does and without.
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { parse } from "yaml";
import { metricDefinitions } from "../../../src/adapters/metric-names.ts";
import { metricsOfOthers } from "../../../src/render/alerts.ts";
import { buildDashboard } from "../../../src/render/dashboard.ts";
import { buildPrometheusRule } from "../../../src/render/prometheus-rule.ts";
import { allAlerts } from "../../../src/tools/alert-variants.ts";
import { aPolicy } from "../../support/builders.ts";
import { openFleet } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { waitUntil } from "../../support/processes.ts";
import { hasPrometheus, startPrometheus } from "../../support/prometheus.ts";
import type { Prometheus, Sample } from "../../support/prometheus.ts";
import { groupingLabelsIn, namesInTemplate, selectorsIn } from "../../support/promql-words.ts";
import { rulesOf } from "../../support/promtool.ts";
import { buildAutoscaler, buildWorkload } from "../../support/workloads.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";

const namespace = "watched";
const maxConnections = 60;
const kubectl = inject("controlPlane");
const chartFiles = join(import.meta.dirname, "../../../charts/poolwarden/files");

let postgres: Postgres;
let fleet: Fleet;
let operator: OperatorProcess;
let prometheus: Prometheus;
let foreigner: pg.Client;
let server: string;

beforeAll(async () => {
  if (!hasPrometheus) return;
  postgres = await startPostgres({ maxConnections });
  server = `127.0.0.1:${postgres.port}`;
  await ensureAdmissionWorks(kubectl);
  fleet = await openFleet({ kubectl, namespace });
  operator = await startOperator({
    kubeconfigPath: kubectl.kubeconfigPath,
    flags: ["--namespaces", namespace, "--database-interval=1s"],
  });
  const { address } = await operator.waitForLine("serving metrics and health");
  const [one, other] = [{ namespace: "poolwarden-system" }, { namespace: "elsewhere" }];
  prometheus = await startPrometheus({
    scrapes: [
      {
        job: "honoured",
        address: String(address),
        honorLabels: true,
        labels: { ...one, pod: "a" },
      },
      {
        job: "plain",
        address: String(address),
        honorLabels: false,
        labels: { ...other, pod: "b" },
      },
    ],
    rules: [parse(await readFile(join(chartFiles, "operator-rules.yaml"), "utf8")), policyRules()],
  });
  await makeEverythingHappen();
});

afterAll(async () => {
  if (!hasPrometheus) return;
  await prometheus[Symbol.asyncDispose]();
  await operator[Symbol.asyncDispose]();
  await foreigner.end().catch(() => undefined);
  await fleet[Symbol.asyncDispose]();
  await postgres.stop();
});

beforeEach(({ skip }) => {
  skip(!hasPrometheus, "prometheus is not installed (Debian: prometheus)");
});

function policyRules(): object {
  const alerts = { poolMetrics: "Micrometer", postgresExporter: true };
  const database = { secretRef: { name: "orders-db" } };
  const spec = { database, workloads: [{ name: "web" }], alerts };
  const policy = aPolicy("orders", { namespace, spec });
  const manifest = buildPrometheusRule(policy, server, "https://wiki.example/");
  return { groups: [{ name: "policy", rules: rulesOf(manifest) }] };
}

/**
 * A fleet that is adopted, grants that change, somebody who waits, somebody else's session, and a
 * login that the server refuses: what panels show must have happened.
 */
async function makeEverythingHappen(): Promise<void> {
  const env = [{ name: "DB_POOL_MAX_SIZE", value: "20" }];
  await fleet.apply(
    buildWorkload("Deployment", namespace, "web", { replicas: 2, env }),
    buildAutoscaler(namespace, "web", 4),
    buildWorkload("Deployment", namespace, "legacy", { replicas: 1, env }),
  );
  await fleet.waitForPods("web", 2, 20);
  await fleet.waitForPods("legacy", 1, 20);
  await fleet.applySecret("orders-db", { uri: postgres.uri() });
  await fleet.applySecret("wrong-db", { uri: postgres.uri("nobody", "postgres", "wrong") });
  const of = (secret: string, workload: string, more: object = {}): object => ({
    database: { secretRef: { name: secret } },
    reserve: { connections: 5 },
    workloads: [{ name: workload }],
    ...more,
  });
  // An increase is seen only from a sample before it.
  await fleet.applyPolicy("orders", of("orders-db", "web", { mode: "Observe" }));
  await waitUntilSeen("no roll yet", "poolwarden_rolls_total{} == 0");
  await fleet.applyPolicy("orders", of("orders-db", "web"));
  await fleet.applyPolicy("legacy", of("orders-db", "legacy", { rebalance: "Never" }));
  await fleet.applyPolicy("refused", of("wrong-db", "nothing"));
  foreigner = new pg.Client({ connectionString: postgres.uri(), application_name: "psql" });
  foreigner.on("error", () => undefined);
  await foreigner.connect();
  await waitUntilSeen("a roll", "increase(poolwarden_rolls_total{}[1m]) > 0");
  await waitUntilSeen("a foreign session", "poolwarden_foreign_sessions{} >= 1");
  await waitUntilSeen("a wait", 'poolwarden_workload_waiting{policy="legacy"} == 1');
  const refusals = 'increase(poolwarden_database_reads_total{outcome="AuthenticationFailed"}[1m])';
  await waitUntilSeen("refused logins", `${refusals} > 0`);
}

async function waitUntilSeen(what: string, expression: string): Promise<void> {
  await waitUntil(`Prometheus to see ${what}`, async () => {
    return (await prometheus.query(expression)).length > 0;
  });
}

/** Those of pool-use.test.ts, start-gate.test.ts and pooler-fleet.test.ts. */
const notHere =
  /poolwarden_(workload_(in_use_peak|recommended_pool_size)|slot_wait_seconds|behind_(\w+_)?slots)/;

describe("every metric of the table", () => {
  it("is exported, and nothing else is called like one of ours", async () => {
    const found = await prometheus.labelValues("__name__", '{__name__=~"poolwarden_.+"}');
    const names = found.map((name) => name.replace(/_(bucket|sum|count)$/, ""));
    const all = metricDefinitions.map(({ name }) => name);
    const wanted = all.filter((name) => !notHere.test(name));
    expect([...new Set(names)].sort()).toEqual(wanted.sort());
  });
});

describe("every alert", () => {
  it("is evaluated without an error", async () => {
    const rules = await prometheus.rules();
    expect(rules.length).toBeGreaterThan(20);
    expect(rules.filter(({ health }) => health !== "ok")).toEqual([]);
  });

  it("selects series that the operator exports, unless they are of others", async () => {
    const subject = { namespace, policy: "orders", server };
    const expressions = allAlerts(subject).flatMap(({ expression, summary, description }) => [
      expression,
      ...namesInTemplate(summary + description).queries,
    ]);
    expect(await selectorsThatFindNothing(expressions)).toEqual([]);
  });

  it("groups by labels that the series have", async () => {
    const subject = { namespace, policy: "orders", server };
    for (const { name, expression } of allAlerts(subject)) {
      const series = await seriesOf(expression);
      if (series.length === 0) continue;
      for (const label of groupingLabelsIn(expression)) {
        expect(
          series.some((labels) => label in labels),
          `${label} of ${name}`,
        ).toBe(true);
      }
    }
  });
});

async function selectorsThatFindNothing(expressions: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  const selectors = expressions.flatMap((text) => selectorsIn(text));
  for (const { metric, matchers } of selectors) {
    if (metric in metricsOfOthers || notHere.test(metric)) continue;
    const inside = matchers.map(({ label, operator, value }) => `${label}${operator}"${value}"`);
    const selector = `${metric}{${inside.join(",")}}`;
    if ((await prometheus.query(selector)).length === 0) missing.push(selector);
  }
  return missing;
}

async function seriesOf(expression: string): Promise<readonly Record<string, string>[]> {
  const series: Record<string, string>[] = [];
  for (const { metric } of selectorsIn(expression)) {
    if (metric in metricsOfOthers) continue;
    for (const sample of await prometheus.query(`${metric}{}`)) series.push(sample.metric);
  }
  return series;
}

type Target = { readonly expr: string; readonly instant: boolean; readonly legendFormat: string };

const dashboard = buildDashboard();
const targets = dashboard.panels.flatMap(({ title, ...panel }) => {
  const all = (panel["targets"] ?? []) as readonly Target[];
  return all.filter(({ expr }) => !notHere.test(expr)).map((target) => ({ title, ...target }));
});

/** As Grafana would send it. */
function filledIn(expression: string): string {
  const values: Readonly<Record<string, string>> = {
    namespace,
    policy: "(orders|legacy)",
    server: server.replaceAll(".", String.raw`\\.`),
    __rate_interval: "30s",
  };
  return expression.replace(/\$(\w+)/g, (whole, name: string) => values[name] ?? whole);
}

/** The sum of the ledger's panel less what it should be, as of two seconds ago. */
async function ledgerExcess(): Promise<number> {
  const at = Date.now() / 1_000 - 2;
  const ledger = targets.filter(({ title }) => title.startsWith("Ledger"));
  const lines = await Promise.all(ledger.map(({ expr }) => prometheus.query(filledIn(expr), at)));
  // What is scraped without honorLabels stands there a second time.
  const isOnce = ({ metric }: Sample): boolean => (metric["namespace"] ?? namespace) === namespace;
  const sum = lines
    .flat()
    .filter(isOnce)
    .reduce((all, { value }) => all + value, 0);
  const [over] = await prometheus.query("max(poolwarden_over_budget_slots)", at);
  return sum - maxConnections - (over?.value ?? 0);
}

describe("the dashboard", () => {
  it.each(targets)("$title: $legendFormat", async ({ expr, instant, legendFormat }) => {
    const expression = filledIn(expr);
    const series = instant
      ? (await prometheus.query(expression)).map(({ metric }) => metric)
      : await prometheus.queryRange(expression, 20);

    expect(series, expression).not.toEqual([]);
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
    for (const label of shown) expect(series[0], expression).toHaveProperty(label);
  });

  it("offers the namespaces, policies and servers that there are", async () => {
    const policies = "poolwarden_policy_condition";
    expect(await prometheus.labelValues("namespace", policies)).toContain(namespace);
    const selector = `${policies}{namespace="${namespace}"}`;
    expect(await prometheus.labelValues("policy", selector)).toEqual([
      "legacy",
      "orders",
      "refused",
    ]);
    const slots = `poolwarden_workload_slots{namespace="${namespace}",policy="orders"}`;
    expect(await prometheus.labelValues("server", slots)).toEqual([server]);
  });

  it("stacks the ledger up to max_connections, or beyond by what is over the budget", async () => {
    // Two scrapes that lie before and after a decision do not add up; the next two do.
    await expect.poll(ledgerExcess, { timeout: 30_000 }).toBe(0);
  });

  it("says why somebody waits", async () => {
    const [wait] = await prometheus.query('poolwarden_workload_waiting{policy="legacy"}');
    expect(wait?.metric).toMatchObject({ workload: "Deployment/legacy", reason: "RollsWaiting" });
  });
});

describe("a runbook", () => {
  const folder = join(import.meta.dirname, "../../../docs/runbooks");

  it.each(readdirSync(folder))("%s asks Prometheus what it understands", async (page) => {
    const text = await readFile(join(folder, page), "utf8");
    const queries = [...text.matchAll(/```promql\n(.*?)\n```/gs)].map(([, query = ""]) => query);
    for (const query of queries) {
      await expect(prometheus.query(query), query).resolves.toBeInstanceOf(Array);
    }
  });
});

describe("a server that goes away", () => {
  it("is an alert in the making within seconds, for its policies and for the operator", async () => {
    await postgres.kill();

    await waitUntil("the alerts to be pending", async () => {
      const rules = await prometheus.rules();
      const waiting = rules.filter(({ state }) => state !== "inactive").map(({ name }) => name);
      return ["DatabaseUnhealthy", "PoolwardenDatabaseUnreachable"].every((name) =>
        waiting.includes(name),
      );
    });
  });
});
