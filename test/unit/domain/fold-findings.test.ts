// What many workloads have in common is said once.

import { expect, test } from "vitest";
import type { Finding } from "../../../src/domain/facts/facts.ts";
import { foldFindings, nameFew, sayAllOfFew } from "../../../src/domain/words/fold-findings.ts";

function alike(reason: Finding["reason"], count: number): Parameters<typeof foldFindings>[0] {
  const finding: Finding = { reason, severity: "degraded", message: "so it is" };
  return Array.from({ length: count }, (_, at) => ({ workload: `Deployment/w${at}`, finding }));
}

test.each([
  { name: "none", counts: [0, 0], wantLast: undefined, wantCount: 0 },
  { name: "one", counts: [0, 1], wantLast: "Deployment/w0: so it is", wantCount: 1 },
  {
    name: "one more than are told",
    counts: [0, 6],
    wantLast: "Deployment/w5: so it is",
    wantCount: 6,
  },
  {
    name: "two more than are told",
    counts: [0, 7],
    wantLast: "the same for 2 more: Deployment/w5, Deployment/w6",
    wantCount: 6,
  },
  {
    name: "each reason by itself",
    counts: [1000, 6],
    wantLast: "Deployment/w5: so it is",
    wantCount: 12,
  },
])("$name", ({ counts: [beyond = 0, stuck = 0], wantLast, wantCount }) => {
  const told = foldFindings([...alike("BeyondPlan", beyond), ...alike("RolloutStuck", stuck)]);
  expect(told).toHaveLength(wantCount);
  expect(told.at(-1)?.message).toBe(wantLast);
});

test("a few names, and how many more", () => {
  expect(nameFew(["a", "b", "c"])).toBe("a, b, c");
  expect(nameFew(["a", "b", "c", "d", "e"])).toBe("a, b, c and 2 more");
});

test("all are named where they are few", () => {
  expect([["a"], ["a", "b", "c"], ["a", "b", "c", "d"]].map(sayAllOfFew)).toEqual([
    ...["a", "a and b and c", "a, b, c and 1 more"],
  ]);
});
