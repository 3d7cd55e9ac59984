// A law of bounded namespaces: whatever a policy says of its login and its reserve, the others on
// the server have of each CONNECTION LIMIT what they would have beside a policy that says nothing,
// unless the server let its namespace in with that login.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { PolicyFacts, Snapshot } from "../../src/domain/facts/facts.ts";
import { plan } from "../../src/domain/decide/plan.ts";
import * as builders from "../support/builders.ts";

const { aDatabase, aGrant, aPolicy, aReading, aSnapshot, aWorkload, pods } = builders;

const shops = [aPolicy("a", { role: "a_app" }), aPolicy("b", { role: "b_app", database: "b" })];

interface Words {
  readonly role: string | undefined;
  readonly reserve: object;
  readonly mode: "Enforce" | "Observe";
}

const words: fc.Arbitrary<Words> = fc.record({
  role: fc.constantFrom(undefined, "a_app", "b_app", "nobody"),
  reserve: fc.record({
    connections: fc.constantFrom(0, 10, 500, "1%", "100%"),
    rollouts: fc.constantFrom(0, 1, 50),
  }),
  mode: fc.constantFrom("Enforce", "Observe"),
});

function guestSaying({ role, ...more }: Words): PolicyFacts {
  const database = { address: "db:5432", maxConnections: 5000, ...(role && { role }) };
  const unsaid = { namespace: "guest", role, database: undefined };
  return aPolicy("guest", { ...unsaid, spec: { database, ...more } });
}

interface Fleet {
  readonly sizes: readonly number[];
  readonly guestPods: number;
  readonly limits: readonly number[];
}

function snapshotOf({ sizes, guestPods, limits }: Fleet, guest: PolicyFacts): Snapshot {
  const [a = -1, b = -1, ofDatabase = -1] = limits;
  const own = shops.map(({ key, name }, index) => {
    const poolSize = sizes[index] ?? 1;
    return aWorkload(name, { policy: key, grant: aGrant(poolSize), pods: pods(2, { poolSize }) });
  });
  const theirs = { namespace: "guest", policy: guest.key, grant: aGrant(1) };
  const app = aWorkload("app", { ...theirs, pods: pods(guestPods, { poolSize: 1 }) });
  const reading = aReading({
    // So that the server's own line, which all share, binds nobody.
    maxConnections: 5000,
    roleLimits: { a_app: a, b_app: b },
    databaseLimits: { b: ofDatabase },
  });
  return aSnapshot({
    database: aDatabase({ reading, sights: [] }),
    policies: [...shops, guest],
    workloads: [...own, app],
    namespaceQuotas: [{ namespace: "*", amount: 50, unit: "percent" }],
  });
}

function decidedFor(snapshot: Snapshot): readonly unknown[] {
  return plan(snapshot, builders.startMs).pools.flatMap(({ position, share, grant }) => {
    const { key, namespace } = position.workload;
    return namespace === "guest" ? [] : [{ key, share, ...grant }];
  });
}

const limit = fc.constantFrom(-1, 0, 5, 12, 30, 60, 200);
const fleet: fc.Arbitrary<Fleet> = fc.record({
  sizes: fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 })),
  guestPods: fc.nat(5),
  limits: fc.tuple(limit, limit, limit),
});

test("words of a bounded namespace without a login take nothing from a limit of others", () => {
  const nothing = guestSaying({ role: undefined, reserve: {}, mode: "Observe" });
  fc.assert(
    fc.property(fleet, words, (drawn, said) => {
      const beside = decidedFor(snapshotOf(drawn, guestSaying(said)));
      expect(beside).toEqual(decidedFor(snapshotOf({ ...drawn, guestPods: 0 }, nothing)));
    }),
    { numRuns: 300 },
  );
});
