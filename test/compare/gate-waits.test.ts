// The part of the waits below which so many of them are.

import { expect, test } from "vitest";
import { percentileOf } from "./gate-waits.ts";

test.each([
  { waits: [], part: 0.99, found: undefined },
  { waits: [7], part: 0.99, found: 7 },
  { waits: [3, 1, 2], part: 0.5, found: 2 },
  { waits: Array.from({ length: 100 }, (_, index) => index + 1), part: 0.99, found: 99 },
  { waits: [3, 1, 2], part: 1, found: 3 },
])("of $waits.length waits, $part: $found", ({ waits, part, found }) => {
  expect(percentileOf(waits, part)).toBe(found);
});
