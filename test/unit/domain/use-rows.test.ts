// What a row says of the use of its pool.
import { describe, expect, it, test } from "vitest";
import type { WorkloadRow } from "../../../src/api/poolpolicy.ts";
import { poolKeyOf } from "../../../src/api/keys.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { rowOf } from "../../../src/domain/explain/rows.ts";
import { useOf } from "../../../src/domain/explain/use-rows.ts";
import type { PoolFacts, SaidUse, Snapshot } from "../../../src/domain/facts/facts.ts";
import { aGrant, aPolicy, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

const own = { pods: pods(3, { poolSize: 18 }), grant: aGrant(18) };
const unseen = aWorkload("web", own);
const kept = "1440 90 9 3 6:10000";
const use: SaidUse = { peak: 6, isFull: false, confidence: "Medium", pods: 3, kept };

function web(more: Partial<PoolFacts> = {}): PoolFacts {
  return aWorkload("web", { ...own, use, ...more });
}

function rowIn(snapshot: Partial<Snapshot> = {}): WorkloadRow {
  const decided = plan(aSnapshot({ workloads: [web()], ...snapshot }), startMs);
  const [pool] = decided.pools;
  if (!pool) throw new Error("there is one workload");
  const row = rowOf(decided, pool);
  expect(row).toMatchObject(useOf(decided.snapshot, pool.position, row.poolSize));
  return row;
}

describe("a row", () => {
  it("says the peak, its part of the pool, and the recommended size with its arithmetic", () => {
    expect(rowIn()).toMatchObject({
      inUse: { peak: 6, percent: 20, kept: use.kept },
      recommendedPoolSize: 8,
      recommendation: "6 x 1.2, rounded up; confidence Medium: seen for a day or more",
    });
  });

  it("says that a pool is full at times", () => {
    const { inUse, recommendation } = rowIn({
      workloads: [web({ use: { ...use, isFull: true } })],
    });
    expect(inUse).toMatchObject({ isFull: true });
    expect(recommendation).toContain("it may want more");
  });

  it("says nothing before enough was seen", () => {
    expect(rowIn({ workloads: [unseen] })).not.toHaveProperty("recommendation");
  });

  it("says nothing where its policy does not want to know", () => {
    const policies = [aPolicy("orders", { spec: { demand: "Ignore" } })];
    expect(rowIn({ policies })).not.toHaveProperty("inUse");
  });
});

describe("a row says why it recommends nothing", () => {
  const onHost = web().pods.map((pod) => ({ ...pod, isOnHostNetwork: true as const }));
  test.each([
    ["where the engine shows no work", { policies: [ofEngine("Redis")] }, /Redis does not show/],
    ["on the network of a node", { workloads: [web({ pods: onHost })] }, /network of their node/],
    [
      "of two pools that look alike",
      { workloads: [web(), web({ poolKey: poolKeyOf(web().key, "x") })] },
      /several pools .* database\.role/,
    ],
    ["by login", { workloads: [unseen], policies: [byLogin()] }, /sessions\.match/],
  ] as const)("%s", (_name, snapshot, want) => {
    const row = rowIn(snapshot);
    expect(row.recommendation).toMatch(want);
    expect(row).not.toHaveProperty("inUse");
    expect(row).not.toHaveProperty("recommendedPoolSize");
  });

  it("and of the one of three pools that can be told apart says its size", () => {
    const database = { secretRef: { name: "db" } };
    const policies = ["app", "app", "jobs"].map((role, at) =>
      aPolicy(`of-${at}`, { spec: { database: { ...database, role } } }),
    );
    const workloads = policies.map(({ key: policy }, at) => {
      return web({ policy, poolKey: poolKeyOf(web().key, `x${at}`) });
    });
    const decided = plan(aSnapshot({ policies, workloads }), startMs);
    const rows = decided.pools.map((pool) => rowOf(decided, pool).recommendedPoolSize);
    expect(rows).toEqual([undefined, undefined, 8]);
  });

  it("but tells what it has seen of pods, whatever their sessions are matched by", () => {
    expect(rowIn({ policies: [byLogin()] })).toMatchObject({ recommendedPoolSize: 8 });
  });
});

function ofEngine(engine: string): ReturnType<typeof aPolicy> {
  return aPolicy("orders", { spec: { database: { secretRef: { name: "db" }, engine } } });
}

function byLogin(): ReturnType<typeof aPolicy> {
  return aPolicy("orders", { spec: { sessions: { match: "Login" } } });
}
