// The parts of the Helm chart that say what the code says: the CRD, the admission policy, the
// rights. Each becomes a template that the hand-written ones around it include, so that a chart
// can never install another kind, or grant other rights, than this operator has.

import { stringify } from "yaml";
import type { CustomResourceDefinition } from "../api/crd.ts";
import { buildAdmissionPolicy, buildAdmissionPolicyBinding } from "../render/admission-policy.ts";
import { type Reach, type Right, rights } from "../render/rights.ts";

const opening = "Generated from src by `make generate`; do not edit.";

/** templates/crd-poolpolicies.yaml: the CRD behind `crds.enabled` and `crds.keep`. */
export function buildCrdTemplate(crd: CustomResourceDefinition): string {
  const { apiVersion, kind, metadata, spec } = crd;
  return [
    `# ${opening}`,
    "{{- if .Values.crds.enabled }}",
    yaml({ apiVersion, kind }).trimEnd(),
    "metadata:",
    `  name: ${metadata.name}`,
    "  labels:",
    '    {{- include "poolwarden.labels" . | nindent 4 }}',
    "  {{- if .Values.crds.keep }}",
    "  annotations:",
    "    helm.sh/resource-policy: keep",
    "  {{- end }}",
    escape(yaml({ spec })).trimEnd(),
    "{{- end }}",
    "",
  ].join("\n");
}

/** templates/_admission-policy.tpl: the specs of the admission policy and of its binding. */
export function buildAdmissionTemplate(): string {
  return templates([
    ["admissionPolicy", yaml(buildAdmissionPolicy()["spec"])],
    ["admissionPolicyBinding", yaml(buildAdmissionPolicyBinding()["spec"])],
  ]);
}

/** templates/_rights.tpl: the rules of the operator's roles, each under what it is for. */
export function buildRightsTemplate(): string {
  const reaches: readonly Reach[] = ["watched", "cluster", "own"];
  return templates(reaches.map((reach) => [`rights.${reach}`, rulesOf(reach)]));
}

/** docs/reference/rights.md. */
export function buildRightsReference(): string {
  const where: Record<Reach, string> = {
    watched: "every watched namespace",
    cluster: "the cluster",
    own: "its own namespace",
  };
  const rows = rights.map((right) => {
    const resources = right.resources.map((one) => `\`${one}\``).join(", ");
    const named = right.ofLease ? " (by name)" : "";
    const verbs = right.verbs.join(", ");
    return `| ${right.why} | ${resources}${named} | ${verbs} | ${where[right.reach]} |`;
  });
  return [
    "# Rights of the operator",
    "",
    "Generated from `src/render/rights.ts` by `make generate`; do not edit.",
    "",
    "| for | of | may | in |",
    "|---|---|---|---|",
    ...rows,
    "",
    "With `watchNamespaces` the first are Roles in these namespaces, else a ClusterRole. Secrets are",
    "not among them: each one is granted by name, by a Role of its namespace",
    "(`database.secretNames`, or the command that the condition `DatabaseReachable` prints).",
    "",
    "To patch Deployments is a strong right: whoever has it can run what he likes under the accounts",
    "of these workloads. It is what a rollout needs. `watchNamespaces` limits it.",
    "",
  ].join("\n");
}

function rulesOf(reach: Reach): string {
  return rights
    .filter((right) => right.reach === reach)
    .map(ruleOf)
    .join("");
}

function ruleOf({ why, apiGroups, resources, verbs, ofLease }: Right): string {
  const named = '  resourceNames: [{{ include "poolwarden.fullname" . | quote }}]\n';
  return [
    `# ${why}\n`,
    `- apiGroups: ${JSON.stringify(apiGroups)}\n`,
    `  resources: ${list(resources)}\n`,
    ofLease ? named : "",
    `  verbs: ${list(verbs)}\n`,
  ].join("");
}

function list(words: readonly string[]): string {
  return `[${words.join(", ")}]`;
}

function templates(bodies: readonly (readonly [name: string, body: string])[]): string {
  const defined = bodies.map(([name, body]) => {
    const text = name.startsWith("rights.") ? body : escape(body);
    return `{{- define "poolwarden.${name}" -}}\n${text}{{- end }}\n`;
  });
  return `{{/* ${opening} */}}\n\n${defined.join("\n")}`;
}

function yaml(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** What a template would take for its own. */
function escape(text: string): string {
  return text.replaceAll("{{", '{{ "{{" }}');
}
