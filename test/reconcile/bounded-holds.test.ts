// How long others wait for a namespace, whatever its tenant does.

import { expect, test } from "vitest";
import type { QuotaSetting } from "../../src/domain/supply/quota-settings.ts";
import { BoundedHolds, type HoldScene } from "../../src/reconcile/memory/bounded-holds.ts";

const [secondMs, minuteMs] = [1_000, 60_000];
const quota: QuotaSetting = { namespace: "jobs", amount: 50, unit: "percent" };

function at(monotonicMs: number): HoldScene {
  return { server: "db:5432", namespaceQuotas: [], monotonicMs };
}

test("others wait for a namespace for 30 s, and again after 10 min", () => {
  const holds = new BoundedHolds();
  const times = [0, 29 * secondMs, 30 * secondMs, 9 * minuteMs, 10 * minuteMs];
  expect(times.map((atMs) => holds.isHold("jobs", at(atMs)))).toEqual([
    true,
    true,
    false,
    false,
    true,
  ]);
});

test("namespaces on one server share its time, so who has many delays nobody for longer", () => {
  const holds = new BoundedHolds();
  let heldMs = 0;
  for (let nowMs = 0; nowMs < 10 * minuteMs; nowMs += secondMs) {
    const namespace = `t${Math.floor(nowMs / (30 * secondMs))}`;
    if (holds.isHold(namespace, at(nowMs))) heldMs += secondMs;
  }
  expect(heldMs).toBe(30 * secondMs);
});

test.each([
  { name: "each server has a time of its own", scene: { server: "other:5432" } as const },
  {
    name: "a namespace with a quota takes none of the others",
    scene: { namespaceQuotas: [quota] },
  },
])("$name", ({ scene }) => {
  const holds = new BoundedHolds();
  holds.isHold("jobs", { ...at(0), ...scene });
  expect(holds.isHold("shop", at(minuteMs))).toBe(true);
  expect(holds.isHold("jobs", { ...at(minuteMs), ...scene })).toBe(false);
});
