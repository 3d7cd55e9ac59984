// Reading caches, one or several of a kind.

import { expect, test } from "vitest";
import { IndexedStore } from "../../../src/runtime/indexed-store.ts";
import { mergeStores } from "../../../src/runtime/merged-store.ts";
import { aThing } from "./scripted-source.ts";
import type { Thing } from "./scripted-source.ts";

function aStore(...keys: readonly string[]): IndexedStore<Thing> {
  const store = new IndexedStore<Thing>(
    { letter: ({ key }) => Array.from(key) },
    () => keys.length > 0,
  );
  for (const key of keys) store.set(aThing(key, 1));
  return store;
}

const keysOf = (things: Iterable<Thing>): string[] => [...things].map(({ key }) => key);

test("an object stands under every key of an index, and leaves all of them", () => {
  const store = aStore("ab", "bc");
  expect(keysOf(store.byIndex("letter", "b"))).toEqual(["ab", "bc"]);
  store.delete("ab");
  store.delete("never there");
  expect(keysOf(store.byIndex("letter", "b"))).toEqual(["bc"]);
  expect(keysOf(store.byIndex("letter", "a"))).toEqual([]);
  expect(["a", "b", "z"].map((key) => store.countOf("letter", key))).toEqual([0, 1, 0]);
  expect(store.size).toBe(1);
});

test("a changed object replaces the old one in every index", () => {
  const store = aStore("ab");
  store.set(aThing("ab", 2));
  expect(store.byIndex("letter", "a")).toEqual([aThing("ab", 2)]);
});

test("what an index gave does not change afterwards", () => {
  const store = aStore("ab", "bc");
  const before = store.byIndex("letter", "b");
  store.delete("ab");
  expect(keysOf(before)).toEqual(["ab", "bc"]);
});

test("several stores are read as one, and synced when all are", () => {
  const merged = mergeStores([aStore("ab"), aStore("bc")]);
  expect(merged.synced).toBe(true);
  expect(keysOf(merged.values())).toEqual(["ab", "bc"]);
  expect(keysOf(merged.byIndex("letter", "b"))).toEqual(["ab", "bc"]);
  expect(merged.countOf("letter", "b")).toBe(2);
  expect(merged.get("bc")?.uid).toBe("bc-1");
  expect(merged.get("none")).toBeUndefined();
  expect(mergeStores([aStore("ab"), aStore()]).synced).toBe(false);
});

test("an index gives the same list until something of it changes, also through several stores", () => {
  const store = aStore("ab", "bc");
  const merged = mergeStores([aStore("xy"), store]);
  for (const one of [store, merged]) {
    expect(one.byIndex("letter", "b")).toBe(one.byIndex("letter", "b"));
    expect(one.byIndex("letter", "z")).toBe(one.byIndex("letter", "z"));
  }
  const before = store.byIndex("letter", "c");
  store.set(aThing("ab", 2));
  expect(store.byIndex("letter", "c")).toBe(before);
  expect(store.byIndex("letter", "a")).toEqual([aThing("ab", 2)]);
  store.set(aThing("cd", 1));
  expect(keysOf(merged.byIndex("letter", "c"))).toEqual(["bc", "cd"]);
  store.delete("bc");
  expect(keysOf(merged.byIndex("letter", "c"))).toEqual(["cd"]);
});
