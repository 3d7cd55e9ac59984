// One alert, and the rule that Prometheus reads. Alerts of policies and of the operator itself have
// the same parts, so that whoever is woken by one finds the same things in the same places.

export interface Alert {
  readonly name: string;
  readonly severity: "critical" | "warning" | "info";
  /** How long the expression must hold, e.g. `30s`. */
  readonly holdsFor: string;
  readonly expression: string;
  /** One line, a template. */
  readonly summary: string;
  /** The arithmetic and the way out, a template. */
  readonly description: string;
  /** Who measures it, where several alerts share a name. */
  readonly source?: "operator" | "pool" | "exporter";
}

/** Where the folder docs/runbooks of the repository is served, unless the operator is told. */
export const usualRunbookBaseUrl = "https://poolwarden.dev/runbooks/";

/** What such an address must look like: it stands in alerts, which are templates. */
export const runbookBaseUrlPattern = '^https?://[^\\s"\\\\{}]+/$';

/** The page of an alert: any copy of the folder docs/runbooks has it under this name. */
export function runbookUrl(baseUrl: string, alertName: string): string {
  return `${baseUrl}${alertName}.md`;
}

/** An alerting rule with these labels beside its severity. */
export function buildRule(
  { name, severity, holdsFor, expression, summary, description, source }: Alert,
  labels: Readonly<Record<string, string>>,
  runbookBaseUrl: string,
): object {
  return {
    alert: name,
    expr: expression,
    for: holdsFor,
    // Ours last: without honorLabels, namespace would be where the operator runs.
    labels: { severity, ...labels, ...(source === undefined ? {} : { source }) },
    annotations: { summary, description, runbook_url: runbookUrl(runbookBaseUrl, name) },
  };
}
