// Alerts compare these names and labels: a measure that is not in the table, or is called with
// other labels than the table says, must be noticed here and not by a silent dashboard.

import { describe, expect, test } from "vitest";
import { metricDefinitions } from "../../../src/adapters/metric-names.ts";
import type { MetricDefinition } from "../../../src/adapters/metric-names.ts";
import { createMetrics } from "../../../src/adapters/metrics.ts";
import type { Metrics } from "../../../src/ports.ts";
import { MemoryLog } from "../../support/memory-log.ts";

function labelsOf(definition: MetricDefinition): Record<string, string> {
  return Object.fromEntries(
    definition.labels.map((label) => [label, definition.values?.[label]?.[0] ?? `some-${label}`]),
  );
}

function use(metrics: Metrics, definition: MetricDefinition): void {
  const labels = labelsOf(definition);
  if (definition.kind === "counter") metrics.count(definition.name, labels, 3);
  if (definition.kind === "gauge") metrics.gauge(definition.name, 3, labels);
  if (definition.kind === "histogram") metrics.observe(definition.name, 3, labels);
}

test.each(metricDefinitions)("$name is shown with its help and labels", async (definition) => {
  const { metrics, render } = createMetrics();
  use(metrics, definition);
  const lines = (await render()).split("\n");
  expect(lines).toContain(`# HELP ${definition.name} ${definition.help}`);
  expect(lines).toContain(`# TYPE ${definition.name} ${definition.kind}`);
  const sample = definition.kind === "histogram" ? `${definition.name}_sum` : definition.name;
  const labels = Object.entries(labelsOf(definition))
    .map(([label, value]) => `${label}="${value}"`)
    .join(",");
  expect(lines).toContain(`${sample}${labels === "" ? "" : `{${labels}}`} 3`);
});

test("names follow Prometheus' own rules", () => {
  for (const { name, kind, labels } of metricDefinitions) {
    expect(name).toMatch(/^poolwarden_[a-z][a-z_]*[a-z]$/);
    expect(name.endsWith("_total")).toBe(kind === "counter");
    if (kind === "histogram" || name.includes("timestamp")) expect(name).toMatch(/_seconds$/);
    expect(new Set(labels).size).toBe(labels.length);
  }
  expect(new Set(metricDefinitions.map(({ name }) => name)).size).toBe(metricDefinitions.length);
});

test("the process's own measures are there", async () => {
  const { render, contentType } = createMetrics();
  expect(await render()).toContain("process_resident_memory_bytes");
  expect(contentType).toContain("text/plain");
});

test("reset drops every series of a gauge", async () => {
  const { metrics, render } = createMetrics();
  metrics.gauge("poolwarden_budget_slots", 5, { server: "a:5432" });
  metrics.reset("poolwarden_budget_slots");
  metrics.gauge("poolwarden_budget_slots", 6, { server: "b:5432" });
  const text = await render();
  expect(text).not.toContain("a:5432");
  expect(text).toContain('poolwarden_budget_slots{server="b:5432"} 6');
});

test("what was counted and observed of a server that is gone is dropped, of that one alone", async () => {
  const { metrics, render } = createMetrics();
  for (const server of ["a:5432", "b:5432"]) {
    metrics.count("poolwarden_grants_total", { server });
    metrics.count("poolwarden_database_reads_total", { server, outcome: "DatabaseTimeout" });
    metrics.observe("poolwarden_database_read_seconds", 0.1, { server });
  }

  metrics.forgetServer("a:5432");
  metrics.forgetServer("never:5432");

  const text = await render();
  expect(text).not.toContain("a:5432");
  expect(text.match(/server="b:5432"/g)).toHaveLength(2 + 16);
});

test("two operators in one process do not count into each other", async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.metrics.count("poolwarden_grants_total", { server: "a:5432" });
  expect(await other.render()).not.toContain("a:5432");
});

test("a counter whose series are all known begins at 0, so that its first count is an increase", async () => {
  const lines = (await createMetrics().render()).split("\n");
  for (const controller of ["policy", "database", "server", "release"]) {
    const labels = `{controller="${controller}",result="INVARIANT_VIOLATED"}`;
    expect(lines).toContain(`poolwarden_reconcile_total${labels} 0`);
  }
  expect(lines).toContain('poolwarden_writes_total{kind="Deployment",outcome="forbidden"} 0');
});

describe("a use that the table does not know is a defect of ours", () => {
  test.each<{ name: string; use: (metrics: Metrics) => void }>([
    {
      name: "unknown name",
      use: (metrics) => {
        metrics.count("poolwarden_nonsense_total");
      },
    },
    {
      name: "a gauge counted",
      use: (metrics) => {
        metrics.count("poolwarden_budget_slots", { server: "a" });
      },
    },
    {
      name: "unknown label",
      use: (metrics) => {
        metrics.gauge("poolwarden_budget_slots", 1, { host: "a" });
      },
    },
    {
      name: "label missing",
      use: (metrics) => {
        metrics.gauge("poolwarden_budget_slots", 1);
      },
    },
    {
      name: "label too many",
      use: (metrics) => {
        metrics.gauge("poolwarden_budget_slots", 1, { server: "a", host: "a" });
      },
    },
    {
      name: "a value that the label never has",
      use: (metrics) => {
        metrics.count("poolwarden_writes_total", { kind: "Deployment", outcome: "denied" });
      },
    },
    {
      name: "reset of a counter",
      use: (metrics) => {
        metrics.reset("poolwarden_grants_total");
      },
    },
  ])("$name", ({ use: misuse }) => {
    const { metrics } = createMetrics();
    expect(() => {
      misuse(metrics);
    }).toThrow(expect.objectContaining({ code: "INVARIANT_VIOLATED" }));
  });
});

test("with a log, such a use is told there once and costs nothing else", async () => {
  const log = new MemoryLog();
  const { metrics, render } = createMetrics(log);

  for (const kind of ["Nonsense", "Pod", "Nonsense"]) {
    metrics.count("poolwarden_watch_restarts_total", { kind });
  }
  metrics.gauge("poolwarden_nonsense", 1);
  metrics.observe("poolwarden_nonsense_seconds", 1);
  metrics.reset("poolwarden_nonsense_too");
  metrics.forgetServer("db:5432");

  expect(await render()).toContain('poolwarden_watch_restarts_total{kind="Pod"} 1');
  expect(log.lines.map(({ level, fields }) => [level, fields["name"]])).toEqual([
    ["error", "poolwarden_watch_restarts_total"],
    ["error", "poolwarden_nonsense"],
    ["error", "poolwarden_nonsense_seconds"],
    ["error", "poolwarden_nonsense_too"],
  ]);
});
