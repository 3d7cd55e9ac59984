// One status from one plan; equal to the stored one when nothing changed. (That the ledger adds up
// and that an unchanged status is equal for any snapshot: test/property/plan.)

import { describe, expect, test } from "vitest";
import { poolPolicyStatus, type PoolPolicyStatus } from "../../../src/api/poolpolicy.ts";
import type { PolicyFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { isoTime } from "../../../src/domain/words/iso-time.ts";
import { statusOf } from "../../../src/domain/explain/status.ts";
import {
  aDatabase,
  aGrant,
  aPolicy,
  aSnapshot,
  aWorkload,
  pods,
  sessions,
  startMs,
} from "../../support/builders.ts";

const web = aWorkload("web", {
  pods: pods(3, { poolSize: 18 }),
  grant: aGrant(18),
  sizing: { ceiling: 18 },
});

function told(snapshot: Partial<Snapshot> = {}, nowMs = startMs): PoolPolicyStatus {
  const facts = aSnapshot({ workloads: [web], ...snapshot });
  return statusOf(plan(facts, nowMs), facts.policies[0] as PolicyFacts);
}

describe("statusOf", () => {
  test("all of it, and the schema takes it", () => {
    const status = told({ policies: [aPolicy("orders", { generation: 7 })] });
    expect(status).toMatchObject({
      observedGeneration: 7,
      server: "db.shop.svc:5432",
      delivery: "Admission",
      maxConnections: 200,
      budget: 187,
      used: 108,
      // 3 planned pods with a minimum of 20 % of 18.
      idleFloor: 9,
      workloadCount: 1,
      findings: [],
    });
    expect(status.workloads).toHaveLength(1);
    expect(status.conditions?.every((one) => one.observedGeneration === 7)).toBe(true);
    expect(poolPolicyStatus.parse(status)).toEqual(status);
  });

  test("without a limit there is no budget and no ledger, but what is used is said", () => {
    const status = told({ database: aDatabase({ reading: undefined }) });
    expect(status).not.toHaveProperty("budget");
    expect(status).not.toHaveProperty("ledger");
    expect(status.used).toBe(108);
  });

  test("a workload that is gone has a row, and is not counted", () => {
    const gone = aWorkload("gone", { exists: false, pods: pods(1) });
    const status = told({ workloads: [web, gone] });
    expect(status.workloads).toHaveLength(2);
    expect(status.workloadCount).toBe(1);
  });

  test("only the policy's own workloads have rows", () => {
    const theirs = aWorkload("theirs", { policy: "shop/other", pods: pods(1) });
    const snapshot = { policies: [aPolicy(), aPolicy("other")], workloads: [web, theirs] };
    expect(told(snapshot).workloads?.map(({ workload }) => workload)).toEqual(["Deployment/web"]);
  });

  test("the idle floor counts each process", () => {
    const facts = {
      sizing: { processesPerPod: 4, minSizePercent: 50, ceiling: 6 },
      grant: aGrant(6),
    };
    expect(
      told({ workloads: [aWorkload("web", { pods: pods(2, { poolSize: 6 }), ...facts })] })
        .idleFloor,
    ).toBe(24);
  });

  test("no more findings than a person would read", () => {
    const finding = { reason: "InvalidSize" as const, severity: "info" as const, message: "no" };
    const findings = Array.from({ length: 150 }, () => finding);
    const status = told({ policies: [aPolicy("orders", { findings })] });
    expect(status.findings).toHaveLength(100);
    expect(status.findings?.[0]).toEqual({ reason: "InvalidSize", message: "no" });
  });
});

describe("lastTransitionTime", () => {
  const laterMs = startMs + 60_000;
  const before = told();
  const kept = aPolicy("orders", { status: before });

  function timeOf(status: PoolPolicyStatus, type: string): string | undefined {
    return status.conditions?.find((condition) => condition.type === type)?.lastTransitionTime;
  }

  test("is now for what is said first", () => {
    expect(timeOf(before, "Ready")).toBe("2026-01-01T00:00:00Z");
  });

  test("stays while the status does, whatever the message says", () => {
    const database = aDatabase({ sessionSamples: [{ atMs: startMs, sessions: [sessions(1)] }] });
    const after = told({ policies: [kept], database }, laterMs);
    expect(timeOf(after, "WithinBudget")).toBe("2026-01-01T00:00:00Z");
    expect(after.conditions).not.toEqual(before.conditions);
  });

  test("moves when the status does, for that condition alone", () => {
    const failure = { reason: "DatabaseTimeout" as const, message: "", atMs: laterMs };
    const after = told({ policies: [kept], database: aDatabase({ failure }) }, laterMs);
    expect(timeOf(after, "DatabaseReachable")).toBe("2026-01-01T00:01:00Z");
    expect(timeOf(after, "Feasible")).toBe("2026-01-01T00:00:00Z");
  });

  test("an unchanged world says the same again", () => {
    expect(told({ policies: [kept] }, laterMs)).toEqual(before);
  });

  test("is written as Kubernetes does", () => {
    expect(isoTime(startMs + 1_999)).toBe("2026-01-01T00:00:01Z");
  });
});
