// Workloads, autoscalers and policies that come, go and change: what becomes of sizes, shares and
// pods, in both deliveries.

import { describe, expect, test, vi } from "vitest";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

// Minutes of decisions, and machines are busy.
vi.setConfig({ testTimeout: 30_000 });

const bothDeliveries = [
  { delivery: "Admission", admission: true },
  { delivery: "Template", admission: false },
];
const spec = { reserve: { connections: 0, rollouts: 1 } };

/** Web and job, five pods each, of 197 slots: 13 each. */
async function settled(admission: boolean): Promise<MemoryWorld> {
  const world = new MemoryWorld({ admission });
  world.policy("orders", spec);
  for (const name of ["job", "web"]) world.deployment(name, { replicas: 5 });
  await world.pass(10 * minuteMs, 5_000);
  expect([...world.podSizes("job"), ...world.podSizes("web")]).toEqual(Array(10).fill(13));
  world.cluster.writes.length = 0;
  world.peakSlots = 0;
  return world;
}

/** The size of web's share in the last decision. */
function shareOf(world: MemoryWorld, name: string): number | undefined {
  return world.plan().pools.find(({ position }) => position.workload.name === name)?.share;
}

describe.each(bothDeliveries)("with $delivery,", ({ admission }) => {
  test("a workload that is scaled to 0 gives its share away after the cooldown", async () => {
    const world = await settled(admission);

    world.deployment("web", { replicas: 0 });
    await world.pass(4.5 * minuteMs, 5_000);
    expect(world.podSizes("job")).toEqual([13, 13, 13, 13, 13]);
    const row = world.status("orders").workloads?.find(({ workload }) => workload.endsWith("job"));
    expect(row?.message).toContain("13→19 when fewer pods have been planned for 5m");
    await world.pass(2 * minuteMs, 5_000);

    expect(world.podSizes("job")).toEqual([19, 19, 19, 19, 19]);
  });

  test("and when it is scaled up again within it, nobody is restarted", async () => {
    const world = await settled(admission);

    world.deployment("web", { replicas: 0 });
    await world.pass(4 * minuteMs, 5_000);
    world.deployment("web", { replicas: 5 });
    await world.pass(10 * minuteMs, 5_000);

    expect(world.rolls).toEqual([]);
    expect(world.podSizes("web")).toEqual([13, 13, 13, 13, 13]);
    expect(world.peakSlots).toBeLessThanOrEqual(197);
  });

  test("a workload that is deleted and made anew gets its share again, without a leap", async () => {
    const world = await settled(admission);

    world.deleteDeployment("web");
    await world.pass(3 * minuteMs, 5_000);
    expect(shareOf(world, "job")).toBe(13);
    expect(world.status("orders").workloads?.map(({ decision }) => decision)).toContain(
      "Unmanaged",
    );
    world.deployment("web", { replicas: 5, containers: [aContainer(13)] });
    await world.pass(3 * minuteMs, 5_000);

    expect(world.rolls.filter((name) => name === "job")).toEqual([]);
    expect(world.podSizes("web")).toEqual([13, 13, 13, 13, 13]);
    expect(world.peakSlots).toBeLessThanOrEqual(197);
  });

  test("a workload that is deleted for good is forgotten, and the others grow", async () => {
    const world = await settled(admission);

    world.deleteDeployment("web");
    await world.pass(7 * minuteMs, 5_000);

    expect(world.podSizes("job")).toEqual([19, 19, 19, 19, 19]);
    expect(world.status("orders").workloads).toHaveLength(1);
    expect(Object.keys(world.status("orders").grants ?? {})).not.toContain("Deployment/web");
  });

  test("an autoscaler that is away for a moment moves no share", async () => {
    const world = await settled(admission);
    world.autoscaler("web", 10);
    await world.pass(5 * minuteMs, 5_000);
    world.cluster.writes.length = 0;
    const before = ["job", "web"].map((name) => shareOf(world, name));

    world.stores.autoscalers.delete("shop/web");
    await world.pass(minuteMs, 5_000);
    expect(["job", "web"].map((name) => shareOf(world, name))).toEqual(before);
    world.restartOperator();
    await world.pass(minuteMs, 5_000);
    world.autoscaler("web", 10);
    await world.pass(10 * minuteMs, 5_000);

    expect(["job", "web"].map((name) => shareOf(world, name))).toEqual(before);
    expect(world.rolls).toEqual([]);
  });

  test("fewer planned pods make floors that did not fit fit at once", async () => {
    const world = await settled(admission);
    world.autoscaler("web", 200);
    await world.pass(minuteMs, 5_000);
    const feasible = (): string | undefined =>
      world.status("orders").conditions?.find(({ type }) => type === "Feasible")?.status;
    expect(feasible()).toBe("False");

    world.autoscaler("web", 5);
    await world.look();

    expect(feasible()).toBe("True");
  });

  test("rollout undo brings an old size back: it is noticed and settled by one roll", async () => {
    const world = await settled(admission);
    const [container] = world.deploymentNow("web").containers;
    if (!container) throw new Error("web has no container");

    world.deployment("web", { containers: [aContainer(50)], templateAnnotations: {} });
    world.controller.run(world.nowMs);
    const afterUndo = world.podSizes("web");
    await world.pass(5 * minuteMs, 5_000);

    expect(afterUndo).toEqual(Array(5).fill(admission ? 13 : 50));
    expect(world.podSizes("web")).toEqual([13, 13, 13, 13, 13]);
    expect(world.rolls).toEqual(admission ? [] : ["web"]);
  });

  test("Observe: pods keep their sizes, nothing is written to them, and all is said", async () => {
    const world = await settled(admission);

    world.policy("orders", { ...spec, mode: "Observe" });
    await world.pass(10 * minuteMs, 5_000);

    expect(world.rolls).toEqual([]);
    expect(world.podSizes("web")).toEqual([13, 13, 13, 13, 13]);
    expect(world.status("orders").grants).toBe(undefined);
    const { conditions = [], workloads = [] } = world.status("orders");
    expect(conditions.find(({ type }) => type === "Applied")?.reason).toBe("Observing");
    expect(workloads.map(({ wantedPoolSize }) => wantedPoolSize)).toEqual([13, 13]);
  });

  test("Enforce again: the sizes are in force within one decision, and nobody is rolled", async () => {
    const world = await settled(admission);
    world.policy("orders", { ...spec, mode: "Observe" });
    await world.pass(minuteMs, 5_000);

    world.policy("orders", spec);
    await world.look();
    await world.pass(10 * minuteMs, 5_000);

    expect(world.nextPodSize("web")).toBe(13);
    expect(world.rolls).toEqual([]);
  });

  test("a policy that is deleted: pods keep their sizes and nothing is written to them", async () => {
    const world = await settled(admission);

    world.stores.policies.delete("shop/orders");
    await world.pass(10 * minuteMs, 5_000);

    expect(world.cluster.writes).toEqual([]);
    expect(world.podSizes("web")).toEqual([13, 13, 13, 13, 13]);
    expect(world.nextPodSize("web")).toBe(admission ? 50 : 13);
  });
});

test("Observe is said with what new pods get from now on", async () => {
  const world = await settled(true);

  world.policy("orders", { ...spec, mode: "Observe" });
  await world.look();

  expect(world.nextPodSize("web")).toBe(50);
  const row = world.status("orders").workloads?.find(({ workload }) => workload.endsWith("web"));
  expect(row).toMatchObject({ poolSize: 50, decision: "Unmanaged", reason: "Observing" });
  expect(row?.message).toContain("pods keep their sizes, new ones get what their template says");
  expect(world.plan().exposure.slots).toBe(2 * 5 * 50 + 5 * 50);
});
