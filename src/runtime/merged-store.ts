// Several caches of one kind, read as one: an operator that may see only some namespaces has one
// informer for each of them.

import type { Store } from "../ports.ts";

/** No key may be in two of the stores. Synced when all are. */
export function mergeStores<T>(stores: readonly Store<T>[]): Store<T> {
  const [only] = stores;
  if (only !== undefined && stores.length === 1) return only;
  return {
    get synced() {
      return stores.every((store) => store.synced);
    },
    get: (key) => {
      for (const store of stores) {
        const found = store.get(key);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    values: () => allValues(stores),
    byIndex: (index, key) => joined(stores.map((store) => store.byIndex(index, key))),
    countOf: (index, key) => stores.reduce((sum, store) => sum + store.countOf(index, key), 0),
  };
}

/** Nearly always one store has all of them, and gives the same list while nothing changes. */
function joined<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const [only, ...more] = lists.filter(({ length }) => length > 0);
  return more.length === 0 ? (only ?? lists[0] ?? []) : lists.flat();
}

function* allValues<T>(stores: readonly Store<T>[]): Generator<T> {
  for (const store of stores) yield* store.values();
}
