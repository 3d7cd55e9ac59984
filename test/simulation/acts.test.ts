// What an act is blamed for: logins that are refused because its new pods run beside those that
// end, and nothing that was so before, or that others do meanwhile or afterwards.

import { beforeEach, describe, expect, test } from "vitest";
import { seededRandom } from "../support/prng.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { Acts, type KnownUntil } from "./acts.ts";
import { serverName } from "./fleet.ts";
import type { FleetSetup } from "./scenario.ts";
import { Truth } from "./truth.ts";
import type { WorldPod } from "./world/pod.ts";
import { World } from "./world/world.ts";

const server = serverName(0);
const stopMs = 25_000;

let clock: VirtualClock;
let world: World;
let truth: Truth;
let acts: Acts;

/** With 100 slots, of which the operator takes one. */
beforeEach(() => {
  clock = new VirtualClock();
  world = new World({ clock, random: seededRandom(1) });
  world.addDatabase(server, { maxConnections: 103 });
  world.podTimes.startMs = () => 1_000;
  world.podTimes.stopMs = ({ workload }) => (workload.endsWith("/web") ? stopMs : 1_000);
  watch("poolwarden");
});

function watch(operatorRole: string): void {
  const fleet = { servers: [{ operatorRole }], policies: [], workloads: [] };
  truth = new Truth(world, fleet as unknown as FleetSetup);
  acts = new Acts(truth);
}

async function create(name: string, replicas: number, poolSize: number): Promise<string> {
  const env = { DB_POOL_MAX_SIZE: String(poolSize) };
  const spec = { kind: "Deployment", namespace: "shop", name, replicas, env } as const;
  const key = world.createWorkload({ ...spec, pools: { server } });
  await look(5_000);
  return key;
}

async function look(afterMs: number): Promise<string | undefined> {
  await clock.advance(afterMs);
  return acts.look(clock.nowMs());
}

function podOf(workload: string): WorldPod {
  const found = [...world.pods()].find((pod) => pod.workload === workload);
  if (!found) throw new Error(`${workload} has no pods`);
  return found;
}

function everything(): KnownUntil {
  return { podsMs: clock.nowMs(), sessionsMs: clock.nowMs() };
}

/** Everything is known. */
function evictFrom(key: string): void {
  const { key: pod, slots } = podOf(key);
  world.deletePod(pod);
  const evicted = { pod, slots };
  acts.begin({ what: "eviction", key, evicted }, server, everything());
}

describe("an eviction", () => {
  test("is blamed where its new pod is what does not fit", async () => {
    const web = await create("web", 3, 30);
    evictFrom(web);
    expect(await look(5_000)).toBe(
      `${server}: the eviction of ${web} took what runs to 121 of 100 slots`,
    );
  });

  test("is not blamed where what stays did not fit without it", async () => {
    const web = await create("web", 2, 30);
    const other = await create("other", 5, 10);
    evictFrom(web);
    await look(5_000);
    world.scale(other, 3);
    expect(await look(10_000)).toBeUndefined();
  });

  test("is not blamed for a pod that somebody deletes once its own is gone", async () => {
    const web = await create("web", 3, 30);
    evictFrom(web);
    await clock.advance(2 * stopMs);
    world.deletePod(podOf(web).key);
    expect(await look(10_000)).toBeUndefined();
  });

  describe("within the limit of a role that two operators log in with too", () => {
    beforeEach(() => {
      world.database(server).settings.roleLimits = { app: 50 };
      const operator = { user: "app", database: "orders", applicationName: "poolwarden" };
      world.database(server).connect({ ...operator, address: "10.9.9.9" }, 2);
      watch("app");
    });

    test("is blamed where its new pod does not fit beside them", async () => {
      const web = await create("web", 6, 7);
      evictFrom(web);
      expect(await look(5_000)).toBe(
        `${server}: the eviction of ${web} took what runs to 51 of the 50 slots of its role`,
      );
    });

    test("is not blamed where what stays does not fit beside them", async () => {
      const web = await create("web", 7, 7);
      evictFrom(web);
      expect(await look(5_000)).toBeUndefined();
    });
  });

  test("is not blamed for a deploy beside it that does not fit by itself", async () => {
    const web = await create("web", 2, 30);
    await create("other", 1, 20);
    evictFrom(web);
    world.deploy(web);
    expect(await look(10_000)).toBeUndefined();
  });
});

describe("a roll of pods that have a size of the operator's", () => {
  const key = "shop/Deployment/web";

  async function grant(poolSize: number): Promise<void> {
    world.admissionWarmUpMs = () => 0;
    world.installAdmission();
    world.createPolicy({ namespace: "shop", name: "orders", spec: {} });
    const env = [{ name: "DB_POOL_MAX_SIZE", value: String(poolSize) }];
    const grants = { "Deployment/web": { container: "app", poolSize, env } };
    const version = world.kinds.policies.get("shop/orders")?.resourceVersion ?? "";
    world.policies.writeStatus("shop/orders", version, { delivery: "Admission", grants });
    await clock.advance(10_000);
  }

  async function createWeb(replicas: number, strategy?: "Recreate"): Promise<void> {
    const spec = { kind: "Deployment", namespace: "shop", name: "web", replicas } as const;
    world.createWorkload({ ...spec, ...(strategy && { strategy }), pools: { server } });
    await look(5_000);
  }

  function roll(): void {
    world.deploy(key);
    acts.begin({ what: "roll", key }, server, everything());
  }

  test("is blamed where its new pods are what does not fit", async () => {
    await grant(40);
    await createWeb(2);
    roll();
    expect(await look(500)).toBe(
      `${server}: the roll of ${key} took what runs to 121 of 100 slots`,
    );
  });

  test("is not blamed for pods of an undo, which start beside the one that ends", async () => {
    await grant(60);
    await createWeb(1, "Recreate");
    world.scale(await create("other", 1, 50), 0);
    await clock.advance(100);
    roll();
    await clock.advance(5_000);
    world.undo(key);
    await clock.advance(5_000);
    expect(world.heldSlots(server)).toBe(120);
    expect(acts.look(clock.nowMs())).toBeUndefined();
  });

  describe("behind address translation, beside sessions of processes that their nodes lost", () => {
    let lostMs: number;

    beforeEach(async () => {
      world.addDatabase(server, { maxConnections: 103, isBehindTranslation: true });
      await grant(16);
      await createWeb(3);
      world.podTimes.restartMs = () => 1_000;
      for (const node of world.nodes) world.loseNode(node);
      await look(1_000);
      for (const node of world.nodes) world.restoreNode(node);
      lostMs = clock.nowMs();
      await look(5_000);
      expect(truth.loadOf(server).fleet).toBe(95);
    });

    const rollBy = async (sessionsMs: number): Promise<string | undefined> => {
      world.deploy(key);
      acts.begin({ what: "roll", key }, server, { podsMs: clock.nowMs(), sessionsMs });
      return look(500);
    };

    test("is blamed where a reading has shown them", async () => {
      expect(await rollBy(clock.nowMs())).toContain("took what runs to 112 of 100 slots");
    });

    test("is not blamed where the pod had not opened its own yet", async () => {
      expect(await rollBy(lostMs)).toBeUndefined();
    });
  });
});
