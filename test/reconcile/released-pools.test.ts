// The entry of a pool is taken out of the policy while pods with the pool run: they keep its
// sessions, so nobody else may have its slots.

import { describe, expect, it } from "vitest";
import type { ObservedPod } from "../../src/observed.ts";
import { claimsOn } from "../../src/reconcile/observe/claims.ts";
import { releasedPools } from "../../src/reconcile/observe/released-pools.ts";
import { aPolicy } from "../support/builders.ts";
import { findingsOf } from "../support/situation.ts";
import { aContainer, aDeployment, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const main = { name: "web" };
const env = { minSize: "REPLICA_POOL_MIN_SIZE", maxSize: "REPLICA_POOL_MAX_SIZE" };
const replica = { name: "web", pool: "replica", env };
const limit = 97;

function containerWith(sizes: Readonly<Record<string, string>>): ReturnType<typeof aContainer> {
  const entries = Object.entries(sizes).map(([name, value]) => ({ name, value }));
  return { ...aContainer(1), env: entries };
}

interface Parts {
  readonly admission?: boolean;
  /** What the template says of the replica's pool. */
  readonly replicaSize?: string;
}

/** Three pods with 7 and 7, of a budget of 87. */
async function worldWith({
  admission = true,
  replicaSize = "30",
}: Parts = {}): Promise<MemoryWorld> {
  const world = new MemoryWorld({ admission });
  const sizes = { DB_POOL_MAX_SIZE: "20", REPLICA_POOL_MAX_SIZE: replicaSize };
  world.deployment("web", { replicas: 3, containers: [containerWith(sizes)] });
  world.policy("orders", { workloads: [main, replica] });
  await settle(world, 12);
  expect(world.rolls).toHaveLength(1);
  return world;
}

async function settle(world: MemoryWorld, minutes = 4): Promise<void> {
  for (let half = 0; half < 2 * minutes; half += 1) {
    world.read({ maxConnections: 100 });
    await world.pass(minuteMs / 2, 5_000);
    expect(openIn(world)).toBeLessThanOrEqual(limit);
  }
}

/** What the processes of all pods open by their variables. */
function openIn(world: MemoryWorld): number {
  const sizeIn = ({ containers }: ObservedPod, of: string): number => {
    const entry = containers.flatMap((one) => one.env).find(({ name }) => name === of);
    return Number(entry?.value ?? 0);
  };
  const names = ["DB_POOL_MAX_SIZE", env.maxSize];
  const pods = [...world.stores.pods.values()];
  return pods.reduce((sum, pod) => names.reduce((own, name) => own + sizeIn(pod, name), sum), 0);
}

function rowsOf(world: MemoryWorld): readonly (readonly [string, string, string])[] {
  const { workloads = [] } = world.status("orders");
  return workloads.map(({ workload, decision, message }) => [workload, decision, message] as const);
}

function templateOf(world: MemoryWorld): Record<string, string | undefined> {
  const [container] = world.deploymentNow("web").containers;
  return Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value]));
}

const released =
  "no entry names this pool any more: it is counted as its pods and their template say";

describe("a pool whose entry is taken out", () => {
  it.each([true, false])("is counted, and nobody is rolled (admission %s)", async (admission) => {
    const world = await worldWith({ admission });
    world.controller.graceMs = 20_000;
    world.policy("orders", { workloads: [main] });
    await settle(world);
    expect(world.rolls).toHaveLength(1);
    expect(openIn(world)).toBe(3 * (7 + 7));
    expect(rowsOf(world)[1]).toEqual([
      "Deployment/web/replica",
      "Unmanaged",
      expect.stringContaining(released),
    ]);
    expect(world.status("orders").grants ?? {}).not.toHaveProperty(["Deployment/web/replica"]);
  });

  it("counts with what its new pods would hold, and the roll that would start them waits", async () => {
    const world = await worldWith();
    world.policy("orders", { workloads: [main] });
    await settle(world);
    const [own, left] = world.plan().positions;
    expect(left).toMatchObject({
      managed: false,
      inForce: 30,
      staying: [{ poolSize: 7, pods: 3 }],
    });
    expect(own?.published).toBeLessThan(7);
    expect(rowsOf(world)[0]?.[2]).toContain(
      "and take 69 more for the pool web/replica, which is not sized",
    );
  });

  it("leaves the others as they were where the template says no more than it had", async () => {
    const world = await worldWith({ replicaSize: "7" });
    world.policy("orders", { workloads: [main] });
    await settle(world);
    expect(world.rolls).toHaveLength(1);
    expect(world.grant("orders", "web")).toBe(7);
  });

  it("keeps its entries in a template that is written anew", async () => {
    const world = await worldWith({ admission: false });
    const before = templateOf(world);
    expect(before).toMatchObject({ REPLICA_POOL_MIN_SIZE: "1", REPLICA_POOL_MAX_SIZE: "7" });
    world.policy("orders", { workloads: [{ ...main, poolSize: { max: 9 } }] });
    for (let half = 0; half < 30; half += 1) {
      world.read({ maxConnections: 200 });
      await world.pass(minuteMs / 2, 5_000);
    }
    const { DB_POOL_MAX_SIZE: size, ...after } = templateOf(world);
    expect(size).toBe("9");
    expect(after).toMatchObject({ REPLICA_POOL_MIN_SIZE: "1", REPLICA_POOL_MAX_SIZE: "7" });
  });

  it("is gone when neither a pod nor the template says a size of it", async () => {
    const world = await worldWith();
    world.policy("orders", { workloads: [main] });
    await settle(world);
    world.deployment("web", { containers: [containerWith({ DB_POOL_MAX_SIZE: "20" })] });
    await settle(world, 20);
    expect(rowsOf(world).map(([name]) => name)).toEqual(["Deployment/web"]);
    expect(world.grant("orders", "web")).toBe(14);
  });

  it("is sized again when an entry names it", async () => {
    const world = await worldWith();
    world.policy("orders", { workloads: [main] });
    await settle(world);
    world.policy("orders", { workloads: [main, replica] });
    await settle(world, 10);
    expect(world.plan().positions.map(({ managed, published }) => [managed, published])).toEqual([
      [true, 7],
      [true, 7],
    ]);
  });

  it("is no second pool where another name is given to it", async () => {
    const world = await worldWith();
    world.policy("orders", { workloads: [main, { ...replica, pool: "reports" }] });
    await world.pass(5_000, 5_000);
    const names = rowsOf(world).map(([name]) => name);
    expect(names).toEqual(["Deployment/web", "Deployment/web/reports"]);
  });

  it("is told of with the variable to remove, as long as the template says it", async () => {
    const world = await worldWith();
    world.policy("orders", { workloads: [main] });
    await settle(world);
    const [finding] = findingsOf(world.status("orders"), "PoolWithoutEntry");
    expect(finding).toContain("container app sets REPLICA_POOL_MAX_SIZE in the template");
    expect(finding).toContain("stays on the account as 30; remove REPLICA_POOL_MAX_SIZE");
    world.deployment("web", { containers: [containerWith({ DB_POOL_MAX_SIZE: "20" })] });
    await settle(world, 1);
    expect(findingsOf(world.status("orders"), "PoolWithoutEntry")).toEqual([]);
  });

  it("has no grant from then on, whoever else has a pool of its name", async () => {
    const world = await worldWith();
    const others = [{ ...replica, name: "api" }];
    world.policy("orders", { workloads: [main, ...others] });
    await world.pass(5_000, 1_000);
    const { grants = {} } = world.status("orders");
    expect(Object.keys(grants)).toEqual(["Deployment/web"]);
  });

  it("may be the main one", async () => {
    const world = await worldWith();
    world.policy("orders", { workloads: [replica] });
    await settle(world);
    expect(world.rolls).toHaveLength(1);
    expect(rowsOf(world).map(([name, decision]) => [name, decision])).toEqual([
      ["Deployment/web", "Unmanaged"],
      ["Deployment/web/replica", "Wait"],
    ]);
  });

  it("stays on the account of an operator that starts anew", async () => {
    const world = await worldWith();
    world.policy("orders", { workloads: [main] });
    world.restartOperator();
    await settle(world);
    expect(world.rolls).toHaveLength(1);
    expect(world.plan().positions).toHaveLength(2);
  });
});

it("what the others write is worked out once for all released pools, and not at each decision", () => {
  const web = { ...aDeployment("web", 0), containers: [containerWith({ A_POOL_SIZE: "1" })] };
  const rows = ["a", "b"].map((pool) => ({
    ...{ workload: `Deployment/web/${pool}`, maxSizeName: `${pool.toUpperCase()}_POOL_SIZE` },
    ...{
      replicas: 1,
      pods: 1,
      plannedPods: 1,
      poolSize: 1,
      wantedPoolSize: 1,
      minSize: 1,
      heldSlots: 1,
      slots: 1,
    },
    ...{ decision: "Unmanaged", reason: "Applied", message: "" },
  }));
  const policy = aPolicy("orders", { spec: { workloads: [main] } });
  const member = { ...policy, status: { workloads: rows } };
  const claims = claimsOn([web], [member]);
  const found = { claims, on: () => claims.get(web), named: () => web };
  const [first, second] = [1, 2].map(() => releasedPools([member], found));
  expect(first).toHaveLength(2);
  const all = [...(first ?? []), ...(second ?? [])].map(({ pool }) => pool);
  expect(new Set(all.map(({ namesOfOthers }) => namesOfOthers)).size).toBe(1);
  expect(new Set(all.flatMap((pool) => pool.claims.map(({ entry }) => entry))).size).toBe(2);
});
