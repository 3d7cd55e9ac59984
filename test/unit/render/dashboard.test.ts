// The dashboard's shape, as Grafana takes it, and that its queries name only what exists. That they
// return series is seen on a real Prometheus, in prometheus.test.ts.
import { describe, expect, it } from "vitest";
import { metricDefinitions } from "../../../src/adapters/metric-names.ts";
import { buildDashboard } from "../../../src/render/dashboard.ts";
import type { Panel } from "../../../src/render/dashboard.ts";
import { groupingLabelsIn, selectorsIn, strayWordsIn } from "../../support/promql-words.ts";

const dashboard = buildDashboard();
const { panels } = dashboard;
const filled = panels.filter(({ type }) => type !== "row");
const datasource = { type: "prometheus", uid: "${datasource}" };
const variables = (dashboard["templating"] as { list: readonly { name: string; query: unknown }[] })
  .list;

type Target = { refId: string; expr: string; legendFormat: string; datasource: object };

function targetsOf(panel: Panel): readonly Target[] {
  return panel["targets"] as readonly Target[];
}

const queries = filled.flatMap((panel) =>
  targetsOf(panel).map(({ expr, legendFormat }) => ({ title: panel.title, expr, legendFormat })),
);

describe("the dashboard", () => {
  it("is what Grafana imports: an identity, a schema, variables, and JSON through and through", () => {
    expect(dashboard).toMatchObject({ uid: "poolwarden", title: "Poolwarden", schemaVersion: 39 });
    expect(JSON.parse(JSON.stringify(dashboard))).toEqual(dashboard);
    expect(variables.map(({ name }) => name)).toEqual([
      "datasource",
      "namespace",
      "policy",
      "server",
    ]);
  });

  it("numbers each panel once, and names each once", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(filled.map(({ title }) => title)).size).toBe(filled.length);
  });

  it("lays panels beside each other and under each other, never over each other", () => {
    const cells = new Set<string>();
    for (const { title, gridPos } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.has(`${x} ${y}`), title).toBe(false);
          cells.add(`${x} ${y}`);
        }
      }
    }
  });

  it("asks the chosen data source everywhere", () => {
    for (const panel of filled) {
      expect(panel["datasource"]).toEqual(datasource);
      for (const target of targetsOf(panel)) expect(target.datasource).toEqual(datasource);
    }
  });
});

describe("a panel", () => {
  it.each(filled)("$title says what it shows, and its queries have names of their own", (panel) => {
    expect(String(panel["description"]).length).toBeGreaterThan(20);
    const refIds = targetsOf(panel).map(({ refId }) => refId);
    expect(refIds).not.toEqual([]);
    expect(new Set(refIds).size).toBe(refIds.length);
    const legends = targetsOf(panel).map(({ legendFormat }) => legendFormat);
    expect(new Set(legends).size).toBe(legends.length);
  });
});

const definitions = new Map(metricDefinitions.map((one) => [one.name, one]));
const scraped = ["pod", "instance", "le"];

describe("a query", () => {
  it.each(queries)(
    "of $title selects and groups by what exists: $expr",
    ({ expr, legendFormat }) => {
      expect(strayWordsIn(expr)).toEqual([]);
      const selectors = selectorsIn(expr);
      expect(selectors).not.toEqual([]);
      const labels = selectors.flatMap(({ metric, matchers }) => {
        const own = definitions.get(metric.replace(/_bucket$/, ""))?.labels;
        if (!metric.startsWith("process_")) expect(own, metric).toBeDefined();
        for (const { label } of matchers) expect(own, metric).toContain(label);
        return own ?? [];
      });
      const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
      for (const label of [...groupingLabelsIn(expr), ...shown]) {
        expect([...scraped, ...labels]).toContain(label);
      }
    },
  );

  it("uses every variable, and none that is not there", () => {
    const used = queries.flatMap(({ expr }) =>
      [...expr.matchAll(/\$(\w+)/g)].map(([, name]) => name),
    );
    const known = ["__rate_interval", "namespace", "policy", "server"];
    expect([...new Set(used)].sort()).toEqual(known);
  });
});
