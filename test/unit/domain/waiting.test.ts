// Who waits for slots that others hold: for how much anybody waits, and what they are told.
import { expect, test } from "vitest";
import type { PoolFacts } from "../../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../../src/domain/decide/plan.ts";
import { statusOf } from "../../../src/domain/explain/status.ts";
import {
  aDatabase,
  aGrant,
  aPolicy,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../../support/builders.ts";

/** Two old pods of worker hold 15 each, and their share is 12; the share of scheduler is 38. */
function planWith(schedulerSize: number, tolerancePercent = 10): Plan {
  const air = aPolicy("air", {
    spec: {
      database: { address: "d22.example.internal:5432", maxConnections: 400 },
      stability: { tolerancePercent },
      rebalance: "Never",
    },
  });
  const service = (
    name: string,
    poolSize: number,
    more: Parameters<typeof aWorkload>[1],
  ): PoolFacts => aWorkload(name, { policy: air.key, grant: aGrant(poolSize), ...more });
  const workloads = [
    service("scheduler", schedulerSize, {
      sizing: { extraConnectionsPerPod: 10 },
      pods: pods(2, { poolSize: schedulerSize }),
    }),
    service("web", 2, {
      sizing: { processesPerPod: 4, extraConnectionsPerPod: 40 },
      pods: pods(2, { poolSize: 2 }),
    }),
    service("worker", 2, {
      kind: "StatefulSet",
      sizing: { extraConnectionsPerPod: 10 },
      autoscalerMaxReplicas: 8,
      pods: pods(2, { poolSize: 5 }),
    }),
  ];
  const database = aDatabase({ reading: undefined });
  return plan(aSnapshot({ database, policies: [air], workloads }), startMs);
}

function appliedOf(decision: Plan): { reason?: string; message?: string } {
  const [policy] = decision.snapshot.policies;
  const conditions = policy && statusOf(decision, policy).conditions;
  return conditions?.find(({ type }) => type === "Applied") ?? {};
}

function rowOf(decision: Plan): { decision?: string; message?: string } {
  const [policy] = decision.snapshot.policies;
  return (policy && statusOf(decision, policy).workloads?.[0]) ?? {};
}

test("nobody waits for less than the tolerance, and it is said who holds the rest", () => {
  const decision = planWith(36);

  expect(decision.pools.map(({ share }) => share)).toEqual([38, 2, 2]);
  expect(decision.pools[0]?.grant).toMatchObject({ poolSize: 36, decision: "Unchanged" });
  expect(appliedOf(decision).reason).toBe("Applied");
  expect(rowOf(decision)).toMatchObject({
    decision: "Unchanged",
    message: expect.stringContaining(
      "has 36 of its share of 38; the difference is within tolerancePercent 10; the missing slots are held by StatefulSet/worker (6 beyond its share)",
    ) as string,
  });
});

test("who waits for more is told for whose slots, and how many", () => {
  const decision = planWith(36, 5);
  const holders = ": held by StatefulSet/worker (6 beyond its share)";

  expect(rowOf(decision).message).toContain(`waits for free slots to grow 36→38${holders}`);
});
