// What a shrink frees is given on when the settle time has passed since it was in force, however
// late its write landed and whoever wrote it.

import { expect, test } from "vitest";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const settleTimeMs = 5_000;
const spec = { reserve: { connections: 0, rollouts: 1 }, stability: { cooldown: "1s" } };

/** Two workloads of 10 planned pods with 6 each: what one gives back, the other may have. */
async function sharedFleet(): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  shareOut(world, {});
  for (const name of ["a", "b"]) world.deployment(name, { replicas: 0 });
  await world.pass(minuteMs);
  expect([world.grant("orders", "a"), world.grant("orders", "b")]).toEqual([6, 6]);
  return world;
}

function shareOut(world: MemoryWorld, ofA: object): void {
  const workloads = [
    { name: "a", maxPods: 10, ...ofA },
    { name: "b", maxPods: 10 },
  ];
  world.policy("orders", { ...spec, workloads });
}

/** How long after `sinceMs` b has more. */
async function growthAfterMs(world: MemoryWorld, sinceMs: number): Promise<number> {
  for (let steps = 0; steps < 500 && world.grant("orders", "b") === 6; steps++) {
    await world.pass(100, 100);
  }
  expect(world.grant("orders", "b")).toBeGreaterThan(6);
  return world.nowMs - sinceMs;
}

test.each([
  { name: "at once", slowMs: 0 },
  { name: "after 1 s", slowMs: 1_000 },
  { name: "after 4 s", slowMs: 4_000 },
  { name: "after 8 s", slowMs: 8_000 },
])("a shrink that lands $name settles from then on", async ({ slowMs }) => {
  const world = await sharedFleet();
  shareOut(world, { poolSize: { max: 3 } });
  const write = world.cluster.writeStatus.bind(world.cluster);
  let landedMs = 0;
  world.cluster.writeStatus = (...status) => {
    if (landedMs === 0) {
      world.nowMs += slowMs;
      landedMs = world.nowMs;
    }
    return write(...status);
  };
  await world.look();
  expect(world.grant("orders", "a")).toBe(3);
  expect(await growthAfterMs(world, landedMs)).toBeGreaterThanOrEqual(settleTimeMs);
});

test("a new leader whose clock is ahead waits as long since it first saw the shrink", async () => {
  const world = await sharedFleet();
  shareOut(world, { poolSize: { max: 3 } });
  await world.look();
  const landedMs = world.nowMs;
  world.clockAheadMs = 2 * settleTimeMs;
  world.restartOperator();
  expect(await growthAfterMs(world, landedMs)).toBeGreaterThanOrEqual(settleTimeMs);
});

test("a shrink of long ago is not waited for again after a restart", async () => {
  const world = await sharedFleet();
  shareOut(world, { poolSize: { max: 3 } });
  await world.pass(10 * minuteMs);
  world.cluster.writes.length = 0;
  world.restartOperator();
  await world.pass(minuteMs);
  expect(world.cluster.writes).toEqual([]);
});
