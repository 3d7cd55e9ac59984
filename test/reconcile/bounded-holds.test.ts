// How long others wait for a namespace, whatever its tenant does.

import { expect, test } from "vitest";
import { BoundedHolds } from "../../src/reconcile/memory/bounded-holds.ts";

const [secondMs, minuteMs] = [1_000, 60_000];

test("others wait for a namespace for 30 s, and again after 10 min", () => {
  const holds = new BoundedHolds();
  const times = [0, 29 * secondMs, 30 * secondMs, 9 * minuteMs, 10 * minuteMs];
  expect(times.map((atMs) => holds.isHold("jobs", atMs))).toEqual([true, true, false, false, true]);
});

test("each namespace has a time of its own", () => {
  const holds = new BoundedHolds();
  holds.isHold("jobs", 0);
  expect(holds.isHold("shop", minuteMs)).toBe(true);
  expect(holds.isHold("jobs", minuteMs)).toBe(false);
});
