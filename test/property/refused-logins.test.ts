// No roll takes what runs beyond the server or beyond a CONNECTION LIMIT, whether a part of the
// server is declared, and whoever else is there. Counted anew here, from pods and sessions alone.

import fc from "fast-check";
import { test } from "vitest";
import type { PolicyFacts, PoolFacts } from "../../src/domain/facts/facts.ts";
import { plan } from "../../src/domain/decide/plan.ts";
import * as builders from "../support/builders.ts";

const { aDatabase, aGrant, aPolicy, aReading, aSnapshot, aWorkload, pods, sessions } = builders;
const roles = ["a_app", "b_app"] as const;

const fleets = fc.record({
  // More than the limits below: one that exceeds what is declared is no part of the plan.
  declared: fc.option(fc.integer({ min: 100, max: 200 }), { nil: undefined }),
  reserved: fc.constantFrom(0, 10),
  limits: fc.tuple(fc.constantFrom(-1, 60, 80), fc.constantFrom(-1, 60, 80)),
  /** Slots of a pod of which it is not known with which role it logs in. */
  lost: fc.constantFrom(0, 0, 10, 40),
  foreign: fc.tuple(...["a_app", "b_app", "alice"].map(() => fc.integer({ min: 0, max: 100 }))),
  owners: fc.array(
    fc.record({
      role: fc.constantFrom(0, 1),
      count: fc.integer({ min: 1, max: 4 }),
      poolSize: fc.integer({ min: 5, max: 25 }),
      granted: fc.integer({ min: 1, max: 12 }),
      /** The first of its pods has a size of somebody else's. */
      isMixed: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

type Fleet = typeof fleets extends fc.Arbitrary<infer T> ? T : never;

function policyOf(role: string, maxConnections: number | undefined): PolicyFacts {
  const database = { secretRef: { name: "db" }, ...(maxConnections && { maxConnections }) };
  return aPolicy(role, { role, spec: { database } });
}

const ofLost = aPolicy("lost", {
  ...{ role: undefined, database: undefined, status: { workloads: [] } },
  failure: { reason: "SecretNotFound", message: "gone" },
});

function lostWorkloads({ lost }: Fleet): PoolFacts[] {
  const facts = { policy: ofLost.key, pods: pods(1, { poolSize: lost }), grant: aGrant(1) };
  return lost === 0 ? [] : [aWorkload("z", facts)];
}

function workloadsOf({ owners }: Fleet): PoolFacts[] {
  return owners.map(({ role, count, poolSize, granted, isMixed }, index) => {
    const others = isMixed && count > 1 ? pods(1, { poolSize, sizedByOthers: true }) : [];
    return aWorkload(`w${index}`, {
      ...{ policy: `shop/${roles[role]}`, grant: aGrant(granted) },
      pods: [...others, ...pods(count - others.length, { poolSize })],
    });
  });
}

/** What each limit has, what runs within it, and what may: the server first. */
function limitsOf(
  { reserved, limits, foreign, owners, lost }: Fleet,
  rolled: number,
): [number, number, number][] {
  const held = (role?: number): number =>
    owners
      .filter((owner) => role === undefined || owner.role === role)
      .reduce((sum, { count, poolSize }) => sum + count * poolSize, 0);
  const others = foreign.reduce((sum, count) => sum + count, 0);
  const ofRole = (role: number): [number, number, number][] =>
    owners[rolled]?.role === role && limits[role] >= 0
      ? [[limits[role], held(role) + (foreign[role] ?? 0), lost]]
      : [];
  return [[197 - reserved, held() + lost + others, 0], ...ofRole(0), ...ofRole(1)];
}

test("a roll fits each limit that refuses logins, unless what is there does not fit already", () => {
  fc.assert(
    fc.property(fleets, (fleet) => {
      const [a, b] = fleet.limits;
      const groups = [...roles, "alice"].map((user, index) =>
        sessions(fleet.foreign[index] ?? 0, { user }),
      );
      const reading = aReading({
        ...{ reservedConnections: fleet.reserved, roleLimits: { a_app: a, b_app: b } },
        sessions: groups,
      });
      const policies = [...roles.map((role) => policyOf(role, fleet.declared)), ofLost];
      const workloads = [...workloadsOf(fleet), ...lostWorkloads(fleet)];
      const snapshot = aSnapshot({ database: aDatabase({ reading }), policies, workloads });
      const { roll } = plan(snapshot, builders.startMs).rolls;
      if (!roll) return true;
      const adds = (fleet.owners[roll.index]?.count ?? 0) * roll.poolSize;
      return limitsOf(fleet, roll.index).every(
        ([limit, runs, possible]) => runs + possible + adds <= limit || runs > limit,
      );
    }),
    { numRuns: 500 },
  );
});
