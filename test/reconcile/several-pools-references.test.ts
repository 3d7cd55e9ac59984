// A size of one pool that refers to the variable of another one: what another pool writes is no
// number of this one, and yet it is what the process reads.

import { describe, expect, it } from "vitest";
import type { EnvEntry, FoundSetting } from "../../src/observed.ts";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const [main, other] = ["DB_POOL_MAX_SIZE", "REPLICA_POOL_MAX_SIZE"];
const replica = { name: "web", pool: "replica", env: { maxSize: other } };

interface Parts {
  readonly env: readonly EnvEntry[];
  readonly settings?: readonly FoundSetting[];
  readonly mode?: string;
}

async function worldWith({ env, settings = [], mode = "Enforce" }: Parts): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  world.read({ maxConnections: 100 });
  world.deployment("web", { replicas: 1, containers: [{ ...aContainer(1), env, settings }] });
  world.policy("orders", { mode, workloads: [{ name: "web" }, replica] });
  for (let minute = 0; minute < 10; minute += 1) {
    await world.pass(minuteMs, 5_000);
    world.read({ maxConnections: 100 });
  }
  return world;
}

/** What each pool of its one pod counts as. */
function heldIn(world: MemoryWorld): readonly number[] {
  return world.plan().positions.flatMap(({ staying }) => staying.map(({ poolSize }) => poolSize));
}

function reasonsIn(world: MemoryWorld): readonly string[] {
  return (world.status("orders").findings ?? []).map(({ reason }) => reason);
}

describe("a size that refers to another pool's variable", () => {
  const chain = { name: "POOL", value: `$(${main})` };
  const fromSecret = { kind: "Secret", name: "sizes", key: "size" } as const;
  it.each([
    {
      name: "itself",
      env: [
        { name: main, value: "40" },
        { name: other, value: `$(${main})` },
      ],
    },
    {
      name: "through a third",
      env: [{ name: main, value: "40" }, chain, { name: other, value: "$(POOL)" }],
    },
    {
      name: "the other way round",
      env: [
        { name: other, value: "40" },
        { name: main, value: `$(${other})` },
      ],
    },
  ])("counts as that: $name", async ({ env }) => {
    expect(heldIn(await worldWith({ env, mode: "Observe" }))).toEqual([40, 40]);
  });

  it("counts as that in an argument, which wins over its own variable", async () => {
    const argument = { place: "args", kind: "argument", name: "--replica-pool-max-size" } as const;
    const world = await worldWith({
      env: [{ name: main, value: "40" }],
      settings: [{ ...argument, value: `$(${main})` }],
      mode: "Observe",
    });
    expect(heldIn(world)).toEqual([40, 40]);
  });

  it("is written over, as the admission policy does", async () => {
    const env = [
      { name: main, value: "40" },
      { name: other, value: `$(${main})` },
    ];
    const world = await worldWith({ env });
    expect(reasonsIn(world)).not.toContain("NotANumber");
    const sizes = Object.values(world.status("orders").grants ?? {}).map((one) => one.poolSize);
    expect(sizes).toHaveLength(2);
    expect(heldIn(world)).toEqual(sizes);
    // Two pods may be there at once; 13 of 100 connections are kept back.
    expect(2 * sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(87);
    expect(world.plan().exposure.slots).toBeLessThanOrEqual(87);
  });

  it("is left as it is where that one holds no number", async () => {
    const env = [
      { name: main, from: fromSecret },
      { name: other, value: `$(${main})` },
    ];
    const world = new MemoryWorld();
    world.cluster.data.set("Secret/shop/sizes", { size: "fifty" });
    world.read({ maxConnections: 100 });
    world.deployment("web", { replicas: 1, containers: [{ ...aContainer(1), env }] });
    world.policy("orders", { workloads: [{ name: "web" }, replica] });
    await world.pass(minuteMs, 5_000);
    expect(reasonsIn(world).filter((reason) => reason === "NotANumber")).toHaveLength(2);
    expect(world.status("orders").grants).toEqual({});
  });
});
