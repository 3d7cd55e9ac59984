// Where the policy gives no maximum, the size that the owner's template says is a ceiling too. In
// Template delivery it is remembered beside what we write there, for as long as that stands.

import { describe, expect, it, test } from "vitest";
import type { OwnSize } from "../../src/domain/facts/facts.ts";
import { foundPoolSize } from "../../src/reconcile/sizes/default-ceiling.ts";
import { deploy, env, play } from "../support/situation.ts";
import { type MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

interface Found {
  readonly name: string;
  readonly template: number;
  readonly source?: OwnSize["source"];
  readonly written?: string;
  readonly annotated?: string;
  readonly row?: { readonly foundPoolSize?: number };
  readonly isPending?: true;
  readonly want: number | undefined;
}

describe("with a ceiling of 50, what was found in the template is", () => {
  test.each<Found>([
    { name: "what it says", template: 300, want: 300 },
    { name: "nothing where that is no more than the ceiling", template: 50, want: undefined },
    { name: "nothing where it says none", template: 300, source: "unmanaged", want: undefined },
    {
      name: "what the row remembers",
      template: 90,
      written: "90",
      row: { foundPoolSize: 300 },
      want: 300,
    },
    {
      name: "what the workload remembers",
      template: 90,
      written: "90",
      annotated: "300",
      want: 300,
    },
    {
      name: "what the row remembers of both",
      template: 90,
      written: "90",
      annotated: "400",
      row: { foundPoolSize: 300 },
      want: 300,
    },
    {
      name: "what the workload remembers beside a row that does not",
      template: 90,
      written: "90",
      annotated: "300",
      row: {},
      want: 300,
    },
    { name: "nothing where nobody remembers", template: 90, written: "90", want: undefined },
    {
      name: "what the row remembers where the template of pods cannot be seen behind what we wrote",
      template: 10,
      source: "unmanaged",
      written: "90",
      row: { foundPoolSize: 300 },
      want: 300,
    },
    {
      name: "what the owner has written since",
      template: 70,
      written: "90",
      annotated: "300",
      want: 70,
    },
    {
      name: "no number beyond what a policy can say",
      template: 90,
      written: "90",
      annotated: "99999",
      want: 10_000,
    },
    {
      name: "nothing where the workload remembers none",
      template: 90,
      written: "90",
      annotated: "0",
      want: undefined,
    },
    {
      name: "nothing of an annotation in words",
      template: 90,
      written: "90",
      annotated: "many",
      want: undefined,
    },
    {
      name: "what is remembered while our write is on its way",
      template: 120,
      written: "90",
      row: { foundPoolSize: 300 },
      isPending: true,
      want: 300,
    },
  ])("$name", ({ template, source = "literal", written, annotated, row, isPending, want }) => {
    const workload = {
      templateAnnotations: written === undefined ? {} : { "poolwarden.dev/pool-size": written },
      annotations: annotated === undefined ? {} : { "poolwarden.dev/found-pool-size": annotated },
    };
    const size = { poolSize: template, source };
    const sources = { template: size, workload, row, isPending: isPending === true };
    const sizing = { ceiling: 50, isWorkerCount: false };
    expect(foundPoolSize(sources, sizing).foundPoolSize).toBe(want);
  });
});

describe("a policy with delivery Template that is deleted and made anew", () => {
  const situation = {
    name: "anew",
    entry: { env: { maxSize: "MAX_DB_CONNECTIONS" } },
    ...{ delivery: "Template", replicas: 2, maxConnections: 500 },
    podSpec: env(["MAX_DB_CONNECTIONS", "300"]),
  };
  const sizeOf = (world: MemoryWorld): string | undefined =>
    world.deploymentNow("web").containers[0]?.env.find((e) => e.name === "MAX_DB_CONNECTIONS")
      ?.value;
  const again = async (world: MemoryWorld, awayMs: number): Promise<void> => {
    const { spec } = world.stores.policies.get("shop/orders") ?? {};
    world.stores.policies.delete("shop/orders");
    if (awayMs > 0) await world.pass(awayMs);
    world.policy("orders", spec as object);
    for (let minute = 0; minute < 20; minute += 1) {
      await world.pass(minuteMs);
      world.read({ maxConnections: 5_000 });
    }
  };

  it.each([
    { name: "at once", awayMs: 0 },
    { name: "after the workload was released", awayMs: 3 * minuteMs },
  ])("$name still knows what the template said before", async ({ awayMs }) => {
    const world = await play(situation);
    // 487 slots / 4 pods (2 planned, 2 in a rollout).
    expect(sizeOf(world)).toBe("121");
    await again(world, awayMs);
    expect(sizeOf(world)).toBe("300");
  });

  it("takes the owner's next manifest for his word", async () => {
    const world = await play(situation);
    await deploy(world, { ...situation, podSpec: env(["MAX_DB_CONNECTIONS", "80"]) });
    await again(world, minuteMs);
    expect(sizeOf(world)).toBe("80");
  });
});

test("what the policy says that pods hold, where the template says nothing, is a ceiling too", async () => {
  const situation = {
    name: "in a file",
    entry: { env: { maxSize: "DB_POOL_SIZE" }, unmanagedPoolSize: 120 },
    ...{ replicas: 2, maxConnections: 2_000 },
    podSpec: env(),
  };
  const world = await play(situation);
  expect(world.grant("orders", "web")).toBe(120);
});
