// Pool sizes that stand in a ConfigMap or Secret: what is fetched and when, how long a decision
// waits for it, and what pods are taken to hold when somebody edits it.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeenSizes } from "../../src/reconcile/references/seen-sizes.ts";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";
import {
  type Answer,
  type Bench,
  openBench,
  said,
  unavailable,
} from "../support/references-bench.ts";
import { settle } from "../support/virtual-clock.ts";

/** Everything is fetched once and answered in turn. */
async function know(bench: Bench, answer: Answer): Promise<void> {
  const { lookups } = bench.lookUp("a");
  const fetching = bench.references.refresh(lookups);
  await settle();
  bench.asked.pop()?.answer(answer);
  await fetching;
}

describe("what a decision refers to", () => {
  test("is fetched at once, four at a time, and then known for a minute", async () => {
    const bench = openBench();
    const names = Array.from({ length: 20 }, (_, index) => `c${index}`);
    const fetching = bench.references.refresh(bench.lookUp(...names).lookups);
    await settle();
    const atOnce: number[] = [];
    while (bench.asked.length > 0) {
      atOnce.push(bench.asked.length);
      for (const { answer } of bench.asked.splice(0)) answer(said("7"));
      await settle();
    }
    await fetching;
    expect(atOnce).toEqual([4, 4, 4, 4, 4]);
    const { lookups, values } = bench.lookUp(...names);
    expect(new Set(values)).toEqual(new Set(["7"]));
    await bench.clock.advance(59_000);
    expect(bench.references.refresh(lookups)).toBe(undefined);
    await bench.clock.advance(1_000);
    expect(bench.references.refresh(lookups)).not.toBe(undefined);
  });

  test("is waited for two seconds, once, and taken up when it comes", async () => {
    const bench = openBench();
    const { lookups } = bench.lookUp("a");
    let hasEnded = false;
    void bench.references.refresh(lookups)?.then(() => (hasEnded = true));
    await bench.clock.advance(1_999);
    expect(hasEnded).toBe(false);
    await bench.clock.advance(1);
    expect(hasEnded).toBe(true);
    expect(bench.references.refresh(lookups)).toBe(undefined);
    expect(bench.references.unansweredIn(lookups)).toEqual(new Set(["shop"]));
    expect(bench.asked).toHaveLength(1);
    bench.asked[0]?.answer(said("7"));
    await settle();
    expect(bench.references.unansweredIn(lookups)).toEqual(new Set([]));
    expect(bench.lookUp("a").values).toEqual(["7"]);
  });

  test.each<{ name: string; answer: Answer; want: string | undefined }>([
    { name: "does not answer: it stays", answer: unavailable, want: "7" },
    {
      name: "refuses: it stays",
      answer: { kind: "forbidden", message: "no" },
      want: "7",
    },
    {
      name: "says that it is gone: it is",
      answer: { kind: "absent", message: "no" },
      want: undefined,
    },
    { name: "says something else: it is that", answer: said("9"), want: "9" },
  ])("was known, and then the API server $name", async ({ answer, want }) => {
    const bench = openBench();
    await know(bench, said("7"));
    await bench.clock.advance(minuteMs);
    await know(bench, answer);
    const { lookups, values } = bench.lookUp("a");
    expect(values).toEqual([want]);
    expect(bench.references.unansweredIn(lookups)).toEqual(new Set([]));
  });

  test("that was never answered is asked for again after five seconds", async () => {
    const bench = openBench();
    await know(bench, unavailable);
    const { lookups } = bench.lookUp("a");
    expect(bench.references.unansweredIn(lookups)).toEqual(new Set(["shop"]));
    await bench.clock.advance(4_999);
    expect(bench.references.refresh(lookups)).toBe(undefined);
    await bench.clock.advance(1);
    expect(bench.references.refresh(lookups)).not.toBe(undefined);
  });
});

test("a pod counts with the largest size that was there since it was first seen", () => {
  const step = fc.record({ uid: fc.constantFrom("1", "2"), size: fc.option(fc.nat(99)) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const seen = new SeenSizes();
      let own: number[] = [];
      let lastUid = "";
      for (const { uid, size } of steps) {
        if (uid !== lastUid) own = [];
        lastUid = uid;
        if (size !== null && size > 0) own.push(size);
        seen.forgetGone({ get: () => ({ uid }) as never });
        const text = size === null ? undefined : String(size);
        const resolve = seen.resolverFor({ key: "shop/web-1", uid }, () => text);
        const value = resolve({ kind: "ConfigMap", name: "sizes", key: "web" });
        expect(value).toBe(own.length > 0 ? String(Math.max(...own)) : text);
      }
    }),
  );
});

describe("a ConfigMap that is edited", () => {
  async function fleetOf(size: string): Promise<MemoryWorld> {
    const world = new MemoryWorld();
    world.cluster.data.set("ConfigMap/shop/sizes", { web: size });
    world.policy("orders", { mode: "Observe" });
    const from = { kind: "ConfigMap", name: "sizes", key: "web" } as const;
    const env = [{ name: "DB_POOL_MAX_SIZE", from }];
    world.deployment("web", { containers: [{ name: "app", env, envFrom: [] }] });
    await world.look();
    return world;
  }
  const sizesOf = (world: MemoryWorld): number[] =>
    world
      .plan()
      .snapshot.workloads.flatMap(({ pods }) => pods.map(({ own }) => own.poolSize))
      .sort((a, b) => a - b);

  test("to less says nothing of the pods that run", async () => {
    const world = await fleetOf("50");
    world.cluster.data.set("ConfigMap/shop/sizes", { web: "5" });
    await world.pass(2 * minuteMs, minuteMs);
    expect(sizesOf(world)).toEqual([50, 50, 50]);
    expect(world.plan().positions[0]?.published).toBe(5);
    const [gone] = world.stores.pods.values();
    world.stores.pods.delete(gone?.key ?? "");
    await world.pass(minuteMs, minuteMs);
    expect(sizesOf(world)).toEqual([5, 50, 50]);
  });

  test("to more is what they get at their next start", async () => {
    const world = await fleetOf("50");
    world.cluster.data.set("ConfigMap/shop/sizes", { web: "80" });
    await world.pass(2 * minuteMs, minuteMs);
    expect(sizesOf(world)).toEqual([80, 80, 80]);
  });

  test("and nobody grows while it was never read", async () => {
    const world = await fleetOf("50");
    expect(world.plan().snapshot.synced).toBe(true);
    world.cluster.readData = (kind, namespace, name, keys) =>
      kind === "ConfigMap"
        ? Promise.resolve(unavailable)
        : new MemoryWorld().cluster.readData(kind, namespace, name, keys);
    world.restartOperator();
    await world.look();
    expect(world.plan().snapshot.synced).toBe(false);
  });
});
