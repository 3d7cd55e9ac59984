// What keeps the pods of a workload from being replaced one at a time, and for how long.

import { describe, expect, it, test } from "vitest";
import type { PoolFacts } from "../../../src/domain/facts/facts.ts";
import { hindranceTo, largerPodsOf, vainPodOf } from "../../../src/domain/decide/one-by-one.ts";
import { aPosition, aWorkload, pods, startMs } from "../../support/builders.ts";

const minuteMs = 60_000;
const lastEviction = { atMs: startMs - minuteMs, poolSize: 8, timesInVain: 1 };
const larger = pods(3, { poolSize: 20, isSinceEviction: true });

interface Row {
  readonly name: string;
  readonly facts?: Partial<PoolFacts>;
  readonly isEvictionOff?: boolean;
  readonly says?: RegExp;
  readonly untilMs?: number;
}

const rows: readonly Row[] = [
  { name: "nothing" },
  { name: "evictions are off", isEvictionOff: true, says: /^evictions are off/ },
  {
    name: "it has one pod, which nobody stands in for",
    facts: { pods: pods(1) },
    says: /^it has one pod, and evicting it would interrupt its service/,
  },
  {
    name: "the last one was refused",
    facts: { refusedEviction: { untilMs: startMs + 1, message: "The disruption budget web" } },
    says: /^evicting one of its pods was refused: The disruption budget web/,
    untilMs: startMs + 1,
  },
  {
    name: "it was refused, and may be tried again",
    facts: { refusedEviction: { untilMs: startMs, message: "" } },
  },
  {
    name: "a pod that came after the last one is as large: the second time for two minutes",
    facts: { lastEviction, pods: larger },
    says: /replaced an evicted pod and still has pool size 20/,
    untilMs: startMs + minuteMs,
  },
  {
    name: "after that it is tried again",
    facts: { lastEviction: { ...lastEviction, timesInVain: 0 }, pods: larger },
  },
  {
    name: "pods that were there before the last one say nothing",
    facts: { lastEviction, pods: pods(3, { poolSize: 20 }) },
  },
  {
    name: "a pod of it has long been unready",
    facts: { pods: [...pods(2), ...pods(1, { poolSize: 8, unready: true })] },
    says: /^one pod at a time once .* is ready$/,
  },
  {
    name: "a pod of it has long been unready, and is the one to be replaced",
    facts: { pods: [...pods(2), ...pods(1, { unready: true })] },
  },
  {
    name: "a pod of it has long been missing",
    facts: { pods: pods(2), replicas: 3, missingSinceMs: startMs - 5 * minuteMs },
    says: /^one pod at a time once 1 missing pod is there$/,
  },
  {
    name: "a pod of it is missing: that is for a moment only",
    facts: { pods: pods(2), replicas: 3, missingSinceMs: startMs - minuteMs },
  },
  {
    name: "a pod of it is starting: that is for a moment only",
    facts: { pods: [...pods(2), ...pods(1, { unready: true, createdAtMs: startMs - minuteMs })] },
  },
];

test.each(rows)("$name", ({ facts = {}, isEvictionOff, says, untilMs }) => {
  const position = aPosition(aWorkload("web", { pods: pods(3), ...facts }));
  const hindrance = hindranceTo(position, 8, { nowMs: startMs, isEvictionOff });
  if (says === undefined) expect(hindrance).toBeUndefined();
  else expect(hindrance?.message).toMatch(says);
  expect(hindrance?.untilMs).toBe(untilMs);
});

test("a pod of the size that the last one was evicted for is none in vain", () => {
  const isSinceEviction = true;
  const workload = aWorkload("web", {
    lastEviction,
    pods: pods(3, { poolSize: 8, isSinceEviction }),
  });
  expect(vainPodOf(workload)).toBeUndefined();
});

describe("a pod without a limit", () => {
  const own = { poolSize: 5, source: "literal" as const, unlimited: true as const };
  const unlimited = pods(1, { own, isSinceEviction: true });

  it("is replaced first, although it counts as less than the new size", () => {
    const large = pods(1, { poolSize: 20 });
    const all = [...pods(1, { poolSize: 8 }), ...large, ...unlimited];
    expect(largerPodsOf(aWorkload("web", { pods: all }), 8)).toEqual([...unlimited, ...large]);
  });

  it("in the place of an evicted one makes the next eviction wait", () => {
    const workload = aWorkload("web", { lastEviction, pods: [...unlimited, ...pods(2)] });
    expect(vainPodOf(workload)).toBe(unlimited[0]);
    const hindrance = hindranceTo(aPosition(workload), 8, { nowMs: startMs });
    expect(hindrance?.untilMs).toBe(startMs + minuteMs);
  });
});
