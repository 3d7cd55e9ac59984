// A CONNECTION LIMIT is hard: whatever may log in with it counts, and nobody gains by the plans of
// others that do not fit it.
import { describe, expect, test } from "vitest";
import type { PolicyFacts, Snapshot, WorkloadFacts } from "../../../src/domain/facts.ts";
import { plan, type Plan } from "../../../src/domain/plan.ts";
import { statusOf } from "../../../src/domain/status.ts";
import {
  aDatabase,
  aGrant,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  published,
  startMs,
} from "../../support/builders.ts";

const inForce = { status: { workloads: [], server: "db.shop.svc:5432" } };
const a = aPolicy("a", { role: "x", ...inForce });
const b = aPolicy("b", { role: "y", ...inForce });

function service(
  policy: PolicyFacts,
  [count, poolSize]: readonly [number, number],
  more: Partial<Omit<WorkloadFacts, "sizing">> = {},
): WorkloadFacts {
  const own = { grant: aGrant(poolSize), pods: pods(count, { poolSize }) };
  const { name, namespace, key } = policy;
  return aWorkload(name, { namespace, policy: key, ...own, ...more });
}

/** What is granted once everything that can be published without a roll is. */
function settled(snapshot: Snapshot): Plan {
  let decision = plan(snapshot, startMs);
  for (let minutes = 1; minutes < 6; minutes += 1) {
    decision = plan(published(decision), startMs + minutes * 60_000);
  }
  return decision;
}

function grantOf({ positions, grants }: Plan, name: string): number | undefined {
  return grants[positions.findIndex(({ workload }) => workload.name === name)]?.poolSize;
}

function reasonFor(decision: Plan, policy: PolicyFacts, type: string): string | undefined {
  return statusOf(decision, policy).conditions?.find((one) => one.type === type)?.reason;
}

const reading = aReading({ maxConnections: 300, roleLimits: { x: 60, y: -1 }, ownSessions: 1 });
const gone = { reason: "SecretNotFound", message: "no secret" } as const;

describe("planned pods beyond a limit", () => {
  const observing = aPolicy("n", { role: "x", spec: { mode: "Observe" } });
  const inTeam = aPolicy("c", { namespace: "team", ...inForce });
  const share = { namespace: "shop", amount: 74, unit: "slots" } as const;

  test.each([
    { name: "the CONNECTION LIMIT of its role", more: { policies: [a, b] } },
    {
      name: "the share of its namespace",
      more: { policies: [a, inTeam], namespaceShares: [share] },
    },
  ])("a policy that observes leaves the plans of others whole within $name", ({ more }) => {
    const workloads = [service(a, [2, 3], { autoscalerMaxReplicas: 8 })];
    const guest = service(observing, [0, 10], { autoscalerMaxReplicas: 60, grant: undefined });
    const one = aSnapshot({ database: aDatabase({ reading }), ...more, workloads });
    const [alone, beside] = [
      settled(one),
      settled({
        ...one,
        policies: [...one.policies, observing],
        workloads: [...workloads, guest],
      }),
    ];

    expect(beside.positions.find(({ policy }) => policy.key === a.key)?.plannedPods).toBe(8);
    expect(grantOf(beside, "a")).toBe(grantOf(alone, "a"));
    expect(reasonFor(beside, a, "Feasible")).toBe("Feasible");
  });

  test("are not left out of a login's limit: floors that do not fit it are Infeasible", () => {
    const lost = aPolicy("n", { role: "x", failure: gone, ...inForce });
    const decision = settled(
      aSnapshot({
        database: aDatabase({ reading }),
        policies: [a, b, lost],
        workloads: [
          service(a, [1, 1], { autoscalerMaxReplicas: 12 }),
          service(lost, [1, 10], { autoscalerMaxReplicas: 4 }),
        ],
      }),
    );

    expect(decision.positions.map(({ plannedPods }) => plannedPods)).toEqual([12, 4]);
    expect(grantOf(decision, "a")).toBe(1);
    expect(reasonFor(decision, a, "Feasible")).toBe("Infeasible");
    expect(reasonFor(decision, a, "WithinBudget")).toBe("OverBudget");
  });

  test("of a policy whose secret is gone are kept whole in the share of its namespace", () => {
    const lost = aPolicy("n", { failure: gone, ...inForce });
    const decision = settled(
      aSnapshot({
        database: aDatabase({ reading: aReading({ roleLimits: {}, ownSessions: 1 }) }),
        policies: [a, lost, inTeam],
        namespaceShares: [share],
        workloads: [
          service(a, [1, 1], { autoscalerMaxReplicas: 40 }),
          service(lost, [1, 10], { autoscalerMaxReplicas: 3 }),
        ],
      }),
    );

    // 3 x 10 and room for as many of the 74 slots leave 14: 14 pods of 1.
    expect(decision.positions.map(({ plannedPods }) => plannedPods)).toEqual([14, 3]);
    expect(decision.parts.all[0]?.exposure.slots).toBe(74);
  });
});
