// A namespace that the operator's owner bounds: a fleet that holds more than its part is brought
// within it, one roll after the other, and is told by whose word.
import { describe, expect, it } from "vitest";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { QuotaSetting } from "../../src/domain/supply/quota-settings.ts";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const stepMs = 5_000;
const share: QuotaSetting = { namespace: "shop", amount: 40, unit: "percent" };
/** 40 % of 187. */
const partSlots = 74;

function boundedWorld(namespaceQuotas: readonly QuotaSetting[] = [share]): MemoryWorld {
  const world = new MemoryWorld();
  world.bounds = { namespaceQuotas };
  world.restartOperator();
  return world;
}

function exposureIn(world: MemoryWorld): number {
  const account = world.plan().limits.ofNamespace("shop");
  if (!account) throw new Error("shop is not bounded");
  return account.exposure.slots;
}

function conditionIn({ conditions }: PoolPolicyStatus, type: string): object | undefined {
  return conditions?.find((condition) => condition.type === type);
}

describe("a namespace with 40% of the server", { timeout: 60_000 }, () => {
  it("comes within its part, and stays there", async () => {
    const world = boundedWorld();
    world.policy("orders");
    world.deployment("web");
    world.deployment("worker", { replicas: 2 });

    await world.pass(10 * minuteMs, stepMs);

    expect(exposureIn(world)).toBeLessThanOrEqual(partSlots);
    expect(exposureIn(world)).toBeGreaterThan(0.8 * partSlots);
    const status = world.status("orders");
    expect(conditionIn(status, "Ready")).toMatchObject({ status: "True" });
    expect(conditionIn(status, "WithinBudget")).toMatchObject({
      message: expect.stringContaining(
        `its limit is ${partSlots} slots (40% of 187 by --namespace-quotas)`,
      ) as string,
    });
    expect(status.findings?.map(({ reason }) => reason)).toContain("NamespaceQuota");
    expect(status.ledger?.join("\n")).toContain(`its limit is ${partSlots} slots`);
    const rolls = world.rolls.length;
    await world.pass(10 * minuteMs, stepMs);
    expect(world.rolls.length).toBe(rolls);
  });

  it("says so while it holds more than that, although the server has slots for all", async () => {
    const world = boundedWorld();
    world.policy("orders", { rebalance: "Never" });
    world.deployment("web", { replicas: 2 });

    await world.pass(minuteMs, stepMs);

    expect(conditionIn(world.status("orders"), "Ready")).toMatchObject({
      status: "False",
      reason: "OverNamespaceQuota",
    });
    expect(world.nextPodSize("web")).toBe(18);
    expect(world.rolls).toEqual([]);
  });

  it("grows to what the server has once it is not bounded any more, and back", async () => {
    const world = boundedWorld();
    world.policy("orders");
    world.deployment("web");
    await world.pass(10 * minuteMs, stepMs);
    const bounded = world.podSizes("web");

    world.bounds = {};
    world.restartOperator();
    await world.pass(10 * minuteMs, stepMs);
    const free = world.podSizes("web");
    world.bounds = { namespaceQuotas: [share] };
    world.restartOperator();
    await world.pass(10 * minuteMs, stepMs);

    expect(bounded).toEqual([12, 12, 12]);
    expect(free).toEqual([31, 31, 31]);
    expect(world.podSizes("web")).toEqual(bounded);
  });

  it("gets pools below its floors rather than what is not its own, and is told", async () => {
    const world = boundedWorld();
    world.policy("orders", {
      workloads: [{ name: "web", poolSize: { min: 30 } }],
    });
    world.deployment("web");

    await world.pass(10 * minuteMs, stepMs);

    expect(world.podSizes("web")).toEqual([12, 12, 12]);
    expect(conditionIn(world.status("orders"), "Feasible")).toMatchObject({
      status: "False",
      reason: "Infeasible",
      message: expect.stringMatching(
        /need 180 slots: it has 74 slots.*lower poolSize.min/,
      ) as string,
    });
  });

  it("is not planned for with more pods than fit its part", async () => {
    const world = boundedWorld();
    world.policy("orders");
    world.deployment("web");
    world.autoscaler("web", 500);

    await world.pass(10 * minuteMs, stepMs);

    expect(world.podSizes("web")).toEqual([1, 1, 1]);
    expect(exposureIn(world)).toBeLessThanOrEqual(partSlots);
    expect(conditionIn(world.status("orders"), "Feasible")).toMatchObject({
      message: expect.stringMatching(
        /namespace shop asks for 500 planned pods, but only 37/,
      ) as string,
    });
  });
});

it("a namespace that is not named is as free as ever", async () => {
  const worlds = [boundedWorld([{ ...share, namespace: "bank" }]), new MemoryWorld()];
  for (const world of worlds) {
    world.policy("orders");
    world.deployment("web");
    await world.pass(5 * minuteMs, stepMs);
  }
  const [bounded, free] = worlds.map((world) => world.status("orders"));
  expect(bounded).toEqual(free);
});
