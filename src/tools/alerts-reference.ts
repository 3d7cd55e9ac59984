// Writes the reference of the alerts from the rules themselves, so that it says what Prometheus
// evaluates.

import { poolPolicySpec } from "../api/poolpolicy.ts";
import { alertsOf, type Alert, type AlertSettings, foreignMetrics } from "../render/alerts.ts";
import { runbookBaseUrl } from "../render/prometheus-rule.ts";

const subject = { namespace: "shop", policy: "orders", server: "db.shop.svc:5432" };

/** docs/reference/alerts.md. */
export function buildAlertsReference(): string {
  const sections = [
    "# Alerts\n\nGenerated from `src/render` by `make generate`; do not edit.",
    "Each policy with `spec.alerts.enabled` gets a PrometheusRule `poolwarden-<policy>` in its own namespace, with these alerts. " +
      "The examples are those of policy `orders` in namespace `shop`; `N` stands for numbers that are filled in when an alert fires.",
    ...variants().map(sectionOf),
    "## Metrics of others\n\nUsed only where the policy says that they are there: " +
      foreignMetrics.map((name) => `\`${name}\``).join(", ") +
      ". Everything else is the operator's own.",
  ];
  return sections.join("\n\n") + "\n";
}

interface Variant {
  readonly alert: Alert;
  /** The setting that it needs, if any. */
  readonly needs: string | undefined;
}

/** Every alert once; one that some settings share is of the first. */
function variants(): readonly Variant[] {
  const plain = poolPolicySpec.shape.alerts.parse(undefined);
  const settings: readonly (readonly [string | undefined, Partial<AlertSettings>])[] = [
    [undefined, {}],
    ["poolMetrics: Micrometer", { poolMetrics: "Micrometer" }],
    ["poolMetrics: DbPool", { poolMetrics: "DbPool" }],
    ["postgresExporter: true", { postgresExporter: true }],
  ];
  const seen = new Set<string>();
  return settings.flatMap(([needs, change]) =>
    alertsOf(subject, { ...plain, ...change }).flatMap((alert) => {
      if (seen.has(alert.expression)) return [];
      seen.add(alert.expression);
      return [{ alert, needs }];
    }),
  );
}

function sectionOf({ alert, needs }: Variant): string {
  const { name, severity, holdsFor, expression, description } = alert;
  const condition = needs === undefined ? "" : `, with \`spec.alerts.${needs}\``;
  return (
    `## ${name}${needs === undefined ? "" : ` (${needs})`}\n\n` +
    `Severity ${severity}, after ${holdsFor}${condition}. Runbook: ${runbookBaseUrl}${name}\n\n` +
    `${plainText(description)}\n\n` +
    `\`\`\`promql\n${expression}\n\`\`\``
  );
}

/** A template as a reader of the reference needs it. */
function plainText(template: string): string {
  return template
    .replace(/\{\{ with query .*?\{\{ end \}\}/g, "N")
    .replace(/\{\{ "(.*?)" \}\}/g, "$1")
    .replace(/\{\{ \$labels\.(\w+) \}\}/g, "`$1`")
    .replace(/\{\{ \$value[^}]*\}\}/g, "N");
}
