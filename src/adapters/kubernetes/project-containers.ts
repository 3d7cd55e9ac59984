// Containers as a pool size can be read from them: names, environment, and where values come from.
// A literal of more than 20 characters is no size and may be a password: only its name is kept. An
// entry without a value means the empty string, and says so, which tells it from one whose literal
// was dropped.

import type { EnvEntry, ObservedContainer } from "../../observed.ts";
import { at, fields, list, text } from "./raw-values.ts";

const literalLimitCharacters = 20;

/** Containers of a pod spec (init containers excepted), in their order. */
export function projectContainers(podSpec: unknown): readonly ObservedContainer[] {
  return list(at(podSpec, "containers")).map((container) => ({
    name: text(at(container, "name")) ?? "",
    env: list(at(container, "env")).map(projectEnvEntry),
    envFrom: list(at(container, "envFrom")).flatMap(projectEnvSource),
  }));
}

function projectEnvEntry(entry: unknown): EnvEntry {
  const name = text(at(entry, "name")) ?? "";
  const source = at(entry, "valueFrom");
  if (source !== undefined && source !== null) return projectReference(name, source);
  const value = text(at(entry, "value")) ?? "";
  return value.length > literalLimitCharacters ? { name } : { name, value };
}

function projectReference(name: string, source: unknown): EnvEntry {
  for (const [field, kind] of [
    ["configMapKeyRef", "ConfigMap"],
    ["secretKeyRef", "Secret"],
  ] as const) {
    const referenced = text(at(source, field, "name"));
    const key = text(at(source, field, "key"));
    if (referenced !== undefined && key !== undefined) {
      return { name, from: { kind, name: referenced, key } };
    }
  }
  return { name, otherSource: true };
}

function projectEnvSource(source: unknown): ObservedContainer["envFrom"] {
  const prefix = text(at(source, "prefix")) ?? "";
  const configMap = text(at(source, "configMapRef", "name"));
  if (configMap !== undefined) return [{ kind: "ConfigMap", name: configMap, prefix }];
  const secret = text(at(source, "secretRef", "name"));
  return secret === undefined ? [] : [{ kind: "Secret", name: secret, prefix }];
}

/**
 * Who owns each environment entry of a workload's pod template, from metadata.managedFields:
 * `container/NAME` → names of the field managers, each once, in the order of managedFields.
 */
export function projectEnvManagers(managedFields: unknown): Record<string, readonly string[]> {
  const managersOf = new Map<string, string[]>();
  for (const entry of list(managedFields)) {
    const manager = text(at(entry, "manager"));
    const containers = at(entry, "fieldsV1", ...containersPath);
    if (manager !== undefined) addManager(managersOf, manager, containers);
  }
  return Object.fromEntries(managersOf);
}

const containersPath = ["f:spec", "f:template", "f:spec", "f:containers"];

function addManager(managersOf: Map<string, string[]>, manager: string, containers: unknown): void {
  for (const [containerKey, owned] of Object.entries(fields(containers))) {
    const container = nameInKey(containerKey);
    for (const entryKey of Object.keys(fields(at(owned, "f:env")))) {
      const name = nameInKey(entryKey);
      if (container === undefined || name === undefined) continue;
      const managers = managersOf.get(`${container}/${name}`) ?? [];
      if (!managers.includes(manager)) managers.push(manager);
      managersOf.set(`${container}/${name}`, managers);
    }
  }
}

// Keys of list elements look like k:{"name":"app"}.
function nameInKey(key: string): string | undefined {
  if (!key.startsWith("k:")) return undefined;
  try {
    return text(at(JSON.parse(key.slice(2)), "name"));
  } catch {
    return undefined;
  }
}
