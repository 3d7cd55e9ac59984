// A second deploy beside the first, as it was on a real node: web with pools of 5 that take 40 s to
// end, and batch with pools of 31.

import { expect, test } from "vitest";
import { crowdedRollouts } from "../../../src/domain/explain/crowded-rollouts.ts";
import type { PodFacts, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { Room } from "../../../src/domain/demand/room.ts";
import {
  aGrant,
  aPolicy,
  aSnapshot,
  aWorkload,
  anOwnSize,
  pods,
  startMs,
} from "../../support/builders.ts";
import { expectCpuBelow } from "../../support/cpu-time.ts";

function ofRevision(revision: string, count: number, poolSize = 5): PodFacts[] {
  return pods(count, { poolSize, revision, terminating: revision !== "r3" });
}

function webWith(...running: PodFacts[][]): PoolFacts {
  return aWorkload("web", {
    ...{ pods: running.flat(), replicas: 5, updatedReplicas: 5, grant: aGrant(5) },
    ...{ updateRevision: "r3", sizing: { ceiling: 5 } },
  });
}

const batch = aWorkload("batch", {
  ...{ pods: pods(2, { poolSize: 10, revision: "r3" }), updateRevision: "r3", grant: aGrant(10) },
  ...{ sizing: { ceiling: 10 } },
});

function told(workloads: PoolFacts[], policy = "shop/orders"): string[] {
  const decided = plan(aSnapshot({ workloads, policies: [aPolicy("orders")] }), startMs);
  return crowdedRollouts(decided, policy).map(({ message }) => message);
}

test("two deploys of one workload, with numbers and what would have covered them", () => {
  const web = webWith(ofRevision("r3", 5), ofRevision("r2", 5), ofRevision("r1", 4));
  expect(told([web, batch])).toEqual([
    "2 rollouts at once, and reserve.rollouts is 1 by policy shop/orders: " +
      "Deployment/web 2 times (9 old pods, 45 slots); their old pods hold 45 slots, and there is " +
      "room for 25. reserve.rollouts 2 would cover that; so would pods that end sooner " +
      "(terminationGracePeriodSeconds, preStop), or starting a deploy when the old pods of " +
      "the one before are gone",
  ]);
});

test("no number of rollouts covers three deploys of the only workload", () => {
  const web = webWith(ofRevision("r3", 5), ofRevision("r2", 5), ofRevision("r1", 5));
  expect(told([web])[0]).toContain(
    "room for 25. No value of reserve.rollouts covers that. What helps: pods",
  );
});

test("two workloads at once", () => {
  const both = [...pods(2, { poolSize: 10, revision: "r3" }), ...ofRevision("r2", 2, 10)];
  const web = webWith(ofRevision("r3", 5), ofRevision("r2", 5));
  const message = told([web, { ...batch, pods: both, updatedReplicas: 2 }])[0];
  expect(message).toContain(
    "Deployment/batch (2 old pods, 20 slots), Deployment/web (5 old pods, 25 slots)",
  );
});

test("the names of other policies' workloads stay theirs", () => {
  const web = webWith(ofRevision("r3", 5), ofRevision("r2", 5), ofRevision("r1", 4));
  expect(told([web, batch], "pay/payments")[0]).toContain("1 workload of other policies");
});

test.each([
  { name: "one rollout is planned for", running: [ofRevision("r2", 5)] },
  {
    name: "the old pods of two fit the room",
    running: [ofRevision("r2", 3), ofRevision("r1", 2)],
  },
  { name: "pods that a scale-down ends", running: [pods(9, { poolSize: 5, revision: "r3" })] },
  { name: "it is over", running: [] },
])("nothing is said: $name", ({ running }) => {
  expect(told([webWith(ofRevision("r3", 5), ...running), batch])).toEqual([]);
});

test("few of many are named, and the others counted", () => {
  const names = ["a", "b", "c", "d", "e"];
  const both = [...pods(2, { poolSize: 10, revision: "r3" }), ...ofRevision("r2", 2, 10)];
  const many = names.map((name) =>
    aWorkload(name, { ...{ pods: both, replicas: 2, updateRevision: "r3", grant: aGrant(10) } }),
  );
  expect(told(many)[0]).toContain(
    "Deployment/a (2 old pods, 20 slots), Deployment/b (2 old pods, 20 slots), " +
      "Deployment/c (2 old pods, 20 slots) and 2 more; their old pods hold 100 slots",
  );
});

/** Two in a rollout whose old pods hold `oldSlots`, beside others of which each asks for more. */
function crowdOf(count: number, oldSlots: number): PoolFacts[] {
  const old = { terminating: true, revision: "r1" };
  return Array.from({ length: count }, (_, index) => {
    const common = { replicas: 1, template: anOwnSize(1 + index) };
    const name = `w${String(index).padStart(5, "0")}`;
    if (index > 1) return aWorkload(name, common);
    const poolSize = Math.ceil(oldSlots / 2);
    const both = [...pods(1, { ...old, poolSize }), ...pods(1, { revision: "r2" })];
    return aWorkload(name, { ...common, pods: both, rollingOut: true, updateRevision: "r2" });
  });
}

test.each([1, 2, 7, 30, 99, 100, 101, 150])(
  "what would cover the old pods: %i rollouts",
  (most) => {
    const sizes = Array.from({ length: 150 }, (_, index) => 1 + index);
    const oldSlots = 2 * Math.floor(new Room(sizes, most).slots / 2);
    const counts = Array.from({ length: 100 }, (_, index) => index + 1);
    const enough = counts.find((count) => new Room(sizes, count).slots >= oldSlots);

    const [message = ""] = told(crowdOf(150, oldSlots));

    expect(() => aPolicy("orders", { spec: { reserve: { rollouts: 101 } } })).toThrow();

    if (enough === undefined) expect(message).toContain("No value of reserve.rollouts covers that");
    else if (enough > 1) expect(message).toContain(`reserve.rollouts ${enough} would cover that`);
    else expect(message).toBe("");
  },
);

test("many workloads and many policies take no time that others need", () => {
  const policies = Array.from({ length: 50 }, (_, index) => aPolicy(`orders-${index}`));
  const workloads = crowdOf(4_000, 2_000_000).map((workload, index) => ({
    ...workload,
    policy: policies[index % policies.length]?.key ?? "",
  }));
  const decided = plan(aSnapshot({ workloads, policies }), startMs);
  expectCpuBelow(1_000, () => {
    expect(policies.flatMap(({ key }) => crowdedRollouts(decided, key))).toHaveLength(50);
  });
});
