// Writes the reference of the metrics from the table that the operator registers them by.

import { type MetricDefinition, metricDefinitions } from "../adapters/metric-names.ts";
import { code, table } from "./markdown.ts";

/** docs/reference/metrics.md. */
export function buildMetricsReference(): string {
  const sections = [
    "# Metrics\n\nGenerated from `src/adapters/metric-names.ts` by `make generate`; do not edit.",
    "Served at `/metrics` on port 8080 by every replica; those of decisions only by the one that leads. " +
      "Slots are connections of the server, a pool size is that of one pool, a server is `host:port`.",
    "Scrape with `honorLabels: true`, as the chart's ServiceMonitor does: otherwise Prometheus renames `namespace`, which is the policy's, to `exported_namespace`. " +
      "The alerts take both, the dashboard needs the first.",
    table(["Metric", "Type", "Labels", "Meaning"], metricDefinitions.map(rowOf)),
    "## Labels of which every value is known\n\n" + valueTable(),
    "Beside them there are the process's own: `process_*` (CPU, memory, start time, file descriptors) and `nodejs_*` (event loop, garbage collection, heap).",
  ];
  return sections.join("\n\n") + "\n";
}

function rowOf({ name, kind, labels, help }: MetricDefinition): readonly string[] {
  return [code(name), kind, labels.map(code).join(", "), help];
}

function valueTable(): string {
  const rows = metricDefinitions.flatMap(({ name, values = {} }) =>
    Object.entries(values).map(([label, known]) => [
      code(name),
      code(label),
      known.map(code).join(", "),
    ]),
  );
  return table(["Metric", "Label", "Values"], rows);
}
