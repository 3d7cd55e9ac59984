// Bursts of a pool whose pods connect to a primary and to a replica: two looks in a row are looks
// at one server, whatever the other shows in between.

import { expect, test } from "vitest";
import type { ClientsAtWork, ServerKey } from "../../src/domain/facts/facts.ts";
import { PoolUse } from "../../src/reconcile/memory/pool-use.ts";
import { aPolicy, aWorkload, pods } from "../support/builders.ts";

const [primary, replica] = ["db:5432", "db-ro:5432"] as unknown as [ServerKey, ServerKey];
const policy = aPolicy("orders", { spec: { demand: "Share" } });
const runs = pods(4, { poolSize: 8 }).map((pod, place) => ({
  ...pod,
  addresses: [`10.0.0.${place + 1}`],
}));
const web = aWorkload("web", { policy: policy.key, pods: runs });
/** A day of six at work on each of four pods. */
const row = { inUse: { peak: 6, percent: 75, kept: "1500 6000 5900 4 6:10000" } };

let nowMs = 0;

function aMemory(): PoolUse {
  const use = new PoolUse({ monotonicMs: () => nowMs });
  for (const server of [primary, replica])
    use.noteFleet(server, { policies: [policy], workloads: [web] });
  expect(use.factsOf(web, policy, row).use).toMatchObject({ confidence: "Medium" });
  return use;
}

function clients(atWork: number): ClientsAtWork[] {
  return runs.map(({ addresses: [address = ""] }) => ({
    user: "app",
    address,
    sessions: 8,
    atWork,
  }));
}

const burstOf = (use: PoolUse): string | undefined => use.factsOf(web, policy, row).use?.burst;

test("a full primary bursts, although the replica rests", () => {
  const use = aMemory();
  for (const server of [primary, replica, primary]) {
    nowMs += 5_000;
    use.note(server, clients(server === primary ? 8 : 1));
  }
  expect(burstOf(use)).toBe("Short");
});

test("one look at each of two servers is a moment, and no burst", () => {
  const use = aMemory();
  for (const server of [primary, replica]) use.note(server, clients(8));
  expect(burstOf(use)).toBeUndefined();
});

test("a server that no policy names any more is no burst", () => {
  const use = aMemory();
  for (const server of [replica, replica]) use.note(server, clients(8));
  use.forgetServer(replica);
  use.note(primary, clients(1));
  expect(burstOf(use)).toBeUndefined();
});
