// What the server let in: secrets whose login works, and sessions of pods.
import { expect, test } from "vitest";
import type { PodFacts, PolicyFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import { LoginProofs } from "../../../src/domain/supply/login-proofs.ts";
import * as builders from "../../support/builders.ts";

const { aDatabase, aPolicy, aReading, aSnapshot, aWorkload, ofFleet, pods } = builders;

const secretRef = { name: "db" };
const refused = { reason: "AuthenticationFailed", message: "refused" } as const;
const unread = { reason: "DatabaseUnreachable", message: "no answer" } as const;
const [own, other] = ["10.0.0.9", "10.0.0.8"] as const;

function withPolicy(more: Partial<PolicyFacts>, database: object = { secretRef }): Snapshot {
  const policy = aPolicy("app", { role: "app", database: "orders", ...more, spec: { database } });
  return aSnapshot({ policies: [policy], database: aDatabase({ sights: [] }) });
}

function withSession(address: string, more: Partial<PodFacts> = {}): Snapshot {
  const shown = builders.sessions(1, { user: "app", database: "orders", address });
  const reading = aReading({ sessions: [shown] });
  const workloads = [aWorkload("app", { pods: pods(1, { addresses: [own], ...more }) })];
  return aSnapshot({
    ...{ policies: [], workloads },
    database: aDatabase({ reading, sights: [], fleetAddresses: ofFleet(own, other) }),
  });
}

const failing = withPolicy({});
const sight = { namespace: "shop", role: "app", seesAllSessions: false };

test.each([
  { name: "a secret", snapshot: withPolicy({}), want: [true, true] },
  {
    name: "an address",
    snapshot: withPolicy({}, { address: "db:5432", maxConnections: 9 }),
    want: [false, false],
  },
  {
    name: "a secret that is refused",
    snapshot: withPolicy({ failure: refused }),
    want: [false, false],
  },
  {
    name: "a role beside a secret: the database is its own",
    snapshot: withPolicy({}, { secretRef, role: "app" }),
    want: [false, true],
  },
  {
    name: "a secret of which nobody can be told whether it is refused",
    snapshot: { ...failing, database: { ...failing.database, failure: unread } },
    want: [false, false],
  },
  {
    name: "a secret that worked before the server was away",
    snapshot: { ...failing, database: { ...failing.database, failure: unread, sights: [sight] } },
    want: [true, true],
  },
  { name: "a session of its pods", snapshot: withSession(own), want: [true, true] },
  {
    name: "a session at the address of a node, which its pod has as well",
    snapshot: withSession(own, { isOnHostNetwork: true }),
    want: [false, false],
  },
  { name: "a session of another pod", snapshot: withSession(other), want: [false, false] },
])("with $name: role and database $want", ({ snapshot, want }) => {
  const proofs = new LoginProofs(snapshot);
  const role = proofs.has("shop", { kind: "role", name: "app" });
  const database = proofs.has("shop", { kind: "database", name: "orders" });

  expect([role, database]).toEqual(want);
  expect(proofs.has("shop", { kind: "role", name: "orders" })).toBe(false);
  expect(proofs.has("guest", { kind: "role", name: "app" })).toBe(false);
});
