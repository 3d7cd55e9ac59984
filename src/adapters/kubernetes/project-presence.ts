// The admission policy and its binding, as far as the operator asks: since when they are there, and
// which namespaces they reach. Only a limit by the namespaces' names is understood, the form in
// which the chart writes it; the requirements of a selector all hold, so that whatever else it says
// can only narrow it further.

import type { ObservedPresence } from "../../observed.ts";
import { identify } from "./identity.ts";
import { at, list, longest, text, timeMs } from "./raw-values.ts";

const nameLabel = "kubernetes.io/metadata.name";

/** Of a MutatingAdmissionPolicy or its binding. Never throws; undefined without a name. */
export function projectPresence(raw: unknown): ObservedPresence | undefined {
  const identity = identify(raw);
  const createdAtMs = timeMs(at(raw, "metadata", "creationTimestamp"));
  const namespaces = namespacesReached(raw);
  return identity && { ...identity, createdAtMs, ...(namespaces ? { namespaces } : {}) };
}

function namespacesReached(raw: unknown): readonly string[] | undefined {
  const [first, ...more] = ["matchResources", "matchConstraints"]
    .map((field) => at(raw, "spec", field, "namespaceSelector"))
    .flatMap(namesAllowed);
  const others = more.map((names) => new Set(names));
  return first?.filter((name) => others.every((names) => names.has(name)));
}

/** One list for each requirement that names namespaces. */
function namesAllowed(selector: unknown): readonly (readonly string[])[] {
  const label = at(selector, "matchLabels", nameLabel);
  const lists = list(at(selector, "matchExpressions")).filter(isListOfNames).map(valuesOf);
  return typeof label === "string" ? [...lists, namesIn([label])] : lists;
}

function isListOfNames(expression: unknown): boolean {
  const isOfNames = at(expression, "key") === nameLabel && at(expression, "operator") === "In";
  return isOfNames && list(at(expression, "values")).some((value) => typeof value === "string");
}

function valuesOf(expression: unknown): readonly string[] {
  return namesIn(list(at(expression, "values")));
}

/** A longer one is no namespace's. */
function namesIn(values: readonly unknown[]): readonly string[] {
  return values.flatMap((value) => text(value, longest.label) ?? []);
}
