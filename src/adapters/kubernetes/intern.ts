// Twenty thousand pods say the same few things: namespace, revision, containers. Kept once and
// shared, a pod costs a few hundred bytes. What is no longer said would stay for ever, and anybody
// who may edit a Deployment may say something else each second, of a mebibyte each. So the tables
// are bounded, in entries and in characters: what was not said for the longest is forgotten first.
// Objects that use its values keep them, new ones start anew.

export interface Interner {
  /** The same text, as one shared string. */
  text(value: string): string;
  /** A value equal to the given one (as JSON), shared by all who ask. Must not be changed. */
  value<T extends object>(value: T): T;
}

/** What each of the two tables, of texts and of values, remembers at once. */
export interface InternerLimits {
  readonly entries?: number;
  /** Of JSON; as objects they take some five bytes each. */
  readonly characters?: number;
}

export function createInterner({
  entries = 10_000,
  characters = 8 * 1024 * 1024,
}: InternerLimits = {}): Interner {
  const texts = new Table<string>(entries, characters);
  const values = new Table<object>(entries, characters);
  return {
    text: (value) => texts.remember(value, value),
    // JSON text decides equality; only values of one shape come under one key, so the cast holds.
    value: <T extends object>(value: T) => values.remember(JSON.stringify(value), value) as T,
  };
}

class Table<T> {
  readonly #entriesMax: number;
  readonly #charactersMax: number;
  /** What was said last comes last. */
  readonly #kept = new Map<string, T>();
  #characters = 0;

  constructor(entriesMax: number, charactersMax: number) {
    this.#entriesMax = entriesMax;
    this.#charactersMax = charactersMax;
  }

  remember(key: string, value: T): T {
    if (key.length > this.#charactersMax) return value;
    const known = this.#kept.get(key);
    if (known !== undefined) this.#kept.delete(key);
    else this.#characters += key.length;
    this.#kept.set(key, known ?? value);
    this.#forgetOldest();
    return known ?? value;
  }

  #forgetOldest(): void {
    for (const key of this.#kept.keys()) {
      if (this.#kept.size <= this.#entriesMax && this.#characters <= this.#charactersMax) return;
      this.#kept.delete(key);
      this.#characters -= key.length;
    }
  }
}
