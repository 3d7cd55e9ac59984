// What becomes of pods on read replicas when policies, names and secrets change around them: each
// pool counts on each of its servers, neither less nor twice.

import { beforeEach, describe, expect, test } from "vitest";
import { MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";

const replica = "db-ro.shop.svc:5432";
const primary = { secretRef: { name: "db" } };
let world: MemoryWorld;
let readReplica: object;

beforeEach(() => {
  world = new MemoryWorld();
  readReplica = world.otherDatabase("db-ro", replica);
  world.read({ maxConnections: 200 });
  world.deployment("web");
});

const onTeam = (team: string): object => ({ workloads: [{ selector: { matchLabels: { team } } }] });
const withReplica = (): object => ({ database: { ...primary, readReplicas: [readReplica] } });

describe("a pool that policies of two servers claim", () => {
  test("by one variable counts once on each of them", async () => {
    world.policy("orders", withReplica());
    world.policy("other", { database: readReplica });
    await world.pass(5 * minuteMs, 5_000);
    // Three pods of 50, and room for as many.
    for (const name of [server, replica]) expect(world.plan(name).exposure.slots).toBe(300);
  });

  test("by a variable of each counts with each of them where both are", async () => {
    const env = { maxSize: "DB_REPLICA_POOL_SIZE" };
    world.policy("orders", withReplica());
    world.policy("other", {
      database: readReplica,
      workloads: [{ name: "web", env, unmanagedPoolSize: 20 }],
    });
    await world.pass(5 * minuteMs, 5_000);
    expect(world.plan(replica).exposure.slots).toBe(300 + 120);
  });
});

describe("while the secret of a policy is away, after a restart, its pods count", () => {
  test("with each of their pools on a server that two of its names mean", async () => {
    world.cluster.data.set("Secret/shop/twice", { uri: `postgresql://app:x@${server}/orders` });
    const twice = { secretRef: { name: "twice" } };
    world.deployment("reports", { labels: { team: "reports" } });
    world.policy("orders", { database: { ...twice, readReplicas: [twice] } });
    world.policy("reports", { database: primary, ...onTeam("reports") });
    await world.pass(20 * minuteMs, 5_000);
    const { rolls } = world;
    world.cluster.data.delete("Secret/shop/twice");
    world.restartOperator();
    for (let minute = 0; minute < 15; minute += 1) {
      await world.pass(minuteMs, 5_000);
      world.read({ maxConnections: 200 });
    }
    expect(world.podSizes("web")).toEqual([10, 10, 10]);
    expect(world.podSizes("reports")).toEqual([21, 21, 21]);
    expect(world.rolls).toEqual(rolls);
  });
});

describe("a replica that the policy names anew", () => {
  const other = "db-reads.shop.svc:5432";
  const renamed = { secretRef: { name: "db-reads" } };
  const slotsOn = (name: string): number => world.plan(name).exposure.slots;

  beforeEach(async () => {
    world.cluster.data.set("Secret/shop/db-reads", { uri: `postgresql://app:x@${other}/orders` });
    world.deployment("reports", { labels: { team: "reports" } });
    world.policy("orders", withReplica());
    world.policy("reports", { database: readReplica, ...onTeam("reports") });
    await world.pass(20 * minuteMs, 5_000);
  });

  async function rename(): Promise<void> {
    world.policy("orders", { database: { ...primary, readReplicas: [renamed] } });
    for (let minute = 0; minute < 10; minute += 1) {
      world.operator.failToRead(other, world.nowMs);
      await world.pass(minuteMs, 5_000);
    }
  }

  test("keeps its pods while the new name was never read: it may be the same server", async () => {
    const [before, rolls] = [slotsOn(replica), world.rolls];
    await rename();
    expect(slotsOn(replica)).toBe(before);
    expect(world.rolls).toEqual(rolls);
    const { conditions = [] } = world.status("orders");
    const reachable = conditions.find(({ type }) => type === "DatabaseReachable");
    expect(reachable?.message).toContain(`read replica ${other}: `);
  });

  test("lets them go once the new name was read, and is another server", async () => {
    await rename();
    world.read({ maxConnections: 200, startedAtMicroseconds: 7 }, other);
    await world.pass(minuteMs, 5_000);
    const names = world.plan(replica).positions.map(({ workload }) => workload.name);
    expect(names).toEqual(["reports"]);
    expect(world.plan(other).positions.map(({ workload }) => workload.name)).toEqual(["web"]);
  });

  test("lets them go at once where it names one less", async () => {
    world.policy("orders", { database: primary });
    await world.pass(minuteMs, 5_000);
    const names = world.plan(replica).positions.map(({ workload }) => workload.name);
    expect(names).toEqual(["reports"]);
  });
});
