// How often pods are restarted by us while the world swings: in virtual time, through the
// production reconcilers, with both deliveries. The bound is the one that
// src/domain/decide/cooldown.ts states.

import { describe, expect, test, vi } from "vitest";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

// An hour is some hundred decisions, and machines are busy.
vi.setConfig({ testTimeout: 60_000 });

const hourMs = 60 * minuteMs;
const cooldownMs = 5 * minuteMs;
const bothDeliveries = [
  { delivery: "Admission", admission: true },
  { delivery: "Template", admission: false },
];
const current = { reserve: { connections: 0, rollouts: 1 } };

/** Web swings, job beside it does not; both are at rest when it begins. */
async function settled(admission: boolean, spec: object = current): Promise<MemoryWorld> {
  const world = new MemoryWorld({ admission });
  world.policy("orders", spec);
  world.deployment("web", { replicas: 3, containers: [aContainer(10)] });
  world.deployment("job", { replicas: 4, containers: [aContainer(10)] });
  await world.pass(20 * minuteMs, 15_000);
  world.cluster.writes.length = 0;
  return world;
}

/** Replicas of web go up and down, each for `everyMs`, for an hour; returns rolls by name. */
async function swing(
  world: MemoryWorld,
  everyMs: number,
  [few, many]: readonly [number, number] = [3, 15],
): Promise<Record<string, number>> {
  const endMs = world.nowMs + hourMs;
  for (let turn = 0; world.nowMs < endMs; turn++) {
    world.deployment("web", { replicas: turn % 2 === 0 ? many : few });
    await world.pass(everyMs, 15_000);
  }
  const rolls: Record<string, number> = { web: 0, job: 0 };
  for (const name of world.rolls) rolls[name] = (rolls[name] ?? 0) + 1;
  return rolls;
}

describe.each(bothDeliveries)("with $delivery, in an hour", ({ admission }) => {
  // With Admission its 15 pods, or those of them that are too large, are replaced one at a time.
  const once = admission ? { rolls: 0, evictionsMax: 15 } : { rolls: 1, evictionsMax: 0 };

  test.each([1, 4])("replicas that swing every %d min have pods replaced once", async (minutes) => {
    const world = await settled(admission);

    expect(await swing(world, minutes * minuteMs)).toEqual({ web: once.rolls, job: 0 });
    expect(world.evictions.length).toBeLessThanOrEqual(once.evictionsMax);
  });

  test("replicas that swing slower than the cooldown stay within the bound", async () => {
    const world = await settled(admission);

    const rolls = await swing(world, 7 * minuteMs);

    const bound = 2 * Math.ceil(hourMs / cooldownMs);
    expect(rolls["web"]).toBeLessThanOrEqual(bound);
    expect(rolls["job"]).toBeLessThanOrEqual(bound);
  });

  test("the same over a restart of the operator at every turn", async () => {
    const world = await settled(admission);
    const endMs = world.nowMs + hourMs;
    for (let turn = 0; world.nowMs < endMs; turn++) {
      world.deployment("web", { replicas: turn % 2 === 0 ? 15 : 3 });
      world.restartOperator();
      await world.pass(minuteMs, 15_000);
    }

    expect(world.rolls).toHaveLength(once.rolls);
    expect(world.evictions.length).toBeLessThanOrEqual(once.evictionsMax);
  });

  test("an autoscaler's planned pods do not move with its replicas: no restart at all", async () => {
    const world = await settled(admission);
    world.autoscaler("web", 15);
    await world.pass(20 * minuteMs, 15_000);
    world.cluster.writes.length = 0;

    expect(await swing(world, minuteMs)).toEqual({ web: 0, job: 0 });
  });

  test("a limit that swings every minute causes no more than the bound", async () => {
    const world = await settled(admission);
    for (let turn = 0; turn < 60; turn++) {
      world.read({ maxConnections: turn % 2 === 0 ? 120 : 200 });
      await world.pass(minuteMs, 15_000);
    }

    const bound = 2 * Math.ceil(hourMs / cooldownMs);
    for (const name of ["web", "job"]) {
      expect(world.rolls.filter((rolled) => rolled === name).length).toBeLessThanOrEqual(bound);
    }
  });
});
