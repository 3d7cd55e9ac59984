// A policy whose server is not known: no decision on a server tells what is wrong, so the policy's
// own reconciler does, once for each reason.
import { expect, test } from "vitest";
import { MemoryWorld } from "../support/memory-world/world.ts";

function told(world: MemoryWorld): readonly string[] {
  return world.cluster.events.map(({ reason, regarding }) => `${reason} ${regarding.name}`);
}

test("each reason why it cannot be used is one event", async () => {
  const world = new MemoryWorld();
  world.cluster.data.clear();
  world.policy("orders");

  await world.pass(60_000);
  expect(told(world)).toEqual(["SecretNotFound orders"]);

  world.cluster.data.set("Secret/shop/db", { other: "x" });
  await world.pass(60_000);
  expect(told(world)).toEqual(["SecretNotFound orders", "SecretKeyMissing orders"]);
});
