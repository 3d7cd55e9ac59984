// Who changes his workload each time it is about to be rolled lets others go first.
import { describe, expect, it } from "vitest";
import { ContestedActs } from "../../src/reconcile/memory/contested-acts.ts";
import { LiveWorld } from "../support/memory-world/live-world.ts";
import * as support from "../support/memory-world/world.ts";

const { aContainer, aDeployment, MemoryWorld, minuteMs, server } = support;

const web = "shop/Deployment/web";

/** How long its acts wait after each of so many times in a row, in ms. */
function waitsMs(times: number, apartMs: number): number[] {
  const contested = new ContestedActs();
  return Array.from({ length: times }, (_, time) => {
    const nowMs = 1_000_000 + time * apartMs;
    contested.note(web, nowMs);
    return (contested.lately(web, nowMs)?.untilMs ?? nowMs) - nowMs;
  });
}

describe("acts on a workload that is changed each time", () => {
  it("wait from the third time on, ever longer, up to a minute", () => {
    expect(waitsMs(9, 100).map((ms) => ms / 1_000)).toEqual([0, 0, 2, 4, 8, 16, 32, 60, 60]);
  });

  it("do not wait where it happens now and then", () => {
    expect(waitsMs(5, 3 * minuteMs)).toEqual([0, 0, 0, 0, 0]);
  });

  it("do not wait once one went through, nor longer by a clock that is set back", () => {
    const contested = new ContestedActs();
    for (let time = 0; time < 3; time++) contested.note(web, 1_000_000);
    expect(contested.lately(web, 1_001_999)).toBeDefined();
    expect(contested.lately(web, 1_002_000)).toBe(undefined);
    expect(contested.lately(web, 0)?.untilMs).toBe(2_000);
    contested.forget(web);
    expect(contested.lately(web, 1_000_000)).toBe(undefined);
  });
});

it("a Deployment that is changed without end keeps no other one from being rolled", async () => {
  const world = new MemoryWorld();
  world.policy("orders", { reserve: { connections: 0 }, stability: { cooldown: "1s" } });
  world.deployment("a", { replicas: 4, containers: [aContainer(3)] });
  world.deployment("b", { replicas: 3, containers: [aContainer(3)] });
  world.read({ maxConnections: 40 });
  await world.pass(2 * minuteMs);
  world.cluster.writes.length = 0;
  const { cluster } = world;
  const read = cluster.readWorkload.bind(cluster);
  cluster.readWorkload = (key) => {
    const found = world.deploymentNow("a");
    if (key.endsWith("/a"))
      world.stores.Deployment.set({ ...found, generation: found.generation + 1 });
    return read(key);
  };

  world.read({ maxConnections: 200 });
  await world.pass(minuteMs);

  expect(world.rolls).toEqual(["b"]);
});

/** A guest of another namespace, who changes each of his Deployments when it is read. */
function inviteGuest(world: support.MemoryWorld, deployments: number): void {
  const policy = world.stores.policies.get("shop/orders");
  if (!policy) throw new Error("the guest's policy is like that of the shop");
  const own = { namespace: "guest", resourceVersion: world.stores.nextVersion() };
  world.stores.policies.set({
    ...{ ...policy, ...own, key: "guest/orders", uid: "uid-of-guest" },
    spec: { ...(policy.spec as object), database: { address: server, maxConnections: 400 } },
  });
  const change = (name: string, generation: number): void => {
    const deployment = aDeployment(name, world.nowMs);
    const resourceVersion = world.stores.nextVersion();
    const of = { namespace: "guest", key: `guest/${name}`, containers: [aContainer(100)] };
    world.stores.Deployment.set({ ...deployment, ...of, generation, resourceVersion });
  };
  for (let index = 0; index < deployments; index++) change(`app-${index}`, 1);
  const read = world.cluster.readWorkload.bind(world.cluster);
  world.cluster.readWorkload = (key) => {
    const [namespace, , name = ""] = key.split("/");
    const { generation = 0 } = world.stores.Deployment.get(`guest/${name}`) ?? {};
    if (namespace === "guest") change(name, generation + 1);
    return read(key);
  };
}

it("many Deployments that are changed in turn keep no other namespace waiting", async () => {
  const world = new MemoryWorld();
  world.bounds = { namespaceQuotas: [{ namespace: "*", amount: 50, unit: "percent" }] };
  world.restartOperator();
  world.read({ maxConnections: 400 });
  world.policy("orders");
  inviteGuest(world, 60);
  await world.pass(10_000, 250);
  world.deployment("web", { replicas: 3 });

  await world.pass(10_000, 250);

  expect(world.rolls).toContain("web");
});

it("a policy that is written over each time keeps no pod of others from starting", async () => {
  const world = new LiveWorld();
  const small = { name: "small", poolSize: { min: 2, max: 8 } };
  const stability = { cooldown: "0s", tolerancePercent: 0 };
  world.policy("hasty", { workloads: [small], stability, rebalance: "Never" });
  const web = {
    name: "web",
    resize: "Live",
    start: "WhenSlotsAreFree",
    poolSize: { min: 3, max: 3 },
  };
  world.policy("orders", { workloads: [web] });
  world.deployment("web", { replicas: 2, containers: [aContainer(3)] });
  world.deployment("small", { replicas: 2, containers: [aContainer(2)] });
  await world.passReading(2 * minuteMs);
  const { cluster } = world;
  const write = cluster.writeStatus.bind(cluster);
  cluster.writeStatus = (key, ...more) => {
    if (key !== "shop/hasty") return write(key, ...more);
    return Promise.resolve({ kind: "conflict", message: "modified", managers: [] });
  };

  world.policy("hasty", { workloads: [small], stability });
  world.deployment("web", { replicas: 4, containers: [aContainer(3)] });
  await world.passReading(2 * minuteMs);

  expect(world.podsOf("web").filter(({ gate }) => gate !== undefined)).toEqual([]);
});
