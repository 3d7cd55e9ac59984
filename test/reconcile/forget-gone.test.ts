// Memories end with what they are of.

import { beforeEach, describe, expect, test } from "vitest";
import { poolKeyOf } from "../../src/api/keys.ts";
import { Expectations } from "../../src/reconcile/memory/expectations.ts";
import { GrantSettlement } from "../../src/reconcile/memory/grant-settlement.ts";
import { ForgetGone, type Memory } from "../../src/reconcile/memory/forget-gone.ts";
import { CarriedFindings } from "../../src/reconcile/memory/carried-findings.ts";
import { PastRolls } from "../../src/reconcile/memory/past-rolls.ts";
import { PolicyBook } from "../../src/reconcile/resolve/policy-book.ts";
import { aGrant, aWorkload } from "../support/builders.ts";
import { MemoryStores } from "../support/memory-world/stores.ts";
import { aDeployment } from "../support/memory-world/world.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

let clock: VirtualClock;
let stores: MemoryStores;
beforeEach(() => {
  clock = new VirtualClock();
  stores = new MemoryStores();
  stores.Deployment.set(aDeployment("web", 0));
});

function expectations(...keys: readonly string[]): Expectations<true> {
  const memory = new Expectations<true>();
  for (const key of keys) memory.expect(key, "1", true);
  return memory;
}

test("what is there is kept, what is gone is forgotten, at most once a minute", async () => {
  const forgetGone = new ForgetGone(clock);
  const memory = expectations("shop/Deployment/web", "shop/Deployment/gone");
  const memories = { ofPolicies: [], ofWorkloads: [memory], ofPools: [] };
  forgetGone.run(memories, stores.caches);
  expect(memory.keys()).toEqual(["shop/Deployment/web"]);

  stores.Deployment.delete("shop/web");
  await clock.advance(59_000);
  forgetGone.run(memories, stores.caches);
  expect(memory.keys()).toEqual(["shop/Deployment/web"]);
  await clock.advance(1_000);
  forgetGone.run(memories, stores.caches);
  expect(memory.keys()).toEqual([]);
});

test("what is of pods that an entry picks is kept as long as the policy", () => {
  const key = "shop/Pods/orders:nightly";
  const of = (): Expectations<true> => expectations(key);
  const identity = { key: "shop/orders", uid: "orders", resourceVersion: "1", generation: 1 };
  const policy = { ...identity, namespace: "shop", name: "orders", spec: {}, status: {} };
  const kept = of();
  stores.policies.set({ ...policy, deleting: false });
  const memories = (memory: Memory): Parameters<ForgetGone["run"]>[0] => {
    return { ofPolicies: [], ofWorkloads: [memory], ofPools: [] };
  };
  new ForgetGone(clock).run(memories(kept), stores.caches);
  expect(kept.keys()).toEqual([key]);

  const gone = of();
  stores.policies.delete("shop/orders");
  new ForgetGone(clock).run(memories(gone), stores.caches);
  expect(gone.keys()).toEqual([]);
});

describe("each memory names its keys and forgets them", () => {
  const rows: readonly { name: string; fill: () => Memory; key: string }[] = [
    {
      name: "expectations",
      fill: () => expectations("shop/orders"),
      key: "shop/orders",
    },
    {
      name: "notes",
      fill: () => {
        const notes = new CarriedFindings();
        const finding = { reason: "WriteFailed", severity: "degraded", message: "" } as const;
        notes.set("shop/orders", "roll", finding);
        return notes;
      },
      key: "shop/orders",
    },
    {
      name: "past rolls",
      fill: () => {
        const rolls = new PastRolls();
        const past = { atMs: 0, poolSize: 1, reverts: 0, undone: 0 };
        rolls.note(poolKeyOf("shop/Deployment/web"), past);
        return rolls;
      },
      key: "shop/Deployment/web",
    },
    {
      name: "grant settlement",
      fill: () => {
        const settlement = new GrantSettlement();
        const grant = aGrant(1, { settlingPoolSize: 2, settledAtMs: 10 });
        settlement.settle(aWorkload("web", { grant }), { nowMs: 0, settleTimeMs: 5 });
        return settlement;
      },
      key: "shop/Deployment/web",
    },
  ];
  test.each(rows)("$name", ({ fill, key }) => {
    const memory = fill();
    expect([...memory.keys()]).toEqual([key]);
    memory.forget(key);
    expect([...memory.keys()]).toEqual([]);
  });
});

test("other names of a server that nobody counts on stand for themselves again", () => {
  const book = new PolicyBook();
  book.unite("a:5432", "b:5432");
  expect(book.canonical("b:5432")).toBe("a:5432");
  book.forgetNames("a:5432");
  expect(book.canonical("b:5432")).toBe("b:5432");
});

test("what is remembered of each pool goes with its workload, or with its name", () => {
  const { caches } = stores;
  const common = { uid: "1", resourceVersion: "1", namespace: "shop", generation: 1 };
  const workloads = [{ name: "web" }, { name: "web", pool: "replica" }, null];
  for (const [name, spec] of Object.entries({ orders: { workloads }, odd: { workloads: 7 } })) {
    const policy = { ...common, key: `shop/${name}`, name, spec };
    stores.policies.set({ ...policy, status: undefined, deleting: false });
  }
  const settlement = new GrantSettlement();
  for (const name of ["web", "gone"]) {
    for (const pool of ["main", "replica", "former"]) {
      const facts = aWorkload(name, { grant: aGrant(1, { settlingPoolSize: 2, settledAtMs: 10 }) });
      const poolKey = poolKeyOf(facts.key, pool);
      settlement.settle({ ...facts, poolKey }, { nowMs: 0, settleTimeMs: 5 });
    }
  }
  new ForgetGone(clock).run({ ofPolicies: [], ofWorkloads: [], ofPools: [settlement] }, caches);
  expect(settlement.keys()).toEqual(["shop/Deployment/web", "shop/Deployment/web/replica"]);
});
