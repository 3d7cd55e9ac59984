// Alerts of policies and of the operator alike: that they name only metrics, labels and values that
// exist, and say what a person at night needs. A renamed metric would silence an alert silently.
import { describe, expect, it } from "vitest";
import type { EngineName } from "../../../src/api/engines.ts";
import { metricDefinitions } from "../../../src/adapters/metric-names.ts";
import { buildRule, runbookUrl, usualRunbookBaseUrl } from "../../../src/render/alert.ts";
import { metricsOfOthers } from "../../../src/render/alerts.ts";
import { operatorAlerts } from "../../../src/render/operator-alerts.ts";
import { allAlerts, policyVariants } from "../../../src/tools/alert-variants.ts";
import {
  groupingLabelsIn,
  namesInTemplate,
  selectorsIn,
  strayWordsIn,
} from "../../support/promql-words.ts";

const subject = { namespace: "shop", policy: "orders", server: "db.shop.svc:5432" };
const alerts = allAlerts(subject);
/** Given by Prometheus to what it scrapes; the last is our label without honorLabels. */
const scrapeLabels = ["namespace", "pod", "instance", "job", "exported_namespace"];
/** Prometheus' client library exports it for every process. */
const ofTheProcess = "process_start_time_seconds";
const definitions = new Map(metricDefinitions.map((one) => [one.name, one]));
const expressions = alerts.flatMap(({ expression, summary, description }) => [
  expression,
  ...namesInTemplate(summary + description).queries,
]);

describe("an alert", () => {
  it("has as many of the two kinds as the reference lists", () => {
    expect(policyVariants(subject)).toHaveLength(16);
    expect(operatorAlerts).toHaveLength(11);
  });

  it("speaks of a limit as its server does", () => {
    const textsOf = (engine: EngineName): string =>
      JSON.stringify(allAlerts({ ...subject, engine }).map(({ description }) => description));
    const usual = alerts.filter(({ name }) => name !== "ServerBehindTooSmall");
    expect(textsOf("PostgreSQL")).toBe(JSON.stringify(usual.map((one) => one.description)));
    expect(textsOf("PostgreSQL")).toContain("raise max_connections, or put a transaction pooler");
    expect(textsOf("Redis")).toContain("raise maxclients.");
    expect(textsOf("Redis").replaceAll("poolwarden_max_connections", "")).not.toMatch(
      /max_connections|pooler/,
    );
  });

  it("links to its page below whatever address the pages are served at", () => {
    const [alert] = operatorAlerts;
    expect(alert && buildRule(alert, { team: "db" }, "https://wiki/")).toMatchObject({
      labels: { severity: "warning", team: "db" },
      annotations: { runbook_url: "https://wiki/PoolwardenAbsent.md" },
    });
    expect(runbookUrl(usualRunbookBaseUrl, "X")).toBe("https://poolwarden.dev/runbooks/X.md");
  });

  it.each(alerts)("$name says what is, in one line, and then what to do", (alert) => {
    expect(alert.summary).toMatch(/\.$/);
    expect(alert.summary).not.toContain("\n");
    expect(alert.description.length).toBeGreaterThan(60);
    expect(alert.holdsFor).toMatch(/^\d+[smh]$/);
  });
});

describe("an expression", () => {
  it.each(expressions)("names nothing but metrics with braces: %s", (expression) => {
    expect(strayWordsIn(expression)).toEqual([]);
    expect(selectorsIn(expression)).not.toEqual([]);
  });

  it.each(expressions)("selects by labels and values that exist: %s", (expression) => {
    for (const { metric, matchers } of selectorsIn(expression)) {
      if (metric in metricsOfOthers || metric === ofTheProcess) continue;
      const { labels = [], values = {} } = definitions.get(metric) ?? {};
      expect(definitions.has(metric), metric).toBe(true);
      for (const { label, value } of matchers) {
        expect([...labels, "exported_namespace"], metric).toContain(label);
        const known = values[label];
        if (known) expect(known).toEqual(expect.arrayContaining(value.split("|")));
      }
    }
  });

  it.each(expressions)("groups by labels that its metrics have: %s", (expression) => {
    const labels = selectorsIn(expression).flatMap(
      ({ metric }) => definitions.get(metric)?.labels ?? [],
    );
    for (const label of groupingLabelsIn(expression)) {
      expect([...scrapeLabels, ...labels]).toContain(label);
    }
  });

  it("asks for nothing of others that is not on their list, and the list has nothing else", () => {
    const names = new Set(expressions.flatMap(selectorsIn).map(({ metric }) => metric));
    const others = [...names].filter((name) => !definitions.has(name) && name !== ofTheProcess);
    expect(others.sort()).toEqual(Object.keys(metricsOfOthers).sort());
  });
});

it.each(alerts)("$name prints only labels that its expression keeps", (alert) => {
  const { labels } = namesInTemplate(alert.summary + alert.description);
  const kept = groupingLabelsIn(alert.expression);
  const isWhole = kept.length === 0;
  for (const label of labels) {
    expect(isWhole ? [...scrapeLabels, "pool"] : kept, alert.name).toContain(label);
  }
});
