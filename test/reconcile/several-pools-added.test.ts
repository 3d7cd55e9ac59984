// A pool that is added to a workload: its pods are rolled for it, and the roll before, which was
// for the other pools, was none in vain. Its pods have a size of ours for those, so the roll has to
// fit beside what runs, like any other.

import { expect, it } from "vitest";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const web = { name: "web" };
const replica = { name: "web", pool: "replica", env: { maxSize: "REPLICA_POOL_MAX_SIZE" } };
const env = ["DB_POOL_MAX_SIZE", "REPLICA_POOL_MAX_SIZE"].map((name) => ({ name, value: "25" }));

/** Too few for a rollout of both pools beside what runs. */
const few = { maxConnections: 100 };
const enough = { maxConnections: 250 };

async function settle(world: MemoryWorld, minutes: number, reading = enough): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    world.read(reading);
    await world.pass(minuteMs, 5_000);
  }
}

/** Rolled for its main pool. */
async function rolledWorld(): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  world.read(few);
  world.deployment("web", { replicas: 3, containers: [{ ...aContainer(1), env }] });
  world.policy("orders", { workloads: [web] });
  while (world.rolls.length === 0) await world.pass(5_000, 5_000);
  return world;
}

function revertsIn(world: MemoryWorld): readonly number[] {
  return world.plan().positions.map(({ pool }) => pool.reverts);
}

it("is rolled out after the cooldown, and no later one waits longer for it", async () => {
  const world = await rolledWorld();
  await settle(world, 11);
  world.policy("orders", { workloads: [web, replica] });
  await settle(world, 3);
  expect(world.rolls).toHaveLength(2);
  expect(revertsIn(world)).toEqual([0, 0]);
});

it("waits for the cooldown of a roll just before, which is not said to have failed", async () => {
  const world = await rolledWorld();
  world.policy("orders", { workloads: [web, replica] });
  for (let second = 0; second < 60; second += 5) {
    world.read(enough);
    await world.pass(5_000, 5_000);
    const reasons = world.status("orders").workloads?.map(({ reason }) => reason) ?? [];
    expect(reasons).not.toContain("StartedUnsized");
  }
  await settle(world, 4);
  expect(world.rolls).toHaveLength(2);
  expect(revertsIn(world)).toEqual([0, 0]);
});

it("is not rolled out on a server that is too full: no login is refused for it", async () => {
  const world = await rolledWorld();
  await settle(world, 11, few);
  world.policy("orders", { workloads: [web, replica] });
  await settle(world, 3, few);
  expect(world.rolls).toHaveLength(1);
  const [row] = world.status("orders").workloads ?? [];
  expect(row?.message).toMatch(/waits, because 92 of 97 slots are taken/);
});
