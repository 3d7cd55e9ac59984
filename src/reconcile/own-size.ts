// The pool size that a pod, or a template, says of itself: our annotation, else the environment
// entry (a literal, or a key of a ConfigMap or Secret), else unmanagedPoolSize. Where annotation
// and entry disagree the larger one counts: anybody can write an annotation, and it is the entry
// that the process reads.

import type { OwnSize } from "../domain/facts.ts";
import { poolSizeMax } from "../domain/slots.ts";
import type { Sizing } from "../api/sizing.ts";
import type { EnvEntry, ObservedContainer } from "../observed.ts";

/** What names a value that stands elsewhere. */
export interface Reference {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  readonly key: string;
}

/** Yields the value of a reference, or undefined if it cannot be read. */
export type Resolve = (reference: Reference) => string | undefined;

/** Sources of a container's environment that are looked up in, the last ones, which win. */
const sourcesMax = 50;

export function ownSizeOf(
  container: ObservedContainer | undefined,
  sizing: Sizing,
  { annotation, resolve }: { readonly annotation: string | undefined; readonly resolve: Resolve },
): OwnSize {
  const annotated = annotation === undefined ? undefined : poolSizeIn(annotation);
  const said = container ? entryOf(container, sizing, resolve) : undefined;
  if (annotated !== undefined) {
    // We write the entry with the annotation: a pod that has only the annotation was not sized by
    // us.
    const poolSize = Math.max(annotated, said?.poolSize ?? sizing.unmanagedPoolSize);
    return { poolSize, source: "annotation" };
  }
  return said ?? { poolSize: sizing.unmanagedPoolSize, source: "unmanaged" };
}

/** The largest of what several containers say: where it is not known which of them is the one. */
export function largestOwnSize(
  containers: readonly ObservedContainer[],
  sizing: Sizing,
  lookup: { readonly annotation: string | undefined; readonly resolve: Resolve },
): OwnSize {
  const sizes = containers.map((container) => ownSizeOf(container, sizing, lookup));
  const [first = ownSizeOf(undefined, sizing, lookup), ...others] = sizes;
  return others.reduce((a, b) => (b.poolSize > a.poolSize ? b : a), first);
}

/** References that have to be looked up to know the size: entry by valueFrom, else any envFrom. */
function referencesOf(container: ObservedContainer, sizing: Sizing): Reference[] {
  const entry = entryNamed(container, sizing);
  if (entry?.from) return [entry.from];
  if (entry) return [];
  return container.envFrom
    .slice(-sourcesMax)
    .flatMap(({ kind, name, prefix }): Reference[] =>
      namesOf(sizing).flatMap((wanted) =>
        wanted.startsWith(prefix) ? [{ kind, name, key: wanted.slice(prefix.length) }] : [],
      ),
    );
}

function entryOf(
  container: ObservedContainer,
  sizing: Sizing,
  resolve: Resolve,
): OwnSize | undefined {
  const entry = entryNamed(container, sizing);
  if (!entry && container.isCut === true) return tooMany(container, sizing);
  if (entry && !entry.from) return ownEntry(entry, sizing);
  const found = referencedSize(container, sizing, resolve);
  if (found ?? entry) return found;
  return container.envFrom.length <= sourcesMax ? undefined : tooManySources(container, sizing);
}

function ownEntry({ name, value = "", otherSource }: EnvEntry, sizing: Sizing): OwnSize {
  if (otherSource !== true) return literal(name, value, sizing, "literal");
  const problem = `${name} comes from a field of the pod: ${sizing.unmanagedPoolSize} is assumed`;
  return { poolSize: sizing.unmanagedPoolSize, source: "unmanaged", problem };
}

/** Later sources win, as in the kubelet. */
function referencedSize(
  container: ObservedContainer,
  sizing: Sizing,
  resolve: Resolve,
): OwnSize | undefined {
  for (const reference of referencesOf(container, sizing).reverse()) {
    const value = resolve(reference);
    if (value === undefined) continue;
    const where = `${reference.kind} ${reference.name}, key ${reference.key}`;
    return literal(where, value, sizing, "reference");
  }
  return undefined;
}

function tooManySources({ name }: ObservedContainer, { unmanagedPoolSize }: Sizing): OwnSize {
  const problem =
    `container ${name} has more than ${sourcesMax} entries in envFrom, of which the last ${sourcesMax} are read: ` +
    `${unmanagedPoolSize} is assumed; move the size to the end, or into env`;
  return { poolSize: unmanagedPoolSize, source: "unmanaged", problem };
}

function tooMany({ name }: ObservedContainer, { unmanagedPoolSize }: Sizing): OwnSize {
  const problem =
    `container ${name} has too many environment variables to look for its pool size in: ` +
    `${unmanagedPoolSize} is assumed; remove those that are not used`;
  return { poolSize: unmanagedPoolSize, source: "unmanaged", problem };
}

function entryNamed(
  container: ObservedContainer,
  sizing: Sizing,
): ObservedContainer["env"][number] | undefined {
  for (const name of namesOf(sizing)) {
    const entry = container.env.findLast((candidate) => candidate.name === name);
    if (entry) return entry;
  }
  return undefined;
}

function namesOf({ maxSizeName, maxSizeAliases }: Sizing): readonly string[] {
  return [maxSizeName, ...maxSizeAliases];
}

function literal(where: string, value: string, sizing: Sizing, source: OwnSize["source"]): OwnSize {
  const poolSize = poolSizeIn(value);
  if (poolSize !== undefined) return { poolSize, source };
  // Where the value stands, and never the value: it may be a password under a wrong name.
  const problem =
    `${where} is not a pool size (a whole number of at least 1): ` +
    `${sizing.unmanagedPoolSize} is assumed; correct it, or set unmanagedPoolSize`;
  return { poolSize: sizing.unmanagedPoolSize, source: "unmanaged", problem };
}

/** A whole number from 1 to a million, or undefined. `1e3`, `-1`, `fifty` and nothing are none. */
export function poolSizeIn(text: string): number | undefined {
  if (!/^\s*[0-9]{1,9}\s*$/.test(text)) return undefined;
  const poolSize = Number(text);
  return poolSize >= 1 && poolSize <= poolSizeMax ? poolSize : undefined;
}
