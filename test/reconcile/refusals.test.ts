// Writes that the API server refuses: said, tried again ever more rarely, and in nobody else's way.

import { expect, test, vi } from "vitest";
import type { Failure } from "../../src/ports.ts";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

// Minutes of decisions, and machines are busy.
vi.setConfig({ testTimeout: 30_000 });

const forbidden: Failure = { kind: "forbidden", message: "no right to patch" };
const invalid: Failure = { kind: "invalid", message: "spec.template: forbidden" };
const owned: Failure = { kind: "conflict", message: "owned by helm", managers: ["helm"] };
const away: Failure = { kind: "unavailable", message: "timeout" };

/** Seconds after the start at which a write was tried, each of them answered with `failure`. */
function triesOf(world: MemoryWorld, what: "status" | "apply", failure: Failure): number[] {
  const tries: number[] = [];
  const startMs = world.nowMs;
  world.cluster.refuse = (asked) => {
    if (asked !== what) return undefined;
    tries.push((world.nowMs - startMs) / 1_000);
    return failure;
  };
  return tries;
}

/** One look a second for ten minutes, as if something happened all the time. */
async function tenMinutes(world: MemoryWorld): Promise<void> {
  await world.pass(10 * minuteMs, 1_000);
}

test.each([
  { name: "403", failure: forbidden },
  { name: "422", failure: invalid },
])("a status that is refused with $name is tried at growing distances", async ({ failure }) => {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("web");
  const tries = triesOf(world, "status", failure);

  await tenMinutes(world);

  expect(tries.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, 64, 124]);
  expect(tries.length).toBeLessThanOrEqual(16);
});

test.each([
  { name: "403", failure: forbidden },
  { name: "an owner that does not let go", failure: owned },
])("so is a roll that is refused with $name", async ({ failure }) => {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("web");
  const tries = triesOf(world, "apply", failure);

  await tenMinutes(world);

  expect(tries.length).toBeGreaterThan(5);
  expect(tries.length).toBeLessThanOrEqual(16);
  expect(world.status("orders").workloads?.[0]).toMatchObject({
    reason: "WriteFailed",
    message: expect.stringContaining(failure.message) as string,
  });
});

test("an API server that does not answer is asked again with growing pauses", async () => {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("web");
  const tries = triesOf(world, "status", away);

  await world.pass(10_000);

  expect(tries).toEqual([1, 2, 4, 8]);
});

test("what was refused is tried at once when its object has changed", async () => {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("web");
  const tries = triesOf(world, "status", invalid);
  await world.pass(70_000);
  expect(tries.at(-1)).toBe(64);

  world.policy("orders", { reserve: { rollouts: 0 } });
  await world.pass(1_000);

  expect(tries.at(-1)).toBe(71);
});

test("a roll that is refused does not keep others from being repaired", async () => {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("big", { replicas: 5 });
  world.deployment("small", { replicas: 3 });
  world.cluster.refuse = (what, key) =>
    what === "apply" && key === "shop/big" ? forbidden : undefined;

  await world.pass(minuteMs);

  expect(world.rolls).toEqual(["small"]);
  expect(world.podSizes("big")).toEqual([50, 50, 50, 50, 50]);
});

test("a status that is refused keeps its own policy from rolling, not the others", async () => {
  const world = new MemoryWorld({ admission: false });
  world.policy("big", { workloads: [{ name: "big" }] });
  world.policy("small", { workloads: [{ name: "small" }] });
  world.deployment("big", { replicas: 5 });
  world.deployment("small", { replicas: 3, containers: [aContainer(60)] });
  world.cluster.refuse = (what, key) =>
    what === "status" && key === "shop/big" ? forbidden : undefined;

  await world.pass(minuteMs);

  expect(world.rolls).toEqual(["small"]);
});

test("after a conflict no roll is begun in that run: all is decided anew", async () => {
  const world = new MemoryWorld({ admission: false });
  world.policy("orders");
  world.deployment("web");
  const message = "the object has been modified";
  const tries = triesOf(world, "status", { kind: "conflict", message, managers: [] });

  await world.look();
  expect(tries).toEqual([0]);
  expect(world.rolls).toEqual([]);
  world.cluster.refuse = () => undefined;
  await world.pass(1_000);

  expect(world.rolls).toEqual(["web"]);
});

test("once it is allowed it is made, and nothing more is said of it", async () => {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("web");
  triesOf(world, "apply", forbidden);
  await world.pass(20_000);

  world.cluster.refuse = () => undefined;
  await world.pass(2 * minuteMs);

  expect(world.rolls).toEqual(["web"]);
  const findings = world.status("orders").findings ?? [];
  expect(findings.map(({ reason }) => reason)).not.toContain("Forbidden");
});

test("what was refused of a workload that is gone is forgotten, should it come back", async () => {
  const world = new MemoryWorld({ admission: false });
  world.policy("orders");
  world.deployment("web");
  const tries = triesOf(world, "apply", forbidden);
  await tenMinutes(world);
  const [lastButOne = 0, last = 0] = tries.slice(-2);
  expect(last - lastButOne).toBe(60);

  world.deleteDeployment("web");
  await world.pass(minuteMs);
  tries.length = 0;
  world.deployment("web");
  await tenMinutes(world);

  const [first = 0] = tries;
  expect(tries.slice(0, 6).map((atS) => atS - first)).toEqual([0, 1, 3, 7, 15, 31]);
});
