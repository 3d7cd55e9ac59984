// One workload with pools of several entries: each has a share, a row and a grant of its own, and
// its pods are replaced once for all of them.

import { describe, expect, it } from "vitest";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const replicaNames = { minSize: "REPLICA_POOL_MIN_SIZE", maxSize: "REPLICA_POOL_MAX_SIZE" };
const replica = { name: "web", pool: "replica", env: replicaNames };
const env = [
  { name: "DB_POOL_MAX_SIZE", value: "20" },
  { name: "REPLICA_POOL_MAX_SIZE", value: "30" },
];

interface Parts {
  readonly entries?: readonly object[];
  readonly admission?: boolean;
  readonly spec?: object;
  readonly replicas?: number;
}

async function worldWith({
  entries = [{ name: "web" }, replica],
  admission = true,
  spec = {},
  replicas = 3,
}: Parts = {}): Promise<MemoryWorld> {
  const world = new MemoryWorld({ admission });
  world.read({ maxConnections: 100 });
  world.deployment("web", { replicas, containers: [{ ...aContainer(1), env }] });
  world.policy("orders", { workloads: entries, ...spec });
  await settle(world);
  return world;
}

async function settle(world: MemoryWorld, minutes = 12): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    await world.pass(minuteMs, 5_000);
    world.read({ maxConnections: 100 });
  }
}

function sizesOf(world: MemoryWorld): Record<string, number> {
  const grants = Object.entries(world.status("orders").grants ?? {});
  return Object.fromEntries(grants.map(([name, { poolSize }]) => [name, poolSize]));
}

describe("pools of one policy", () => {
  it("have a row and a grant each, and their pods take the sum", async () => {
    const world = await worldWith();
    const { workloads = [], grants = {}, workloadCount } = world.status("orders");
    expect(workloads.map(({ workload }) => workload)).toEqual([
      "Deployment/web",
      "Deployment/web/replica",
    ]);
    expect(workloadCount).toBe(1);
    expect(grants["Deployment/web"]?.env.map(({ name }) => name)).toContain("DB_POOL_MAX_SIZE");
    expect(grants["Deployment/web/replica"]?.env).toContainEqual({
      name: "REPLICA_POOL_MAX_SIZE",
      value: String(grants["Deployment/web/replica"]?.poolSize),
    });
    const perPod = Object.values(sizesOf(world)).reduce((sum, size) => sum + size, 0);
    const plan = world.plan();
    expect(plan.exposure.slots).toBe(2 * 3 * perPod);
    expect(plan.exposure.slots).toBeLessThanOrEqual(plan.budgetSlots ?? 0);
    expect(plan.exposure.slots).toBeGreaterThan((plan.budgetSlots ?? 0) - 2 * 3);
  });

  it("are rolled once, and every pod has both sizes then", async () => {
    const world = await worldWith();
    expect(world.rolls).toHaveLength(1);
    const held = world.plan().positions.map(({ staying }) => staying);
    const sizes = Object.values(sizesOf(world));
    expect(held).toEqual(sizes.map((poolSize) => [{ poolSize, pods: 3 }]));
    const before = world.cluster.writes.length;
    await settle(world, 10);
    expect(world.cluster.writes.length).toBe(before);
    expect(world.rolls).toHaveLength(1);
  });

  it("are written into the template together, in one rollout", async () => {
    const world = await worldWith({ admission: false });
    expect(world.rolls).toHaveLength(1);
    const [main, other] = world.plan().positions;
    expect(main?.pool.templateIsWhole).toBe(true);
    expect(other?.pool.templateIsWhole).toBe(true);
    expect(main?.staying).toEqual([{ poolSize: main?.published, pods: 3 }]);
    expect(other?.staying).toEqual([{ poolSize: other?.published, pods: 3 }]);
    expect(world.plan().exposure.slots).toBeLessThanOrEqual(world.plan().budgetSlots ?? 0);
  });

  it("share by their weights and bounds", async () => {
    const world = await worldWith({
      entries: [{ name: "web" }, { ...replica, poolSize: { max: 3 } }],
    });
    expect(sizesOf(world)["Deployment/web/replica"]).toBe(3);
    expect(sizesOf(world)["Deployment/web"]).toBeGreaterThan(8);
  });

  it("plan for the most pods that any entry speaks of", async () => {
    const world = await worldWith({
      entries: [{ name: "web" }, { ...replica, maxPods: 6 }],
    });
    expect(world.plan().positions.map(({ plannedPods }) => plannedPods)).toEqual([6, 6]);
  });
});

describe("two that would write the same variable", () => {
  it("are a conflict that names both, and neither is sized", async () => {
    const world = await worldWith({ entries: [{ name: "web" }, { name: "web", pool: "replica" }] });
    expect(world.rolls).toHaveLength(0);
    expect(sizesOf(world)).toEqual({});
    const { findings = [] } = world.status("orders");
    const said = findings.filter(({ reason }) => reason === "ClaimedTwice");
    expect(said).toHaveLength(2);
    expect(said[0]?.message).toContain(
      "the main pool (policy shop/orders) and pool replica (policy shop/orders) would both write " +
        "DB_POOL_MIN_SIZE of container app",
    );
  });

  it("are none in different containers", async () => {
    const world = new MemoryWorld();
    world.read({ maxConnections: 100 });
    const size = [{ name: "DB_POOL_MAX_SIZE", value: "20" }];
    const [web, jobs] = ["web", "jobs"].map((name) => ({ ...aContainer(1), name, env: size }));
    world.deployment("web", { replicas: 2, containers: [web, jobs].flatMap((one) => one ?? []) });
    const entries = [
      { name: "web", container: "web" },
      { name: "web", container: "jobs", pool: "jobs" },
    ];
    world.policy("orders", { workloads: entries });
    await settle(world);
    const { grants = {}, findings = [] } = world.status("orders");
    expect(Object.values(grants).map(({ container }) => container)).toEqual(["web", "jobs"]);
    expect(findings.filter(({ reason }) => reason === "PoolBesideSize")).toEqual([]);
    const perPod = Object.values(sizesOf(world)).reduce((sum, each) => sum + each, 0);
    expect(world.plan().exposure.slots).toBe(2 * 2 * perPod);
  });
});

it("pods of a workload that is gone count with both pools", async () => {
  const world = await worldWith();
  const held = Object.values(sizesOf(world)).reduce((sum, size) => sum + 3 * size, 0);
  world.controller.graceMs = 30_000;
  world.deleteDeployment("web");
  await world.pass(5_000, 1_000);
  const { positions } = world.plan();
  expect(positions.map(({ leavingPods }) => leavingPods)).toEqual([3, 3]);
  expect(positions.reduce((sum, { leavingSlots }) => sum + leavingSlots, 0)).toBe(held);
});
