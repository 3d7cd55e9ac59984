// A roll is validated against the workload as it is at that moment: what was decided on something
// else is dropped, because it would restart pods for nothing.

import { describe, expect, test } from "vitest";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

/** One decision before the roll: it was tried, and the API server did not answer. */
async function aboutToRoll(): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("web");
  let tries = 0;
  world.cluster.refuse = (what) => {
    if (what !== "read") return undefined;
    tries += 1;
    return { kind: "unavailable", message: "timeout" };
  };
  while (tries === 0) await world.pass(1_000);
  world.cluster.refuse = () => undefined;
  expect(world.rolls).toEqual([]);
  return world;
}

/** What happens to web between the decision and the write. */
function meanwhile(world: MemoryWorld, happens: () => void): void {
  world.cluster.refuse = (what) => {
    if (what !== "read") return undefined;
    world.cluster.refuse = () => undefined;
    happens();
    return undefined;
  };
}

describe("a workload that, between decision and write,", () => {
  test.each<{ name: string; happens: (world: MemoryWorld) => void }>([
    { name: "is scaled", happens: (world) => void world.deployment("web", { replicas: 9 }) },
    { name: "gets another template", happens: (world) => void world.deployment("web", {}) },
    {
      name: "is made anew",
      happens: (world) => {
        const web = world.deploymentNow("web");
        world.stores.Deployment.set({ ...web, uid: "another" });
      },
    },
    {
      name: "is deleted",
      happens: (world) => {
        world.deleteDeployment("web");
      },
    },
  ])("$name is not rolled on that decision", async ({ happens }) => {
    const world = await aboutToRoll();
    meanwhile(world, () => {
      happens(world);
    });

    await world.operator.look();

    expect(world.rolls).toEqual([]);
  });

  test("only reports its status is rolled", async () => {
    const world = await aboutToRoll();
    meanwhile(world, () => {
      const web = world.deploymentNow("web");
      world.stores.Deployment.set({ ...web, resourceVersion: world.stores.nextVersion() });
    });

    await world.operator.look();

    expect(world.rolls).toEqual(["web"]);
  });

  test("changed is decided anew a second later", async () => {
    const world = await aboutToRoll();
    meanwhile(world, () => {
      world.deployment("web", {});
    });
    await world.look();
    expect(world.rolls).toEqual([]);

    await world.pass(minuteMs);

    expect(world.rolls).toEqual(["web"]);
  });
});

test("grants are published before the roll that counts on them, in one run", async () => {
  const world = new MemoryWorld({ admission: false });
  world.policy("orders");
  world.deployment("web");

  await world.look();

  const kinds = world.cluster.writes.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind !== "rule")).toEqual(["status", "apply"]);
});
