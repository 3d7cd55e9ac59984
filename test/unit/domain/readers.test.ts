// Who only names a server and declares its connections does not depend on the logins of others
// there, until one of them has worked.

import { describe, expect, test } from "vitest";
import type { PolicyFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { hasLoginWorked, isKnownFor, isToBeRead } from "../../../src/domain/supply/readers.ts";
import { statusOf } from "../../../src/domain/explain/status.ts";
import {
  aDatabase,
  aGrant,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../../support/builders.ts";

const failure = { reason: "AuthenticationFailed" as const, message: "wrong password" };
const unread = aDatabase({ reading: undefined });
const refused = aDatabase({ reading: undefined, failure });
const declarer = aPolicy("orders", {
  spec: { database: { address: "db.shop.svc:5432", maxConnections: 100 } },
});
const guest = aPolicy("guest", { namespace: "guest" });
const worked = { ...guest, status: { loginWorked: true } };
const everybody = [{ namespace: "*", amount: 60, unit: "percent" as const }];

describe("a server", () => {
  test.each<{
    name: string;
    policies: PolicyFacts[];
    database?: Snapshot["database"];
    want: boolean;
  }>([
    { name: "nobody has a login", policies: [declarer], want: false },
    { name: "a login that never worked", policies: [declarer, guest], want: false },
    { name: "a login that has worked", policies: [declarer, worked], want: true },
    {
      name: "one of an earlier release, which said only how many connections there are",
      policies: [{ ...guest, status: { maxConnections: 50 } }],
      want: true,
    },
    {
      name: "one of an earlier release that never knew the server",
      policies: [{ ...guest, status: { used: 3 } }],
      want: false,
    },
    {
      name: "a login that never worked, beside what others declare",
      policies: [declarer, { ...guest, status: { loginWorked: false, maxConnections: 100 } }],
      want: false,
    },
    {
      name: "an earlier release's policy that only declared, and has a login now elsewhere",
      policies: [{ ...guest, cameFromElsewhere: true, status: { maxConnections: 50 } }],
      want: false,
    },
    {
      name: "a login that has worked elsewhere",
      policies: [{ ...worked, cameFromElsewhere: true }],
      want: false,
    },
    {
      name: "a policy that had a login and has none",
      policies: [{ ...declarer, status: { loginWorked: true } }],
      want: false,
    },
    { name: "it was read", policies: [declarer], database: aDatabase(), want: true },
  ])("$name: to be read $want", ({ policies, database = unread, want }) => {
    expect(isToBeRead(aSnapshot({ policies, database }))).toBe(want);
  });

  test.each([
    { name: "only declared", database: unread, policies: [declarer], want: true },
    { name: "a wrong login of others", database: refused, policies: [declarer, guest], want: true },
    { name: "a login of others that fails now", database: refused, policies: [declarer, worked] },
    { name: "one that was not tried yet", database: unread, policies: [declarer, worked] },
    { name: "the latest reading failed", database: aDatabase({ failure }), policies: [declarer] },
    { name: "a login of its own", database: refused, policies: [declarer, aPolicy("more")] },
  ])("$name: known for shop $want", ({ database, policies, want = false }) => {
    expect(isKnownFor("shop", aSnapshot({ policies, database }))).toBe(want);
  });
});

describe("the word of a login that worked", () => {
  test.each([
    { name: "read", policy: guest, database: aDatabase(), want: true },
    { name: "never read", policy: guest, database: refused, want: false },
    { name: "refused", policy: { ...guest, failure }, database: aDatabase(), want: false },
    { name: "read before", policy: worked, database: refused, want: true },
    { name: "no login", policy: declarer, database: aDatabase(), want: false },
  ])("$name: $want", ({ policy, database, want }) => {
    expect(hasLoginWorked(policy, database)).toBe(want);
    const decided = plan(aSnapshot({ policies: [policy], database }), startMs);
    expect(statusOf(decided, policy).loginWorked).toBe(want);
  });
});

describe("a wrong login of a tenant, beside those who declare", () => {
  const web = aWorkload("web", { pods: pods(3, { poolSize: 5 }), grant: aGrant(5) });
  const decide = (database = refused, namespaceQuotas = everybody): ReturnType<typeof plan> =>
    plan(
      aSnapshot({ policies: [declarer, guest], workloads: [web], database, namespaceQuotas }),
      startMs,
    );

  test.each([
    { name: "bounded", namespaceQuotas: everybody },
    { name: "not bounded", namespaceQuotas: [] },
  ])("takes neither their declaration nor their growth: $name", ({ namespaceQuotas }) => {
    const decided = decide(refused, namespaceQuotas);
    expect(decided.budgetSlots).toBe(87);
    expect(decided.pools[0]?.grant.decision).toBe("Grow");
    const { conditions = [] } = statusOf(decided, declarer);
    expect(conditions.find(({ type }) => type === "DatabaseReachable")).toMatchObject({
      status: "True",
      reason: "DeclaredOnly",
    });
  });

  test("is not told from one that fails now by what an earlier release said: nothing grows", () => {
    const reader = { ...guest, status: { maxConnections: 50 } };
    const policies = [declarer, reader];
    const decided = plan(aSnapshot({ policies, workloads: [web], database: refused }), startMs);
    expect(decided.pools[0]?.grant.decision).not.toBe("Grow");
    const said = statusOf(decided, reader);
    expect(said.loginWorked).toBe(true);
    const next = { policies: [declarer, { ...reader, status: said }], database: refused };
    expect(isToBeRead(aSnapshot(next))).toBe(true);
  });

  test("that had none before is not a login that worked", () => {
    const before = statusOf(decide(), declarer);
    expect(before).toMatchObject({ loginWorked: false, maxConnections: 100 });
    const own = { ...aPolicy("orders"), status: before };
    expect(isToBeRead(aSnapshot({ policies: [own], database: refused }))).toBe(false);
  });

  test("is told to the tenant", () => {
    const { conditions = [] } = statusOf(decide(), guest);
    expect(conditions[0]).toMatchObject({ status: "False", reason: "AuthenticationFailed" });
  });

  test("that reads it once binds everybody", () => {
    const reading = aReading({ maxConnections: 50 });
    expect(decide(aDatabase({ reading, failure })).budgetSlots).toBe(37);
    expect(decide(aDatabase({ reading, failure })).pools[0]?.grant.decision).not.toBe("Grow");
  });
});
