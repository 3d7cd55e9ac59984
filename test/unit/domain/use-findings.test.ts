// What a person is told of pools that are too large or always full, and of a busy server.
import { describe, expect, it, test } from "vitest";
import { plan } from "../../../src/domain/decide/plan.ts";
import { findingsOf } from "../../../src/domain/explain/findings.ts";
import { statusOf } from "../../../src/domain/explain/status.ts";
import { atWorkOn, moreThanSuits, useFindings } from "../../../src/domain/explain/use-findings.ts";
import type { Plan } from "../../../src/domain/decide/plan.ts";
import type { Finding, PoolFacts, SaidUse } from "../../../src/domain/facts/facts.ts";
import {
  aGrant,
  aPolicy,
  aSizing,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../../support/builders.ts";

const seen: SaidUse = { peak: 6, isFull: false, confidence: "Medium", pods: 3, kept: "" };

function decide(use: Partial<SaidUse>, more: Partial<PoolFacts> = {}, spec: object = {}): Plan {
  const sizing = aSizing({ ceiling: 20 });
  const own = { pods: pods(3, { poolSize: 20 }), grant: aGrant(20), sizing };
  const workloads = [aWorkload("web", { ...own, use: { ...seen, ...use }, ...more })];
  return plan(aSnapshot({ workloads, policies: [aPolicy("orders", { spec })] }), startMs);
}

function told(decided: Plan): Finding[] {
  const [policy] = decided.snapshot.policies;
  if (!policy) throw new Error("there is one policy");
  const all = findingsOf(decided, policy, decided.positions).map(({ message }) => message);
  const own = useFindings(decided, policy).map(({ workload, finding }) => {
    return { ...finding, message: `${workload}: ${finding.message}` };
  });
  const found = [...own, ...moreThanSuits(decided, policy)];
  expect(all).toEqual(expect.arrayContaining(found.map(({ message }) => message)));
  return found;
}

describe("a pool that is far too large", () => {
  it("is told with the size that is enough, and where to write it", () => {
    expect(told(decide({}))).toEqual([
      {
        reason: "PoolTooLarge",
        severity: "info",
        message:
          "Deployment/web: its pool size is 20, and a pod has 6 connections at work at most: " +
          "spec.workloads[0].poolSize.max 8 is enough (6 x 1.2, rounded up)",
      },
    ]);
  });

  test.each([
    ["was seen for less than a day", decide({ confidence: "Low" })],
    ["uses more than half of it", decide({ peak: 9 })],
    ["is gone", decide({}, { exists: false })],
    ["is not watched", decide({}, {}, { demand: "Ignore" })],
  ])("is not told of one that %s", (_, decided) => {
    expect(told(decided)).toEqual([]);
  });

  it("is told to change its template where it is not managed", () => {
    const [finding] = told(decide({}, {}, { mode: "Observe" }));
    expect(finding?.message).toContain("its DB_POOL_MAX_SIZE 8 is enough");
  });
});

describe("a pool that is always full", () => {
  it("is told to raise its maximum where that keeps it small", () => {
    const [finding] = told(decide({ peak: 20, isFull: true, confidence: "Low" }));
    expect(finding).toMatchObject({ reason: "PoolAlwaysFull" });
    expect(finding?.message).toContain("set spec.workloads[0].poolSize.max to 24 or more");
  });

  it("is told to weigh more where the server keeps it small", () => {
    const sizing = aSizing({ ceiling: 50 });
    const decided = decide({ peak: 20, isFull: true }, { sizing, autoscalerMaxReplicas: 8 });
    expect(told(decided)[0]?.message).toContain("raise spec.workloads[0].weight");
  });
});

describe("a server", () => {
  const database = { secretRef: { name: "db" }, cores: 8 };
  it("with more at work than suits its cores is told", () => {
    const decided = decide({ peak: 15 }, {}, { database });
    expect(told(decided)).toMatchObject([{ reason: "BusierThanCores" }]);
    expect(told(decided)[0]?.message).toContain(
      "up to 45 connections at work, and 8 cores x 2 + 1 disk",
    );
    const [policy] = decided.snapshot.policies;
    expect(policy && statusOf(decided, policy).atWork).toEqual({ peaks: 45, suited: 17 });
  });

  it("is told the same however many of the pods run just now", () => {
    const many = { pods: pods(12, { poolSize: 20 }), replicas: 12, autoscalerMaxReplicas: 12 };
    const [policy] = decide({}).snapshot.policies;
    const peaksOf = (more: Partial<PoolFacts>, seenPods: number): number | undefined => {
      const decided = decide({ peak: 15, pods: seenPods }, more, { database });
      return (
        policy && statusOf(decided, { ...policy, ...decided.snapshot.policies[0] }).atWork?.peaks
      );
    };
    expect(peaksOf(many, 3)).toBe(45);
    expect(peaksOf({ ...many, pods: pods(1, { poolSize: 20 }), replicas: 1 }, 3)).toBe(45);
    expect(peaksOf({ pods: [], replicas: 0 }, 3)).toBe(0);
  });

  test.each([
    ["no more than suits it", decide({ peak: 15 }, {}, { database: { ...database, cores: 22 } })],
    ["more disks", decide({ peak: 15 }, {}, { database: { ...database, disks: 29 } })],
    ["no cores said", decide({ peak: 15 })],
  ])("is not told with %s", (_, decided) => {
    expect(told(decided)).toEqual([]);
  });

  it("of which nothing was seen has no sum", () => {
    const { snapshot, positions } = decide({}, {}, { demand: "Ignore", database });
    const [policy] = snapshot.policies;
    expect(policy && atWorkOn({ snapshot, positions }, policy)).toBeUndefined();
  });
});
