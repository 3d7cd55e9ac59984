// Reads fields of objects that somebody else wrote. Kubernetes checks the schema of what it stores,
// but a projection must survive anything: custom resources, newer versions, a proxy that garbles.
// So every reader takes `unknown`, looks at own properties only, and answers a harmless default
// instead of throwing.

import { podsMax } from "../../api/workload-entry.ts";

type Fields = Readonly<Record<string, unknown>>;

const nothing: Fields = Object.freeze({});

/** The value as an object to read fields from; empty for anything else. */
export function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : nothing;
}

/** The value at the end of a path of field names, or undefined. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    const object = fields(current);
    if (!Object.hasOwn(object, name)) return undefined;
    current = object[name];
  }
  return current;
}

/** The longest that Kubernetes takes of each, in characters; what is longer was never valid. */
export const longest = {
  name: 253,
  label: 63,
  /** A domain, `/`, and a name. */
  labelKey: 317,
  uid: 128,
  fieldManager: 128,
  address: 64,
  time: 40,
} as const;

/**
 * A string of at most so many characters, or undefined. The API server bounds few texts, and what
 * is kept of an object must not be as large as the object. A longer one is left out, not cut: cut,
 * it could be the name of something else.
 */
export function text(value: unknown, longestCharacters: number): string | undefined {
  return typeof value === "string" && value.length <= longestCharacters ? value : undefined;
}

/** An empty one where there is none; undefined where it is too long. */
export function textIfAny(value: unknown, longestCharacters: number): string | undefined {
  return typeof value === "string" ? text(value, longestCharacters) : "";
}

/** For what is not kept as it is. */
export function textOfAnyLength(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** For people: the beginning of a text, and `…` where it goes on. No name ends in that. */
export function shortened(text: string, longestCharacters: number): string {
  if (text.length <= longestCharacters) return text;
  return copyOf(`${text.slice(0, longestCharacters - 1)}…`);
}

/** Of a part of a text: a slice would hold on to the whole text for as long as it is kept. */
export function copyOf(part: string): string {
  return Buffer.from(part).toString();
}

/** A safe non-negative integer, or the default. */
export function count(value: unknown, defaultCount: number): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
    ? value
    : defaultCount;
}

/** A number of pods: as `count`, and not more than any cluster runs. */
export function podCount(value: unknown, defaultCount: number): number {
  return Math.min(count(value, defaultCount), podsMax);
}

/** Elements of a list; none for anything else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** Milliseconds since the epoch of an RFC 3339 time; 0 if it is none. */
export function timeMs(value: unknown): number {
  const parsed = Date.parse(text(value, longest.time) ?? "");
  return Number.isNaN(parsed) ? 0 : parsed;
}

/** Nobody sets more; etcd has room for 20,000. */
const labelsKept = 100;

/** The first 100 of those that could be labels. */
export function labelMap(value: unknown): Record<string, string> {
  const kept: [string, string][] = [];
  for (const [key, entry] of Object.entries(fields(value))) {
    const label = text(entry, longest.label);
    const isKept = label !== undefined && key.length <= longest.labelKey;
    if (isKept && kept.length < labelsKept) kept.push([key, label]);
  }
  // fromEntries defines own properties: a label named __proto__ stays a label.
  return Object.fromEntries(kept);
}

/** Longer than any annotation that we write. */
const annotationLimitCharacters = 64;

/** deployment.kubernetes.io/revision, of a Deployment or a ReplicaSet; 0 where it is no number. */
export function revisionNumberOf(metadata: unknown): number {
  const said = text(at(metadata, "annotations", "deployment.kubernetes.io/revision"), 15);
  return Number.parseInt(said ?? "0", 10) || 0;
}

/** Annotations that begin so, by what follows: `countMax` at most, and no long ones. */
export function annotationsUnder(
  annotations: unknown,
  prefix: string,
  countMax: number,
): Record<string, string> {
  if (typeof annotations !== "object" || annotations === null) return {};
  const names = Object.keys(annotations).filter((name) => name.startsWith(prefix));
  const found = annotationsNamed(annotations, names.slice(0, countMax));
  return Object.fromEntries(
    Object.entries(found).map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

/** Annotations by their names: those that are there, and no long ones. */
export function annotationsNamed(
  annotations: unknown,
  names: readonly string[],
): Record<string, string> {
  const found = names.map((name) => [name, text(at(annotations, name), annotationLimitCharacters)]);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}
