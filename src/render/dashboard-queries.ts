// What a panel of the Grafana dashboard is made of, and pieces of its queries. Gauges of decisions
// exist once, on the leader; while one leader replaces another both may have been scraped, so each
// query takes the maximum of what stands for the same thing.

export interface Query {
  readonly expression: string;
  /** Grafana's template of the series' name, e.g. `{{workload}}`. */
  readonly legend: string;
  /** Drawn as a dashed line: what should be, beside what is. */
  readonly dashed?: boolean;
}

export interface PanelContent {
  readonly title: string;
  /** `stack` and `lines` are drawn over time, `states` as bands, `stat` and `table` show now. */
  readonly kind: "stat" | "lines" | "stack" | "states" | "table";
  readonly about: string;
  /** Of 24 columns. */
  readonly width: number;
  /** Grafana's name of it. Default: short, a plain number. */
  readonly unit?: "short" | "percent" | "s" | "bytes" | "none";
  readonly queries: readonly Query[];
}

export interface PanelRow {
  readonly title: string;
  /** In units of Grafana's grid. */
  readonly height: number;
  readonly panels: readonly PanelContent[];
}

/** Matchers of the variables. */
export const ofServer = '{server=~"$server"}';
export const ofPolicy = '{namespace=~"$namespace",policy=~"$policy"}';

/** One value per server. */
export function byServer(metric: string): string {
  return `max by (server) (${metric}${ofServer})`;
}

/** Of all servers that are chosen. */
export function total(metric: string): string {
  return `sum(${byServer(metric)})`;
}

/** One value per workload of the chosen policies. */
export function byWorkload(metric: string): string {
  return `max by (server, namespace, policy, workload) (${metric}${ofPolicy})`;
}

/** What was counted within a step of the graph. */
export function increase(metric: string, matchers: string, by: string): string {
  return `sum by (${by}) (increase(${metric}{${matchers}}[$__rate_interval]))`;
}

export const workloadName = "{{namespace}}/{{workload}}";
