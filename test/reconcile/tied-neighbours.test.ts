// What a neighbour hears of servers that somebody else has tied to its own: nothing of their names
// and numbers, whatever state they are in.

import { expect, test } from "vitest";
import { aWorld, elsewhere } from "../support/memory-world/shared-world.ts";
import { aContainer, server } from "../support/memory-world/world.ts";

test.each([
  { name: "fits", maxConnections: 60 },
  { name: "is full", maxConnections: 24 },
  { name: "is not known", maxConnections: undefined },
])("a neighbour's status names no other server, where that one $name", async (given) => {
  const { maxConnections = 60 } = given;
  const world = aWorld({ maxConnections });
  if (given.maxConnections === undefined) {
    world.limits = { [server]: 100 };
    world.operator.failToRead(elsewhere, world.nowMs);
  }
  world.deployment("books", { replicas: 4, containers: [aContainer(10)] });
  world.policy("books", { workloads: [{ name: "books" }] });
  await world.settle(4);
  expect(world.plan().unit?.()).toHaveLength(2);
  world.limits = { ...world.limits, [server]: 60 };
  await world.settle(3);
  world.deployment("books", { replicas: 7, containers: [aContainer(10)] });
  await world.settle(3);
  const told = JSON.stringify(world.status("books"));
  expect(told).toContain("books");
  expect(told).not.toContain(elsewhere);
  expect(told).not.toContain("reports");
});
