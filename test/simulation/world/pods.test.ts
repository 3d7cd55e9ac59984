// What the pods of the simulated cluster hold on the database, from their start to long after their
// end: the other half of what the operator is judged by. None of it has a real counterpart here to
// be compared with at length, so the rules are spelled out.

import { beforeEach, describe, expect, test } from "vitest";
import { seededRandom } from "../../support/prng.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import type { WorldPod } from "./pod.ts";
import type { SimulatedPostgres } from "./postgres.ts";
import type { WorkloadSpec } from "./workload-spec.ts";
import { World } from "./world.ts";

const server = "db.shop.svc:5432";
const startMs = 10_000;

let clock: VirtualClock;
let world: World;
let postgres: SimulatedPostgres;

beforeEach(() => {
  clock = new VirtualClock();
  world = new World({ clock, random: seededRandom(1) });
  postgres = world.addDatabase(server, { maxConnections: 103 });
  world.podTimes.startMs = () => startMs;
});

function create(more: Partial<WorkloadSpec> = {}): string {
  return world.createWorkload({
    ...{ kind: "Deployment", namespace: "shop", name: "web", replicas: 3 },
    env: { DB_POOL_MAX_SIZE: "10" },
    ...more,
  });
}

async function running(more: Partial<WorkloadSpec> = {}): Promise<string> {
  const key = create(more);
  await clock.advance(startMs + 1_000);
  return key;
}

function pods(): WorldPod[] {
  return [...world.pods()];
}

function sessions(): number[] {
  return pods().map((pod) => pod.sessions);
}

function firstPod(): WorldPod {
  const [pod] = pods();
  if (!pod) throw new Error("there is no pod");
  return pod;
}

describe("slots", () => {
  test("count from a pod's creation, sessions from its start", async () => {
    create();
    await clock.advance(1_000);
    expect(world.heldSlots(server)).toBe(30);
    expect(postgres.total).toBe(0);
    await clock.advance(startMs);
    expect(sessions()).toEqual([10, 10, 10]);
    expect(postgres.total).toBe(30);
  });

  test.each([
    { says: "processes and extras", env: { DB_POOL_MAX_SIZE: "10" }, want: 24 },
    { says: "the library's default without a size", env: {}, want: 18 },
    { says: "the same where the size is no number", env: { DB_POOL_MAX_SIZE: "ten" }, want: 18 },
  ])("$says: $want", async ({ env, want }) => {
    const pools = { processesPerPod: 2, extraConnectionsPerPod: 4, defaultPoolSize: 7 };
    await running({ replicas: 1, env, pools });
    expect(firstPod()).toMatchObject({ slots: want, sessions: want });
  });

  test("of a size in a ConfigMap are those that it says when a process starts", async () => {
    world.setData("ConfigMap", "shop", "pool", { max: "5" });
    const from = { kind: "ConfigMap", name: "pool", key: "max" } as const;
    await running({ replicas: 1, env: { DB_POOL_MAX_SIZE: from } });
    world.setData("ConfigMap", "shop", "pool", { max: "8" });
    expect(world.heldSlots(server)).toBe(5);
    world.crashPod(firstPod().key);
    await clock.advance(60_000);
    expect(world.heldSlots(server)).toBe(8);
    expect(postgres.total).toBe(8);
  });

  test("stay until a terminating pod is gone, sessions too", async () => {
    world.podTimes.stopMs = () => 20_000;
    const key = await running({ replicas: 1 });
    world.scale(key, 0);
    await clock.advance(19_000);
    expect(firstPod()).toMatchObject({ terminating: true, sessions: 10 });
    expect(world.heldSlots(server)).toBe(10);
    await clock.advance(2_000);
    expect(pods()).toEqual([]);
    expect(world.heldSlots(server)).toBe(0);
    expect(postgres.total).toBe(0);
  });

  test("no pod takes longer to end than its grace period", async () => {
    world.podTimes.stopMs = () => 3_600_000;
    const key = await running({ replicas: 1, graceMs: 5_000 });
    world.scale(key, 0);
    await clock.advance(6_000);
    expect(pods()).toEqual([]);
  });
});

describe("a full server", () => {
  test("refuses what is too much, and the pod tries again until it has all", async () => {
    await running({ replicas: 12 });
    expect(postgres.total).toBe(100);
    const { refused } = postgres;
    expect(refused).toBeGreaterThanOrEqual(20);
    world.scale("shop/Deployment/web", 10);
    await clock.advance(10_000);
    expect(sessions()).toEqual(new Array(10).fill(10));
    await clock.advance(1_000);
    const later = postgres.refused;
    await clock.advance(60_000);
    expect(postgres.refused).toBe(later);
  });

  test("a role's and a database's limit refuse as well", async () => {
    postgres.settings.roleLimits["app"] = 12;
    postgres.settings.databaseLimits["orders"] = 11;
    await running({ replicas: 2 });
    expect(postgres.total).toBe(11);
    postgres.settings.databaseLimits["orders"] = -1;
    await clock.advance(6_000);
    expect(postgres.total).toBe(12);
  });

  test("that restarts loses every session, and gets them back", async () => {
    await running();
    postgres.restart(30_000, { maxConnections: 23 });
    expect(sessions()).toEqual([0, 0, 0]);
    await clock.advance(29_000);
    expect(postgres.total).toBe(0);
    await clock.advance(7_000);
    expect(postgres.total).toBe(20);
  });
});

describe("a crash", () => {
  test("drops the sessions; the process comes back with the same address", async () => {
    await running({ replicas: 1 });
    const { address, key } = firstPod();
    world.podTimes.restartMs = () => 5_000;
    world.crashPod(key);
    expect(firstPod()).toMatchObject({ sessions: 0, ready: false });
    expect(world.heldSlots(server)).toBe(10);
    await clock.advance(6_000);
    expect(firstPod()).toMatchObject({ key, address, sessions: 10, ready: true });
  });
});

describe("a lost node", () => {
  const times = { notReadyMs: 40_000, evictMs: 100_000, vanishMs: 60_000 };

  beforeEach(() => {
    Object.assign(world.nodeTimes, times);
    world.podTimes.keepaliveMs = () => 600_000;
  });

  test("leaves its pods in the API, then terminating, then gone; their sessions stay as ghosts", async () => {
    await running({ replicas: 1 });
    const { node, key } = firstPod();
    world.loseNode(node);
    await clock.advance(50_000);
    expect(world.pod(key)).toMatchObject({ terminating: false, ready: false });
    await clock.advance(60_000);
    expect(world.pod(key)).toMatchObject({ terminating: true });
    await clock.advance(60_000);
    expect(world.pod(key)).toBeUndefined();
    expect(pods()).toHaveLength(1);
    expect(pods()[0]?.node).not.toBe(node);
    expect(postgres.total).toBe(20);
    await clock.advance(600_000);
    expect(postgres.total).toBe(10);
  });

  test("that comes back early starts its pods anew, beside their ghosts", async () => {
    await running({ replicas: 1 });
    const { node, key, address } = firstPod();
    world.loseNode(node);
    await clock.advance(30_000);
    world.restoreNode(node);
    await clock.advance(200_000);
    expect(world.pod(key)).toMatchObject({ terminating: false, ready: true, sessions: 10 });
    expect(world.pod(key)?.address).not.toBe(address);
    expect(postgres.total).toBe(20);
  });

  test("a restart of the server ends the ghosts at once", async () => {
    await running({ replicas: 1 });
    world.loseNode(firstPod().node);
    postgres.restart(1_000);
    await clock.advance(20_000);
    expect(postgres.total).toBe(0);
  });
});

describe("several API servers", () => {
  const grant = { container: "app", poolSize: 4, env: [{ name: "DB_POOL_MAX_SIZE", value: "4" }] };

  function publish(poolSize: number): void {
    const value = String(poolSize);
    const env = [{ name: "DB_POOL_MAX_SIZE", value }];
    const grants = { "Deployment/web": { ...grant, poolSize, env } };
    const version = world.kinds.policies.get("shop/orders")?.resourceVersion ?? "";
    world.policies.writeStatus("shop/orders", version, { delivery: "Admission", grants });
  }

  beforeEach(() => {
    world.admissionWarmUpMs = () => 0;
    world.installAdmission();
    world.createPolicy({ namespace: "shop", name: "orders", spec: {} });
  });

  test("hand out what each of them knows: the old size too, for as long as one is late", async () => {
    const [, late] = world.apiServers;
    if (late) late.policyLagMs = 3_000;
    publish(4);
    await clock.advance(10_000);
    publish(6);
    create({ replicas: 20 });
    await clock.advance(100);
    expect(new Set(pods().map(({ poolSize }) => poolSize))).toEqual(new Set([4, 6]));
    expect(world.nextSlots("shop/Deployment/web")).toBe(6);
    await clock.advance(3_000);
    world.scale("shop/Deployment/web", 40);
    await clock.advance(100);
    expect(
      new Set(
        pods()
          .slice(20)
          .map(({ poolSize }) => poolSize),
      ),
    ).toEqual(new Set([6]));
  });

  test("sizes of former templates count for the pods that these are short of", async () => {
    create({ replicas: 3 });
    await clock.advance(100);
    world.setQuotaBlocked("shop/Deployment/web", true);
    world.scale("shop/Deployment/web", 5);
    await clock.advance(1_000);
    world.setEnv("shop/Deployment/web", "DB_POOL_MAX_SIZE", "4");
    await clock.advance(1_000);
    expect(world.nextSlots("shop/Deployment/web")).toBe(4);
    // Of two that are missing one is given up, because one pod may be unavailable.
    expect(world.missingSlots("shop/Deployment/web")).toEqual([10]);
  });

  test("one without admission lets pods start unsized", async () => {
    publish(4);
    const [, broken] = world.apiServers;
    if (broken) broken.admissionActive = false;
    create({ replicas: 20 });
    await clock.advance(100);
    const annotations = pods().map(({ annotation }) => annotation);
    expect(new Set(annotations)).toEqual(new Set(["4", undefined]));
    expect(world.nextSlots("shop/Deployment/web")).toBe(10);
  });

  test("without the admission policy nothing is sized, after it is back everything is", async () => {
    publish(4);
    world.removeAdmission();
    create({ replicas: 3 });
    await clock.advance(100);
    expect(pods().map(({ annotation }) => annotation)).toEqual([undefined, undefined, undefined]);
    world.installAdmission();
    world.deploy("shop/Deployment/web");
    await clock.advance(60_000);
    expect(pods().map(({ annotation }) => annotation)).toEqual(["4", "4", "4"]);
  });
});

describe("addresses", () => {
  test("are unique among pods that exist, and now and then those of pods that are gone", async () => {
    const key = await running({ replicas: 8 });
    const before = new Set(pods().map(({ address }) => address));
    let reused = 0;
    for (let round = 0; round < 5; round++) {
      world.deploy(key);
      await clock.advance(120_000);
      const addresses = pods().map(({ address }) => address);
      expect(new Set(addresses).size).toBe(8);
      reused += addresses.filter((address) => before.has(address)).length;
    }
    expect(reused).toBeGreaterThan(0);
  });
});
