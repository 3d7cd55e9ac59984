// One workload of two policies: on each server it counts with the variable that the policy of that
// server names, whoever sized it first.
import { describe, expect, it } from "vitest";
import { FakeDatabase } from "../support/fake-database.ts";
import { MemoryOperator } from "../support/memory-world/operator.ts";
import { aContainer, MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";

const replicaServer = "replica.shop.svc:5432";

it("claimed twice counts with the right variable", { timeout: 60_000 }, async () => {
  const world = new MemoryWorld();
  const env = [{ name: "DB_REPLICA_POOL_SIZE", value: "20" }];
  world.deployment("portal", { replicas: 4, containers: [aContainer(25, { env })] });
  world.policy("main", { workloads: [{ name: "portal", poolSize: { max: 10 } }] });
  await world.pass(5 * minuteMs, 5_000);
  expect(world.grant("main", "portal")).toBe(10);

  world.policy("replica", {
    database: world.otherDatabase("replica", replicaServer),
    workloads: [{ name: "portal", env: { maxSize: "DB_REPLICA_POOL_SIZE" } }],
  });
  await world.pass(minuteMs, 5_000);

  // Four pods of 20, and room for as many; the grant of main speaks of another variable.
  expect(world.plan(replicaServer).exposure.slots).toBe(160);
  expect(world.plan().exposure.slots).toBe(4 * 25 + 4 * 10);
  const message = world.status("replica").workloads?.[0]?.message;
  expect(message).toContain("no size assigned yet; new pods use the value in their own template");
  expect(message).toContain("; 4 pods hold 80 slots");
});

/** Without admission, on a server that is read with real logins. */
function worldWithLogins(): MemoryWorld {
  const world = new MemoryWorld({ admission: false });
  const database = new FakeDatabase(world.clock);
  database.addServer(server, { maxConnections: 200, passwords: { app: "x" } });
  const { cluster, clock, stores } = world;
  const { caches } = stores;
  world.operator = new MemoryOperator({ caches, cluster, clock, admissionWarmUpMs: 0, database });
  for (const password of ["x", "wrong"]) {
    const uri = `postgresql://app:${password}@${server}/orders`;
    cluster.data.set(`Secret/shop/login-${password}`, { uri });
  }
  return world;
}

describe("claimed by a policy in force and by one that is not, it counts with what may start", () => {
  const inForce = { database: { secretRef: { name: "login-x" } } };
  const observing = { ...inForce, mode: "Observe" };
  const lockedOut = { database: { secretRef: { name: "login-wrong" } } };

  it.each([
    { name: "the first of them observes", first: observing, last: inForce },
    { name: "the last of them observes", first: inForce, last: observing },
    { name: "the first of them cannot log in", first: lockedOut, last: inForce },
    { name: "the last of them cannot log in", first: inForce, last: lockedOut },
  ])("$name", async ({ first, last }) => {
    const world = worldWithLogins();
    world.deployment("portal", { replicas: 4, containers: [aContainer(10)] });
    world.autoscaler("portal", 6);
    const workloads = [{ name: "portal" }];
    world.policy("a", { workloads, ...first });
    world.policy("b", { workloads, ...last });
    await world.pass(minuteMs, 5_000);
    // Four pods of 10, two more that may start, and room for six.
    expect(world.plan().exposure.slots).toBe(4 * 10 + 2 * 10 + 6 * 10);
    const rowsOf = (name: string): unknown => world.status(name).workloads?.length;
    expect([rowsOf("a"), rowsOf("b")]).toEqual(first === inForce ? [1, 0] : [0, 1]);
  });
});
