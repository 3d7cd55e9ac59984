// What we keep in the cluster comes back when somebody deletes or changes it, without a restart;
// nothing is written when nothing changed; and what is said or remembered goes with what it is of.

import { expect, test, vi } from "vitest";
import type { Failure } from "../../src/ports.ts";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

// Minutes of decisions, and machines are busy.
vi.setConfig({ testTimeout: 30_000 });

const rule = "shop/poolpolicy-orders";

/** A world at rest, with one policy and one Deployment that has its size. */
async function settled(spec: object = {}): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  world.policy("orders", spec);
  world.deployment("web");
  await world.pass(15 * minuteMs, 5_000);
  return world;
}

/** Writes of a kind within some minutes, in seconds after their start. */
async function writesWithin(
  world: MemoryWorld,
  kind: "rule" | "status",
  forMs: number,
): Promise<number[]> {
  const [before, startMs] = [world.cluster.writes.length, world.nowMs];
  await world.pass(forMs);
  const writes = world.cluster.writes.slice(before).filter((write) => write.kind === kind);
  return writes.map(({ atMs }) => (atMs - startMs) / 1_000);
}

function findings(world: MemoryWorld): string[] {
  return world.status("orders").findings?.map(({ reason }) => reason) ?? [];
}

test("at rest nothing is written", async () => {
  const world = await settled();
  const before = world.cluster.writes.length;
  await world.pass(20 * minuteMs, 5_000);
  expect(world.cluster.writes.slice(before)).toEqual([]);
});

test.each([
  {
    name: "deletes",
    undo: ({ stores }: MemoryWorld) => {
      stores.alertRules.delete(rule);
    },
  },
  {
    name: "changes",
    undo: ({ stores }: MemoryWorld) => {
      const resourceVersion = stores.nextVersion();
      stores.alertRules.set({ key: rule, uid: "1", resourceVersion, ownFields: "some" });
    },
  },
])("a rule that somebody $name is written again, once", async ({ undo }) => {
  const world = await settled();
  undo(world);
  expect(await writesWithin(world, "rule", 5 * minuteMs)).toEqual([1]);
  expect(world.stores.alertRules.get(rule)?.ownFields).toBe("all");
});

test("a change beside our fields is nobody's business", async () => {
  const world = await settled();
  const before = world.stores.alertRules.get(rule);
  if (!before) throw new Error("there is no rule");
  const asked: string[] = [];
  world.cluster.refuse = (what) => void asked.push(what);
  world.stores.alertRules.set({ ...before, resourceVersion: world.stores.nextVersion() });
  await world.pass(5 * minuteMs);
  expect(asked).toEqual([]);
});

test("a rule that goes before the cache has shown it is written again", async () => {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("web");
  await world.look();
  world.stores.alertRules.delete(rule);
  expect(await writesWithin(world, "rule", minuteMs)).toEqual([10]);
});

test("who deletes a rule again and again is answered with growing delays", async () => {
  const world = await settled();
  const tries: number[] = [];
  const startMs = world.nowMs;
  world.cluster.refuse = (what) => {
    if (what === "rule") tries.push((world.nowMs - startMs) / 1_000);
    return undefined;
  };
  for (let second = 0; second < 600; second++) {
    world.stores.alertRules.delete(rule);
    await world.pass(1_000);
  }
  expect(tries.length).toBeGreaterThan(4);
  expect(tries.length).toBeLessThanOrEqual(10);
});

test("a rule that somebody makes although there is to be none is removed", async () => {
  const world = await settled({ alerts: { enabled: false } });
  world.stores.alertRules.set({ key: rule, uid: "1", resourceVersion: "9999", ownFields: "all" });
  await world.pass(minuteMs);
  expect(world.stores.alertRules.get(rule)).toBeUndefined();
});

test("rules that cannot be watched are written once, and nobody is stopped", async () => {
  const world = new MemoryWorld();
  world.stores.gaps.add("alertRules");
  world.policy("orders");
  world.deployment("web");
  await world.pass(15 * minuteMs, 5_000);
  expect(world.cluster.writes.filter(({ kind }) => kind === "rule")).toHaveLength(1);
  expect(world.podSizes("web")).not.toContain(50);
});

test("a rule is written within five minutes after its API was installed, and it is said", async () => {
  const world = new MemoryWorld();
  const absent: Failure = { kind: "absent", message: "not served" };
  world.cluster.refuse = (what) => (what === "rule" ? absent : undefined);
  world.policy("orders");
  world.deployment("web");
  await world.pass(10 * minuteMs, 5_000);
  expect(findings(world)).toContain("RuleNotInstalled");

  world.cluster.refuse = () => undefined;
  await world.pass(6 * minuteMs, 5_000);
  expect(world.stores.alertRules.get(rule)?.ownFields).toBe("all");
  expect(findings(world)).not.toContain("RuleNotInstalled");
});

test("a roll whose answer is lost is said to have failed until it is seen", async () => {
  const world = new MemoryWorld();
  let lost = 0;
  world.cluster.losesAnswer = () => ++lost === 1;
  world.policy("orders");
  world.deployment("web");
  const said = new Set<string>();
  for (let second = 0; second < 120; second++) {
    await world.pass(1_000);
    for (const reason of findings(world)) said.add(reason);
  }
  expect(said).toContain("WriteFailed");
  expect(world.rolls).toEqual(["web"]);
  expect(findings(world)).toEqual([]);
});

test("a roll that is refused is said for as long as it is", async () => {
  const world = new MemoryWorld();
  const forbidden: Failure = { kind: "forbidden", message: "no right to patch" };
  world.cluster.refuse = (what) => (what === "apply" ? forbidden : undefined);
  world.policy("orders");
  world.deployment("web");
  await world.pass(10_000);
  for (let second = 0; second < 300; second++) {
    await world.pass(1_000);
    expect(findings(world)).toContain("Forbidden");
  }

  world.cluster.refuse = () => undefined;
  await world.pass(3 * minuteMs);
  expect(findings(world)).not.toContain("Forbidden");
});

test("a run that took something back asks for another that says so", async () => {
  const world = new MemoryWorld();
  const absent: Failure = { kind: "absent", message: "not served" };
  world.cluster.refuse = (what) => (what === "rule" ? absent : undefined);
  world.policy("orders");
  const result = await world.look();
  expect(result).toEqual({ kind: "after", delayMs: 1_000 });
});

test("a status that somebody wipes is written again, with the same grants", async () => {
  const world = await settled();
  const before = world.status("orders");
  const policy = world.stores.policies.get("shop/orders");
  if (!policy) throw new Error("there is no policy");
  const resourceVersion = world.stores.nextVersion();
  world.stores.policies.set({ ...policy, resourceVersion, status: undefined });
  await world.pass(10_000);
  expect(world.grant("orders", "web")).toBe(before.grants?.["Deployment/web"]?.poolSize);
  expect(await writesWithin(world, "status", 5 * minuteMs)).toEqual([]);
});
