// The simulated world as a whole: the same chance gives the same history, event for event, and the
// autoscaler keeps the pace of the real one.

import { describe, expect, test } from "vitest";
import { seededRandom } from "../../support/prng.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { World } from "./world.ts";

const hourMs = 3_600_000;

describe("one seed", () => {
  async function history(seed: number): Promise<readonly string[]> {
    const clock = new VirtualClock();
    const random = seededRandom(seed);
    const world = new World({ clock, random });
    const events: string[] = [];
    world.onWrite = (write) => events.push(JSON.stringify(write));
    world.addDatabase("db.shop.svc:5432", { maxConnections: 60 });
    world.podTimes.startMs = () => 1_000 + random.next() * 20_000;
    world.podTimes.stopMs = () => random.next() * 30_000;
    world.controllerLagMs = () => 20 + random.next() * 2_000;
    const keys = ["a", "b", "c"].map((name) =>
      world.createWorkload({ kind: "Deployment", namespace: "shop", name, replicas: 4 }),
    );
    const stopping = new AbortController();
    void follow(world, events, stopping.signal);
    for (let minute = 0; minute < 60; minute++) {
      misbehave(world, random, keys[Math.floor(random.next() * keys.length)] ?? "");
      await clock.advance(hourMs / 60);
    }
    stopping.abort();
    return events;
  }

  test("gives one history, another seed another", async () => {
    const [first, again, other] = [await history(7), await history(7), await history(8)];
    expect(first.length).toBeGreaterThan(200);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });
});

async function follow(world: World, events: string[], signal: AbortSignal): Promise<void> {
  const { sources } = world.connect();
  while (!signal.aborted) {
    const position = String(world.kinds.versions.last);
    for await (const event of sources.pods(undefined).watch(position, signal)) {
      events.push(JSON.stringify(event));
    }
  }
}

function misbehave(world: World, random: { next(): number }, key: string): void {
  const pods = [...world.pods()];
  const pod = pods[Math.floor(random.next() * pods.length)];
  const acts = [
    () => {
      world.deploy(key);
    },
    () => {
      world.scale(key, Math.floor(random.next() * 10));
    },
    () => {
      world.undo(key);
    },
    () => {
      world.deletePod(pod?.key ?? "");
    },
    () => {
      world.crashPod(pod?.key ?? "");
    },
    () => {
      world.database("db.shop.svc:5432").restart(5_000);
    },
  ];
  acts[Math.floor(random.next() * acts.length)]?.();
}

describe("an autoscaler", () => {
  test("follows the demand within its bounds: 4, 8, 16, 32 in 45 s, and back", async () => {
    const clock = new VirtualClock();
    const world = new World({ clock, random: seededRandom(1) });
    const key = world.createWorkload({
      ...{ kind: "Deployment", namespace: "shop", name: "web", replicas: 4 },
    });
    world.setAutoscaler(key, { min: 4, max: 32 });
    world.setDemand(key, 100);
    const seen: (number | undefined)[] = [];
    for (let step = 0; step < 4; step++) {
      await clock.advance(15_000);
      seen.push(world.workloads.get(key)?.replicas);
    }
    expect(seen).toEqual([8, 16, 32, 32]);
    world.setDemand(key, 1);
    await clock.advance(60_000);
    expect(world.workloads.get(key)?.replicas).toBe(4);
    expect(world.kinds.autoscalers.get("shop/web")).toMatchObject({ maxReplicas: 32 });
  });

  test("leaves a workload alone that somebody has scaled to 0", async () => {
    const clock = new VirtualClock();
    const world = new World({ clock, random: seededRandom(1) });
    const key = world.createWorkload({
      ...{ kind: "Deployment", namespace: "shop", name: "web", replicas: 4 },
    });
    world.setAutoscaler(key, { min: 2, max: 8 });
    world.scale(key, 0);
    world.setDemand(key, 6);
    await clock.advance(60_000);
    expect([...world.pods()]).toEqual([]);
  });
});
