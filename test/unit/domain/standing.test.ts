// Which policies are planned for, and what the pods of the others count as.
import { describe, expect, test } from "vitest";
import type { PolicyFacts, Snapshot, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { ledgerFor } from "../../../src/domain/explain/ledger.ts";
import { plan, type Plan } from "../../../src/domain/decide/plan.ts";
import { hasPlace } from "../../../src/domain/demand/standing.ts";
import { statusOf } from "../../../src/domain/explain/status.ts";
import {
  aDatabase,
  aGrant,
  anOwnSize,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../../support/builders.ts";

const notRead = { reason: "NotReadYet", message: "has not been asked yet" } as const;
const refused = { reason: "AuthenticationFailed", message: "password authentication" } as const;

const cases: readonly { name: string; policy: PolicyFacts; has: boolean }[] = [
  { name: "one that is in order", policy: aPolicy(), has: true },
  { name: "one that observes", policy: aPolicy("b", { spec: { mode: "Observe" } }), has: false },
  { name: "one that was not read yet", policy: aPolicy("b", { failure: notRead }), has: false },
  {
    name: "one with a wrong password from the start",
    policy: aPolicy("b", { failure: refused, status: { workloads: [], counted: "AsHeld" } }),
    has: false,
  },
  {
    name: "one that waits for an admission policy: its pods start as they did before",
    policy: aPolicy("b", {
      findings: [{ reason: "AdmissionMissing", severity: "blocking", message: "is missing" }],
    }),
    has: true,
  },
  {
    name: "one that was in force before its password was changed",
    policy: aPolicy("b", { failure: refused, status: { workloads: [] } }),
    has: true,
  },
  {
    name: "one that was in force on another server, and whose password is wrong here",
    policy: aPolicy("b", {
      ...{ failure: refused, status: { workloads: [] }, cameFromElsewhere: true },
    }),
    has: false,
  },
  {
    name: "one that was in force on another server, and is in order here",
    policy: aPolicy("b", { status: { workloads: [] }, cameFromElsewhere: true }),
    has: true,
  },
  {
    name: "one that could never be used: its status names no server",
    policy: aPolicy("b", { failure: refused, status: {} }),
    has: false,
  },
  {
    name: "one that was in force before it observed",
    policy: aPolicy("b", { spec: { mode: "Observe" }, status: { workloads: [] } }),
    has: false,
  },
];

test.each(cases)("a place in the plan: $name: $has", ({ policy, has }) => {
  expect(hasPlace(policy)).toBe(has);
});

/** The server of 200 of which svc-a has 23 a pod, and svc-b joins with four pods of 30. */
const a = aPolicy("a", { namespace: "d17a", spec: { workloads: [{ name: "svc-a" }] } });
const svcA = aWorkload("svc-a", {
  namespace: "d17a",
  policy: a.key,
  grant: aGrant(23),
  pods: pods(4, { poolSize: 23 }),
});
const svcB = aWorkload("svc-b", {
  namespace: "d17b",
  policy: "d17b/b",
  template: anOwnSize(30),
  pods: pods(4, { poolSize: 30, sized: false }),
});
const database = aDatabase({ reading: aReading({ ownSessions: 1 }) });

function joined(more: Parameters<typeof aPolicy>[1], workload: PoolFacts = svcB): Snapshot {
  const b = aPolicy("b", { namespace: "d17b", ...more });
  return aSnapshot({ database, policies: [a, b], workloads: [svcA, workload] });
}

function planOf(snapshot: Snapshot): Plan {
  return plan(snapshot, startMs);
}

const states: readonly [string, Parameters<typeof aPolicy>[1]][] = [
  ["observes", { spec: { mode: "Observe" } }],
  ["was not read yet", { failure: notRead }],
  ["has a wrong password", { failure: refused }],
  [
    "has a wrong password and declares a part",
    {
      failure: refused,
      spec: { database: { secretRef: { name: "db" }, maxConnections: 20 } },
    },
  ],
  [
    "observes and asks for a large reserve",
    {
      spec: { mode: "Observe", reserve: { connections: 150, rollouts: 2 }, basis: "Pod" },
    },
  ],
];

describe.each(states)("a policy that joins and %s", (_, more) => {
  test("shrinks and rolls no neighbour", () => {
    const { pools, rolls } = planOf(joined(more));

    expect(pools[0]?.share).toBe(23);
    expect(pools[0]?.grant).toMatchObject({ poolSize: 23, decision: "Unchanged" });
    expect(rolls).toMatchObject({ roll: undefined, waiting: [] });
  });

  test("counts with what its pods hold: no expected pods, no room for its rollouts", () => {
    const autoscaled = aWorkload("svc-b", { ...svcB, autoscalerMaxReplicas: 20 });
    const { exposure } = planOf(joined(more, autoscaled));

    expect(exposure.slots).toBe(4 * 23 + 4 * 23 + 4 * 30);
  });

  test("is named where the line is broken by it", () => {
    const decision = planOf(joined(more));
    const messageFor = (policy: PolicyFacts | undefined): string =>
      (policy && statusOf(decision, policy).conditions?.find((c) => c.type === "WithinBudget"))
        ?.message ?? "";

    expect(messageFor(a)).toContain("a workload of policy d17b/b (120)");
    expect(messageFor(decision.snapshot.policies[1])).toContain("Deployment/svc-b (120)");
  });

  test("keeps its neighbour from growing into what its pods hold", () => {
    const small = { ...svcA, grant: aGrant(5), pods: pods(4, { poolSize: 5 }) };
    const snapshot = { ...joined(more), workloads: [small, svcB] };
    const { pools, exposure, budgetSlots } = planOf(snapshot);

    // 186 - 120 held leave 66 for four pods and their room.
    expect(pools[0]?.grant.poolSize).toBe(8);
    expect(exposure.slots).toBeLessThanOrEqual(budgetSlots ?? 0);
  });
});

test("once it is known, both get the same", () => {
  expect(planOf(joined({})).pools.map(({ share }) => share)).toEqual([15, 15]);
});

test("one that was in force keeps its plan while its password is wrong", () => {
  const status = { workloads: [] };
  const granted = { ...svcB, grant: aGrant(10), pods: pods(2, { poolSize: 10 }), replicas: 4 };
  const { exposure } = planOf(joined({ failure: refused, status }, granted));

  expect(exposure.slots).toBe(4 * 23 + 4 * 10 + 4 * 23);
});

test("where everybody observes, what Enforce would count is counted", () => {
  const { exposure } = planOf({
    ...joined({ spec: { mode: "Observe" } }),
    policies: [aPolicy("b", { namespace: "d17b", spec: { mode: "Observe" } })],
    workloads: [svcB],
  });

  expect(exposure.slots).toBe(2 * 4 * 30);
});

test("its row says that nothing is kept for more of its pods, and the ledger has just these", () => {
  const decision = planOf(joined({ spec: { mode: "Observe" } }));
  const [, b] = decision.snapshot.policies;
  const status = b && statusOf(decision, b);

  expect(status?.counted).toBe("AsHeld");
  expect(status?.workloads?.[0]).toMatchObject({ slots: 120, wantedPoolSize: 15 });
  expect(status?.workloads?.[0]?.message).toContain(
    "4 pods hold 120 slots, and no slots are kept for more than that",
  );
  const { capacity } = decision;
  const lines = capacity ? ledgerFor("d17b/b", { ...decision, capacity }) : [];
  expect(lines.filter(({ text }) => text.includes("svc-b"))).toEqual([
    { slots: 120, text: "Deployment/svc-b: 4 pods x 30" },
  ]);
});

test("nothing grows before the replicas of a policy were asked: it counts with more then", () => {
  const small = { ...svcA, grant: aGrant(5), pods: pods(4, { poolSize: 5 }) };
  const b = aPolicy("b", { namespace: "d17b", failure: { ...notRead, isReplicaUnread: true } });
  const asked = aSnapshot({ database, policies: [a], workloads: [small] });
  expect(planOf(asked).pools[0]?.grant.decision).toBe("Grow");
  const [grown] = planOf({ ...asked, policies: [a, b] }).pools;
  expect(grown?.grant).toMatchObject({ poolSize: 5, decision: "Wait" });
});
