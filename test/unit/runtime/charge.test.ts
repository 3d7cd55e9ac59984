// What keeps the only thread busy is charged to whoever it was for.

import { expect, test } from "vitest";
import { chargedMs, SpentTime } from "../../../src/runtime/charge.ts";

test.each([
  { name: "what disturbs nobody costs nothing", busyMs: 9, want: 0 },
  { name: "what takes time costs sixteen times as long", busyMs: 20, want: 320 },
  { name: "nobody is charged for longer than two seconds", busyMs: 1_000, want: 2_000 },
  { name: "but for as long as the work took", busyMs: 10_400, want: 10_400 },
])("$name", ({ busyMs, want }) => {
  expect(chargedMs(busyMs)).toBe(want);
});

test("of work that should take nothing, less is free", () => {
  expect([chargedMs(0.9, 1), chargedMs(5, 1)]).toEqual([0, 80]);
});

test("what was spent is charged once, and to nobody else", () => {
  const spent = new SpentTime();
  spent.spend("shop", 3);
  spent.spend("shop", 4);
  expect([spent.take("other"), spent.take("shop"), spent.take("shop")]).toEqual([0, 7, 0]);
});
