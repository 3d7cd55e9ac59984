// demand: Share where pods are resized while they run: what one pool does not use goes to another
// within a minute, and comes back as soon as it has all at work that it was left.

import { expect, test } from "vitest";
import type { ClientsAtWork, SessionGroup } from "../../src/domain/facts/facts.ts";
import type { ObservedPod } from "../../src/observed.ts";
import { knowUse } from "../support/memory-world/known-use.ts";
import { MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";

const everyMs = 5_000;
const entry = { resize: "Live", poolSize: { min: 3, max: 100 }, maxPods: 3 };

/** What each pod of each would have at work; it has no more than its size. */
type Load = Readonly<Record<string, number>>;

class Scene {
  readonly world = new MemoryWorld();

  async start(): Promise<void> {
    const { world } = this;
    world.bounds = { mayResize: true };
    world.restartOperator();
    const workloads = ["web", "jobs"].map((name) => ({ ...entry, name }));
    world.policy("orders", { demand: "Share", workloads });
    await world.look();
    await world.pass(10_000);
    for (const name of ["web", "jobs"]) world.deployment(name, { replicas: 3 });
    // The first pods of a Deployment start before its grant is known.
    await world.look();
    for (const { key } of world.stores.pods.values()) world.stores.pods.delete(key);
    await world.look();
  }

  podsOf(name: string): ObservedPod[] {
    return [...this.world.stores.pods.values()].filter(({ workload }) => {
      return workload === `shop/Deployment/${name}`;
    });
  }

  sizesOf(name: string): number[] {
    return this.podsOf(name).map(({ poolSizeAnnotation }) => Number(poolSizeAnnotation));
  }

  /** True: the server is to be decided on at once. */
  see(load: Load): boolean {
    const shown = Object.entries(load).flatMap(([name, wanted]) =>
      this.podsOf(name).map(({ addresses: [address = ""], poolSizeAnnotation }) => {
        const sessions = Number(poolSizeAnnotation ?? 0);
        return { address, sessions, atWork: Math.min(wanted, sessions) };
      }),
    );
    this.world.read({ sessions: shown.map(sessionsOf) });
    return this.world.operator.lookAtWork(server, shown.map(atWorkOf));
  }

  async pass(forMs: number, load: Load): Promise<void> {
    for (let passed = 0; passed < forMs; passed += everyMs) {
      this.see(load);
      await this.world.pass(everyMs, everyMs);
    }
  }
}

type Shown = Omit<ClientsAtWork, "user">;

function sessionsOf({ address, sessions: count }: Shown): SessionGroup {
  return { user: "app", database: "orders", applicationName: "", address, count };
}

function atWorkOf(shown: Shown): ClientsAtWork {
  return { user: "app", ...shown };
}

const quiet: Load = { web: 4, jobs: 60 };

async function settled(): Promise<{ readonly scene: Scene; readonly fair: number }> {
  const scene = new Scene();
  await scene.start();
  await scene.pass(2 * minuteMs, quiet);
  const [fair = 0] = scene.sizesOf("web");
  await knowUse(scene.world, "orders", { web: 4, jobs: 60 });
  await scene.pass(2 * minuteMs, quiet);
  return { scene, fair };
}

test("what a pool does not use goes to another, and comes back at once in a burst", async () => {
  const { scene, fair } = await settled();
  expect(scene.sizesOf("web")).toEqual([5, 5, 5]);
  const rows = scene.world.status("orders").workloads ?? [];
  const web = rows.find(({ workload }) => workload.endsWith("/web"));
  // Of what running pods have, and not of the 3 that the next one starts with.
  expect(web).toMatchObject({ poolSize: 3, inUse: { peak: 4, percent: 80 } });
  for (const size of scene.sizesOf("jobs")) expect(size).toBeGreaterThan(fair + 10);
  const before = scene.world.cluster.writes.length;
  const burst = { ...quiet, web: 60 };
  expect(scene.see(burst)).toBe(false);
  scene.world.nowMs += everyMs;
  expect(scene.see(burst)).toBe(true);
  await scene.pass(minuteMs, burst);
  for (const size of scene.sizesOf("web")) expect(size).toBeGreaterThanOrEqual(fair - 1);
  const kinds = scene.world.cluster.writes.slice(before).map(({ kind }) => kind);
  expect(kinds).toContain("resize");
  expect(kinds).not.toContain("apply");
});
