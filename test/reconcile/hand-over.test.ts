// The size that the next pod of a workload gets while the workload passes from one hand to another:
// none of our own writes may let it start with the template's larger one.

import { describe, expect, test, vi } from "vitest";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

// Minutes of decisions, and machines are busy.
vi.setConfig({ testTimeout: 30_000 });

const elsewhere = { workloads: [{ selector: { matchLabels: { team: "other" } } }] };

/** Deployment web: its template says 50, its grant 6; at rest. */
async function settledFleet(spec: object = {}): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  world.policy("orders", spec);
  world.deployment("web");
  world.autoscaler("web", 15);
  await world.pass(minuteMs);
  expect(world.podSizes("web")).toEqual([6, 6, 6]);
  world.cluster.writes.length = 0;
  return world;
}

/** Pool sizes that a next pod of web could have started with, after each single write. */
function sizesBetweenWrites(world: MemoryWorld): Set<number> {
  const sizes = new Set<number>();
  const { refuse } = world.cluster;
  world.cluster.refuse = (what, key) => {
    sizes.add(world.nextPodSize("web"));
    return refuse(what, key);
  };
  return sizes;
}

describe("a workload that moves from one policy to another", () => {
  test.each([
    { name: "a policy's entries are edited", heir: "web" },
    { name: "the heir's name sorts first", heir: "a-web" },
  ])("starts its pods with its size meanwhile: $name", async ({ heir }) => {
    const world = await settledFleet();
    const sizes = sizesBetweenWrites(world);

    world.policy("orders", elsewhere);
    world.policy(heir);
    await world.pass(minuteMs);

    expect([...sizes, world.nextPodSize("web")]).toEqual([6, 6]);
    expect(world.grant(heir, "web")).toBe(6);
    expect(world.grant("orders", "web")).toBe(undefined);
    expect(world.rolls).toEqual([]);
  });

  test("does so when it is relabelled", async () => {
    const world = await settledFleet();
    const sizes = sizesBetweenWrites(world);

    world.policy("others", elsewhere);
    await world.pass(10_000);
    world.deployment("web", { labels: { team: "other" } });
    await world.pass(minuteMs);

    expect([...sizes, world.nextPodSize("web")]).toEqual([6, 6]);
    expect(world.grant("others", "web")).toBe(6);
    expect(world.grant("orders", "web")).toBe(undefined);
  });

  test("does so where the other policy names another server", async () => {
    const world = await settledFleet();
    const sizes = sizesBetweenWrites(world);
    const database = world.otherDatabase("other-db", "other.shop.svc:5432");

    world.policy("orders", elsewhere);
    world.policy("web", { database });
    await world.pass(minuteMs);

    expect([...sizes, world.nextPodSize("web")]).toEqual([6, 6]);
    expect(world.grant("orders", "web")).toBe(undefined);
  });

  test("is not granted less by the new policy before the old one's size is out of force", async () => {
    const world = await settledFleet();
    const seen: string[] = [];

    world.policy("orders", elsewhere);
    world.policy("web", { workloads: [{ name: "web", poolSize: { max: 4 } }] });
    for (let second = 0; second < 30; second++) {
      await world.pass(1_000);
      const sizes = [world.grant("orders", "web"), world.grant("web", "web")].join(" ");
      if (seen.at(-1) !== sizes) seen.push(sizes);
    }

    expect(seen).toEqual(["6 6", " 6", " 4"]);
  });

  test("has both grants until every API server hands out the new one", async () => {
    const world = await settledFleet();

    world.policy("orders", elsewhere);
    world.policy("web");
    await world.look();
    expect(world.grant("web", "web")).toBe(6);
    const publishedAtMs = world.nowMs;
    while (world.grant("orders", "web") !== undefined) await world.pass(100, 100);

    expect(world.nowMs - publishedAtMs).toBeGreaterThanOrEqual(5_000);
    expect(world.nowMs - publishedAtMs).toBeLessThanOrEqual(6_000);
  });

  test("keeps its size for a minute where the other policy comes later", async () => {
    const world = await settledFleet();
    const sizes = sizesBetweenWrites(world);

    world.policy("orders", elsewhere);
    await world.pass(40_000);
    world.policy("web");
    await world.pass(minuteMs);

    expect([...sizes, world.nextPodSize("web")]).toEqual([6, 6]);
  });

  test("is let go after a minute where none comes", async () => {
    const world = await settledFleet();

    world.deployment("web", { labels: {} });
    await world.pass(50_000);
    expect(world.nextPodSize("web")).toBe(6);
    await world.pass(20_000);

    expect(world.nextPodSize("web")).toBe(50);
    expect(world.podSizes("web")).toEqual([6, 6, 6]);
    expect(world.rolls).toEqual([]);
  });

  test("keeps its size as long as the new policy cannot be used", async () => {
    const world = await settledFleet();

    world.policy("orders", elsewhere);
    world.policy("web", { database: { secretRef: { name: "missing" } } });
    await world.pass(20 * minuteMs, 10_000);

    expect(world.nextPodSize("web")).toBe(6);
  });

  test("goes to a policy that uses the template once the template says the size", async () => {
    const world = await settledFleet();
    const sizes = sizesBetweenWrites(world);

    world.policy("orders", elsewhere);
    world.policy("web", { delivery: "Template" });
    await world.pass(10 * minuteMs, 5_000);

    expect([...sizes, world.nextPodSize("web")]).toEqual([6, 6]);
    expect(world.grant("orders", "web")).toBe(undefined);
    expect(world.deploymentNow("web").containers[0]?.env).toContainEqual({
      name: "DB_POOL_MAX_SIZE",
      value: "6",
    });
  });
});

describe("a workload that is deleted", () => {
  test("and made anew under its name starts with its size", async () => {
    const world = await settledFleet();

    world.deleteDeployment("web");
    await world.pass(2 * minuteMs);
    world.deployment("web");
    await world.look();

    expect(world.podSizes("web")).toEqual([6, 6, 6]);
    await world.pass(minuteMs);
    expect(world.rolls).toEqual([]);
  });

  test("keeps its grant while its pods end, and for the cooldown, not longer", async () => {
    const world = await settledFleet({ stability: { cooldown: "1m" } });
    world.controller.graceMs = 3 * minuteMs;

    world.deleteDeployment("web");
    await world.pass(2.5 * minuteMs, 5_000);
    expect(world.grant("orders", "web")).toBe(6);
    await world.pass(2 * minuteMs, 5_000);

    expect(world.grant("orders", "web")).toBe(undefined);
  });

  test("keeps it over a restart of the operator", async () => {
    const world = await settledFleet();

    world.deleteDeployment("web");
    await world.pass(2_000);
    world.restartOperator();
    await world.pass(2_000);
    world.deployment("web");
    await world.look();

    expect(world.podSizes("web")).toEqual([6, 6, 6]);
  });
});

describe("a policy that goes from Admission to Template", () => {
  test("hands out its grants until every template says its size", async () => {
    const world = await settledFleet({ reserve: { connections: 0, rollouts: 1 } });
    world.deployment("job");
    await world.pass(10 * minuteMs, 5_000);
    const before = world.podSizes("web");
    world.cluster.writes.length = 0;
    const sizes = sizesBetweenWrites(world);

    world.policy("orders", { delivery: "Template", reserve: { connections: 0, rollouts: 1 } });
    await world.look();
    expect(world.status("orders").delivery).toBe("Admission");
    expect(world.status("orders").deliveryMessage).toContain("still without: job, web");
    await world.pass(30 * minuteMs, 5_000);

    expect(world.status("orders")).toMatchObject({ delivery: "Template" });
    expect(world.status("orders").grants).toBe(undefined);
    expect(Math.max(...sizes)).toBe(before[0]);
    expect(world.rolls.toSorted()).toEqual(["job", "web"]);
    expect(world.podSizes("web")).toEqual(before);
  });

  test("waits for the end of the rollout: an old ReplicaSet replaces its own pods", async () => {
    const world = await settledFleet({ stability: { cooldown: "1s" } });
    world.controller.stuck.set("web", "exceeded its progress deadline");

    world.policy("orders", { delivery: "Template", stability: { cooldown: "1s" } });
    await world.pass(minuteMs);
    expect(world.rolls).toEqual(["web"]);
    expect(world.status("orders").delivery).toBe("Admission");
    world.controller.stuck.delete("web");
    await world.pass(10_000);

    expect(world.status("orders").delivery).toBe("Template");
    expect(world.nextPodSize("web")).toBe(6);
  });

  test("keeps shrinking by grants where a template cannot be written", async () => {
    const world = await settledFleet();
    const from = { kind: "ConfigMap" as const, name: "pool", key: "size" };
    const env = [{ name: "DB_POOL_MAX_SIZE", from }];
    world.deployment("web", { containers: [{ name: "app", env, envFrom: [] }] });
    world.cluster.data.set("ConfigMap/shop/pool", { size: "50" });

    world.policy("orders", { delivery: "Template" });
    await world.pass(minuteMs);
    world.read({ maxConnections: 103 });
    await world.pass(minuteMs);

    expect(world.grant("orders", "web")).toBe(3);
    expect(world.status("orders").findings?.map(({ reason }) => reason)).toContain(
      "SizeFromReference",
    );
  });

  test("is not misled by a template that says a larger size in full", async () => {
    const world = await settledFleet();
    const minimum = { name: "DB_POOL_MIN_SIZE", value: "10" };
    world.deployment("web", { containers: [aContainer(50, { env: [minimum] })] });
    await world.pass(minuteMs);
    const sizes = sizesBetweenWrites(world);

    world.policy("orders", { delivery: "Template" });
    await world.look();
    expect(world.status("orders").delivery).toBe("Admission");
    await world.pass(10 * minuteMs, 5_000);

    expect(world.status("orders").delivery).toBe("Template");
    expect([...sizes, world.nextPodSize("web")]).toEqual([6, 6]);
  });
});

test("who has a workload now is worked out once, however many policies still hold a grant on it", async () => {
  const world = await settledFleet();
  const { pods, policies } = world.stores;
  const { status } = policies.get("shop/orders") ?? {};
  const names = Array.from({ length: 5 }, (_, index) => `former-${index}`);
  for (const name of names) {
    world.policy(name, elsewhere);
    const policy = policies.get(`shop/${name}`);
    if (policy) policies.set({ ...policy, status });
  }
  world.policy("orders", elsewhere);
  const database = world.otherDatabase("replica", "replica.shop.svc:5432");
  world.policy("heir", { database, delivery: "Template" });
  await world.pass(1_000);
  let looks = 0;
  const countOf = pods.countOf.bind(pods);
  pods.countOf = (index, key): number => {
    // Others ask for pods of a Rollout of its name.
    if (key === "shop/Deployment/web") looks += 1;
    return countOf(index, key);
  };
  await world.operator.decide();
  expect(Object.keys(world.status("former-4").grants ?? {})).toEqual(["Deployment/web"]);
  expect(looks).toBe(1);
});
