// A policy that gives its pools other names in each edit leaves pools behind that no entry names.

import { describe, expect, it, test } from "vitest";
import fc from "fast-check";
import { poolKeyOf, workloadKeyOf } from "../../src/api/keys.ts";
import { slotsPerPod } from "../../src/domain/demand/slots.ts";
import type { PoolFacts } from "../../src/domain/facts/facts.ts";
import { fewReleased, releasedMax } from "../../src/reconcile/observe/few-released.ts";
import { anOwnSize, aWorkload, pods } from "../support/builders.ts";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

function released(name: string, place: number, poolSize: number): PoolFacts {
  const web = aWorkload(name, { template: anOwnSize(poolSize) });
  return { ...web, poolKey: poolKeyOf(workloadKeyOf(web), `r${place}`), isReleased: true };
}

function slotsIn(pools: readonly PoolFacts[]): number {
  return pools.reduce(
    (sum, { sizing, template }) => sum + slotsPerPod(sizing, template.poolSize),
    0,
  );
}

test("of each workload 20 are kept, and their slots are as many as those of all", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 });
  const check = fc.property(sizes, sizes, (web, api) => {
    const all = [
      aWorkload("web"),
      ...web.map((size, place) => released("web", place, size)),
      ...api.map((size, place) => released("api", place, size)),
    ];
    const few = fewReleased(all);
    const count = Math.min(web.length, releasedMax) + Math.min(api.length, releasedMax);
    expect(few).toHaveLength(1 + count);
    expect(slotsIn(few)).toBe(slotsIn(all));
  });
  fc.assert(check);
});

test("what a pod holds counts where it is more than the template says", () => {
  const all = Array.from({ length: releasedMax + 1 }, (_, place) => {
    return { ...released("web", place, 1), pods: pods(1, { poolSize: 30 }) };
  });
  expect(fewReleased(all).at(-1)?.sizing.extraConnectionsPerPod).toBe(30);
});

describe("a policy that renames 20 pools in each of five edits", () => {
  const names = (edit: number): readonly string[] =>
    Array.from({ length: releasedMax }, (_, place) => `E${edit}X${place}`);
  const edits = [0, 1, 2, 3, 4];

  async function renamed(world: MemoryWorld, edit: number): Promise<void> {
    const workloads = names(edit).map((name) => ({
      ...{ name: "web", pool: name.toLowerCase(), env: { maxSize: `${name}_POOL_SIZE` } },
    }));
    world.policy("orders", { workloads: [{ name: "web" }, ...workloads] });
    world.read({ maxConnections: 5_000 });
    await world.pass(10_000, 5_000);
  }

  async function worldAfterAll(): Promise<MemoryWorld> {
    const world = new MemoryWorld({ admission: false });
    const env = edits.flatMap(names).map((name) => ({ name: `${name}_POOL_SIZE`, value: "2" }));
    const size = { name: "DB_POOL_MAX_SIZE", value: "2" };
    world.deployment("web", {
      replicas: 1,
      containers: [{ ...aContainer(1), env: [size, ...env] }],
      paused: true,
    });
    for (const edit of edits) await renamed(world, edit);
    return world;
  }

  it("has as many pools on the account as have room, and all that their pods hold", async () => {
    const world = await worldAfterAll();
    const { positions } = world.plan();
    const left = positions.filter(({ pool }) => pool.isReleased === true);
    expect([positions.length, left.length]).toEqual([1 + 2 * releasedMax, releasedMax]);
    expect(slotsIn(left.map(({ pool }) => pool))).toBe(2 * 4 * releasedMax);
    world.restartOperator();
    world.read({ maxConnections: 5_000 });
    await world.pass(minuteMs, 5_000);
    const after = world.plan().positions.filter(({ pool }) => pool.isReleased === true);
    expect(slotsIn(after.map(({ pool }) => pool))).toBe(2 * 4 * releasedMax);
  });
});
