// Two pools of a policy whose entries name one variable: neither is sized, and its connections
// count once, so that no neighbour pays for a line that somebody forgot.

import { describe, expect, it } from "vitest";
import { poolKeyOf } from "../../src/api/keys.ts";
import { countedOnce } from "../../src/reconcile/observe/count-once.ts";
import { anOwnSize, aWorkload, keysOf } from "../support/builders.ts";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const web = { name: "web" };
const api = { name: "api" };
const reports = { name: "web", pool: "reports" };

async function settle(world: MemoryWorld, minutes = 10): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    world.read({ maxConnections: 100 });
    await world.pass(minuteMs, 5_000);
  }
}

/** Two workloads of two pods, after ten minutes with these entries. */
async function worldWith(templateSize: number, entries: readonly object[]): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  for (const name of ["web", "api"]) {
    world.deployment(name, { replicas: 2, containers: [aContainer(templateSize)] });
  }
  world.policy("orders", { workloads: entries });
  await settle(world);
  return world;
}

function grantsOf(world: MemoryWorld): Record<string, number> {
  const grants = Object.entries(world.status("orders").grants ?? {});
  return Object.fromEntries(grants.map(([name, { poolSize }]) => [name, poolSize]));
}

function rowsOf(world: MemoryWorld): readonly (readonly [reason: string, heldSlots: number])[] {
  const { workloads = [] } = world.status("orders");
  return workloads.map(({ reason, heldSlots }) => [reason, heldSlots] as const);
}

describe("two pools under one variable count once", () => {
  it.each([
    { name: "a template of more than the grant", templateSize: 20 },
    { name: "a template of less than the grant", templateSize: 5 },
  ])("and no neighbour is rolled: $name", async ({ templateSize }) => {
    const world = await worldWith(templateSize, [web, api]);
    const [rolls, before, { slots }] = [world.rolls.length, grantsOf(world), world.plan().exposure];
    world.policy("orders", { workloads: [web, reports, api] });
    await settle(world, 6);
    expect(grantsOf(world)).toEqual(before);
    expect(world.rolls.slice(rolls)).toEqual([]);
    expect(world.plan().exposure.slots).toBe(slots);
    expect(rowsOf(world)).toEqual([
      ["Applied", 28],
      ["ClaimedTwice", 28],
      ["ClaimedTwice", 0],
    ]);
  });

  it("under the one with a grant, whichever comes first", async () => {
    const world = await worldWith(5, [reports, api]);
    const [rolls, before, { slots }] = [world.rolls.length, grantsOf(world), world.plan().exposure];
    world.policy("orders", { workloads: [web, reports, api] });
    await settle(world, 6);
    expect(grantsOf(world)).toEqual(before);
    expect(world.rolls.slice(rolls)).toEqual([]);
    expect(world.plan().exposure.slots).toBe(slots);
  });

  it("as long as pods of the workload end that is gone", async () => {
    const world = await worldWith(20, [web, reports]);
    world.controller.graceMs = 30_000;
    world.deleteDeployment("web");
    await world.pass(5_000, 1_000);
    expect(world.plan().positions.map(({ leavingSlots }) => leavingSlots)).toEqual([40, 0]);
  });

  it("as the larger one, while the caches do not show what a roll of it has written", () => {
    const { key } = keysOf({ namespace: "shop", kind: "Deployment", name: "web" });
    const main = aWorkload("web", { template: anOwnSize(5) });
    const rolled = { ...main, poolKey: poolKeyOf(key, "reports"), template: anOwnSize(30) };
    const counted = countedOnce([main, rolled]);
    expect(counted.map(({ template }) => template.poolSize)).toEqual([0, 30]);
  });

  it("with what the second one names beside it", async () => {
    const world = new MemoryWorld();
    const size = { maxSize: "DB_POOL_SIZE" };
    const env = ["DB_POOL_SIZE", "DB_POOL_OVERFLOW"].map((name) => ({ name, value: "7" }));
    world.deployment("web", { replicas: 2, containers: [{ ...aContainer(1), env }] });
    world.policy("orders", { workloads: [{ ...web, env: size }] });
    await settle(world);
    const { slots } = world.plan().exposure;
    const overflow = "DB_POOL_OVERFLOW";
    world.policy("orders", {
      workloads: [
        { ...web, env: size },
        { ...reports, env: { ...size, overflow } },
      ],
    });
    await settle(world, 2);
    expect(world.plan().exposure.slots).toBe(slots);
    expect(world.plan().positions.map(({ pool }) => pool.connectionsBeside)).toEqual([
      7,
      undefined,
    ]);
  });
});

it("two pools that share another variable count both", async () => {
  const world = new MemoryWorld();
  world.read({ maxConnections: 100 });
  const env = ["DB_POOL_MAX_SIZE", "REPORTS_POOL_MAX_SIZE"].map((name) => ({ name, value: "6" }));
  world.deployment("web", { replicas: 2, containers: [{ ...aContainer(1), env }] });
  const names = { minSize: "DB_POOL_MIN_SIZE", maxSize: "REPORTS_POOL_MAX_SIZE" };
  world.policy("orders", { workloads: [web, { ...reports, env: names }] });
  await world.pass(minuteMs, 5_000);
  expect(rowsOf(world)).toEqual([
    ["ClaimedTwice", 12],
    ["ClaimedTwice", 12],
  ]);
});
