// Twenty thousand pods say the same few things: namespace, revision, containers. Kept once and
// shared, a pod costs a few hundred bytes. The tables are bounded: what is no longer said would
// stay for ever otherwise. A table that is full is emptied; objects that use its values keep them,
// new ones start anew.

export interface Interner {
  /** The same text, as one shared string. */
  text(value: string): string;
  /** A value equal to the given one (as JSON), shared by all who ask. Must not be changed. */
  value<T extends object>(value: T): T;
}

/** At most `limit` texts and `limit` values are remembered at once. */
export function createInterner(limit: number = 10_000): Interner {
  const texts = new Map<string, string>();
  const values = new Map<string, object>();
  return {
    text: (value) => remember(texts, value, { value, limit }),
    // JSON text decides equality; only values of one shape come under one key, so the cast holds.
    value: <T extends object>(value: T) =>
      remember<object>(values, JSON.stringify(value), { value, limit }) as T,
  };
}

function remember<T>(table: Map<string, T>, key: string, entry: { value: T; limit: number }): T {
  const known = table.get(key);
  if (known !== undefined) return known;
  if (table.size >= entry.limit) table.clear();
  table.set(key, entry.value);
  return entry.value;
}
