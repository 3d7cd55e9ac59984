// A policy is looked at, with its secret, before anything is decided on its server. What it says
// may change meanwhile, and then nothing may be decided, or written, by what it said before.

import { expect, test, vi } from "vitest";
import { aWorld } from "../support/memory-world/shared-world.ts";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

// Minutes of decisions, and machines are busy.
vi.setConfig({ testTimeout: 30_000 });

test("a policy that is edited back while its secret is read keeps its grants", async () => {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("web");
  world.autoscaler("web", 15);
  await world.pass(minuteMs);
  expect(world.grant("orders", "web")).toBe(6);
  const { cluster } = world;
  const read = cluster.readData.bind(cluster);

  world.policy("orders", { mode: "Observe" });
  cluster.readData = (...reference) => {
    world.policy("orders");
    return read(...reference);
  };
  const result = await world.look();
  expect(world.grant("orders", "web")).toBe(6);
  expect(result).toEqual({ kind: "after", delayMs: 500 });

  cluster.readData = read;
  await world.pass(minuteMs);
  expect(world.grant("orders", "web")).toBe(6);
  expect(world.status("orders").observedGeneration).toBe(3);
});

test("a policy that is edited without end does not keep its neighbours from being decided", async () => {
  const world = new MemoryWorld();
  world.policy("orders", { workloads: [{ name: "web" }] });
  world.policy("billing", { workloads: [{ name: "bills" }] });
  world.deployment("web");
  await world.pass(minuteMs);
  const { cluster } = world;
  const read = cluster.readData.bind(cluster);
  cluster.readData = (...reference) => {
    world.policy("orders", { workloads: [{ name: "web" }] });
    return read(...reference);
  };
  await world.look();
  const { observedGeneration } = world.status("orders");

  world.deployment("bills");
  await world.pass(minuteMs, 500);

  expect(world.grant("billing", "bills")).toBeGreaterThan(0);
  expect(world.status("orders").observedGeneration).toBe(observedGeneration);
});

test("policies on tied servers that are edited in turns, without end, keep no neighbour from being decided", async () => {
  const world = aWorld();
  world.policy("billing", { workloads: [{ name: "bills" }] });
  await world.settle(1);
  expect(world.plan().unit?.()).toHaveLength(2);
  const { cluster } = world;
  const read = cluster.readData.bind(cluster);
  let looks = 0;
  cluster.readData = (...reference) => {
    world.editAgain(looks % 2 === 0 ? "orders" : "reports");
    return read(...reference);
  };

  world.deployment("bills");
  for (; looks < 20; looks += 1) await world.pass(500, 500);

  expect(world.grant("billing", "bills")).toBeGreaterThan(0);
});

test("nobody grows into what a policy that was set to Observe has taken back, before its secret is read", async () => {
  const world = new MemoryWorld();
  world.policy("orders", { workloads: [{ name: "web" }] });
  const workloads = [{ name: "bills" }];
  world.policy("billing", { workloads });
  world.deployment("web");
  world.deployment("bills");
  world.autoscaler("bills", 15);
  await world.pass(minuteMs);
  const granted = world.grant("orders", "web");
  const { cluster } = world;
  const read = cluster.readData.bind(cluster);

  world.policy("billing", { workloads, mode: "Observe" });
  cluster.readData = (...reference) => {
    world.policy("billing", { workloads });
    return read(...reference);
  };
  await world.look();
  // The secret is asked for again, and there is no answer yet.
  for (let second = 0; second < 5; second++) {
    world.nowMs += 1_000;
    await world.operator.decide();
  }

  expect(granted).toBeGreaterThan(0);
  expect(world.grant("orders", "web")).toBe(granted);
});

test("a policy whose selector was edited claims by the new one, before its secret is read", async () => {
  const world = new MemoryWorld();
  const ofTeam = (team: string): object => ({
    workloads: [{ selector: { matchLabels: { team } } }],
  });
  world.policy("orders", ofTeam("shop"));
  world.deployment("web");
  world.deployment("bills", { labels: { team: "bank" } });
  await world.pass(minuteMs);
  const claimed = (): readonly string[] =>
    world.plan().positions.map(({ workload, sizing }) => `${workload.name} ${sizing.ceiling}`);
  expect(claimed()).toEqual(["web 50"]);

  // Its secret is asked for, and there is no answer yet.
  world.policy("orders", { workloads: [{ name: "bills", poolSize: { max: 9 } }] });
  for (let second = 0; second < 4; second++) {
    world.nowMs += 1_000;
    await world.operator.decide();
  }

  expect(claimed()).toEqual(["bills 9"]);
});
