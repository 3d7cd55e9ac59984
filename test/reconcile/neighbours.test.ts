// A policy joins a server on which a healthy fleet runs: nobody is shrunk or rolled for it before
// it is known what it needs, and never for one that only observes.
import { describe, expect, it } from "vitest";
import { MemoryOperator } from "../support/memory-world/operator.ts";
import { aContainer, MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";
import { FakeDatabase } from "../support/fake-database.ts";

const stepMs = 5_000;

/**
 * A budget of 187 on a server that is read with real logins; svc-a is at rest with 23 a pod. The
 * reserve is so large that each roll fits beside what runs.
 */
async function worldWithFleet(): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  const database = new FakeDatabase(world.clock);
  database.addServer(server, { maxConnections: 230, passwords: { a_app: "x", b_app: "x" } });
  const { cluster, clock, stores } = world;
  const { caches } = stores;
  world.operator = new MemoryOperator({ caches, cluster, clock, admissionWarmUpMs: 0, database });
  addPolicy(world, "a", "a_app:x");
  world.deployment("svc-a", { replicas: 4, containers: [aContainer(20)] });
  await world.pass(10 * minuteMs, stepMs);
  return world;
}

function addPolicy(world: MemoryWorld, name: string, login: string, more: object = {}): void {
  setLogin(world, name, login);
  const workloads = [{ name: `svc-${name}` }];
  const database = { secretRef: { name: `db-${name}` } };
  world.policy(name, { database, reserve: { connections: 40 }, workloads, ...more });
}

function setLogin({ cluster }: MemoryWorld, name: string, login: string): void {
  const uri = `postgresql://${login}@${server}/orders`;
  cluster.data.set(`Secret/shop/db-${name}`, { uri });
}

const fourPods = { replicas: 4, containers: [aContainer(30)] };

describe("beside a fleet that is at rest", { timeout: 60_000 }, () => {
  it("a policy with another login joins: one roll each, to what both get", async () => {
    const world = await worldWithFleet();
    expect(world.podSizes("svc-a")).toEqual([23, 23, 23, 23]);
    const rolls = world.rolls.length;

    world.deployment("svc-b", fourPods);
    addPolicy(world, "b", "b_app:x");
    await world.look();
    expect(world.grant("a", "svc-a")).toBe(23);
    await world.pass(10 * minuteMs, stepMs);

    expect(world.podSizes("svc-a")).toEqual([15, 15, 15, 15]);
    expect(world.podSizes("svc-b")).toEqual([15, 15, 15, 15]);
    expect(world.rolls.length - rolls).toBe(2);
  });

  it.each([
    { name: "one with a wrong password", login: "b_app:wrong", spec: {} },
    { name: "one that observes", login: "b_app:x", spec: { mode: "Observe" } },
    {
      name: "one that observes and asks for a large reserve",
      login: "b_app:x",
      spec: { mode: "Observe", reserve: { connections: 100 } },
    },
  ])("$name changes no pod of anybody", async ({ login, spec }) => {
    const world = await worldWithFleet();
    const rolls = world.rolls.length;

    world.deployment("svc-b", fourPods);
    addPolicy(world, "b", login, spec);
    await world.pass(15 * minuteMs, stepMs);

    expect(world.podSizes("svc-a")).toEqual([23, 23, 23, 23]);
    expect(world.podSizes("svc-b")).toEqual([30, 30, 30, 30]);
    expect(world.rolls.length).toBe(rolls);
    expect(world.status("b").counted).toBe("AsHeld");
  });

  it("one that was in force keeps its slots when its password is changed", async () => {
    const world = await worldWithFleet();
    world.deployment("svc-b", fourPods);
    addPolicy(world, "b", "b_app:x");
    await world.pass(10 * minuteMs, stepMs);

    setLogin(world, "b", "b_app:rotated");
    await world.pass(10 * minuteMs, stepMs);

    expect(world.podSizes("svc-a")).toEqual([15, 15, 15, 15]);
    expect(world.plan().exposure.slots).toBe(3 * 4 * 15);
  });
});
