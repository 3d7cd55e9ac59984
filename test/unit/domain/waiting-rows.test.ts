// What is said of pods that wait: how many, for how many slots, since when, and who has the slots.

import { expect, test } from "vitest";
import type { PoolFacts } from "../../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../../src/domain/decide/plan.ts";
import { rowOf } from "../../../src/domain/explain/rows.ts";
import { waitingFindings } from "../../../src/domain/explain/waiting-rows.ts";
import { aGrant, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

function gated(sizes: readonly number[], ages: readonly number[], floor: number): PoolFacts {
  const running = sizes.flatMap((poolSize) =>
    pods(1, { poolSize, live: { size: poolSize, touches: 0, isResized: true } }),
  );
  const waiting = ages.flatMap((age) =>
    pods(1, { createdAtMs: startMs - age * 1_000, gate: { place: 0 } }),
  );
  return aWorkload("web", {
    ...{ pods: running, waitingPods: waiting, replicas: sizes.length + ages.length },
    ...{ live: true, start: "WhenSlotsAreFree", sizing: { floor, ceiling: 100 } },
    grant: aGrant(floor, { gatedFromMs: startMs - 60_000 }),
  });
}

function decided(pool: PoolFacts): Plan {
  return plan(aSnapshot({ workloads: [pool] }), startMs);
}

function rowIn(found: Plan): ReturnType<typeof rowOf> {
  const [pool] = found.pools;
  if (!pool) throw new Error("no pool was decided on");
  return rowOf(found, pool);
}

test("a row says how many wait, since when, and for how many slots", () => {
  const row = rowIn(decided(gated([93, 92], [20, 10], 3)));
  expect(row.live).toMatchObject({ waiting: 2, waitingSince: "2025-12-31T23:59:40Z" });
  expect([row.decision, row.reason]).toEqual(["Wait", "PodsWaiting"]);
  expect(row.message).toContain(
    "2 new pods wait for 6 slots since 2025-12-31T23:59:40Z: running pods are giving slots back; slots are held by Deployment/web (185)",
  );
});

test("those that are released do not wait any more", () => {
  const row = rowIn(decided(gated([20], [20], 3)));
  expect(row.live).not.toHaveProperty("waiting");
  expect([row.decision, row.reason]).toEqual(["Grow", "PodsReleased"]);
  expect(row.message).toContain("1 new pod released");
});

test("what waits for more than a minute is a finding, and says why", () => {
  const full = decided(gated([60, 60, 60], [61], 60));
  const [found] = waitingFindings(full, "shop/orders");
  expect(found?.workload).toBe("Deployment/web");
  expect(found?.finding).toMatchObject({ reason: "PodsWaiting", severity: "degraded" });
  expect(found?.finding.message).toContain("no live pool has more than its floor");
  expect(waitingFindings(decided(gated([60, 60, 60], [59], 60)), "shop/orders")).toEqual([]);
});

test("it is looked at again when a pod has waited for a minute", () => {
  expect(decided(gated([60, 60, 60], [59], 60)).recheckAfterMs).toBe(1_000);
});

test("while nothing may be given out that is said instead", () => {
  const blind = plan(aSnapshot({ workloads: [gated([20], [20], 3)], unreadIn: ["shop"] }), startMs);
  expect(rowIn(blind).message).toContain("nothing is given out at the moment");
});

test("of a pod that needs more than there is the row says how much, and that nothing is kept", () => {
  const pool = gated([20], [20], 3);
  const own = { poolSize: 1_000, source: "annotation", setElsewhere: "args" } as const;
  const waitingPods = (pool.waitingPods ?? []).map((pod) => ({ ...pod, own }));
  expect(rowIn(decided({ ...pool, waitingPods })).message).toContain(
    "1 new pod waits for 1000 slots since 2025-12-31T23:59:40Z: one of them needs more than its limit has",
  );
});
