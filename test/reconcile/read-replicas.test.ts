// A policy with a read replica, through all reconcilers: its pods open a pool on each of the two
// servers, so that sizes fit both of them, whoever else is there and whatever becomes of one.

import { beforeEach, describe, expect, test } from "vitest";
import { tiedMax } from "../../src/reconcile/resolve/server-links.ts";
import { MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";

const replica = "db-ro.shop.svc:5432";
let world: MemoryWorld;
let readReplica: object;

beforeEach(() => {
  world = new MemoryWorld();
  readReplica = world.otherDatabase("db-ro", replica);
  world.read({ maxConnections: 200 });
});

function withReplica(more: object = {}): object {
  return { database: { secretRef: { name: "db" }, readReplicas: [readReplica] }, ...more };
}

function messageOf(type: string): string {
  const found = world.status("orders").conditions?.find((one) => one.type === type);
  return `${found?.status} ${found?.message}`;
}

/** Six pods in the worst case: three, and three more while they roll out. */
const sizeWithin = (maxConnections: number): number => Math.floor((maxConnections - 14) / 6);

describe("pods with a pool on a primary and on a replica", () => {
  test.each([
    { name: "the replica is smaller", onReplica: 80, want: sizeWithin(80) },
    { name: "the primary is smaller", onReplica: 400, want: sizeWithin(200) },
  ])("get what both have room for: $name", async ({ onReplica, want }) => {
    world.read({ maxConnections: onReplica, isStandby: true }, replica);
    world.deployment("web");
    world.policy("orders", withReplica());
    await world.pass(15 * minuteMs, 5_000);
    expect(world.podSizes("web")).toEqual([want, want, want]);
    for (const name of [server, replica]) {
      const { exposure, budgetSlots = 0 } = world.plan(name);
      expect(exposure.slots).toBeLessThanOrEqual(budgetSlots);
    }
  });

  test("are told of the replica, its numbers, and that it binds", async () => {
    world.read({ maxConnections: 80, isStandby: true }, replica);
    world.deployment("web");
    world.policy("orders", withReplica());
    await world.pass(15 * minuteMs, 5_000);
    const { replicas, workloads = [] } = world.status("orders");
    expect(replicas).toEqual([
      { server: replica, loginWorked: true, maxConnections: 80, budget: 67, used: 66, foreign: 0 },
    ]);
    expect(workloads[0]?.message).toContain(`limited by server ${replica}`);
    expect(messageOf("DatabaseReachable")).toContain(`read replica ${replica}: 80`);
    expect(messageOf("Ready")).toMatch(/^True/);
  });

  test("are not resized while they run, because each server would have to show it", async () => {
    world.bounds = { mayResize: true };
    world.restartOperator();
    world.read({ maxConnections: 80, isStandby: true }, replica);
    world.deployment("web");
    const live = { selector: { matchLabels: { team: "shop" } }, resize: "Live" };
    world.policy("orders", withReplica({ workloads: [live] }));
    await world.pass(15 * minuteMs, 5_000);
    const [finding] = world.status("orders").findings ?? [];
    expect(finding).toMatchObject({ reason: "CannotBeLive" });
    expect(finding?.message).toContain("pods have pools on several servers");
    expect(world.podSizes("web")).toEqual([sizeWithin(80), sizeWithin(80), sizeWithin(80)]);
    expect(world.cluster.writes.filter(({ kind }) => kind === "resize")).toEqual([]);
  });

  test("leave room for those that are on the replica alone", async () => {
    world.read({ maxConnections: 80, isStandby: true }, replica);
    world.deployment("web");
    world.deployment("reports", { labels: { team: "reports" } });
    world.policy("orders", withReplica());
    const workloads = [{ selector: { matchLabels: { team: "reports" } } }];
    world.policy("reports", { database: readReplica, workloads });
    await world.pass(20 * minuteMs, 5_000);
    const { exposure, budgetSlots = 0, positions } = world.plan(replica);
    expect(positions.map(({ workload }) => workload.name)).toEqual(["reports", "web"]);
    expect(exposure.slots).toBeLessThanOrEqual(budgetSlots);
    expect(world.podSizes("web")).toEqual(world.podSizes("reports"));
    expect(world.podSizes("web")[0]).toBeGreaterThan(5);
    // One status each, by the server on which the policy counts.
    expect(world.status("orders").server).toBe(server);
    expect(world.status("reports").server).toBe(replica);
  });

  test("do not grow while the replica does not answer, and say which it is", async () => {
    world.read({ maxConnections: 80, isStandby: true }, replica);
    world.deployment("web");
    world.policy("orders", withReplica());
    await world.pass(15 * minuteMs, 5_000);
    world.operator.failToRead(replica, world.nowMs);
    world.read({ maxConnections: 400 });
    world.deployment("web", { replicas: 1 });
    await world.pass(15 * minuteMs, 5_000);
    expect(world.podSizes("web")).toEqual([sizeWithin(80)]);
    expect(world.nextPodSize("web")).toBe(sizeWithin(80));
    expect(messageOf("DatabaseReachable")).toMatch(`False read replica ${replica}: `);
  });

  test("keep their size, and hold up no neighbour, while the replica was never read", async () => {
    const never = "db-new.shop.svc:5432";
    world.cluster.data.set("Secret/shop/db-new", { uri: `postgresql://app:x@${never}/orders` });
    world.deployment("web");
    world.deployment("batch", { labels: { team: "batch" } });
    const readReplicas = [{ secretRef: { name: "db-new" } }];
    world.policy("orders", { database: { secretRef: { name: "db" }, readReplicas } });
    const workloads = [{ selector: { matchLabels: { team: "batch" } } }];
    world.policy("batch", { workloads });
    world.operator.failToRead(never, world.nowMs);
    await world.pass(15 * minuteMs, 5_000);
    expect(world.podSizes("web")).toEqual([50, 50, 50]);
    expect(world.podSizes("batch")[0]).toBeLessThan(50);
    expect(messageOf("DatabaseReachable")).toMatch(`False read replica ${never}: `);
  });

  test("are named with the field where the secret of a replica is missing", async () => {
    world.deployment("web");
    const readReplicas = [{ secretRef: { name: "gone" } }];
    world.policy("orders", { database: { secretRef: { name: "db" }, readReplicas } });
    await world.pass(minuteMs);
    const message = messageOf("DatabaseReachable");
    expect(message).toMatch("False spec.database.readReplicas[0]: secret shop/gone does not exist");
    expect(message).toMatch("spec.database.readReplicas[0].secretRef.name");
  });

  test("count once on a replica that is written twice in the same words, and say so", async () => {
    world.read({ maxConnections: 80, isStandby: true }, replica);
    world.deployment("web");
    const readReplicas = [readReplica, { ...readReplica }];
    world.policy("orders", { database: { secretRef: { name: "db" }, readReplicas } });
    await world.pass(15 * minuteMs, 5_000);
    expect(world.podSizes("web")).toEqual([sizeWithin(80), sizeWithin(80), sizeWithin(80)]);
    expect(world.status("orders").findings).toEqual([
      expect.objectContaining({
        reason: "SameServer",
        message:
          "spec.database.readReplicas[1] repeats another entry: counted once. To fix: remove it",
      }),
    ]);
  });

  test("count twice on a server that both names lead to", async () => {
    world.deployment("web");
    const readReplicas = [{ secretRef: { name: "db" } }];
    world.policy("orders", { database: { secretRef: { name: "db" }, readReplicas } });
    await world.pass(15 * minuteMs, 5_000);
    // 186 slots for six pods, each with two pools.
    expect(world.podSizes("web")).toEqual([15, 15, 15]);
  });

  test("stay on both servers, and as they are, until the new primary was read", async () => {
    world.read({ maxConnections: 80, isStandby: true }, replica);
    world.deployment("web");
    world.policy("orders", withReplica());
    await world.pass(15 * minuteMs, 5_000);
    const { rolls } = world;
    // The standby is the primary now, and the former primary is not there yet.
    world.operator.failToRead(server, world.nowMs);
    const readReplicas = [{ secretRef: { name: "db" } }];
    world.policy("orders", { database: { ...readReplica, readReplicas } });
    for (let minute = 0; minute < 15; minute++) {
      await world.pass(minuteMs, 5_000);
      for (const name of [server, replica]) {
        expect(world.plan(name).positions.map((one) => one.workload.name)).toEqual(["web"]);
      }
      world.read({ maxConnections: 80 }, replica);
      if (minute > 5) world.read({ maxConnections: 200, isStandby: true });
    }
    expect(world.rolls).toEqual(rolls);
  });
});

test("servers of a namespace that would be too many to decide on together are refused", async () => {
  const names = Array.from({ length: tiedMax + 1 }, (_, place) => `db-${place}.shop.svc:5432`);
  const databases = names.map((name, place) => world.otherDatabase(`db-${place}`, name));
  const chain = (place: number): object => {
    const database = { ...databases[place], readReplicas: [databases[place + 1]] };
    return { database, workloads: [{ name: `web-${place}` }] };
  };
  for (let place = 0; place < tiedMax; place += 1) {
    world.policy(`p${place}`, chain(place));
    await world.look();
  }
  const conditionOf = (name: string): string => {
    const { conditions = [] } = world.status(name);
    const found = conditions.find(({ type }) => type === "DatabaseReachable");
    return `${found?.reason} ${found?.message}`;
  };
  expect(conditionOf(`p${tiedMax - 2}`)).not.toContain("InvalidSpec");
  expect(conditionOf(`p${tiedMax - 1}`)).toContain("InvalidSpec");
  expect(conditionOf(`p${tiedMax - 1}`)).toContain(
    "more than 17 servers would have to be decided on together",
  );
  expect(world.plan(names[0] ?? "").snapshot.server).toBe(names[0]);
});
