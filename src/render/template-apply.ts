// Server-side apply of what is ours in a Deployment or StatefulSet: our environment entries and our
// annotations. Whatever a manager leaves out of its next apply is taken from the object. Leaving
// out an entry that was taken over from another manager is worse: the other still lists its name,
// so it stays, with an empty value, and pods start with DB_POOL_MAX_SIZE="". So each body here is
// built from the workload as it was just read, and states everything that is ours.

import {
  fieldManager,
  foundPoolSizeAnnotation,
  poolSizeAnnotationOf,
  poolSizeAnnotation,
  revertsAnnotation,
  rolledAtAnnotation,
} from "../api/group.ts";
import type { EnvironmentEntry } from "../api/sizing.ts";
import type { Finding } from "../domain/facts/facts.ts";
import type { EnvEntry, ObservedWorkload, PickedWorkload } from "../observed.ts";
import type { Manifest } from "../ports.ts";

/** What the template delivery wants in a pod template for one pool. */
export interface TemplatePool {
  /** Its name; absent for the main one. */
  readonly pool?: string | undefined;
  /** Container of the template; one that does not exist makes the API server refuse the apply. */
  readonly container: string;
  readonly entries: readonly EnvironmentEntry[];
  readonly poolSize: number;
}

/** What the template delivery wants in a pod template. */
export interface TemplateWish extends TemplatePool {
  /** Further pools that are written with it. */
  readonly beside?: readonly TemplatePool[];
  /** A new time of a roll (RFC 3339); undefined keeps the one that is there. */
  readonly rolledAt: string | undefined;
  /** How often others have put our entries back; undefined keeps the number that is there. */
  readonly reverts: number | undefined;
  /** What the owner's template said, where that is a ceiling; absent where it is none. */
  readonly foundPoolSize?: number | undefined;
}

/**
 * Template delivery: the entries and the size. Changes the template, so it is a rollout. `live` is
 * the workload as just read: if anything in it has changed since, the API server answers with a
 * conflict that names no manager.
 */
export function buildTemplateApply(live: ObservedWorkload, wish: TemplateWish): Manifest {
  const pools: readonly TemplatePool[] = [wish, ...(wish.beside ?? [])];
  const entries = pools.reduce<Entries>(
    (merged, pool) => mergeEntries(merged, pool.container, pool.entries),
    hasPoolBeside(live, pools) ? ownEntries(live) : sharedEntries(live),
  );
  const { rolledAt, reverts, foundPoolSize } = wish;
  const sizes = pools.map(({ pool, poolSize }) => [poolSizeAnnotationOf(pool), String(poolSize)]);
  return applyOf(live, {
    entries,
    templateAnnotations: {
      ...ownTemplateAnnotations(live),
      ...(Object.fromEntries(sizes) as Record<string, string>),
      ...(rolledAt === undefined ? {} : { [rolledAtAnnotation]: rolledAt }),
    },
    annotations: {
      ...pick(live.annotations, [revertsAnnotation]),
      ...(reverts === undefined ? {} : { [revertsAnnotation]: String(reverts) }),
      ...foundAnnotation(live, foundPoolSize),
    },
  });
}

/**
 * The template has a size of ours of a pool that is not written now: perhaps no entry names it any
 * more. Nobody here knows which entries are its, so all that are ours stay.
 */
function hasPoolBeside(
  { templateAnnotations }: ObservedWorkload,
  pools: readonly TemplatePool[],
): boolean {
  const written = new Set(pools.map(({ pool }) => poolSizeAnnotationOf(pool)));
  return sizeAnnotationsIn(templateAnnotations).some((name) => !written.has(name));
}

/**
 * Once it is there it stays, with 0 for none: of a workload that was released in between nobody
 * owns it, so leaving it out would not take it away.
 */
function foundAnnotation(
  { annotations }: ObservedWorkload,
  foundPoolSize: number | undefined,
): Record<string, string> {
  if (foundPoolSize === undefined && annotations[foundPoolSizeAnnotation] === undefined) return {};
  return { [foundPoolSizeAnnotation]: String(foundPoolSize ?? 0) };
}

/**
 * A roll (RFC 3339 time): only the annotation changes; entries and annotations of ours that a
 * template delivery has left there are stated as they are.
 */
export function buildRoll(live: ObservedWorkload, rolledAt: string): Manifest {
  return applyOf(live, {
    entries: ownEntries(live),
    templateAnnotations: { ...ownTemplateAnnotations(live), [rolledAtAnnotation]: rolledAt },
    annotations: ownAnnotations(live),
  });
}

/**
 * Why the template delivery cannot write these entries; undefined if it can. An entry with
 * `valueFrom` cannot be taken over: the API server refuses `value` beside it, and where it was
 * replaced all the same, the next apply of its owner would be refused, and with it their release.
 */
export function findReferencedEntry(
  live: Pick<PickedWorkload, "kind" | "name" | "containers">,
  { container, entries }: Pick<TemplateWish, "container" | "entries">,
): Finding | undefined {
  const names = new Set(entries.map(({ name }) => name));
  const env = live.containers.find(({ name }) => name === container)?.env ?? [];
  const referenced = env.find((entry) => names.has(entry.name) && isReference(entry));
  if (referenced === undefined) return undefined;
  return {
    reason: "SizeFromReference",
    severity: "degraded",
    message:
      `${live.kind}/${live.name}, container ${container}: ${referenced.name} comes from ` +
      `${sourceOf(referenced)}, so the template delivery leaves the workload's entries alone; ` +
      "remove the entry from its manifest or write it as a plain value, or use delivery: Admission",
  };
}

type Entries = ReadonlyMap<string, readonly EnvironmentEntry[]>;

interface Owned {
  /** By container. */
  readonly entries: Entries;
  readonly templateAnnotations: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

function applyOf(live: ObservedWorkload, owned: Owned): Manifest {
  const { kind, namespace, name, uid, resourceVersion } = live;
  const sidecars = new Set(live.containers.flatMap((one) => (one.isSidecar ? one.name : [])));
  const owning = [...owned.entries]
    .filter(([, env]) => env.length > 0)
    .map(([container, env]) => ({ name: container, env }));
  const containers = owning.filter(({ name }) => !sidecars.has(name));
  const initContainers = owning.filter(({ name }) => sidecars.has(name));
  const metadata = unlessEmpty("annotations", owned.templateAnnotations);
  const template = {
    ...unlessEmpty("metadata", metadata),
    ...unlessEmpty("spec", {
      ...unlessEmpty("containers", containers),
      ...unlessEmpty("initContainers", initContainers),
    }),
  };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: {
      namespace,
      name,
      uid,
      resourceVersion,
      ...unlessEmpty("annotations", owned.annotations),
    },
    ...unlessEmpty("spec", unlessEmpty("template", template)),
  };
}

// An empty object in an apply would still be owned.
function unlessEmpty(key: string, value: object): Readonly<Record<string, unknown>> {
  return Object.keys(value).length === 0 ? {} : { [key]: value };
}

function ownTemplateAnnotations({ templateAnnotations }: ObservedWorkload): Record<string, string> {
  return pick(templateAnnotations, [...sizeAnnotationsIn(templateAnnotations), rolledAtAnnotation]);
}

function sizeAnnotationsIn(annotations: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(annotations).filter((name) => name.startsWith(poolSizeAnnotation));
}

function ownAnnotations({ annotations }: ObservedWorkload): Record<string, string> {
  return pick(annotations, [revertsAnnotation, foundPoolSizeAnnotation]);
}

function pick(
  from: Readonly<Record<string, string>>,
  keys: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    keys.flatMap((key) => (from[key] === undefined ? [] : [[key, from[key]]])),
  );
}

/** Entries of the live template that manager `poolwarden` owns. */
function ownEntries(live: ObservedWorkload): Entries {
  return selectEntries(live, (managers) => managers.includes(fieldManager));
}

/** Those of them that another manager lists too. */
function sharedEntries(live: ObservedWorkload): Entries {
  return selectEntries(
    live,
    (managers) => managers.includes(fieldManager) && managers.some((one) => one !== fieldManager),
  );
}

function selectEntries(
  { containers, envManagers }: ObservedWorkload,
  isSelected: (managers: readonly string[]) => boolean,
): Entries {
  return new Map(
    containers.map(({ name: container, env }) => {
      // Of duplicates the last one counts, as in the kubelet.
      const last = new Map(env.map(({ name }, place) => [name, place]));
      const selected = env.flatMap(({ name, value }, place): EnvironmentEntry[] => {
        const isOurs = isSelected(envManagers[`${container}/${name}`] ?? []);
        return value !== undefined && isOurs && last.get(name) === place ? [{ name, value }] : [];
      });
      return [container, selected];
    }),
  );
}

function mergeEntries(
  kept: Entries,
  container: string,
  wanted: readonly EnvironmentEntry[],
): Entries {
  const names = new Set(wanted.map(({ name }) => name));
  const others = (kept.get(container) ?? []).filter(({ name }) => !names.has(name));
  return new Map([...kept, [container, [...wanted, ...others]]]);
}

function isReference({ from, otherSource, isOwnSize }: EnvEntry): boolean {
  return from !== undefined || otherSource === true || isOwnSize === true;
}

function sourceOf({ from }: EnvEntry): string {
  return from === undefined ? "a field of the pod" : `${from.kind} ${from.name}, key ${from.key}`;
}
