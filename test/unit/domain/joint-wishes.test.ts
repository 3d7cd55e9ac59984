// Pools of one workload are sized each by itself, and its pods are replaced once for all of them.

import { describe, expect, test } from "vitest";
import { poolKeyOf } from "../../../src/api/keys.ts";
import { jointWishes } from "../../../src/domain/decide/joint-wishes.ts";
import { plan, type Plan } from "../../../src/domain/decide/plan.ts";
import { partsOf } from "../../../src/domain/decide/pool-parts.ts";
import { statusOf } from "../../../src/domain/explain/status.ts";
import type { PoolFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import {
  aGrant,
  aPolicy,
  aReading,
  aDatabase,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../../support/builders.ts";

interface PoolSizes {
  /** What its pods hold. */
  readonly own: number;
  readonly grant?: number;
  readonly more?: Partial<PoolFacts>;
}

const alone = { processesPerPod: 1, extraConnectionsPerPod: 0 };

/** The same pods, with each of these pools. */
function poolsOf(count: number, sizes: Readonly<Record<string, PoolSizes>>): PoolFacts[] {
  const made = pods(count);
  return Object.entries(sizes).map(([pool, { own, grant = own, more = {} }]) => {
    const facts = aWorkload("web", {
      ...{ grant: aGrant(grant), sizing: alone, replicas: count, ...more },
      pods: made.map((pod) => ({ ...pod, own: { ...pod.own, poolSize: own } })),
    });
    return { ...facts, poolKey: poolKeyOf(facts.key, pool) };
  });
}

function decide(workloads: readonly PoolFacts[], more: Partial<Snapshot> = {}): Plan {
  const policies = more.policies ?? [aPolicy()];
  const reading = aReading({ maxConnections: 103, atMs: startMs });
  const database = aDatabase({ reading });
  return plan(aSnapshot({ policies, database, workloads, ...more }), startMs);
}

function sizesIn({ pools }: Plan): number[] {
  return pools.map(({ share }) => share);
}

describe("shares", () => {
  test("each pool has its own, and a pod takes the sum", () => {
    // 3 planned pods and as many in a rollout take 15 slots each, and one more would be too many.
    const decided = decide(poolsOf(3, { main: { own: 2 }, replica: { own: 2 } }));
    expect(sizesIn(decided)).toEqual([8, 7]);
    expect(decided.exposure.slots).toBeLessThanOrEqual(decided.budgetSlots ?? 0);
  });
});

describe("a roll", () => {
  const both = { main: { own: 12, grant: 6 }, replica: { own: 9, grant: 6 } };

  test("is one for all pools, and frees what each of them gives back", () => {
    const { rolls } = decide(poolsOf(3, both));
    const wish = rolls.roll ?? rolls.waiting[0]?.wish;
    expect(rolls.waiting.length + (rolls.roll ? 1 : 0)).toBe(1);
    expect(wish && partsOf(wish).map(({ poolSize }) => poolSize)).toEqual([6, 6]);
    expect(wish?.slots).toBe(3 * 6 + 3 * 3);
  });

  test("waits until the new size of each pool is handed out", () => {
    const settling = aGrant(6, { settlingPoolSize: 9, settledAtMs: startMs + 5_000 });
    const workloads = poolsOf(3, { ...both, replica: { own: 9, more: { grant: settling } } });
    const { rolls } = decide(workloads);
    expect(rolls.roll).toBe(undefined);
    expect(rolls.obstacles.get(0)).toMatchObject({
      message: "waits until its new size is handed out",
      untilMs: startMs + 5_000,
    });
    expect(rolls.obstacles.get(1)).toEqual(rolls.obstacles.get(0));
  });

  test("under way is one, however many pools its pods have", () => {
    const policies = [aPolicy("orders", { spec: { reserve: { connections: 10, rollouts: 2 } } })];
    const rolling = { more: { rollingOut: true, updateRevision: "r2", updatedReplicas: 0 } };
    const workloads = poolsOf(2, { main: { own: 4, ...rolling }, replica: { own: 4, ...rolling } });
    const other = aWorkload("other", {
      ...{ grant: aGrant(3), sizing: { ...alone, floor: 3, ceiling: 3 } },
      pods: pods(2, { poolSize: 40 }),
    });
    const { rolls, positions } = decide([...workloads, other], { policies });
    const index = positions.findIndex(({ workload }) => workload === other);
    const told = rolls.obstacles.get(index)?.message ?? `${rolls.roll?.poolSize ?? 0} is rolled`;
    expect(told).not.toContain("waits for the rollout of");
    expect(told).toMatch(/3 is rolled|its rollout would/);
  });
});

describe("what is said", () => {
  test("a row for each pool, one workload, and what is the workload's once", () => {
    const more = { rollingOut: true, stuck: "exceeded quota", updateRevision: "r2" };
    const stuck = { own: 4, more };
    const decided = decide(poolsOf(2, { main: stuck, replica: stuck }));
    const status = statusOf(decided, aPolicy());
    expect(status.workloads?.map(({ workload }) => workload)).toEqual([
      "Deployment/web",
      "Deployment/web/replica",
    ]);
    expect(status.workloadCount).toBe(1);
    const told = status.findings?.filter(({ reason }) => reason === "RolloutStuck");
    expect(told?.map(({ message }) => message)).toEqual(["Deployment/web: exceeded quota"]);
  });

  test("pods of another size are counted once", () => {
    const sizes = { own: 8, grant: 7 };
    const decided = decide(poolsOf(3, { main: sizes, replica: sizes }));
    const applied = statusOf(decided, aPolicy()).conditions?.find(({ type }) => type === "Applied");
    expect(applied?.message).toMatch(/3 of 3 pods|rollout to pool size/);
  });
});

test("a quota plans for the pods of a workload once, with all of their pools", () => {
  const quota = { namespace: "shop", unit: "slots" as const, amount: 12 };
  const workloads = poolsOf(2, { main: { own: 1 }, replica: { own: 1 } }).map((one) => {
    return { ...one, maxPods: 20 };
  });
  const { positions, limits } = decide(workloads, { namespaceQuotas: [quota] });
  // A pod takes 2 slots, and as much again in a rollout: 3 pods fit 12.
  expect(positions.map(({ plannedPods }) => plannedPods)).toEqual([3, 3]);
  const [own] = limits.narrow;
  expect(own?.exposure.slots).toBeLessThanOrEqual(12);
});

test("wishes of workloads with one pool each are left as they are", () => {
  const { pools, rolls, limits } = decide([
    aWorkload("a", { grant: aGrant(3), pods: pods(2, { poolSize: 40 }) }),
    aWorkload("b", { grant: aGrant(3), pods: pods(2, { poolSize: 40 }) }),
  ]);
  const wishes = rolls.waiting.map(({ wish }) => wish);
  expect(wishes).toHaveLength(2);
  expect(jointWishes(wishes, pools, limits.server.exposure)).toEqual(wishes);
});
