// Template delivery: for how long the size that a template said before it was replaced counts.

import { describe, expect, test } from "vitest";
import { plan } from "../../src/domain/decide/plan.ts";
import { rowOf } from "../../src/domain/explain/rows.ts";
import {
  type Replaced,
  replacedSize,
  withPendingRoll,
} from "../../src/reconcile/sizes/replaced-size.ts";
import { aPolicy, aPosition, aSnapshot, aWorkload, pods, startMs } from "../support/builders.ts";

const rolling: Replaced = {
  ...{ delivery: "Template", row: { poolSize: 50 }, rollingOut: true },
  ...{ updatedReplicas: 2, replicas: 5, poolSize: 6 },
};

describe("replacedSize", () => {
  test.each<{ name: string; change: Partial<Replaced>; want: number | undefined }>([
    { name: "somebody has just written a smaller one", change: {}, want: 50 },
    {
      name: "the row carries it on",
      change: { row: { poolSize: 6, replacedPoolSize: 50 } },
      want: 50,
    },
    {
      name: "nothing seems to roll out, because neither template has a pod",
      change: { rollingOut: false, updatedReplicas: 0 },
      want: 50,
    },
    {
      name: "the rollout is over",
      change: { rollingOut: false, updatedReplicas: 5 },
      want: undefined,
    },
    { name: "the new one is larger", change: { poolSize: 60 }, want: undefined },
    { name: "the API server sizes the pods", change: { delivery: "Admission" }, want: undefined },
    { name: "no status has spoken of it yet", change: { row: undefined }, want: undefined },
  ])("$name: $want", ({ change, want }) => {
    expect(replacedSize({ ...rolling, ...change }).replacedPoolSize).toBe(want);
  });
});

test.each([
  { name: "a larger one counts before the caches show it", isPending: true, wrote: 6, want: 6 },
  { name: "and no more once they do", isPending: false, wrote: 6, want: 4 },
  { name: "a smaller one counts when it is seen", isPending: true, wrote: 2, want: 4 },
])("a size that our roll has written: $name", ({ isPending, wrote, want }) => {
  const lastRoll = { atMs: startMs, poolSize: wrote, reverts: 0, undone: 0 };
  const seen = { poolSize: 4, source: "literal" } as const;
  expect(withPendingRoll(seen, { isPending, lastRoll }).poolSize).toBe(want);
});

describe("in Template delivery", () => {
  const template = { poolSize: 6, source: "literal" } as const;

  test("missing pods of a replaced template count by its size, beside the planned ones", () => {
    const facts = { replicas: 5, template, replacedPoolSize: 50, rollingOut: true };
    expect(aPosition(aWorkload("web", { ...facts, pods: [] })).pendingSlots).toBe(250);
    const started = pods(2, { poolSize: 50, revision: "old" });
    expect(aPosition(aWorkload("web", { ...facts, pods: started })).pendingSlots).toBe(150);
  });

  test("the row says what a roll of ours replaces, before it is written", () => {
    const policy = aPolicy("orders", { delivery: "Template" });
    const large = { poolSize: 50, source: "literal" } as const;
    const workload = aWorkload("web", {
      ...{ replicas: 5, template: large, grant: undefined },
      pods: pods(5, { poolSize: 50 }),
    });
    const decision = plan(aSnapshot({ policies: [policy], workloads: [workload] }), startMs);
    expect(decision.rolls.roll?.poolSize).toBeLessThan(50);
    const [pool] = decision.pools;
    expect(pool && rowOf(decision, pool).replacedPoolSize).toBe(50);
  });
});
