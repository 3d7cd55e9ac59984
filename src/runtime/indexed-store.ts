// The objects of one kind, by key and by whatever else they are asked for. Indexes are kept with
// every change, because a decision asks thousands of times and must not walk all pods each time.

import type { ObservedObject } from "../observed.ts";
import type { Store } from "../ports.ts";

/** The keys under which an object stands in an index; none leaves it out. */
export type IndexKeys<T> = (object: T) => readonly string[];

export class IndexedStore<T extends ObservedObject> implements Store<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes: ReadonlyMap<string, Index<T>>;
  readonly #isSynced: () => boolean;

  constructor(indexes: Readonly<Record<string, IndexKeys<T>>>, isSynced: () => boolean) {
    this.#isSynced = isSynced;
    this.#indexes = new Map(
      Object.entries(indexes).map(([name, keysOf]) => [name, { keysOf, entries: new Map() }]),
    );
  }

  get synced(): boolean {
    return this.#isSynced();
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  values(): Iterable<T> {
    return this.#objects.values();
  }

  /** None for an index that does not exist. The same list until something of it changes. */
  byIndex(index: string, key: string): readonly T[] {
    const entry = this.#indexes.get(index)?.entries.get(key);
    return entry ? (entry.list ??= [...entry.objects]) : nothing;
  }

  countOf(index: string, key: string): number {
    return this.#indexes.get(index)?.entries.get(key)?.objects.size ?? 0;
  }

  set(object: T): void {
    this.delete(object.key);
    this.#objects.set(object.key, object);
    for (const { keysOf, entries } of this.#indexes.values()) {
      for (const key of keysOf(object)) addTo(entries, key, object);
    }
  }

  delete(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    this.#objects.delete(key);
    for (const { keysOf, entries } of this.#indexes.values()) {
      for (const indexKey of keysOf(object)) removeFrom(entries, indexKey, object);
    }
  }
}

interface Entry<T> {
  readonly objects: Set<T>;
  /** The same, once somebody has asked. */
  list: readonly T[] | undefined;
}

interface Index<T> {
  readonly keysOf: IndexKeys<T>;
  readonly entries: Map<string, Entry<T>>;
}

const nothing: readonly never[] = [];

function addTo<T>(entries: Index<T>["entries"], key: string, object: T): void {
  const found = entries.get(key);
  if (found) {
    found.objects.add(object);
    found.list = undefined;
  } else entries.set(key, { objects: new Set([object]), list: undefined });
}

function removeFrom<T>(entries: Index<T>["entries"], key: string, object: T): void {
  const found = entries.get(key);
  if (!found) return;
  found.objects.delete(object);
  found.list = undefined;
  if (found.objects.size === 0) entries.delete(key);
}
