// Pods that cannot be told a size now, because their console does not answer: nobody counts on
// them. On the whole plan, because shares, limits and grants are a part of it.

import { expect, test } from "vitest";
import type { LivePodFacts, PodFacts } from "../../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../../src/domain/decide/plan.ts";
import { runningOf } from "../../../src/domain/decide/running.ts";
import { liveFindings } from "../../../src/domain/explain/live-rows.ts";
import { aGrant, aPosition, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

type Live = Partial<LivePodFacts>;

const why = "10.0.0.1:6432 refused the login";
const away = { away: { why } };

function podOf(name: string, size: number, live: Live = {}): PodFacts {
  const poolSize = Math.max(size, live.earlier ?? 0);
  const said = { size, touches: 0, isResized: true, ...live } as const;
  const [pod] = pods(1, { name: `shop/${name}`, poolSize, live: said });
  if (!pod) throw new Error("one was built");
  return pod;
}

function decided(...running: readonly PodFacts[]): Plan {
  const sizing = { floor: 3, ceiling: 100 };
  const facts = { pods: running, live: true, sizing, grant: aGrant(3) } as const;
  return plan(aSnapshot({ workloads: [aWorkload("web", facts)] }), startMs);
}

function said({ live }: Plan): string[] {
  return live.resizes.map(({ pod, poolSize, why: kind }) => `${kind} ${pod.name} ${poolSize}`);
}

test("one is neither resized nor touched, and nobody lacks for it", () => {
  const decision = decided(podOf("a", 3, away), podOf("b", 3));
  expect(said(decision)).toEqual([expect.stringMatching(/^Grow shop\/b /)]);
  expect(decision.live.lackingSlots.size).toBe(0);
  expect(said(decided(podOf("a", 120, away)))).toEqual([]);
  const due = { earlier: 20, seen: 9, isTouchDue: true } as const;
  expect(said(decided(podOf("a", 5, due)))).toEqual(["Touch shop/a 5"]);
  expect(said(decided(podOf("a", 5, { ...due, ...away })))).toEqual([]);
});

test("what it holds beyond its share is not taken for slots that come back", () => {
  expect(decided(podOf("a", 120)).live.excessSlots.size).toBe(1);
  expect(decided(podOf("a", 120, away)).live.excessSlots.size).toBe(0);
  const overdue = { earlier: 130, isOverdue: true } as const;
  expect(decided(podOf("a", 120, overdue)).live.excessSlots.size).toBe(0);
});

test("nobody waits for what it was told to give back: there is a part now", () => {
  const resizedAtMs = startMs - 1;
  const small = podOf("b", 3, { resizedAtMs });
  expect(said(decided(podOf("a", 90, { earlier: 140 }), small))).toEqual([]);
  const [grow] = said(decided(podOf("a", 90, { earlier: 140, ...away }), small));
  expect(grow).toMatch(/^Grow shop\/b /);
});

test("nor for what it could have shown long ago that it gives back", () => {
  const small = podOf("b", 3, { resizedAtMs: startMs - 1 });
  const [grow] = said(decided(podOf("a", 90, { earlier: 140, isOverdue: true }), small));
  expect(grow).toMatch(/^Grow shop\/b /);
});

test("others give in its place", () => {
  const told = { earlier: 88, provableInMs: 1_000 };
  const shrinks = (plan: Plan): string[] => said(plan).filter((one) => one.startsWith("Shrink"));
  const larger = [podOf("b", 85), podOf("c", 3)];
  expect(shrinks(decided(podOf("a", 30, told), ...larger))).toEqual([]);
  expect(shrinks(decided(podOf("a", 30, { ...told, ...away }), ...larger))).toHaveLength(1);
});

test("a rollout does not count on what it gives back", () => {
  const endingOf = (live: Live): number => {
    const facts = { pods: [podOf("a", 5, { earlier: 20, ...live })], live: true } as const;
    const nobody = { slotsNow: 0, ghostSlots: 0, ownSessions: 0 };
    const position = aPosition(aWorkload("web", facts));
    return runningOf([position], { limitSlots: 100 }, nobody, startMs).endingSlots;
  };
  expect([endingOf({}), endingOf(away)]).toEqual([15, 0]);
});

test("it is said, with its console's words, once it should have answered", () => {
  const finding = (live: Live): string | undefined => {
    const [pool] = decided(podOf("a", 5, { earlier: 20, ...live })).pools;
    return pool && liveFindings(pool.position)[0]?.message;
  };
  expect(finding(away)).toContain(`pod shop/a cannot be told a size: ${why}. It counts with 20`);
  expect(finding({ away: {} })).toBeUndefined();
});
