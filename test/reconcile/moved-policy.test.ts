// A policy whose secret names its server by another name. The new name may be the old server's:
// until it was read, what runs there counts where it stood, or the others would be given its slots.

import { describe, expect, test } from "vitest";
import type { Database } from "../../src/ports.ts";
import { sessions } from "../support/builders.ts";
import { FakeDatabase, type FakeServer } from "../support/fake-database.ts";
import { MemoryOperator } from "../support/memory-world/operator.ts";
import { MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";

/** Budgeted under it, if it is the same server: it is the first in order. */
const otherName = "10.0.0.7:5432";

interface Scene {
  readonly world: MemoryWorld;
  readonly database: FakeDatabase;
  /** By its old name and by its new one. */
  readonly servers: readonly FakeServer[];
  /** Of all pods, once everything had come to rest. */
  readonly before: number[][];
  /** The secret of policy `b` names its server by this from now on. */
  readonly rename: (name: string) => void;
  readonly ready: (policy: string) => { readonly reason: string; readonly message: string };
}

/** Two policies share a server, and all of it is granted. */
async function scene(other: Partial<FakeServer>): Promise<Scene> {
  const world = new MemoryWorld();
  const database = new FakeDatabase(world.clock);
  const identity = { systemIdentifier: "77", startedAtMicroseconds: 1_000 };
  const servers = [
    database.addServer(server, { ...identity, maxConnections: 100 }),
    database.addServer(otherName, { ...identity, maxConnections: 100, ...other }),
  ];
  for (const name of ["a", "b"]) {
    world.policy(name, {
      database: { secretRef: { name: `db-${name}` } },
      workloads: [{ name: `web-${name}` }],
      reserve: { connections: 0 },
      rollout: { cooldown: "1s" },
    });
    setSecret(world, name, server);
    world.deployment(`web-${name}`, { replicas: 4, labels: {} });
  }
  startOperator(world, database);
  await world.pass(5 * minuteMs, 5_000);
  return {
    ...{ world, database, servers, before: sizes(world) },
    rename: (name) => {
      setSecret(world, "b", name);
    },
    ready: (policy) => {
      const found = world.status(policy).conditions?.find(({ type }) => type === "Ready");
      return { reason: found?.reason ?? "", message: found?.message ?? "" };
    },
  };
}

function setSecret(world: MemoryWorld, name: string, address: string): void {
  const uri = `postgresql://app:secret@${address}/orders`;
  world.cluster.data.set(`Secret/shop/db-${name}`, { uri });
}

function startOperator(world: MemoryWorld, database: Database): void {
  const { clock, cluster } = world;
  const { caches } = world.stores;
  world.operator = new MemoryOperator({
    ...{ caches, cluster, clock, database },
    admissionWarmUpMs: 35_000,
  });
}

function sizes(world: MemoryWorld): number[][] {
  return ["web-a", "web-b"].map((name) => world.podSizes(name));
}

describe("a policy whose secret names its server anew", () => {
  test.each([
    { name: "while the operator runs", restarts: false },
    { name: "before the operator starts anew", restarts: true },
  ])("by another name of it, $name: nothing grows or is rolled", async ({ restarts }) => {
    const { world, database, rename, before } = await scene({});
    const { slots } = world.plan().exposure;
    const rolls = world.rolls.length;
    rename(otherName);
    if (restarts) startOperator(world, database);
    await world.pass(15 * minuteMs, 5_000);
    expect(world.rolls.slice(rolls)).toEqual([]);
    expect(sizes(world)).toEqual(before);
    expect(world.plan(otherName).exposure.slots).toBe(slots);
    expect(world.plan(otherName).snapshot.policies).toHaveLength(2);
    expect(world.status("b").server).toBe(otherName);
  });

  test.each([
    { name: "while the operator runs", restarts: false },
    { name: "before the operator starts anew", restarts: true },
  ])("by one that cannot be read, $name: stays and says so", async ({ restarts }) => {
    const { world, database, rename, ready } = await scene({ isUp: false });
    const { slots } = world.plan().exposure;
    const rolls = world.rolls.length;
    rename(otherName);
    if (restarts) startOperator(world, database);
    await world.pass(15 * minuteMs, 5_000);
    expect(world.rolls.slice(rolls)).toEqual([]);
    expect(world.plan().exposure.slots).toBe(slots);
    expect(world.plan().snapshot.policies).toHaveLength(2);
    expect(ready("b").reason).toBe("DatabaseUnreachable");
    expect(ready("b").message).toMatch(`${otherName} is down`);
    expect(ready("b").message).toMatch(`count on ${server}`);
    expect(ready("a").reason).not.toBe("DatabaseUnreachable");
  });

  test("by another name of it: what was seen by the old one is not forgotten", async () => {
    const { world, rename, servers } = await scene({});
    for (const one of servers) one.sessions = [sessions(9)];
    await world.pass(minuteMs, 5_000);
    for (const one of servers) one.sessions = [];
    rename(otherName);
    await world.pass(minuteMs, 5_000);
    expect(world.plan(otherName).foreign.slots).toBe(9);
    await world.pass(10 * minuteMs, 5_000);
    expect(world.plan(otherName).foreign.slots).toBe(0);
  });

  test("by that of another server: leaves once it was read", async () => {
    const { world, rename, before } = await scene({ systemIdentifier: "78" });
    rename(otherName);
    await world.pass(15 * minuteMs, 5_000);
    expect(world.plan().snapshot.policies.map(({ key }) => key)).toEqual(["shop/a"]);
    expect(world.plan(otherName).snapshot.policies.map(({ key }) => key)).toEqual(["shop/b"]);
    expect(world.status("b").server).toBe(otherName);
    expect(sizes(world)[0]?.[0]).toBeGreaterThan(before[0]?.[0] ?? 0);
  });

  test("and takes that back: stands where it stood", async () => {
    const { world, rename, ready, before } = await scene({ isUp: false });
    rename(otherName);
    await world.pass(minuteMs, 5_000);
    rename(server);
    await world.pass(minuteMs, 5_000);
    expect(ready("b").reason).toBe(ready("a").reason);
    expect(sizes(world)).toEqual(before);
  });
});
