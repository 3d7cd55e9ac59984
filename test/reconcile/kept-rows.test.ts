// Rows of a status stand in for what is gone: a workload that was deleted while its pods still run,
// and a spec that cannot be used any more. Pods count with what they hold, and nobody is given it.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PoolPolicySpec, usualCounting } from "../../src/api/poolpolicy.ts";
import { entryOfRow, withoutUsual } from "../../src/api/row-entry.ts";
import { salvageSpec } from "../../src/api/salvage.ts";
import { sizingOf } from "../../src/api/sizing.ts";
import { plan } from "../../src/domain/decide/plan.ts";
import { rowOf } from "../../src/domain/explain/rows.ts";
import { aPolicy, aSnapshot, aSpec, aWorkload, startMs } from "../support/builders.ts";
import { specDemanding } from "../support/policy-cases.ts";
import { aContainer, MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";

const heavy = { name: "heavy", processesPerPod: 8, extraConnectionsPerPod: 3 };
const ownNames = { name: "own", env: { maxSize: "MY_POOL_LIMIT" }, unmanagedPoolSize: 30 };
const spring = { name: "spring", preset: "tomcat" };

/** Deployments by the entries of one policy, decided once; each has three pods. */
async function fleetOf(
  entries: readonly { readonly name: string }[],
  spec: object = {},
): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  world.read({ maxConnections: 2_000 });
  world.policy("orders", { mode: "Observe", workloads: entries, ...spec });
  for (const { name } of entries) world.deployment(name);
  world.controller.graceMs = 10 * minuteMs;
  await world.pass(2_000);
  return world;
}

function leavingSlots(world: MemoryWorld, name: string): number | undefined {
  return world.plan().positions.find(({ workload }) => workload.name === name)?.leavingSlots;
}

describe("pods of a workload that is gone", () => {
  test.each([
    { name: "web", want: 3 * 50, entries: [{ name: "web" }, heavy] },
    { name: "heavy", want: 3 * (8 * 50 + 3), entries: [{ name: "web" }, heavy] },
    { name: "own", want: 3 * 30, entries: [heavy, ownNames] },
    { name: "spring", want: 3 * 100, entries: [heavy, spring] },
  ])("of $name hold what its own entry says", async ({ name, want, entries }) => {
    const world = await fleetOf(entries);
    world.deleteDeployment(name);
    await world.pass(2_000);
    expect(leavingSlots(world, name)).toBe(want);
    world.restartOperator();
    await world.pass(2_000);
    expect(leavingSlots(world, name)).toBe(want);
  });

  test("count by the container that was sized, and once by the one beside it", async () => {
    const world = await fleetOf([{ name: "heavy" }]);
    world.policy("orders", { mode: "Observe", workloads: [{ name: "web", container: "app" }] });
    world.deployment("web", { containers: [aContainer(5), { ...aContainer(70), name: "jobs" }] });
    await world.pass(2_000);
    world.deleteDeployment("web");
    await world.pass(2_000);
    expect(leavingSlots(world, "web")).toBe(3 * (5 + 70));
  });

  test("count as they did when the policy is edited meanwhile", async () => {
    const world = await fleetOf([heavy]);
    world.deleteDeployment("heavy");
    world.policy("orders", { mode: "Observe", workloads: [{ name: "web" }] });
    await world.pass(2_000);
    expect(leavingSlots(world, "heavy")).toBe(3 * (8 * 50 + 3));
  });
});

test("a row counts pods as the entry did that it was made by", () => {
  const names = fc.oneof(
    fc.record({ preset: fc.constantFrom("generic", "hikari", "tomcat", "dbcp2", "pgbouncer") }),
    fc.record({ env: fc.constant({ maxSize: "MY_POOL_LIMIT" }) }),
    fc.constant({}),
  );
  const numbers = fc.record(
    {
      processesPerPod: fc.integer({ min: 1, max: 1_000 }),
      extraConnectionsPerPod: fc.integer({ min: 0, max: 1_000 }),
      unmanagedPoolSize: fc.integer({ min: 1, max: 10_000 }),
      container: fc.constant("app"),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(names, numbers, (own, more) => {
      const spec = aSpec({ workloads: [{ name: "web", ...own, ...more }] });
      const sizing = sizingOfFirst(spec);
      const policy = aPolicy("orders", { spec });
      const workload = aWorkload("web", { sizing, container: "app" });
      const decided = plan(aSnapshot({ policies: [policy], workloads: [workload] }), startMs);
      const [pool] = decided.pools;
      if (!pool) throw new Error("the workload has a pool");
      const row = withoutUsual(rowOf(decided, pool));
      const entry = entryOfRow(row);
      const { minSizeName, floor, ceiling, ...counting } = sizing;
      expect([minSizeName, floor, ceiling]).toHaveLength(3);
      expect(sizingOf(spec, entry)).toMatchObject({ ...counting, weight: 1 });
      expect(entry.container).toBe("app");
    }),
  );
});

test("a stored row says of the counting only what is not usual", async () => {
  const world = await fleetOf([{ name: "web" }, heavy]);
  const [other = {}, web = {}] = world.status("orders").workloads ?? [];
  expect(Object.keys(usualCounting).filter((name) => name in web)).toEqual([]);
  expect(other).toMatchObject({ processesPerPod: 8, extraConnectionsPerPod: 3 });
  expect(other).not.toHaveProperty("unmanagedPoolSize");
});

function sizingOfFirst(spec: PoolPolicySpec): ReturnType<typeof sizingOf> {
  const [entry] = spec.workloads;
  if (!entry) throw new Error("the policy has an entry");
  return sizingOf(spec, entry);
}

describe("after a restart, a policy whose spec cannot be used any more", () => {
  const broken = { mode: "Enforce", workloads: [{ preset: "own" }], reserve: { connections: "?" } };

  async function brokenFleet(spec: object = broken): Promise<MemoryWorld> {
    const world = new MemoryWorld();
    world.policy("orders", { workloads: [{ name: "web" }] });
    world.deployment("web");
    world.autoscaler("web", 15);
    await world.pass(minuteMs);
    expect(world.podSizes("web")).toEqual([6, 6, 6]);
    world.policy("orders", spec);
    world.restartOperator();
    await world.pass(2_000);
    return world;
  }

  test.each([
    { name: "in one field", spec: broken },
    { name: "because its selectors say too much together", spec: specDemanding(1_001) },
  ])("$name keeps its workloads on the ledger, and their sizes", async ({ spec }) => {
    const world = await brokenFleet(spec);
    const [web] = world.plan().positions;
    expect(web).toMatchObject({ managed: false, plannedPods: 15, stayingPods: 3, published: 6 });
    expect(world.grant("orders", "web")).toBe(6);
    expect(world.status("orders").conditions).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: "Ready", status: "False", reason: "InvalidSpec" }),
        expect.objectContaining({ type: "Applied", status: "False", reason: "InvalidSpec" }),
      ]),
    );
    expect(world.status("orders").findings?.[0]).toMatchObject({ reason: "InvalidSpec" });
  });

  test("gives nothing of them to others", async () => {
    const world = await brokenFleet();
    world.policy("others", { workloads: [{ name: "api" }] });
    world.deployment("api", { replicas: 1 });
    await world.pass(20 * minuteMs, 10_000);
    expect(world.plan().exposure.slots).toBeLessThanOrEqual(world.plan().budgetSlots ?? 0);
    expect(world.podSizes("web")).toEqual([6, 6, 6]);
  });

  test("is managed again once it is mended", async () => {
    const world = await brokenFleet();
    world.policy("orders", { workloads: [{ name: "web" }] });
    await world.pass(minuteMs);
    expect(world.plan().positions[0]).toMatchObject({ managed: true, published: 6 });
    expect(world.status("orders").findings).toEqual([]);
  });
});

describe("what can be saved of a spec", () => {
  test.each<{ name: string; raw: unknown }>([
    { name: "nothing", raw: undefined },
    { name: "a text", raw: "spec" },
    { name: "a list", raw: [] },
    { name: "fields of other kinds", raw: { database: 7, workloads: {}, mode: [], reserve: null } },
  ])("that is $name is a spec all the same", ({ raw }) => {
    const spec = salvageSpec(raw, { workloads: "none" }, server);
    expect(spec).toMatchObject({ mode: "Enforce", workloads: [], reserve: { connections: 10 } });
    expect(spec.database).toMatchObject({ address: server });
  });

  test("is every part that is in order, and every entry", () => {
    const raw = {
      database: { secretRef: { name: "db" }, maxConnections: 77 },
      reserve: { connections: 40 },
      basis: "Nonsense",
      workloads: [
        { name: "web", weight: 3 },
        { name: "api", processesPerPod: "four" },
      ],
    };
    const spec = salvageSpec(raw, {}, server);
    expect(spec).toMatchObject({
      database: { secretRef: { name: "db", key: "uri" }, maxConnections: 77 },
      reserve: { connections: 40, rollouts: 1 },
      basis: "Workload",
    });
    expect(spec.workloads).toEqual([expect.objectContaining({ name: "web", weight: 3 })]);
  });
});
