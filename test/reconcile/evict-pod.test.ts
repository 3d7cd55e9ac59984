// Pods that are replaced one at a time, through the production reconcilers: the act is not repeated
// before it is seen, what the API server refuses is said and tried again, and all of it is told.

import { beforeEach, describe, expect, test } from "vitest";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

let world: MemoryWorld;
/** What is done with a pod that was evicted. */
let end: (typeof world)["cluster"]["onEvict"];

interface Resting {
  /** Of the reserve. */
  readonly connections?: number;
  readonly webPods?: number;
  /** Of web's template. */
  readonly webSize?: number;
  readonly jobPods?: number;
}

/** Pods of web and job are at rest; from now on one takes 20 s to end. */
async function restingWorld(fleet: Resting = {}): Promise<MemoryWorld> {
  const { connections = 0, webPods = 3, webSize = 10, jobPods = 4 } = fleet;
  const resting = new MemoryWorld();
  resting.policy("orders", { reserve: { connections, rollouts: 1 } });
  resting.deployment("web", { replicas: webPods, containers: [aContainer(webSize)] });
  resting.deployment("job", { replicas: jobPods, containers: [aContainer(10)] });
  await resting.pass(20 * minuteMs, 15_000);
  resting.controller.graceMs = 20_000;
  resting.cluster.events.length = 0;
  resting.cluster.writes.length = 0;
  return resting;
}

/** Web has pods that are too large for as many as it is asked for now. */
beforeEach(async () => {
  world = await restingWorld();
  end = world.cluster.onEvict;
  world.deployment("web", { replicas: 5 });
});

function rowOfWeb(): string {
  const rows = world.status("orders").workloads ?? [];
  return rows.find(({ workload }) => workload === "Deployment/web")?.message ?? "";
}

function said(reason: string): string | undefined {
  return world.status("orders").findings?.find((one) => one.reason === reason)?.message;
}

function endingPods(): number {
  return [...world.stores.pods.values()].filter(({ terminating }) => terminating).length;
}

test("one pod after the other, until every pod has its size", async () => {
  let most = 0;
  for (let second = 0; second < 600; second++) {
    await world.pass(1_000);
    most = Math.max(most, endingPods());
  }
  expect(most).toBe(1);
  expect(world.evictions.length).toBeGreaterThan(2);
  expect(world.rolls).toEqual([]);
  expect(new Set(world.podSizes("web"))).toEqual(new Set([world.grant("orders", "web")]));
});

test("what is left when the rollout fits is replaced one at a time too", async () => {
  world = await restingWorld({ connections: 20, webPods: 4, jobPods: 3 });
  world.deployment("web", { replicas: 8 });
  await world.pass(10 * minuteMs, 2_000);
  expect(world.evictions.length).toBeGreaterThan(4);
  expect(world.rolls).toEqual([]);
});

test("evictions of which nothing comes are ever rarer", async () => {
  world = await restingWorld({ webSize: 30 });
  world.deployment("web", { replicas: 5 });
  await world.pass(5_000);
  world.controller.admits = false;
  await world.pass(60 * minuteMs, 5_000);
  expect(world.evictions.length).toBeGreaterThan(2);
  expect(world.evictions.length).toBeLessThan(8);
});

test("it is told on the policy and on the workload", async () => {
  await world.pass(minuteMs);
  const told = world.cluster.events.filter(({ reason }) => reason === "PodEvicted");
  expect(told.slice(0, 2).map(({ regarding }) => regarding.kind)).toEqual([
    "PoolPolicy",
    "Deployment",
  ]);
  expect(told[0]?.message).toMatch(
    /^Deployment\/web: evicted pod shop\/web-\d+ with pool size \d+; its replacement/,
  );
});

describe("an eviction that is not seen yet", () => {
  test("is not followed by another one", async () => {
    world.cluster.onEvict = () => undefined;
    await world.pass(2 * minuteMs);
    expect(world.evictions).toHaveLength(1);
  });

  test("of which nobody knows whether it was heard, is tried again after 30 s", async () => {
    world.cluster.onEvict = () => undefined;
    world.cluster.losesAnswer = (what) => what === "evict";
    while (world.evictions.length === 0) await world.pass(1_000);
    await world.pass(25_000);
    expect(world.evictions).toHaveLength(1);
    world.cluster.losesAnswer = () => false;
    world.cluster.onEvict = end;
    await world.pass(10_000);
    const [first, second] = world.evictions;
    expect(second).toBe(first);
  });
});

test("a workload that is changed between decision and write keeps its pod", async () => {
  world.cluster.refuse = (what) => {
    if (what === "read") world.deployment("web", {});
    return undefined;
  };
  await world.pass(minuteMs);
  expect(world.evictions).toEqual([]);
});

test("a policy whose status cannot be written keeps its pods: its grants may be others", async () => {
  const before = world.grant("orders", "web");
  while (world.grant("orders", "web") === before) await world.pass(1_000);
  world.cluster.refuse = (what) =>
    what === "status" ? { kind: "unavailable", message: "no answer" } : undefined;
  await world.pass(minuteMs);
  expect(world.evictions).toEqual([]);
});

test("a workload whose last other pod has ended meanwhile keeps its pod", async () => {
  let reads = 0;
  world.cluster.refuse = (what, key) => {
    const [, ...others] = [...world.stores.pods.values()].filter(
      ({ workload, terminating }) => workload === key && !terminating,
    );
    if (what === "read" && reads === 0)
      for (const pod of others) world.controller.end(pod, world.nowMs);
    reads += Number(what === "read");
    return undefined;
  };
  while (reads === 0) await world.pass(1_000);
  expect(world.evictions).toEqual([]);
});

describe("an eviction that is refused", () => {
  const budget = "The disruption budget web needs 5 healthy pods and has 5 currently";

  test("by a PodDisruptionBudget: said, tried again with growing delays, and done once it may be", async () => {
    let tries = 0;
    world.cluster.refuse = (what) => {
      if (what !== "evict") return undefined;
      tries += 1;
      return { kind: "guarded", message: budget };
    };
    await world.pass(10 * minuteMs);
    expect(tries).toBeGreaterThan(5);
    expect(tries).toBeLessThan(20);
    expect(said("EvictionRefused")).toBe(`writing the eviction: ${budget}`);
    expect(rowOfWeb()).toContain(`evicting one of its pods was refused: ${budget}`);
    world.cluster.refuse = () => undefined;
    await world.pass(2 * minuteMs);
    expect(world.evictions.length).toBeGreaterThan(0);
    expect(said("EvictionRefused")).toBeUndefined();
  });

  test("because the right is missing: said with the command that gives it", async () => {
    world.cluster.refuse = (what) =>
      what === "evict" ? { kind: "forbidden", message: "cannot create pods/eviction" } : undefined;
    await world.pass(minuteMs);
    const command =
      "kubectl create role poolwarden-evictions -n shop --verb=create --resource=pods/eviction";
    expect(said("Forbidden")).toContain(
      "cannot create pods/eviction. To fix: run helm upgrade poolwarden charts/poolwarden",
    );
    expect(said("Forbidden")).toContain(command);
    expect(rowOfWeb()).toContain(command);
  });
});
