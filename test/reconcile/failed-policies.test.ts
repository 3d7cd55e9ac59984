// How often a policy is looked at whose secret cannot be used: soon at first, because somebody may
// be correcting it, and less often later, because each look reads the secret.

import { expect, test } from "vitest";
import { PolicyBook } from "../../src/reconcile/resolve/policy-book.ts";
import { PolicyReconciler } from "../../src/reconcile/policy-reconciler.ts";
import { Readings } from "../../src/reconcile/memory/readings.ts";
import { MemoryLog } from "../support/memory-log.ts";
import { MemoryWorld } from "../support/memory-world/world.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

test("a policy that fails is looked at every 5 s, and after two minutes every 30 s", async () => {
  const world = new MemoryWorld();
  world.policy("orders");
  const clock = new VirtualClock();
  const reconciler = new PolicyReconciler({
    ...{ policies: world.stores.policies, cluster: world.cluster, book: new PolicyBook(), clock },
    ...{ intervalMs: 60_000, log: new MemoryLog(), readings: new Readings() },
    enqueueServer: () => undefined,
    enqueueDatabase: () => undefined,
  });
  const delays: number[] = [];
  const looks = async (count: number): Promise<readonly number[]> => {
    delays.length = 0;
    while (delays.length < count) {
      const result = await reconciler.reconcile("shop/orders");
      const delayMs = result.kind === "after" ? result.delayMs : 0;
      delays.push(delayMs);
      await clock.advance(delayMs);
    }
    return delays.map((delayMs) => Math.round(delayMs / 1_000));
  };
  const data = world.cluster.data.get("Secret/shop/db") ?? {};
  world.cluster.data.clear();
  expect(await looks(12)).toEqual([5, 5, 5, 5, 5, 6, 8, 10, 12, 15, 19, 24]);
  expect(await looks(3)).toEqual([30, 30, 30]);
  world.cluster.data.set("Secret/shop/db", data);
  expect(await looks(1)).toEqual([60]);
  world.cluster.data.clear();
  expect(await looks(1)).toEqual([5]);
});
