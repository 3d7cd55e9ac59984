// The order of grants and rolls, through the production reconcilers: what shrinks goes first, what
// it frees is given on only when it is free, and nothing grows on what is not known.

import { describe, expect, test, vi } from "vitest";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

// Minutes of decisions, and machines are busy.
vi.setConfig({ testTimeout: 30_000 });

const bothDeliveries = [
  { delivery: "Admission", admission: true },
  { delivery: "Template", admission: false },
];
const lively = { reserve: { connections: 0, rollouts: 1 }, stability: { cooldown: "1s" } };
/** 200, less three slots for superusers. */
const budget = 197;

/** Deployment a alone has the whole budget: five pods of 19. */
async function rich(admission: boolean, spec: object = lively): Promise<MemoryWorld> {
  const world = new MemoryWorld({ admission });
  world.policy("orders", spec);
  world.deployment("a", { replicas: 5 });
  await world.pass(minuteMs);
  expect(world.podSizes("a")).toEqual([19, 19, 19, 19, 19]);
  world.peakSlots = 0;
  world.cluster.writes.length = 0;
  return world;
}

describe.each(bothDeliveries)("what a shrink frees, with $delivery", ({ admission }) => {
  test("is given on only when the pods that held it are gone", async () => {
    const world = await rich(admission);
    world.controller.graceMs = 30_000;

    world.deployment("b", { replicas: 5, containers: [aContainer(1)] });
    let slotsOfA = 0;
    while (Math.max(...world.podSizes("b"), 0) < 13) {
      await world.pass(1_000);
      slotsOfA = [...world.stores.pods.values()]
        .filter(({ workload }) => workload === "shop/Deployment/a")
        .reduce((sum, { containers }) => sum + Number(containers[0]?.env[0]?.value), 0);
    }

    expect(slotsOfA).toBeLessThanOrEqual(5 * 13);
    expect(world.rolls).toEqual(["a", "b"]);
    expect(world.peakSlots).toBeLessThanOrEqual(budget);
  });
});

test("a roll is not begun where its policy says something else once the statuses are written", async () => {
  const world = await rich(true);
  const write = world.cluster.writeStatus.bind(world.cluster);
  let edits = 0;
  world.cluster.writeStatus = async (key, version, status) => {
    const outcome = await write(key, version, status);
    if (status.workloads?.some(({ decision }) => decision === "Roll") && edits++ === 0) {
      world.nowMs += 1_000;
      world.policy("orders", { ...lively, rebalance: "Never" });
    }
    return outcome;
  };

  world.deployment("b", { replicas: 5, containers: [aContainer(1)] });
  await world.pass(minuteMs, 1_000);

  expect(edits).toBe(1);
  expect(world.rolls).toEqual([]);
});

test("a smaller grant frees nothing for others before every API server hands it out", async () => {
  const world = new MemoryWorld();
  const entry = (name: string, more: object): object => ({ name, maxPods: 10, ...more });
  world.policy("orders", { ...lively, workloads: [entry("a", {}), entry("b", {})] });
  for (const name of ["a", "b"]) world.deployment(name, { replicas: 0 });
  await world.pass(minuteMs);
  expect([world.grant("orders", "a"), world.grant("orders", "b")]).toEqual([6, 6]);

  const smaller = entry("a", { poolSize: { max: 3 } });
  world.policy("orders", { ...lively, workloads: [smaller, entry("b", {})] });
  await world.look();
  const shrunkAtMs = world.nowMs;
  expect(world.grant("orders", "a")).toBe(3);
  while (world.grant("orders", "b") === 6) await world.pass(100, 100);

  // The settle time since it was seen in force, which is one look after it was written.
  expect(world.nowMs - shrunkAtMs).toBe(5_100);
});

describe.each(bothDeliveries)("nothing grows, with $delivery,", ({ admission }) => {
  /** Two workloads, of which one has gone: the other one could grow at once. */
  async function couldGrow(): Promise<MemoryWorld> {
    const world = await rich(admission);
    world.deployment("b", { replicas: 5, containers: [aContainer(1)] });
    await world.pass(2 * minuteMs);
    expect(world.podSizes("a")).toEqual([13, 13, 13, 13, 13]);
    world.deleteDeployment("b");
    world.cluster.writes.length = 0;
    return world;
  }

  test("while a cache has a gap; then it does", async () => {
    const world = await couldGrow();
    world.stores.gaps.add("pods");
    await world.pass(minuteMs);
    expect(world.cluster.writes).toEqual([]);

    world.stores.gaps.delete("pods");
    await world.pass(minuteMs);

    expect(world.podSizes("a")).toEqual([19, 19, 19, 19, 19]);
  });

  test("while the server does not answer; then it does", async () => {
    const world = await couldGrow();
    world.operator.failToRead(world.plan().server, world.nowMs);
    await world.pass(minuteMs);
    expect(world.podSizes("a")).toEqual([13, 13, 13, 13, 13]);
    expect(world.rolls).toEqual([]);

    world.read({});
    await world.pass(minuteMs);

    expect(world.podSizes("a")).toEqual([19, 19, 19, 19, 19]);
  });

  test("after a start, before the server was read; then it does", async () => {
    const world = await couldGrow();
    world.operator = world.startOperator();
    await world.pass(minuteMs);
    expect(world.cluster.writes).toEqual([]);

    world.read({});
    await world.pass(minuteMs);

    expect(world.podSizes("a")).toEqual([19, 19, 19, 19, 19]);
  });

  test("but a shrink is published while the server does not answer", async () => {
    const world = await rich(admission);
    world.operator.failToRead(world.plan().server, world.nowMs);

    world.deployment("b", { replicas: 5, containers: [aContainer(1)] });
    await world.pass(minuteMs);

    expect(world.podSizes("a")).toEqual([13, 13, 13, 13, 13]);
    expect(world.podSizes("b")).toEqual([1, 1, 1, 1, 1]);
  });
});

describe.each(bothDeliveries)("our own rolls, with $delivery,", ({ admission }) => {
  test.each([
    { rollouts: 1, wantAtOnce: 1 },
    { rollouts: 2, wantAtOnce: 2 },
  ])("are at most reserve.rollouts ($rollouts) at once", async ({ rollouts, wantAtOnce }) => {
    const world = new MemoryWorld({ admission });
    world.policy("orders", { ...lively, reserve: { connections: 0, rollouts } });
    const names = ["a", "b", "c", "d"];
    for (const name of names) world.deployment(name, { replicas: 5, containers: [aContainer(3)] });
    world.read({ maxConnections: 5 * 3 * (4 + rollouts) + 3 });
    await world.pass(minuteMs);
    world.controller.graceMs = 20_000;
    world.cluster.writes.length = 0;

    world.read({ maxConnections: 5 * 8 * (4 + rollouts) + 3 });
    let atOnce = 0;
    for (let second = 0; second < 300; second++) {
      await world.pass(1_000);
      atOnce = Math.max(atOnce, world.plan().positions.filter(({ rolling }) => rolling).length);
    }

    expect(atOnce).toBe(wantAtOnce);
    expect(world.rolls.toSorted()).toEqual(names);
    expect(world.peakSlots).toBeLessThanOrEqual(5 * 8 * (4 + rollouts));
  });

  test("wait for a deployment controller that is away: none is started on top", async () => {
    const world = new MemoryWorld({ admission });
    world.policy("orders", lively);
    for (const name of ["a", "b"]) {
      world.deployment(name, { replicas: 5, containers: [aContainer(3)] });
    }
    world.read({ maxConnections: 48 });
    await world.pass(minuteMs);
    world.controller.isAway = true;
    world.cluster.writes.length = 0;

    world.read({ maxConnections: 123 });
    await world.pass(5 * minuteMs, 5_000);

    expect(world.rolls).toHaveLength(1);
    world.controller.isAway = false;
    await world.pass(minuteMs);
    expect(world.rolls).toHaveLength(2);
  });
});

describe("pods that started without a size of ours", () => {
  test("count as they are, are said, and are brought to their size by one roll", async () => {
    const world = new MemoryWorld();
    world.policy("orders");
    world.deployment("web");
    await world.look();
    expect(world.podSizes("web")).toEqual([50, 50, 50]);
    expect(world.plan().exposure.slots).toBeGreaterThanOrEqual(150);
    await world.look();
    const findings = world.status("orders").findings ?? [];
    expect(findings.map(({ reason }) => reason)).toContain("StartedUnsized");

    await world.pass(minuteMs);

    expect(world.podSizes("web")).toEqual([31, 31, 31]);
    expect(world.rolls).toEqual(["web"]);
  });

  test("are rolled ever less often, at last once an hour, where admission does nothing", async () => {
    const world = new MemoryWorld();
    world.controller.admits = false;
    world.policy("orders");
    world.deployment("web");

    await world.pass(60 * minuteMs, 10_000);

    // At once, then after 1, 2, 4, 8 and 16 minutes.
    expect(world.rolls).toHaveLength(6);
    await world.pass(5 * 60 * minuteMs, minuteMs);
    expect(world.rolls.length).toBeLessThanOrEqual(6 + 5 + 1);
  });
});
