// What a container's environment says under a name: the entry of that name, else one that is
// spelled differently, else a key of a ConfigMap or Secret that all of it is taken from.
// References to other entries, $(NAME), are followed as the kubelet does.

import { plainName } from "../../api/relaxed-names.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { EnvEntry, ObservedContainer } from "../../observed.ts";

/** What names a value that stands elsewhere. */
export interface Reference {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  readonly key: string;
}

/** Yields the value of a reference, or undefined if it cannot be read. */
export type Resolve = (reference: Reference) => string | undefined;

/** Sources of a container's environment that are looked up in, the last ones, which win. */
export const sourcesMax = 50;

export interface Said {
  /** The variable, or what it refers to. */
  readonly where: string;
  readonly text: string;
  readonly source: "literal" | "reference";
}

/**
 * The entry of one of the names, the first name first; else the last one that is the first name in
 * another spelling.
 */
export function entryNamed(
  { env }: Pick<ObservedContainer, "env">,
  names: readonly string[],
): EnvEntry | undefined {
  for (const name of names) {
    const entry = env.findLast((candidate) => candidate.name === name);
    if (entry) return entry;
  }
  return plainEntries(env).get(plainName(names[0] ?? ""));
}

/** The last entry of each plain name. Worked out once: pods of one revision share their entries. */
const plainEntries = oncePer(
  (env: readonly EnvEntry[]): ReadonlyMap<string, EnvEntry> =>
    new Map(env.map((entry) => [plainName(entry.name), entry])),
);

/** Undefined where nothing says it, or what says it cannot be read. */
export function valueOf(
  container: ObservedContainer,
  names: readonly string[],
  resolve: Resolve,
): Said | undefined {
  const entry = entryNamed(container, names);
  if (!entry) return fromSources(container, names, resolve);
  return saidBy(entry, { container, resolve, hopsLeft: hopsMax });
}

/** The same of a name that something refers to: it may be an entry of another pool. */
export function referredValue(
  container: ObservedContainer,
  name: string,
  resolve: Resolve,
): Said | undefined {
  return valueOf({ ...container, env: referableIn(container) }, [name], resolve);
}

/** The entries that a value may refer to. */
export function referableIn({
  env,
  envOfAllPools,
}: Pick<ObservedContainer, "env" | "envOfAllPools">): readonly EnvEntry[] {
  return envOfAllPools ?? env;
}

/** Of references from entry to entry that are followed: nobody writes as many. */
const hopsMax = 10;

interface Following {
  readonly container: ObservedContainer;
  readonly resolve: Resolve;
  readonly hopsLeft: number;
}

function saidBy(entry: EnvEntry, following: Following): Said | undefined {
  if (entry.from) return resolved(entry.from, following.resolve);
  if (entry.otherSource === true || entry.isOwnSize === true) return undefined;
  const { value = notKept } = entry;
  const literal: Said = { where: entry.name, text: value, source: "literal" };
  // What stands around it, a line break for example, most libraries do not mind.
  const referred = referredName(value.trim());
  return referred === undefined
    ? filledIn(literal, following)
    : referredTo(referred, entry, following, literal);
}

/** ${NAME:40}, which Spring Boot, Quarkus and Micronaut fill in themselves, from any entry. */
function filledIn(literal: Said, { container, resolve, hopsLeft }: Following): Said | undefined {
  const [, name, usual] =
    /^\$\{([A-Za-z0-9_.-]+)(?::-?([0-9]+))?\}$/.exec(literal.text.trim()) ?? [];
  if (name === undefined || hopsLeft === 0) return literal;
  const entry = referableIn(container).findLast((one) => one.name === name);
  const said = entry
    ? saidBy(entry, { container, resolve, hopsLeft: hopsLeft - 1 })
    : fromSources(container, [name], resolve);
  const text = said?.text ?? usual;
  return text === undefined ? literal : { ...literal, text };
}

/** `otherwise`: where nothing has the name, the kubelet fills nothing in. */
function referredTo(
  name: string,
  by: EnvEntry,
  { container, resolve, hopsLeft }: Following,
  otherwise: Said,
): Said | undefined {
  // Only entries before it are filled in, and all of envFrom.
  const { byName, placeOf } = placesIn(referableIn(container));
  const end = placeOf.get(by) ?? 0;
  const entry = byName.get(name)?.findLast(({ place }) => place < end)?.entry;
  if (!entry) return fromSources(container, [name], resolve) ?? otherwise;
  if (hopsLeft === 0) return otherwise;
  const said = saidBy(entry, { container, resolve, hopsLeft: hopsLeft - 1 });
  return said?.source === "literal" ? { ...said, where: otherwise.where } : said;
}

/** Worked out only where an entry refers to one: hundreds may, in chains. */
const placesIn = oncePer((env: readonly EnvEntry[]) => {
  const placed = env.map((entry, place) => ({ entry, place }));
  return {
    byName: Map.groupBy(placed, ({ entry }) => entry.name),
    placeOf: new Map(env.map((entry, place) => [entry, place])),
  };
});

/** Later sources win, as in the kubelet. */
function fromSources(
  { envFrom }: ObservedContainer,
  names: readonly string[],
  resolve: Resolve,
): Said | undefined {
  const sources = envFrom.slice(-sourcesMax).reverse();
  for (const wanted of names) {
    for (const { kind, name, prefix } of sources) {
      if (!wanted.startsWith(prefix)) continue;
      const said = resolved({ kind, name, key: wanted.slice(prefix.length) }, resolve);
      if (said) return said;
    }
  }
  return undefined;
}

function resolved(reference: Reference, resolve: Resolve): Said | undefined {
  const text = resolve(reference);
  const where = `${reference.kind} ${reference.name}, key ${reference.key}`;
  return text === undefined ? undefined : { where, text, source: "reference" };
}

/** Of an entry whose literal is not kept, because it is no size: nothing that is a number. */
const notKept = "(not kept)";

/** NAME of a value that is nothing but `$(NAME)`: not even white space, as in the API server. */
export function referredName(value: string): string | undefined {
  return /^\$\(([A-Za-z0-9_.-]+)\)$/.exec(value)?.[1];
}
