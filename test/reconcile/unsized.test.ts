// Pods that start without a size although all is installed: an API server that came up just now is
// blind to the admission policy for up to half a minute. They are repaired soon after, even where
// the last roll of ours was only just before. (What it costs where nothing helps: order.test.ts.)
import { describe, expect, it } from "vitest";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

async function adoptedWorld(): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("web");
  world.autoscaler("web", 6);
  await world.pass(10 * minuteMs);
  return world;
}

describe("an API server that is blind for a while", () => {
  const blind = [
    {
      name: "while pods are added after a roll of ours",
      act: (world: MemoryWorld) => world.deployment("web", { replicas: 5 }),
    },
    {
      name: "while somebody deploys",
      act: (world: MemoryWorld) =>
        world.deployment("web", {
          templateAnnotations: { ...world.deploymentNow("web").templateAnnotations, version: "2" },
        }),
    },
  ];
  it.each(blind)("$name: every pod has its size soon after", async ({ act }) => {
    const world = await adoptedWorld();
    const share = world.grant("orders", "web");
    world.controller.admits = false;
    act(world);
    await world.pass(30_000);
    expect(world.podSizes("web")).toContain(50);
    world.controller.admits = true;

    await world.pass(5 * minuteMs);

    expect(new Set(world.podSizes("web"))).toEqual(new Set([share]));
  });
});
