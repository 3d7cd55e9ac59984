// A count of one is of one thing.

import { expect, test } from "vitest";
import { sayCount } from "../../../src/domain/say-count.ts";

test.each([
  { count: 0, want: "0 foreign sessions" },
  { count: 1, want: "1 foreign session" },
  { count: 2, want: "2 foreign sessions" },
])("$want", ({ count, want }) => {
  expect(sayCount(count, "foreign session")).toBe(want);
});
