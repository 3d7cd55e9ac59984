// The parts of the Helm chart that say what the code says: the CRD, the admission policy, the
// rights. Each becomes a template that the hand-written ones around it include, so that a chart
// can never install another kind, or grant other rights, than this operator has.

import type { CustomResourceDefinition } from "../api/crd.ts";
import { buildAdmissionPolicy, buildAdmissionPolicyBinding } from "../render/admission-policy.ts";
import { buildPodFence } from "../render/pod-fence.ts";
import { type Reach, type Right, rights } from "../render/rights.ts";
import { yaml } from "./yaml.ts";

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

/** Filled in by the chart: who is bound by the fence. */
const account =
  'system:serviceaccount:{{ .Release.Namespace }}:{{ include "poolwarden.serviceAccountName" . }}';

/** templates/_pod-fence.tpl: what the right to patch pods may be used for. */
export function buildFenceTemplate(): string {
  const spec = yaml(buildPodFence("ACCOUNT")["spec"]);
  return templates([["podFence", spec]]).replace("ACCOUNT", account);
}

/** templates/_rights.tpl: the rules of the operator's roles, each under what it is for. */
export function buildRightsTemplate(): string {
  const reaches: readonly Reach[] = ["watched", "cluster", "own"];
  return templates(reaches.map((reach) => [`rights.${reach}`, rulesOf(reach)]));
}

function rulesOf(reach: Reach): string {
  return rights
    .filter((right) => right.reach === reach)
    .map(ruleOf)
    .join("");
}

function ruleOf(right: Right): string {
  const rule = ungatedRuleOf(right);
  const { unlessOff, onlyIf = unlessOff } = right;
  return onlyIf === undefined ? rule : `{{- if .Values.${onlyIf} }}\n${rule}{{- end }}\n`;
}

function ungatedRuleOf({ why, apiGroups, resources, verbs, ofLease }: Right): string {
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

/** What a template would take for its own. */
function escape(text: string): string {
  return text.replaceAll("{{", '{{ "{{" }}');
}
