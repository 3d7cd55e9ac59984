// A status that was sent and never answered: until it is known what became of it, the larger of
// what stood there and what was sent counts.

import { describe, expect, it } from "vitest";
import { poolKeyOf } from "../../src/api/keys.ts";
import type { PolicyFacts, PoolFacts } from "../../src/domain/facts/facts.ts";
import type { Failure } from "../../src/ports.ts";
import { DoubtfulGrants } from "../../src/reconcile/memory/doubtful-grants.ts";
import {
  aGrant,
  anOwnSize,
  aPolicy,
  aPosition,
  aWorkload,
  pods,
  settleTimeMs,
  startMs,
} from "../support/builders.ts";
import { MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const terms = { nowMs: startMs, settleTimeMs };
const policy = aPolicy("orders", { resourceVersion: "7" });

function sent(...poolSizes: readonly number[]): DoubtfulGrants {
  const doubtful = new DoubtfulGrants();
  for (const poolSize of poolSizes) {
    doubtful.note(policy, {
      grants: { "Deployment/web": { container: "app", poolSize, env: [] } },
    });
  }
  return doubtful;
}

interface Case {
  readonly name: string;
  readonly sent: readonly number[];
  readonly workload?: Partial<PoolFacts>;
  readonly now?: Partial<PolicyFacts>;
  readonly want: number;
}

const cases: readonly Case[] = [
  { name: "a larger one counts", sent: [20], want: 20 },
  { name: "of several the largest counts", sent: [20, 15], want: 20 },
  { name: "a smaller one frees nothing", sent: [5], want: 10 },
  {
    name: "what settles still counts beside it",
    sent: [12],
    workload: { grant: aGrant(10, { settlingPoolSize: 30, settledAtMs: startMs + 1 }) },
    want: 30,
  },
  {
    name: "the first grant counts beside the size of the template",
    sent: [20],
    workload: { grant: undefined, template: anOwnSize(10) },
    want: 20,
  },
  {
    name: "none of another workload counts",
    sent: [20],
    workload: { poolKey: poolKeyOf("shop/Deployment/b") },
    want: 10,
  },
  {
    name: "nothing is in doubt of a policy that was written since",
    sent: [20],
    now: { resourceVersion: "8" },
    want: 10,
  },
  { name: "nothing is in doubt of one made anew", sent: [20], now: { uid: "other" }, want: 10 },
];

describe("beside a grant of 10", () => {
  it.each(cases)("$name", ({ sent: poolSizes, workload = {}, now = {}, want }) => {
    const facts = aWorkload("web", { grant: aGrant(10), ...workload });

    const counted = sent(...poolSizes).counted(facts, { ...policy, ...now }, terms);

    expect(aPosition(counted)).toMatchObject({ published: 10, inForce: want });
  });
});

it("the first grant hides no pods of a replaced template, which would start without it", () => {
  const template = anOwnSize(10);
  const started = pods(4, { poolSize: 50, revision: "old" });
  const facts = { grant: undefined, template, replicas: 8, pods: started, rollingOut: true };
  const workload = aWorkload("web", { ...facts, replacedPoolSize: 50 });

  const counted = sent(12).counted(workload, policy, terms);

  expect(aPosition(workload).pendingSlots).toBe(4 * 50);
  expect(aPosition(counted)).toMatchObject({ inForce: 12, pendingSlots: 4 * 50 });
});

it("an unanswered growth counts in the next decision, which writes what settles it", async () => {
  const unavailable: Failure = { kind: "unavailable", message: "no answer" };
  const world = new MemoryWorld();
  world.policy("orders", { stability: { cooldown: "1s" } });
  world.deployment("web");
  world.read({ maxConnections: 60 });
  await world.pass(2 * minuteMs);
  const before = world.grant("orders", "web") ?? 0;
  world.cluster.refuse = (what) => (what === "status" ? unavailable : undefined);
  world.read({ maxConnections: 200 });
  await world.pass(1_000);
  const grown = world.plan().pools[0]?.grant.poolSize ?? 0;
  expect(grown).toBeGreaterThan(before);

  world.read({ maxConnections: 60 });
  await world.pass(1_000);
  expect(world.plan().positions[0]).toMatchObject({ published: before, inForce: grown });

  world.cluster.refuse = () => undefined;
  await world.pass(1_000);
  expect(world.status("orders").grants?.["Deployment/web"]).toMatchObject({
    ...{ poolSize: before, settlingPoolSize: grown },
  });
  await world.pass(minuteMs);
  expect(world.plan().positions[0]).toMatchObject({ published: before, inForce: before });
});
