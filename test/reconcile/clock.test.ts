// Somebody sets the wall clock of the operator's machine: a wait may end early, once, and none may
// become longer by as much as the clock was set back.

import { describe, expect, test } from "vitest";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const hourMs = 60 * minuteMs;

/** Deployments web and api share a budget of 187; web was there first. */
async function twoServices(): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("web");
  await world.pass(minuteMs);
  world.deployment("api");
  return world;
}

/** Pool sizes of both once they are at rest. */
async function settleTwoServices(world: MemoryWorld): Promise<number[][]> {
  await world.pass(2 * minuteMs);
  return ["web", "api"].map((name) => world.podSizes(name));
}

describe("a clock that is set back by an hour", () => {
  test("keeps nobody waiting for slots that are free", async () => {
    const want = await settleTwoServices(await twoServices());
    const world = await twoServices();
    await world.pass(1_000);
    expect(world.status("orders").grants?.["Deployment/web"]?.settledAt).toBeDefined();
    world.clockAheadMs = -hourMs;
    expect(await settleTwoServices(world)).toEqual(want);
  });

  test("writes no status more than once for it", async () => {
    const world = await twoServices();
    await settleTwoServices(world);
    world.clockAheadMs = -hourMs;
    await world.pass(minuteMs);
    world.cluster.writes.length = 0;
    await world.pass(10 * minuteMs, 5_000);
    expect(world.cluster.writes).toEqual([]);
  });

  test("lengthens no cooldown by more than itself", async () => {
    const world = new MemoryWorld();
    world.policy("orders");
    world.deployment("web");
    await world.pass(minuteMs);
    const before = world.rolls.length;
    expect(before).toBeGreaterThan(0);
    world.clockAheadMs = -hourMs;
    world.read({ maxConnections: 2_000 });
    await world.pass(10 * minuteMs, 5_000);
    expect(world.rolls.length).toBe(before + 1);
  });
});

describe("a clock that is set forward by an hour", () => {
  test("makes no more pods than the budget holds, and is done with at once", async () => {
    const world = new MemoryWorld();
    world.policy("orders");
    for (const name of ["web", "api"]) world.deployment(name);
    await settleTwoServices(world);
    world.peakSlots = 0;
    world.clockAheadMs = hourMs;
    world.policy("orders", { reserve: { connections: 60 } });
    await world.pass(20 * minuteMs, 5_000);
    expect(world.peakSlots).toBeLessThanOrEqual(187);
    expect(world.plan().exposure.slots).toBeLessThanOrEqual(187);
    world.cluster.writes.length = 0;
    await world.pass(10 * minuteMs, 5_000);
    expect(world.cluster.writes).toEqual([]);
  });
});
