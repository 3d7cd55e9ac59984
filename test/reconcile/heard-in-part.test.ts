// Deployments, ReplicaSets and pods are watches of their own. What a Deployment says of a rollout
// may be heard long before its ReplicaSet and its pods are: the rollout may be complete by then, as
// far as its controller counts, while old pods still end.

import { expect, test } from "vitest";
import type { Position } from "../../src/domain/demand/position.ts";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

function web(world: MemoryWorld): Position {
  const found = world.plan().positions.find(({ workload }) => workload.name === "web");
  if (!found) throw new Error("web is not planned for");
  return found;
}

/** Its pods have their size; then somebody deploys it, and only the Deployment is heard of. */
async function deployed(revisionNumber: number): Promise<MemoryWorld> {
  const world = new MemoryWorld();
  world.policy("orders");
  world.deployment("web");
  await world.pass(5 * minuteMs);
  const known = world.stores.Deployment.get("shop/web");
  if (!known) throw new Error("web is there");
  const generation = known.generation + 1;
  const resourceVersion = world.stores.nextVersion();
  const told = { generation, observedGeneration: generation, resourceVersion, revisionNumber };
  world.stores.Deployment.set({ ...known, ...told });
  await world.pass(1_000);
  return world;
}

function newestNumber(world: MemoryWorld): number {
  const numbers = [...world.stores.replicaSets.values()].map((set) => set.revisionNumber);
  return Math.max(...numbers);
}

test("a rollout that only its Deployment says is complete has all its old pods still", async () => {
  const { leavingPods, stayingPods, rolling, plannedPods } = web(await deployed(3));
  expect({ leavingPods, stayingPods, rolling }).toEqual({
    ...{ leavingPods: plannedPods, stayingPods: 0, rolling: true },
  });
});

test("a Deployment whose newest ReplicaSet is known is at rest", async () => {
  const world = await deployed(2);
  expect(newestNumber(world)).toBe(2);
  expect(web(world)).toMatchObject({ leavingPods: 0, rolling: false });
});

test("a Deployment whose controller has not looked at it may have another template", async () => {
  const world = await deployed(2);
  expect(web(world).workload.isUnseen).toBeUndefined();
  world.controller.isAway = true;
  const known = world.stores.Deployment.get("shop/web");
  if (!known) throw new Error("web is there");
  const resourceVersion = world.stores.nextVersion();
  const changed = { generation: known.generation + 1, resourceVersion };
  world.stores.Deployment.set({ ...known, ...changed });
  await world.pass(1_000);
  expect(web(world).workload.isUnseen).toBe(true);
});
