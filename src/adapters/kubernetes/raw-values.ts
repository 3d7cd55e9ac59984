// Reads fields of objects that somebody else wrote. Kubernetes checks the schema of what it stores,
// but a projection must survive anything: custom resources, newer versions, a proxy that garbles.
// So every reader takes `unknown`, looks at own properties only, and answers a harmless default
// instead of throwing.

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

/** A string, or undefined. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A safe non-negative integer, or the default. */
export function count(value: unknown, defaultCount: number): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
    ? value
    : defaultCount;
}

/** Elements of a list; none for anything else. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** Milliseconds since the epoch of an RFC 3339 time; 0 if it is none. */
export function timeMs(value: unknown): number {
  const parsed = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? 0 : parsed;
}

/** Labels, or annotations of ours, that are kept of an object: etcd has room for 20,000. */
const textsKept = 500;
const textLimitCharacters = 256;

/** String entries of a map whose keys begin with the prefix: the first 500, and no long ones. */
export function textMap(value: unknown, prefix: string = ""): Record<string, string> {
  const kept: [string, string][] = [];
  for (const [key, entry] of Object.entries(fields(value))) {
    const isText = typeof entry === "string" && entry.length <= textLimitCharacters;
    if (key.startsWith(prefix) && isText && kept.length < textsKept) kept.push([key, entry]);
  }
  // fromEntries defines own properties: a label named __proto__ stays a label.
  return Object.fromEntries(kept);
}
