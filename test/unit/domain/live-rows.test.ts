// What a row says of a live pool.

import { expect, test } from "vitest";
import { plan } from "../../../src/domain/decide/plan.ts";
import { liveFindings } from "../../../src/domain/explain/live-rows.ts";
import { rowOf } from "../../../src/domain/explain/rows.ts";
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
