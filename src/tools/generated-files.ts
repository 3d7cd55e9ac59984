// Every generated file and its content, in one list: whoever generates something adds a line
// here.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildCrd } from "../api/crd.ts";
import { buildAdmissionPolicy, buildAdmissionPolicyBinding } from "../render/admission-policy.ts";
import { buildDashboard } from "../render/dashboard.ts";
import { buildOperatorRules } from "../render/operator-alerts.ts";
import { buildAlertsReference } from "./alerts-reference.ts";
import { buildValuesSchema } from "./chart-schema.ts";
import {
  buildAdmissionTemplate,
  buildCrdTemplate,
  buildFenceTemplate,
  buildRightsTemplate,
} from "./chart-templates.ts";
import { buildValuesTable, readChartValues } from "./chart-values.ts";
import { buildFlagsReference } from "./flags-reference.ts";
import { buildMetricsReference } from "./metrics-reference.ts";
import { buildReference } from "./reference.ts";
import { buildRightsReference } from "./rights-reference.ts";
import { buildConditionsReference, buildEventsReference } from "./words-reference.ts";
import { yaml } from "./yaml.ts";

export interface GeneratedFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly content: string;
}

const chart = "charts/poolwarden";

/** What `make generate` writes and `make test` compares. */
export function generatedFiles(): readonly GeneratedFile[] {
  const crd = buildCrd();
  const admission = [buildAdmissionPolicy(), buildAdmissionPolicyBinding()];
  return [
    ...chartFiles(),
    { path: `${chart}/templates/crd-poolpolicies.yaml`, content: buildCrdTemplate(crd) },
    { path: "crds/admission-policy.yaml", content: toYaml(...admission) },
    { path: `crds/${crd.metadata.name}.yaml`, content: toYaml(crd) },
    {
      path: `${chart}/files/dashboard.json`,
      content: `${JSON.stringify(buildDashboard(), null, 2)}\n`,
    },
    { path: `${chart}/files/operator-rules.yaml`, content: toYaml(buildOperatorRules()) },
    { path: "docs/reference/alerts.md", content: buildAlertsReference() },
    { path: "docs/reference/conditions.md", content: buildConditionsReference() },
    { path: "docs/reference/events.md", content: buildEventsReference() },
    { path: "docs/reference/flags.md", content: buildFlagsReference() },
    { path: "docs/reference/metrics.md", content: buildMetricsReference() },
    { path: "docs/reference/poolpolicy.md", content: buildReference(crd) },
    { path: "docs/reference/rights.md", content: buildRightsReference() },
  ];
}

function chartFiles(): readonly GeneratedFile[] {
  const values = readChartValues(read(`${chart}/values.yaml`));
  const readme = withValuesTable(read(`${chart}/README.md`), buildValuesTable(values));
  return [
    { path: `${chart}/README.md`, content: readme },
    { path: `${chart}/values.schema.json`, content: buildValuesSchema(values) },
    { path: `${chart}/templates/_admission-policy.tpl`, content: buildAdmissionTemplate() },
    { path: `${chart}/templates/_pod-fence.tpl`, content: buildFenceTemplate() },
    { path: `${chart}/templates/_rights.tpl`, content: buildRightsTemplate() },
  ];
}

/** Of the README only the table is generated. */
function withValuesTable(readme: string, table: string): string {
  return readme.replace(/(<!-- values: .*-->\n)[^]*(<!-- end of values -->)/, `$1${table}\n$2`);
}

function read(path: string): string {
  return readFileSync(join(import.meta.dirname, "..", "..", path), "utf8");
}

/** YAML documents under a line that says where they come from. */
export function toYaml(...objects: readonly object[]): string {
  const bodies = objects.map((object) => yaml(object)).join("---\n");
  return `# Generated from src by \`make generate\`; do not edit.\n${bodies}`;
}
