// One workload of two policies: on each server it counts with the variable that the policy of that
// server names, whoever sized it first.
import { expect, it } from "vitest";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const replicaServer = "replica.shop.svc:5432";

it("claimed twice counts with the right variable", { timeout: 60_000 }, async () => {
  const world = new MemoryWorld();
  const env = [{ name: "DB_REPLICA_POOL_SIZE", value: "20" }];
  world.deployment("portal", { replicas: 4, containers: [aContainer(25, { env })] });
  world.policy("main", { workloads: [{ name: "portal", poolSize: { max: 10 } }] });
  await world.pass(5 * minuteMs, 5_000);
  expect(world.grant("main", "portal")).toBe(10);

  world.policy("replica", {
    database: world.otherDatabase("replica", replicaServer),
    workloads: [{ name: "portal", env: { maxSize: "DB_REPLICA_POOL_SIZE" } }],
  });
  await world.pass(minuteMs, 5_000);

  // Four pods of 20, and room for as many; the grant of main speaks of another variable.
  expect(world.plan(replicaServer).exposure.slots).toBe(160);
  expect(world.plan().exposure.slots).toBe(4 * 25 + 4 * 10);
  const message = world.status("replica").workloads?.[0]?.message;
  expect(message).toContain("was given no size yet: new pods get the size of their template");
  expect(message).toContain("0 more may start with 20 each");
});
