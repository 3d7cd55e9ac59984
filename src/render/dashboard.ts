// The Grafana dashboard as the JSON that Grafana imports. It is generated, so that a renamed metric
// is renamed here as well, and no panel is a copy that somebody forgot. Its variables choose the
// data source, namespaces and policies; the servers follow from those.

import { fleetRows } from "./dashboard-fleet.ts";
import type { PanelContent, PanelRow, Query } from "./dashboard-queries.ts";
import { workRows } from "./dashboard-work.ts";

/** Grafana has many more fields than those that anything here depends on. */
export interface PanelBody {
  readonly type: string;
  readonly title: string;
  readonly [more: string]: unknown;
}

export interface Panel extends PanelBody {
  /** Unique within the dashboard. */
  readonly id: number;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly [more: string]: unknown;
}

const columns = 24;
const headHeight = 1;
const datasource = { type: "prometheus", uid: "${datasource}" };

/** For Grafana 10 and later. */
export function buildDashboard(): Dashboard {
  return {
    uid: "poolwarden",
    title: "Poolwarden",
    description: "Connection pools of a fleet against the limit of the database that they share.",
    tags: ["poolwarden", "postgresql"],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: { list: variables() },
    annotations: { list: [] },
    panels: layOut([...fleetRows, ...workRows]),
  };
}

function variables(): readonly object[] {
  const policies = "poolwarden_policy_condition";
  return [
    { type: "datasource", name: "datasource", label: "Data source", query: "prometheus" },
    chosen("namespace", "Namespace", `label_values(${policies}, namespace)`),
    chosen("policy", "Policy", `label_values(${policies}{namespace=~"$namespace"}, policy)`),
    chosen(
      "server",
      "Server",
      'label_values(poolwarden_workload_slots{namespace=~"$namespace",policy=~"$policy"}, server)',
    ),
  ];
}

/** Any number of values of a label; all of them to begin with. */
function chosen(name: string, label: string, query: string): object {
  return {
    type: "query",
    name,
    label,
    datasource,
    query: { query, refId: name },
    definition: query,
    // On every change of the time range: policies come and go.
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: ".*",
    current: { text: "All", value: "$__all" },
  };
}

/** Row after row, each panel right of the one before while there are columns left. */
function layOut(rows: readonly PanelRow[]): readonly Panel[] {
  const panels: Panel[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push(headOf(row, panels.length + 1, y));
    y += headHeight;
    let x = 0;
    for (const content of row.panels) {
      if (x + content.width > columns) {
        x = 0;
        y += row.height;
      }
      const gridPos = { x, y, w: content.width, h: row.height };
      panels.push({ id: panels.length + 1, gridPos, ...panelOf(content) });
      x += content.width;
    }
    y += row.height;
  }
  return panels;
}

function headOf({ title }: PanelRow, id: number, y: number): Panel {
  const gridPos = { x: 0, y, w: columns, h: headHeight };
  return { id, gridPos, type: "row", title, collapsed: false, panels: [] };
}

const types: Readonly<Record<PanelContent["kind"], string>> = {
  stat: "stat",
  lines: "timeseries",
  stack: "timeseries",
  states: "state-timeline",
  table: "table",
};

function panelOf(content: PanelContent): PanelBody {
  const { kind, title, about, queries, unit = "short" } = content;
  const isNow = kind === "stat" || kind === "table";
  return {
    type: types[kind],
    title,
    description: about,
    datasource,
    targets: queries.map((query, index) => targetOf(query, index, { kind, isNow })),
    fieldConfig: {
      defaults: { unit, min: 0, custom: customOf(kind) },
      overrides: queries.flatMap((query, index) => (query.dashed ? [dashedLine(index)] : [])),
    },
    options: optionsOf(kind),
    ...(kind === "table" ? { transformations: tableTransformations(queries) } : {}),
  };
}

function targetOf(
  { expression, legend }: Query,
  index: number,
  { kind, isNow }: { readonly kind: PanelContent["kind"]; readonly isNow: boolean },
): object {
  return {
    refId: refIdOf(index),
    datasource,
    editorMode: "code",
    expr: expression,
    legendFormat: legend,
    instant: isNow,
    range: !isNow,
    format: kind === "table" ? "table" : "time_series",
  };
}

function refIdOf(index: number): string {
  return String.fromCharCode("A".charCodeAt(0) + index);
}

function customOf(kind: PanelContent["kind"]): object {
  if (kind === "stack") {
    return { fillOpacity: 60, lineWidth: 1, stacking: { mode: "normal", group: "A" } };
  }
  if (kind === "lines") return { fillOpacity: 0, lineWidth: 2, lineInterpolation: "stepAfter" };
  return {};
}

function dashedLine(index: number): object {
  const style = { id: "custom.lineStyle", value: { fill: "dash", dash: [8, 6] } };
  const matcher = { id: "byFrameRefID", options: refIdOf(index) };
  return { matcher, properties: [style] };
}

function optionsOf(kind: PanelContent["kind"]): object {
  if (kind === "stat") {
    const reduceOptions = { calcs: ["lastNotNull"], values: false };
    return { reduceOptions, textMode: "value_and_name", colorMode: "none" };
  }
  if (kind === "table") return { showHeader: true, sortBy: [{ displayName: "slots", desc: true }] };
  const legend = { displayMode: "list", placement: "bottom", showLegend: true };
  if (kind === "states") return { mergeValues: true, showValue: "never", legend };
  return { legend, tooltip: { mode: "multi", sort: "desc" } };
}

/** One line for each workload, with the queries' names as heads. */
function tableTransformations(queries: readonly Query[]): readonly object[] {
  const names = queries.map(({ legend }, index) => [`Value #${refIdOf(index)}`, legend] as const);
  return [
    { id: "merge", options: {} },
    {
      id: "organize",
      options: { excludeByName: { Time: true }, renameByName: Object.fromEntries(names) },
    },
  ];
}
