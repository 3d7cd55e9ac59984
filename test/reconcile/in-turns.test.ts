// Whose turn it is among many things of several owners.
import { expect, test } from "vitest";
import { inTurns } from "../../src/reconcile/in-turns.ts";

const ownerOf = ([owner = ""]: string): string => owner;

test.each([
  { name: "nothing", items: [], want: [] },
  { name: "the first of each owner, then the second", items: ["a1", "a2", "a3", "b1", "c1", "b2"] },
  { name: "in the order given within each", items: ["a2", "a1", "b1"], want: ["a2", "b1", "a1"] },
])("$name", ({ items, want = ["a1", "b1", "c1", "a2", "b2", "a3"] }) => {
  expect(inTurns(items, ownerOf)).toEqual(want);
});

test("whoever has waited longest comes first in each turn", () => {
  const waits = (item: string): number => (ownerOf(item) === "b" ? 1 : 2);
  expect(inTurns(["a1", "a2", "b1", "b2"], ownerOf, waits)).toEqual(["b1", "a1", "b2", "a2"]);
});
