// A CONNECTION LIMIT is hard: whatever may log in with it counts, and nobody gains by the plans of
// others that do not fit it.
import { describe, expect, test } from "vitest";
import type { PolicyFacts, Snapshot, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../../src/domain/decide/plan.ts";
import { statusOf } from "../../../src/domain/explain/status.ts";
import {
  aDatabase,
  aGrant,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  ofFleet,
  pods,
  published,
  sessions,
  startMs,
} from "../../support/builders.ts";

const inForce = { status: { workloads: [], server: "db.shop.svc:5432" } };
const a = aPolicy("a", { role: "x", ...inForce });
const b = aPolicy("b", { role: "y", ...inForce });

function service(
  policy: PolicyFacts,
  [count, poolSize]: readonly [number, number],
  more: Partial<Omit<PoolFacts, "sizing">> = {},
): PoolFacts {
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

function grantOf({ pools }: Plan, name: string): number | undefined {
  return pools.find(({ position }) => position.workload.name === name)?.grant.poolSize;
}

function reasonFor(decision: Plan, policy: PolicyFacts, type: string): string | undefined {
  return statusOf(decision, policy).conditions?.find((one) => one.type === type)?.reason;
}

const ownSessions = [{ user: "x", database: "d", count: 1 }];
const reading = aReading({ maxConnections: 300, roleLimits: { x: 60, y: -1 }, ownSessions });
const gone = { reason: "SecretNotFound", message: "no secret" } as const;

describe("planned pods beyond a limit", () => {
  const observing = aPolicy("n", { role: "x", spec: { mode: "Observe" } });
  const inTeam = aPolicy("c", { namespace: "team", ...inForce });
  const share = { namespace: "shop", amount: 74, unit: "slots" } as const;

  test.each([
    { name: "the CONNECTION LIMIT of its role", more: { policies: [a, b] } },
    {
      name: "the share of its namespace",
      more: { policies: [a, inTeam], namespaceQuotas: [share] },
    },
  ])("a policy that observes leaves the plans of others whole within $name", ({ more }) => {
    const workloads = [service(a, [2, 3], { autoscalerMaxReplicas: 8 })];
    const guest = service(observing, [0, 12], { autoscalerMaxReplicas: 3, grant: aGrant(12) });
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
        namespaceQuotas: [share],
        workloads: [
          service(a, [1, 1], { autoscalerMaxReplicas: 40 }),
          service(lost, [1, 12], { autoscalerMaxReplicas: 3 }),
        ],
      }),
    );

    // 3 x 12 and room for as many of the 74 slots leave 2: 2 pods of 1.
    expect(decision.positions.map(({ plannedPods }) => plannedPods)).toEqual([2, 3]);
    expect(decision.limits.narrow[0]?.exposure.slots).toBe(74);
  });
});

/** Slots of the limit, and what its members may hold. */
function limitOf(decision: Plan, name: string): readonly (number | undefined)[] {
  const account = decision.limits.narrow.find(({ limit }) => limit.name === name);
  return [account?.limit.slots, account?.exposure.slots];
}

describe("who is bounded by the limit of role x", () => {
  const addresses = ["10.0.0.1", "10.0.0.2"];
  const shown = addresses.map((address) => sessions(6, { user: "x", address }));
  const database = aDatabase({
    reading: { ...reading, sessions: shown },
    fleetAddresses: ofFleet(...addresses),
  });
  const address = { address: "db.shop.svc:5432", maxConnections: 300 };
  const unsaid = { role: undefined, database: undefined };
  const own = aPolicy("b", { role: "x", ...inForce });

  test.each([
    {
      name: "pods of a policy that names another login now: their sessions as x take from it",
      policy: aPolicy("a", { role: "x2", ...inForce }),
      want: [60 - 10 - 12 - 1, 36],
    },
    {
      name: "pods of a policy that only observes, as another role",
      policy: aPolicy("a", { role: "x2", spec: { mode: "Observe" } }),
      want: [60 - 10 - 12 - 1, 36],
    },
    {
      name: "pods of a policy that only names an address: they may log in with any role",
      policy: aPolicy("a", { ...unsaid, spec: { database: address }, ...inForce }),
      want: [60 - 10 - 1, 48],
    },
    {
      name: "not pods of a policy that says another role beside its address, and keeps to it",
      policy: aPolicy("a", { ...unsaid, role: "y", spec: { database: address }, ...inForce }),
      shown: [],
      want: [60 - 10 - 1, 48],
    },
  ])("$name", ({ policy, shown: instead, want }) => {
    const one = instead === undefined ? database : aDatabase({ reading });
    const [first, second] = addresses.map((at) => pods(1, { poolSize: 6, addresses: [at] }));
    const its = service(policy, [2, 6], { pods: [...(first ?? []), ...(second ?? [])] });
    const workloads = [its, service(own, [2, 6])];
    const decision = settled(aSnapshot({ database: one, policies: [policy, own], workloads }));

    expect(limitOf(decision, "role x")).toEqual(want);
  });

  test.each([
    { name: "that observes", other: aPolicy("n", { role: "y", spec: { mode: "Observe" } }) },
    { name: "of a bounded namespace", other: aPolicy("n", { namespace: "team", role: "y" }) },
  ])("not pods of another role, of a policy $name: the limit is not common", ({ other }) => {
    const namespaceQuotas = [{ namespace: "team", amount: 50, unit: "percent" }] as const;
    const workloads = [service(a, [4, 2]), service(other, [5, 10])];
    const policies = [a, other];
    const decision = settled(
      aSnapshot({ database: aDatabase({ reading }), policies, workloads, namespaceQuotas }),
    );

    expect(decision.capacity?.boundBy).toBe("max_connections");
    expect(limitOf(decision, "role x")).toEqual([49, 48]);
    expect(grantOf(decision, "a")).toBe(6);
  });
});

describe("a limit is kept by what foreign sessions leave of it", () => {
  test.each([
    {
      name: "one that all share, larger than what is declared of the server",
      policy: aPolicy("a", {
        role: "x",
        spec: { database: { secretRef: { name: "db" }, maxConnections: 100 } },
        ...inForce,
      }),
      limits: { roleLimits: { x: 150 } },
      foreign: { user: "x" },
      want: ["role x", 150 - 10 - 120 - 1],
    },
    {
      name: "one of a database beside the smaller one of the role that all share",
      policy: aPolicy("a", { role: "x", database: "d", ...inForce }),
      limits: { roleLimits: { x: 60 }, databaseLimits: { d: 140, e: -1 } },
      foreign: { user: "etl", database: "d" },
      want: ["database d", 140 - 10 - 120 - 1],
    },
  ])("$name", ({ policy, limits, foreign, want: [name, slots] }) => {
    const other = { ...policy, key: "shop/e", name: "e", database: "e" };
    const shown = [sessions(120, foreign)];
    const database = aDatabase({
      reading: aReading({ maxConnections: 500, ownSessions, sessions: shown, ...limits }),
    });
    const workloads = [service(policy, [2, 1])];
    const decision = settled(aSnapshot({ database, policies: [policy, other], workloads }));

    expect(limitOf(decision, String(name))[0]).toBe(slots);
    expect(limitOf(decision, String(name))[1]).toBeLessThanOrEqual(Number(slots));
  });

  test("one that the server has no slots for bounds nobody", () => {
    const large = aReading({ maxConnections: 300, roleLimits: { x: 297, y: -1 } });
    const decision = settled(
      aSnapshot({ database: aDatabase({ reading: large }), policies: [a, b] }),
    );

    expect(decision.limits.narrow).toEqual([]);
  });
});

test("growth that waits for a login that is not known is said with the policy's name", () => {
  const lost = aPolicy("n", { role: undefined, database: undefined, failure: gone, ...inForce });
  const workloads = [service(a, [2, 5])];
  const one = aSnapshot({ database: aDatabase({ reading }), policies: [a, lost], workloads });
  const status = statusOf(plan(one, startMs), a);

  const until = "until the secret of policy shop/n can be read: it may log in with a role";
  expect(status.workloads?.[0]?.message).toContain(`waits to grow 5→12 ${until}`);
  const applied = status.conditions?.find(({ type }) => type === "Applied");
  expect(applied?.message).toContain(`a: waits to grow beyond 5 ${until}`);
});

test("growth that waits for a policy that was just made is said with its name", () => {
  const workloads = [service(a, [2, 5])];
  const one = aSnapshot({ database: aDatabase({ reading }), policies: [a], workloads });
  const awaitedPolicies = [{ key: "shop/new", namespace: "shop", isHold: true }];
  const status = statusOf(plan({ ...one, awaitedPolicies }, startMs), a);

  const until = "until the secret of policy shop/new is read: its pods may count on this server";
  expect(status.workloads?.[0]?.decision).toBe("Wait");
  expect(status.workloads?.[0]?.message).toContain(until);
  expect(status.conditions?.find(({ type }) => type === "Applied")?.message).toContain(until);
});
