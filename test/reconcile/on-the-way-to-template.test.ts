// A policy that goes from Admission to Template may lose a workload on the way: deleted, it may
// come back under its name with the template that it had.

import { describe, expect, test, vi } from "vitest";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

// Minutes of decisions, and machines are busy.
vi.setConfig({ testTimeout: 30_000 });

/** Deployment web: its template says 50, its grant 6; at rest. */
async function settledFleet(): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("web");
  world.autoscaler("web", 15);
  await world.pass(minuteMs);
  expect(world.podSizes("web")).toEqual([6, 6, 6]);
  return world;
}

describe("a policy that goes from Admission to Template", () => {
  test("keeps the grant of a workload that is deleted meanwhile and made anew", async () => {
    const world = await settledFleet();
    world.deployment("web", { paused: true });

    world.policy("orders", { delivery: "Template" });
    await world.pass(10_000);
    world.deleteDeployment("web");
    await world.pass(10_000);
    world.deployment("web", { containers: [aContainer(50)] });

    expect(world.nextPodSize("web")).toBe(6);
  });

  test("arrives once the grant of a deleted workload is kept no longer", async () => {
    const world = await settledFleet();
    world.policy("orders", { delivery: "Template" });
    world.deleteDeployment("web");
    await world.pass(2 * minuteMs, 5_000);
    expect(world.grant("orders", "web")).toBe(6);
    expect(world.status("orders").deliveryMessage).toContain("still without: web");
    await world.pass(5 * minuteMs, 5_000);

    expect(world.grant("orders", "web")).toBe(undefined);
    expect(world.status("orders").delivery).toBe("Template");
  });

  test("keeps its grants while the admission policy is away for a moment", async () => {
    const world = await settledFleet();
    world.removeAdmission();
    world.policy("orders", { delivery: "Template" });
    await world.pass(10_000);
    const { conditions = [] } = world.status("orders");
    const ready = conditions.find(({ type }) => type === "Ready");
    expect(ready?.message).toContain("if it is not back by ");
    world.installAdmission(world.nowMs - 60 * minuteMs);

    expect(world.nextPodSize("web")).toBe(6);
    await world.pass(10 * minuteMs, 5_000);
    expect(world.status("orders").delivery).toBe("Template");
    expect(world.podSizes("web")).toEqual([6, 6, 6]);
  });

  test("waits a minute for one that is gone, and not longer", async () => {
    const world = await settledFleet();
    world.removeAdmission();
    world.policy("orders", { delivery: "Template" });
    await world.pass(minuteMs + 5_000, 5_000);

    expect(world.status("orders").delivery).toBe("Template");
    await world.pass(10 * minuteMs, 5_000);
    expect(world.nextPodSize("web")).toBe(6);
  });
});
