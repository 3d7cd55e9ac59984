// Whom the checker of evictions counts as away: it must blame an operator for a second eviction
// that comes too soon, and for nothing else that takes pods away.

import { beforeEach, describe, expect, test } from "vitest";
import { seededRandom } from "../support/prng.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { Evictions } from "./evictions.ts";
import { Truth } from "./truth.ts";
import type { FleetSetup } from "./scenario.ts";
import { World } from "./world/world.ts";

const server = "db.shop.svc:5432";
const startMs = 10_000;

let clock: VirtualClock;
let world: World;
let evictions: Evictions;
let web: string;

beforeEach(async () => {
  clock = new VirtualClock();
  world = new World({ clock, random: seededRandom(1) });
  world.addDatabase(server, { maxConnections: 103 });
  world.podTimes.startMs = () => startMs;
  const fleet = { servers: [], policies: [], workloads: [] } as unknown as FleetSetup;
  evictions = new Evictions(new Truth(world, fleet), clock);
  web = world.createWorkload({ kind: "Deployment", namespace: "shop", name: "web", replicas: 3 });
  await pass(2 * startMs);
});

/** As the simulation does: the checker looks after every step. */
async function pass(forMs: number): Promise<void> {
  for (let passedMs = 0; passedMs < forMs; passedMs += 1_000) {
    await clock.advance(1_000);
    evictions.look();
  }
}

function podAt(index: number): string {
  return [...world.pods()].filter(({ terminating }) => !terminating)[index]?.key ?? "";
}

/** By what was known `knownAgoMs` ago. */
function evict(pod: string, knownAgoMs: number = 0): string | undefined {
  world.deletePod(pod);
  return evictions.begin(web, pod, clock.nowMs() - knownAgoMs);
}

describe("a second eviction is blamed", () => {
  test("while the replacement of the first starts, and not once it is ready", async () => {
    const [first, second, third] = [podAt(0), podAt(1), podAt(2)];
    expect(evict(first)).toBeUndefined();
    await pass(5_000);
    expect(evict(second)).toBe(`${second} was evicted while ${first} is away`);
    await pass(60_000);
    expect(evict(third)).toBeUndefined();
  });

  test("not while another pod is away that crashed after the first was replaced", async () => {
    evict(podAt(0));
    await pass(60_000);
    world.crashPod(podAt(0));
    await clock.advance(1_000);
    expect(evict(podAt(1), 2_000)).toBeUndefined();
  });

  test("not of one of several that crashed before the first was replaced, once that is", async () => {
    const [first, second, third] = [podAt(0), podAt(1), podAt(2)];
    evict(first);
    await pass(startMs - 2_000);
    world.crashPod(second);
    world.crashPod(third);
    await pass(4_000);
    expect(evict(second)).toBeUndefined();
  });

  test("of a pod that serves, while others that crashed are not ready", async () => {
    const [first, second, third] = [podAt(0), podAt(1), podAt(2)];
    evict(first);
    await pass(startMs - 2_000);
    world.crashPod(second);
    await pass(4_000);
    expect(evict(third)).toBe(`${third} was evicted while ${first} is away`);
  });

  test("not of a pod that crashed before the first was replaced, once that is", async () => {
    const [first, second] = [podAt(0), podAt(1)];
    evict(first);
    await pass(startMs - 2_000);
    world.crashPod(second);
    await pass(4_000);
    expect(evict(second)).toBeUndefined();
  });

  test("of a pod that crashed, while the first is not replaced", async () => {
    const [first, second] = [podAt(0), podAt(1)];
    evict(first);
    await pass(2_000);
    world.crashPod(second);
    await pass(1_000);
    expect(evict(second)).toBe(`${second} was evicted while ${first} is away`);
  });

  test("not once the pod that came in its place, with its name, is ready", async () => {
    const spec = { kind: "StatefulSet", namespace: "shop", name: "db", replicas: 3 } as const;
    const db = world.createWorkload(spec);
    await pass(5 * startMs);
    world.deletePod("shop/db-0");
    evictions.begin(db, "shop/db-0", clock.nowMs());
    await pass(60_000);
    world.deletePod("shop/db-1");
    expect(evictions.begin(db, "shop/db-1", clock.nowMs())).toBeUndefined();
  });

  test("not when the operator could not have heard of the first", async () => {
    evict(podAt(0));
    await pass(5_000);
    expect(evict(podAt(1), 6_000)).toBeUndefined();
  });
});
