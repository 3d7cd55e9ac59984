// One workload whose numbers are none beside others on the server: they are decided as if it said
// something sound, and their statuses go through.

import { describe, expect, it } from "vitest";
import type { ObservedWorkload } from "../../src/observed.ts";
import { aContainer, MemoryWorld } from "../support/memory-world/world.ts";

async function sharedWith(odd: Partial<ObservedWorkload>): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  world.policy("orders", { workloads: [{ name: "web" }] });
  world.policy("guest", { workloads: [{ name: "odd" }] });
  world.deployment("web", { replicas: 3, containers: [aContainer(5)] });
  await world.pass(60_000);
  world.deployment("odd", { replicas: 0, waitsForTermination: true, ...odd });
  await world.pass(30_000);
  return world;
}

describe("a Deployment beside others whose number is none", () => {
  it.each<{ name: string; odd: Partial<ObservedWorkload> }>([
    { name: "a surge of 400 digits", odd: { maxSurge: `${"9".repeat(400)}%` } },
    { name: "a surge without end", odd: { maxSurge: Infinity } },
    { name: "a surge that is no number", odd: { maxSurge: Number.NaN } },
  ])("does not stop their account: $name", async ({ odd }) => {
    const world = await sharedWith(odd);
    world.deployment("web", { replicas: 20, containers: [aContainer(5)] });
    await world.pass(60_000);

    const { exposure } = world.plan();
    expect(exposure.slots).toBeLessThanOrEqual(187);
    expect(world.heldSlots).toBeLessThanOrEqual(187);
    expect(world.status("orders").used).toBe(exposure.slots);
  });

  it("counts with 100,000 pods where it asks for more", async () => {
    const world = await sharedWith({});
    world.autoscaler("odd", 2 ** 31 - 1);
    await world.pass(30_000);

    const [row] = world.status("guest").workloads ?? [];
    expect(row?.plannedPods).toBe(100_000);
    expect(Number.isSafeInteger(world.status("orders").used)).toBe(true);
  });
});
