// What the API server would refuse of the manifests, as far as a plan depends on it, each in one
// sentence with the field, its value and what to write: an answer on manifests that nobody can
// apply is no answer. What webhooks and quotas refuse is not known here.

import { at, fields, labelMap, list } from "../adapters/kubernetes/raw-values.ts";
import {
  apiVersion as policyVersion,
  group as policyGroup,
  kind as policyKind,
} from "../api/group.ts";
import { workloadKindOf } from "../api/workload-kinds.ts";

/** Undefined where it would be taken. */
export function refusalOf(kind: string, value: unknown): string | undefined {
  if (kind === policyKind) return versionRefusal(at(value, "apiVersion"));
  if (kind === "HorizontalPodAutoscaler") {
    const isSaid = at(value, "spec", "maxReplicas") !== undefined;
    if (!isSaid) return "spec.maxReplicas: Required value";
    return scalerRefusal(value, { least: "minReplicas", most: "maxReplicas", mostMin: 1 });
  }
  if (kind === "ScaledObject") {
    return scalerRefusal(value, { least: "minReplicaCount", most: "maxReplicaCount", mostMin: 0 });
  }
  if (kind === "ConfigMap") return textsRefusal(value, "data");
  if (kind === "Secret") return textsRefusal(value, "data") ?? textsRefusal(value, "stringData");
  if (isOfOurGroup(value)) return kindRefusal(kind, value);
  return workloadKindOf(kind) && workloadRefusal(value);
}

function isOfOurGroup(value: unknown): boolean {
  return String(at(value, "apiVersion")).startsWith(`${policyGroup}/`);
}

/** A typing error: the policy would count for nothing. */
function kindRefusal(kind: string, value: unknown): string {
  return `no matches for kind "${kind}" in version "${String(at(value, "apiVersion"))}": write ${policyKind}`;
}

function workloadRefusal(value: unknown): string | undefined {
  return (
    numberRefusal(value, "replicas", 0) ??
    containersRefusal(value) ??
    podRefusal(at(value, "spec", "template", "spec")) ??
    selectorRefusal(value)
  );
}

function versionRefusal(apiVersion: unknown): string | undefined {
  if (apiVersion === policyVersion) return undefined;
  return `no matches for kind "${policyKind}" in version "${String(apiVersion)}": write ${policyVersion}`;
}

/** Of a field of `spec` that may be left out. */
function numberRefusal(value: unknown, field: string, least: number): string | undefined {
  const given = at(value, "spec", field);
  if (given === undefined || given === null) return undefined;
  if (typeof given === "number" && Number.isSafeInteger(given) && given >= least) return undefined;
  return `spec.${field} is ${quoted(given)}: it must be a whole number, at least ${least}`;
}

/** The names of an autoscaler's fields. */
interface Bounds {
  readonly least: string;
  readonly most: string;
  /** The smallest number that `most` may be. */
  readonly mostMin: number;
}

function scalerRefusal(value: unknown, { least, most, mostMin }: Bounds): string | undefined {
  const wrong = numberRefusal(value, most, mostMin) ?? numberRefusal(value, least, 0);
  if (wrong !== undefined) return wrong;
  const [min, max] = [at(value, "spec", least), at(value, "spec", most)];
  if (typeof min === "number" && typeof max === "number" && min > max) {
    return `spec.${least} is ${min} and spec.${most} is ${max}: ${least} must be at most ${most}`;
  }
  if (typeof at(value, "spec", "scaleTargetRef", "name") === "string") return undefined;
  return "spec.scaleTargetRef.name: Required value";
}

function containersRefusal(value: unknown): string | undefined {
  if (list(at(value, "spec", "template", "spec", "containers")).length > 0) return undefined;
  return (
    "spec.template.spec.containers: Required value. If it is a patch, " +
    "give what kustomize build prints"
  );
}

/** YAML reads 20 and true as what they look like. `spec`: of the pods. */
export function podRefusal(spec: unknown): string | undefined {
  const fieldNames = ["containers", "initContainers"];
  const containers = fieldNames.flatMap((field) => list(at(spec, field)));
  for (const container of containers) {
    for (const entry of list(at(container, "env"))) {
      const said = notText(at(entry, "value"));
      const name = String(at(entry, "name"));
      if (said !== undefined)
        return `container ${String(at(container, "name"))}: env ${name} ${said}`;
    }
  }
  return undefined;
}

/** Of the values of a ConfigMap or a Secret. */
function textsRefusal(value: unknown, field: string): string | undefined {
  for (const [key, one] of Object.entries(fields(at(value, field)))) {
    const said = notText(one);
    if (said !== undefined) return `${field}.${key} ${said}`;
  }
  return undefined;
}

/** Nothing at all is dropped, and no fault. */
function notText(value: unknown): string | undefined {
  if (value === undefined || value === null || typeof value === "string") return undefined;
  const isPlain = typeof value === "number" || typeof value === "boolean";
  const shown = isPlain ? `the ${typeof value} ${String(value)}` : quoted(value);
  const wayOut = isPlain ? `: write "${String(value)}"` : "";
  return `is ${shown}; Kubernetes takes text only${wayOut}`;
}

/** One that is left out is taken for the labels of the template, which it mostly is. */
function selectorRefusal(value: unknown): string | undefined {
  const given = at(value, "spec", "selector");
  const own = labelMap(at(value, "spec", "template", "metadata", "labels"));
  const missing = Object.entries(labelMap(at(given, "matchLabels"))).find(
    ([key, label]) => own[key] !== label,
  );
  if (missing) return `spec.selector asks for ${sayLabel(missing, own)}: write the same in both`;
  if (list(at(given, "matchExpressions")).every((one) => isMet(one, own))) return undefined;
  return "spec.selector does not match spec.template.metadata.labels: write what matches in both";
}

/** Of a selector's `matchExpressions`; what cannot be read is not judged. */
function isMet(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  const { key, operator, values } = fields(expression);
  const own = typeof key === "string" ? labels[key] : undefined;
  if (operator === "In") return own !== undefined && list(values).includes(own);
  if (operator === "NotIn") return own === undefined || !list(values).includes(own);
  if (operator === "Exists") return own !== undefined;
  return operator !== "DoesNotExist" || own === undefined;
}

function sayLabel(
  [key, label]: readonly [string, string],
  own: Readonly<Record<string, string>>,
): string {
  const has = Object.hasOwn(own, key) ? `${key}=${own[key] ?? ""}` : `no ${key}`;
  return `the label ${key}=${label}, and spec.template.metadata.labels has ${has}`;
}

/** The beginning of what may be a megabyte. */
export function quoted(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return JSON.stringify(typeof value === "string" ? value.slice(0, 80) : value).slice(0, 80);
}
