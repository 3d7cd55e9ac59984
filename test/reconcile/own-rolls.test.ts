// Which rolls count as ours for others: those that this process made. What the template of a
// workload says of its last roll is for its own cooldown, because whoever owns it can write that.

import { expect, test } from "vitest";
import { rolledAtAnnotation } from "../../src/api/group.ts";
import type { PoolFacts } from "../../src/domain/facts/facts.ts";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

function web(world: MemoryWorld): PoolFacts {
  const found = world.plan().positions.find(({ workload }) => workload.name === "web");
  if (!found) throw new Error("web is not planned for");
  return found.pool;
}

/** Deployment web was rolled to its size. */
async function rolled(): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("web");
  await world.pass(5 * minuteMs);
  expect(world.rolls).toEqual(["web"]);
  return world;
}

test("a roll of this process is known, and in the future of no clock", async () => {
  const world = await rolled();
  const { ownRollAtMs = 0, rolledAtMs } = web(world);
  expect(Math.floor(ownRollAtMs / 1_000) * 1_000).toBe(rolledAtMs);

  world.clockAheadMs = -60 * minuteMs;
  await world.pass(minuteMs);
  expect(web(world).ownRollAtMs).toBe(0);
});

test("one of a process before it is known by the template alone", async () => {
  const world = await rolled();
  const { rolledAtMs } = web(world);
  world.restartOperator();
  await world.pass(minuteMs);
  expect(web(world)).toMatchObject({ rolledAtMs });
  expect(web(world).ownRollAtMs).toBeUndefined();
});

test("what its owner writes into the template is no roll of ours", async () => {
  const world = new MemoryWorld();
  world.policy("orders");
  const rolledAt = new Date(world.nowMs).toISOString();
  world.deployment("web", { templateAnnotations: { [rolledAtAnnotation]: rolledAt } });
  await world.pass(1_000);
  expect(web(world)).toMatchObject({ rolledAtMs: Date.parse(rolledAt) });
  expect(web(world).ownRollAtMs).toBeUndefined();
});
