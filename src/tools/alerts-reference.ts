// Writes the reference of the alerts from the rules themselves, so that it says what Prometheus
// evaluates.

import type { Alert } from "../render/alert.ts";
import { metricsOfOthers } from "../render/alerts.ts";
import { operatorAlerts } from "../render/operator-alerts.ts";
import { policyVariants, type Variant } from "./alert-variants.ts";
import { code, table } from "./markdown.ts";

const subject = { namespace: "shop", policy: "orders", server: "db.shop.svc:5432" };

/** docs/reference/alerts.md. */
export function buildAlertsReference(): string {
  const sections = [
    "# Alerts\n\nGenerated from `src/render` by `make generate`; do not edit.",
    "Each alert links to its runbook, a page of [docs/runbooks](../runbooks): `--runbook-base-url` says where that folder is served. " +
      "`N` stands for numbers that are filled in when an alert fires. What the metrics mean: [metrics](metrics.md).",
    "## Of a policy\n\nEach policy with `spec.alerts.enabled` gets a PrometheusRule `poolpolicy-<policy>` in its own namespace, with these alerts. " +
      "The examples are those of policy `orders` in namespace `shop`.",
    ...policyVariants(subject).map(sectionOf),
    "## Of the operator\n\nThe same for every installation: `charts/poolwarden/files/operator-rules.yaml`, which the chart installs as a PrometheusRule.",
    ...operatorAlerts.map((alert) => sectionOf({ alert, needs: undefined })),
    "## Metrics of others\n\nAsked for only where the policy says that they are there.\n\n" +
      table(
        ["Metric", "Exported by"],
        Object.entries(metricsOfOthers).map(([name, by]) => [code(name), by]),
      ),
  ];
  return sections.join("\n\n") + "\n";
}

function sectionOf({ alert, needs }: Variant): string {
  const { name, expression, description } = alert;
  return (
    `### ${name}${needs === undefined ? "" : ` (${settingIn(needs)})`}\n\n` +
    `${headOf(alert, needs)} Runbook: [${name}](../runbooks/${name}.md)\n\n` +
    `${plainText(description)}\n\n` +
    `\`\`\`promql\n${expression}\n\`\`\``
  );
}

function headOf({ severity, holdsFor }: Alert, needs: string | undefined): string {
  const after = holdsFor === "0m" ? "at once" : `after ${holdsFor}`;
  return `Severity ${severity}, ${after}${needs === undefined ? "" : `, with \`spec.${needs}\``}.`;
}

/** Without where it stands. */
function settingIn(needs: string): string {
  return needs.slice(needs.indexOf(".") + 1);
}

/** A template as a reader of the reference needs it. */
function plainText(template: string): string {
  return template
    .replace(/\{\{ with query .*?\{\{ end \}\}/g, "N")
    .replace(/\{\{ "(.*?)" \}\}/g, "$1")
    .replace(/\{\{ \$labels\.(\w+) \}\}/g, "`$1`")
    .replace(/\{\{ \$value[^}]*\}\}/g, "N");
}
