// A count of one is of one thing.

import { expect, test } from "vitest";
import { sayCount, sayTimes, sayWriters } from "../../../src/domain/words/say-count.ts";

test.each([
  { count: 0, want: "0 foreign sessions" },
  { count: 1, want: "1 foreign session" },
  { count: 2, want: "2 foreign sessions" },
])("$want", ({ count, want }) => {
  expect(sayCount(count, "foreign session")).toBe(want);
});

test("once, and more often", () => {
  expect([1, 2].map(sayTimes)).toEqual(["once", "2 times"]);
});

test("who has written", () => {
  expect(sayWriters([])).toBe("another writer has");
  expect(sayWriters(["helm"])).toBe("helm has");
  expect(sayWriters(["helm", "argocd"])).toBe("helm and argocd have");
});
