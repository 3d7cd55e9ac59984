// One workload whose pools are of two policies, on one server or on two: each pool has a size of
// its own server, and a rollout brings both.

import { describe, expect, it, test } from "vitest";
import type { Plan } from "../../src/domain/decide/plan.ts";
import { claimsOn } from "../../src/reconcile/observe/claims.ts";
import { poolsOf } from "../../src/reconcile/observe/pools-of-workload.ts";
import { sharedPools } from "../../src/reconcile/observe/shared-workloads.ts";
import { aSpec } from "../support/builders.ts";
import {
  aWorld,
  elsewhere,
  type Parts,
  reportsEntry,
  type SharedWorld,
} from "../support/memory-world/shared-world.ts";
import { aDeployment, server } from "../support/memory-world/world.ts";

function fits({ exposure, budgetSlots = 0 }: Plan): boolean {
  return exposure.slots <= budgetSlots;
}

describe("a workload with a pool of each of two policies", () => {
  it("on two servers has a size on each, from what that one has", async () => {
    const world = aWorld();
    await world.settle();
    const [main, reports] = [world.plan(), world.plan(elsewhere)];
    expect(main.positions.map(({ pool }) => pool.poolKey)).toEqual(["shop/Deployment/web"]);
    expect(reports.positions.map(({ pool }) => pool.poolKey)).toEqual([
      "shop/Deployment/web/reports",
    ]);
    expect([main, reports].map(fits)).toEqual([true, true]);
    // Three pods, and as many in a rollout.
    const sizeWithin = ({ budgetSlots = 0 }: Plan): number => Math.floor(budgetSlots / 6);
    expect(world.grant("orders", "web")).toBe(sizeWithin(main));
    expect(world.status("reports").grants?.["Deployment/web/reports"]?.poolSize).toBe(
      sizeWithin(reports),
    );
    expect(new Set(world.sizesOf("DB_POOL_MAX_SIZE"))).toEqual(new Set([sizeWithin(main)]));
    expect(new Set(world.sizesOf("REPORTS_POOL_MAX_SIZE"))).toEqual(new Set([sizeWithin(reports)]));
    expect([world.reasonsOf("orders"), world.reasonsOf("reports")]).toEqual([[], []]);
  });

  it("is rolled once for both, and rests", async () => {
    const world = aWorld();
    await world.settle();
    expect(world.rolls).toHaveLength(1);
    const before = world.cluster.writes.length;
    await world.settle(15);
    expect(world.cluster.writes.length).toBe(before);
    expect(world.rolls).toHaveLength(1);
  });

  it("on one server shares it by weight, and nothing is tied", async () => {
    const world = aWorld({ onOne: true, reports: { workloads: [{ ...reportsEntry, weight: 2 }] } });
    await world.settle();
    const plan = world.plan();
    expect(fits(plan)).toBe(true);
    expect(plan.unit).toBeUndefined();
    const [main, reports] = plan.positions.map(({ published }) => published);
    expect(main).toBeGreaterThan(1);
    expect(reports).toBeGreaterThan((main ?? 0) + 1);
    expect(world.rolls).toHaveLength(1);
    expect([world.reasonsOf("orders"), world.reasonsOf("reports")]).toEqual([[], []]);
  });

  it("is written into the template in one rollout, with the sizes of both", async () => {
    const world = aWorld({ admission: false });
    await world.settle();
    expect(world.rolls).toHaveLength(1);
    const plans = [world.plan(), world.plan(elsewhere)];
    expect(plans.map(fits)).toEqual([true, true]);
    for (const { positions } of plans) {
      expect(positions[0]?.pool.templateIsWhole).toBe(true);
      expect(positions[0]?.staying).toEqual([{ poolSize: positions[0]?.published, pods: 3 }]);
    }
  });

  test.each([
    { name: "the main pool", orders: { delivery: "Template" }, reports: {} },
    { name: "the other pool", orders: {}, reports: { delivery: "Template" } },
  ])("may have $name in its template and the other from the API server", async (given) => {
    const world = aWorld(given);
    await world.settle(20);
    const plans = [world.plan(), world.plan(elsewhere)];
    expect(plans.map(fits)).toEqual([true, true]);
    for (const { positions } of plans) {
      expect(positions[0]?.staying).toEqual([{ poolSize: positions[0]?.published, pods: 3 }]);
      expect(positions[0]?.published).toBeLessThan(20);
    }
    const { rolls } = world;
    await world.settle(15);
    expect(world.rolls).toEqual(rolls);
  });
});

describe("a rollout that one of the servers needs", () => {
  async function settled(parts: Parts = {}): Promise<SharedWorld> {
    const world = aWorld(parts);
    await world.settle();
    return world;
  }

  it("waits where the policy of the other pool says so", async () => {
    const database = { secretRef: { name: "reports" } };
    const world = await settled({ reports: { database, rebalance: "Never" } });
    expect(world.rolls).toEqual([]);
    const { message } = world.rowOf("orders", "Deployment/web") ?? {};
    expect(message).toContain("rebalance is Never in policy shop/reports");
  });

  test.each([
    { name: "waits while it does not fit on the other one", maxConnections: 100, evictions: 0 },
    { name: "is one pod at a time where that fits", maxConnections: 160, evictions: 3 },
  ])("$name", async ({ maxConnections, evictions }) => {
    // Whatever its pods hold there is not ours to change: 3 x 30.
    const world = aWorld({ reports: { mode: "Observe" }, maxConnections });
    world.deployment("web", { strategy: "RollingUpdate", maxSurge: 1 });
    await world.settle(15);
    expect(world.rolls).toEqual([]);
    expect(world.evictions).toHaveLength(evictions);
    expect(world.peaks[elsewhere]).toBeLessThanOrEqual(maxConnections);
    const { message } = world.rowOf("orders", "Deployment/web") ?? {};
    if (evictions === 0) expect(message).toContain(`limit of server ${elsewhere} is 87`);
  });

  it("waits while the other one was not read lately", async () => {
    const world = await settled();
    const { rolls } = world;
    world.limits = { [server]: 200 };
    world.operator.failToRead(elsewhere, world.nowMs);
    await world.settle(12);
    expect(world.grant("orders", "web")).toBeGreaterThan(20);
    expect(world.rolls).toEqual(rolls);
    world.limits = { [server]: 200, [elsewhere]: 60 };
    await world.settle(10);
    expect(world.rolls).toHaveLength(rolls.length + 1);
  });

  it("takes no slots of the other one that it does not have", async () => {
    const world = await settled({ maxConnections: 44 });
    for (const [replicas, maxConnections] of [
      [5, 100],
      [5, 300],
      [2, 300],
      [4, 90],
    ] as const) {
      world.limits = { ...world.limits, [server]: maxConnections };
      world.deployment("web", { replicas });
      await world.settle(8);
      expect([world.plan(), world.plan(elsewhere)].map(fits)).toEqual([true, true]);
    }
    expect(world.peaks[elsewhere]).toBeLessThanOrEqual(3 * 30 * 2);
  });
});

describe("trouble of one policy is not the other's", () => {
  it("one that only observes counts with what its pods hold", async () => {
    const world = aWorld({ reports: { mode: "Observe" }, maxConnections: 300 });
    await world.settle();
    expect(world.grant("orders", "web")).toBeLessThan(20);
    expect(world.rolls).toHaveLength(1);
    expect(new Set(world.sizesOf("REPORTS_POOL_MAX_SIZE"))).toEqual(new Set([30]));
    expect(world.plan(elsewhere).exposure.slots).toBe(3 * 30);
    expect(world.status("orders").conditions?.find(({ type }) => type === "Ready")?.status).toBe(
      "True",
    );
  });

  it("one whose secret does not exist keeps nobody from anything", async () => {
    const world = aWorld({ reports: { database: { secretRef: { name: "gone" } } } });
    await world.settle();
    expect(world.grant("orders", "web")).toBeLessThan(20);
    expect(world.rolls).toHaveLength(1);
  });

  it("one that was deleted unties the servers", async () => {
    const world = aWorld();
    await world.settle();
    expect(world.plan().unit?.()).toHaveLength(2);
    world.stores.policies.delete("shop/reports");
    await world.settle(5);
    expect(world.plan().unit).toBeUndefined();
    expect(world.reasonsOf("orders")).not.toContain("ClaimedTwice");
  });

  it("one whose entry goes elsewhere unties them, and one that comes back ties them again", async () => {
    const world = aWorld();
    await world.settle();
    const database = { secretRef: { name: "reports" } };
    world.policy("reports", { database, workloads: [{ ...reportsEntry, name: "other" }] });
    await world.settle(3);
    expect(world.plan().unit).toBeUndefined();
    expect(world.plan(elsewhere).positions).toEqual([]);
    world.policy("reports", { database, workloads: [reportsEntry] });
    await world.settle(10);
    expect(world.plan().unit?.()).toHaveLength(2);
    expect([world.plan(), world.plan(elsewhere)].map(fits)).toEqual([true, true]);
  });
});

it("after a restart the servers are tied again before anything is decided, and nothing is rolled", async () => {
  const world = aWorld();
  await world.settle();
  const { writes } = world.cluster;
  const before = writes.length;
  world.restartOperator();
  world.readAll();
  await world.look();
  expect(() => world.plan()).toThrow();
  await world.settle(15);
  expect(world.plan().unit?.()).toHaveLength(2);
  expect(writes.slice(before).filter(({ kind }) => kind === "apply")).toEqual([]);
});

describe("policies that name one pool of a workload are a conflict, which sizes none of its pools", () => {
  test.each([
    { name: "on one server", onOne: true },
    { name: "on two servers", onOne: false },
  ])("$name", async ({ onOne }) => {
    const world = aWorld({ onOne, reports: { workloads: [reportsEntry, { name: "web" }] } });
    await world.settle();
    for (const policy of ["orders", "reports"]) {
      const { grants = {}, findings = [] } = world.status(policy);
      expect(grants).toEqual({});
      const message =
        "policies shop/orders and shop/reports select the same pool of Deployment/web";
      expect(findings).toContainEqual(
        expect.objectContaining({ message: expect.stringContaining(message) as string }),
      );
    }
    expect(world.rolls).toEqual([]);
    expect(world.plan().unit).toBeUndefined();
  });
});

test("policies that may not share a workload size none of its pools, and say why", () => {
  const web = aDeployment("web", 0);
  const policies = [
    { key: "shop/orders", spec: aSpec({ workloads: [{ name: "web" }] }) },
    { key: "shop/reports", spec: aSpec({ workloads: [reportsEntry] }) },
  ];
  const claims = claimsOn([web], policies).get(web) ?? [];
  const conflictsWith = (may: boolean): string[] =>
    sharedPools(poolsOf(web, claims), web, { book: { mayShare: () => may }, claims }).flatMap(
      ({ conflicts }) => conflicts.map(({ message }) => message),
    );
  expect(conflictsWith(true)).toEqual([]);
  const [first = "", ...others] = conflictsWith(false);
  expect(first).toContain("policies shop/orders and shop/reports select pools of Deployment/web:");
  expect(first).toContain("more than 17 servers would have to be decided on together");
  expect(others).toEqual([first]);
});

test("pools of two policies that would write one variable are a conflict that names both, and count once", async () => {
  const onePool = { name: "web", pool: "reports" };
  const world = aWorld({ onOne: true, reports: { workloads: [onePool] } });
  await world.settle();
  for (const policy of ["orders", "reports"]) {
    const { grants = {}, findings = [] } = world.status(policy);
    expect(grants).toEqual({});
    expect(findings).toContainEqual(
      expect.objectContaining({
        reason: "ClaimedTwice",
        message: expect.stringContaining(
          "the main pool (policy shop/orders) and pool reports (policy shop/reports) would both write DB_POOL_MIN_SIZE",
        ) as string,
      }),
    );
  }
  expect(world.plan().exposure.slots).toBe(2 * 3 * 20);
});
