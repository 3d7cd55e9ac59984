// Who owns the environment entries of a pod template, by metadata.managedFields of its workload. A
// walk through managedFields once, whatever its size: whoever may edit an object may fill it.

import { fieldManager } from "../../api/group.ts";
import type { ObservedContainer } from "../../observed.ts";
import { at, fields, list, longest, text } from "./raw-values.ts";

/** Of one entry. Several tools at once own an entry rarely, and two say all that is asked. */
const managersKept = 10;
/** Of a pod template: for people to read. */
const templateManagersKept = 3;
/** Of all entries together. */
const managersNoted = 40;

/** One environment entry of which managedFields speak. */
interface Owned {
  readonly manager: string;
  /** Keys as the API server writes those of list elements that are told by their names. */
  readonly containerKey: string;
  readonly entryKey: string;
}

function* ownedIn(managedFields: unknown): Iterable<Owned> {
  for (const managed of list(managedFields)) {
    const manager = text(at(managed, "manager"), longest.fieldManager);
    if (manager === undefined) continue;
    const podSpec = at(managed, "fieldsV1", "f:spec", "f:template", "f:spec");
    for (const [containerKey, owned] of containersIn(podSpec)) {
      for (const entryKey of Object.keys(fields(at(owned, "f:env")))) {
        yield { manager, containerKey, entryKey };
      }
    }
  }
}

function* containersIn(podSpec: unknown): Iterable<readonly [string, unknown]> {
  yield* Object.entries(fields(at(podSpec, "f:containers")));
  yield* Object.entries(fields(at(podSpec, "f:initContainers")));
}

/** Names of those who own something of the pods' spec in the template, without us. */
export function projectTemplateManagers(managedFields: unknown): readonly string[] {
  const names = new Set<string>();
  for (const managed of list(managedFields)) {
    const manager = text(at(managed, "manager"), longest.fieldManager);
    const podSpec = fields(at(managed, "fieldsV1", "f:spec", "f:template", "f:spec"));
    const isOthers = manager !== undefined && manager !== fieldManager;
    if (isOthers && Object.keys(podSpec).length > 0) names.add(manager);
    if (names.size === templateManagersKept) break;
  }
  return [...names].sort();
}

/** Whether `manager` is the last who changed the number of replicas, or one of those who agree. */
export function isScaledBy(managedFields: unknown, manager: string): boolean {
  return list(managedFields).some((managed) => {
    const isTheirs = at(managed, "manager") === manager;
    return isTheirs && at(managed, "fieldsV1", "f:spec", "f:replicas") !== undefined;
  });
}

/** Whether an environment entry is ours, by its container and its name. */
export function ownEntries(managedFields: unknown): (container: string) => IsOurs {
  const keys = new Map<string, Set<string>>();
  for (const { manager, containerKey, entryKey } of ownedIn(managedFields)) {
    if (manager !== fieldManager) continue;
    const ofContainer = keys.get(containerKey) ?? new Set();
    keys.set(containerKey, ofContainer.add(entryKey));
  }
  return (container) => {
    const own = keys.get(keyOf(container));
    return own === undefined ? () => false : (name) => own.has(keyOf(name));
  };
}

type IsOurs = (name: string) => boolean;

/**
 * Who owns each environment entry that is kept of a workload's pod template: `container/NAME` →
 * names of the field managers, each once, in the order of managedFields.
 */
export function projectEnvManagers(
  managedFields: unknown,
  containers: readonly ObservedContainer[],
): Record<string, readonly string[]> {
  const kept = new Map(containers.map(keptOf));
  const found = new Managers();
  for (const { manager, containerKey, entryKey } of ownedIn(managedFields)) {
    const entry = kept.get(containerKey)?.get(entryKey);
    if (entry !== undefined) found.note(entry, manager);
  }
  return found.byEntry();
}

/** `container/NAME` by the key of the entry, by the key of the container. */
function keptOf({
  name: container,
  env,
}: ObservedContainer): readonly [string, ReadonlyMap<string, string>] {
  const names = env.map(({ name }) => [keyOf(name), `${container}/${name}`] as const);
  return [keyOf(container), new Map(names)];
}

class Managers {
  readonly #byEntry = new Map<string, string[]>();
  readonly #noted = new Set<string>();

  note(entry: string, manager: string): void {
    const managers = this.#byEntry.get(entry) ?? [];
    if (managers.includes(manager) || !this.#hasRoom(managers, manager)) return;
    this.#noted.add(manager);
    managers.push(manager);
    this.#byEntry.set(entry, managers);
  }

  byEntry(): Record<string, readonly string[]> {
    return Object.fromEntries(this.#byEntry);
  }

  #hasRoom(managers: readonly string[], manager: string): boolean {
    if (manager === fieldManager) return true;
    const isNoted = this.#noted.has(manager) || this.#noted.size < managersNoted;
    return isNoted && managers.length < managersKept;
  }
}

/** How the API server writes the key of a list element that is told by its name. */
function keyOf(name: string): string {
  return `k:${JSON.stringify({ name })}`;
}
