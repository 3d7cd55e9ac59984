// What a row says of a live pool.

import { describe, expect, test } from "vitest";
import { plan } from "../../../src/domain/decide/plan.ts";
import { liveFindings } from "../../../src/domain/explain/live-rows.ts";
import { rowOf } from "../../../src/domain/explain/rows.ts";
import type { LivePodFacts, PodFacts } from "../../../src/domain/facts/facts.ts";
import { aGrant, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

test("a row has the sizes of its running pods, what counts, and what they wait for", () => {
  const shrinking = { size: 30, earlier: 60, provableInMs: 4_000 };
  const running = [
    ...pods(1, {
      poolSize: 60,
      live: { ...shrinking, touches: 0, isResized: true, resizedAtMs: startMs },
    }),
    ...pods(1, { poolSize: 80, live: { size: 80, touches: 0, isResized: true } }),
    ...pods(1, { poolSize: 3, live: { size: 3, touches: 0, isResized: true } }),
  ];
  const sizing = { floor: 3, ceiling: 100 };
  const web = aWorkload("web", { pods: running, live: true, sizing, grant: aGrant(3) });
  const decision = plan(aSnapshot({ workloads: [web] }), startMs);
  const [pool] = decision.pools;
  if (!pool) throw new Error("there is one");
  const row = rowOf(decision, pool);
  expect(row).toMatchObject({ poolSize: 3, wantedPoolSize: pool.share });
  expect(row.live).toMatchObject({ pods: 3, otherPods: 0, inForce: 80, unproven: 1 });
  expect(row.live?.resizedAt).toBe("2026-01-01T00:00:00Z");
  expect(row.message).toContain("new pods start with 3");
});

describe("since when its pods have followed", () => {
  const followed = { resizedAtMs: startMs, followedAtMs: startMs + 16_000 };
  const later = { resizedAtMs: startMs, followedAtMs: startMs + 31_000 };
  const cases: {
    readonly when: string;
    readonly pods: readonly Partial<LivePodFacts>[];
    readonly want?: string;
  }[] = [
    { when: "the last one counts", pods: [later, followed], want: "2026-01-01T00:00:31Z" },
    { when: "no size was changed: nothing to follow", pods: [{}] },
    { when: "one starts with its size", pods: [followed, {}], want: "2026-01-01T00:00:16Z" },
    { when: "one has not been shown at its size", pods: [followed, { resizedAtMs: startMs }] },
    { when: "one shows more than its size again", pods: [{ ...followed, earlier: 20 }] },
    { when: "a size is on its way", pods: [{ ...followed, isPending: true }] },
  ];
  test.for(cases)("$when", ({ pods: given, want }) => {
    const running = given.map((one, index) => aLivePod(one, index));
    const sizing = { floor: 3, ceiling: 3 };
    const web = aWorkload("web", { pods: running, live: true, sizing, grant: aGrant(3) });
    const decision = plan(aSnapshot({ workloads: [web] }), startMs);
    const [pool] = decision.pools;
    if (!pool) throw new Error("there is one");
    expect(rowOf(decision, pool).live?.followedSince).toBe(want);
  });
});

function aLivePod(given: Partial<LivePodFacts>, index: number): PodFacts {
  const live = { size: 3, touches: 0, isResized: true, ...given } as const;
  const [pod] = pods(1, { poolSize: 3, live });
  if (!pod) throw new Error("one was built");
  return { ...pod, uid: `web-${index}` };
}

test("a row of a pool that needs restarts says nothing of it", () => {
  const decision = plan(aSnapshot({ workloads: [aWorkload("web", { pods: pods(1) })] }), startMs);
  const [pool] = decision.pools;
  if (!pool) throw new Error("there is one");
  expect(rowOf(decision, pool).live).toBeUndefined();
});

test("a pod that cannot be resized is told of, with who says so and what helps", () => {
  const refused = { untilMs: startMs, sinceMs: startMs, times: 3, message: "denied by policy" };
  const live = { size: 3, touches: 0, isResized: true, refused } as const;
  const running = { pods: pods(2, { poolSize: 3, live }), live: true } as const;
  const sizing = { floor: 3, ceiling: 3 };
  const web = aWorkload("web", { ...running, sizing, grant: aGrant(3) });
  const decision = plan(aSnapshot({ workloads: [web] }), startMs);
  const [pool] = decision.pools;
  if (!pool) throw new Error("there is one");
  const [finding] = liveFindings(pool.position);
  expect(finding?.message).toContain(
    `pod ${web.pods[0]?.name ?? ""} keeps pool size 3: since 2026-01-01`,
  );
  expect(finding?.message).toContain("(1 more pod likewise): denied by policy");
  expect(rowOf(decision, pool)).toMatchObject({ reason: "ResizeRefused", live: { refused: 2 } });
});
