// Containers as a pool size can be read from them: names, environment, and where values come from.
// A literal of more than 20 characters is no size and may be a password: only its name is kept. An
// entry without a value means the empty string, and says so, which tells it from one whose literal
// was dropped. A template may have 100,000 entries, and whoever may edit a Deployment could fill
// the memory with them: of many only those are kept whose name may be that of a pool size, and
// those that we own, because each apply of ours has to repeat them.

import { fieldManager } from "../../api/group.ts";
import { environmentNameMax, isSizeName } from "../../api/environment.ts";
import type { EnvEntry, ObservedContainer } from "../../observed.ts";
import { at, fields, list, text } from "./raw-values.ts";

const literalLimitCharacters = 20;
/** Of all containers of a pod together; beyond it, those that may be sizes. */
const entriesKept = 400;
/** Of one container, the last ones, which win. */
const entriesRead = 5_000;
const containersKept = 100;
/** Of those that we own in one container: a profile writes some ten. */
const oursKept = 40;
/** One more than are looked up in (own-size.ts), which says that there are more. */
const sourcesKept = 51;
/** Of one entry. Several tools at once own an entry rarely, and two say all that is asked. */
const managersKept = 10;

/**
 * Containers of a pod spec (init containers excepted), in their order. `managedFields`: of the
 * workload whose template it is.
 */
export function projectContainers(
  podSpec: unknown,
  managedFields?: unknown,
): readonly ObservedContainer[] {
  const containers = list(at(podSpec, "containers")).slice(0, containersKept);
  const most = Math.floor(entriesKept / Math.max(1, containers.length));
  return containers.map((container) => {
    const name = nameOf(container);
    const ours = keysOwnedBy(fieldManager, managedFields, name);
    return {
      name,
      ...projectEnv(list(at(container, "env")), { most, ours }),
      envFrom: list(at(container, "envFrom")).slice(-sourcesKept).flatMap(projectEnvSource),
    };
  });
}

function projectEnv(
  all: readonly unknown[],
  { most, ours }: { readonly most: number; readonly ours: ReadonlySet<string> },
): Pick<ObservedContainer, "env" | "isCut"> {
  const entries = all.filter((entry) => nameOf(entry).length <= environmentNameMax);
  if (entries.length <= most) return { env: entries.map(projectEnvEntry) };
  const isOurs = (entry: unknown): boolean => ours.has(keyOf(nameOf(entry)));
  const own = ours.size === 0 ? [] : entries.filter(isOurs).slice(-oursKept);
  const sizes = entries.slice(-entriesRead).filter((entry) => isSizeName(nameOf(entry)));
  const isCut = entries.length > entriesRead || sizes.length > most;
  const kept = new Set([...own, ...sizes.slice(-most)]);
  const env = entries.filter((entry) => kept.has(entry)).map(projectEnvEntry);
  return { env, ...(isCut ? { isCut } : {}) };
}

function nameOf(element: unknown): string {
  return text(at(element, "name")) ?? "";
}

/** Of environment entries, as managedFields names them. */
function keysOwnedBy(
  manager: string,
  managedFields: unknown,
  container: string,
): ReadonlySet<string> {
  const owned = list(managedFields).filter((entry) => at(entry, "manager") === manager);
  return new Set(owned.flatMap((entry) => Object.keys(entriesIn(entry, keyOf(container)))));
}

function projectEnvEntry(entry: unknown): EnvEntry {
  const name = nameOf(entry);
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
 * Who owns each environment entry that is kept of a workload's pod template, by its
 * metadata.managedFields: `container/NAME` → names of the field managers, each once, in the order
 * of managedFields.
 */
export function projectEnvManagers(
  managedFields: unknown,
  containers: readonly ObservedContainer[],
): Record<string, readonly string[]> {
  const kept = containers.map(keptOf);
  const managersOf = new Map<string, string[]>();
  for (const entry of list(managedFields)) {
    const manager = text(at(entry, "manager"));
    const names = manager === undefined ? [] : kept.flatMap((one) => namesOwned(one, entry));
    for (const name of names) addManager(managersOf, name, manager ?? "");
  }
  return Object.fromEntries(managersOf);
}

interface Kept {
  readonly containerKey: string;
  /** `container/NAME` by the key of the entry. */
  readonly names: ReadonlyMap<string, string>;
}

function keptOf({ name: container, env }: ObservedContainer): Kept {
  const names = env.map(({ name }) => [keyOf(name), `${container}/${name}`] as const);
  return { containerKey: keyOf(container), names: new Map(names) };
}

function namesOwned({ containerKey, names }: Kept, managed: unknown): string[] {
  return Object.keys(entriesIn(managed, containerKey)).flatMap((key) => names.get(key) ?? []);
}

/** Keys of the environment entries that one element of managedFields speaks of. */
function entriesIn(managed: unknown, containerKey: string): Readonly<Record<string, unknown>> {
  return fields(at(managed, "fieldsV1", ...containersPath, containerKey, "f:env"));
}

const containersPath = ["f:spec", "f:template", "f:spec", "f:containers"];

function addManager(managersOf: Map<string, string[]>, entry: string, manager: string): void {
  const managers = managersOf.get(entry) ?? [];
  const isKept = managers.length < managersKept || manager === fieldManager;
  if (isKept && !managers.includes(manager)) managers.push(manager);
  managersOf.set(entry, managers);
}

/** How the API server writes the key of a list element that is told by its name. */
function keyOf(name: string): string {
  return `k:${JSON.stringify({ name })}`;
}
