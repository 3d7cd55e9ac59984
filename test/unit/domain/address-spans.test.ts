// When an address was the fleet's.

import { expect, test } from "vitest";
import { isWithin } from "../../../src/domain/supply/address-spans.ts";

const spans = [
  { fromMs: 10, untilMs: 20 },
  { fromMs: 30, untilMs: Infinity },
];

test.each([
  [9, false],
  [10, true],
  [20, true],
  [21, false],
  [1e12, true],
])("at %d ms: %s", (atMs, want) => {
  expect(isWithin(spans, atMs)).toBe(want);
});
