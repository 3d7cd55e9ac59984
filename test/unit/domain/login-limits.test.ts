// CONNECTION LIMITs: one that not all policies share bounds those that log in with it, and nobody
// else; foreign sessions take from the limits in which they compete.
import { describe, expect, it } from "vitest";
import type { DatabaseReading, PolicyFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import { budgetOf, capacityOf } from "../../../src/domain/supply/capacity.ts";
import { loginLimits } from "../../../src/domain/supply/login-limits.ts";
import { plan, type Plan } from "../../../src/domain/decide/plan.ts";
import { statusOf } from "../../../src/domain/explain/status.ts";
import { ledgerComplaints } from "../../support/ledger-check.ts";
import {
  aDatabase,
  aGrant,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  sessions,
  startMs,
} from "../../support/builders.ts";

const shop = aPolicy("shop", { role: "shop_app" });
const crm = aPolicy("crm", { role: "crm_app" });
const roleLimits = { shop_app: 40, crm_app: 120, etl: -1 };

function serverWith(
  more: Partial<DatabaseReading> = {},
  policies: readonly PolicyFacts[] = [shop, crm],
): Snapshot {
  const reading = aReading({ maxConnections: 300, roleLimits, ownSessions: 1, ...more });
  const service = (policy: PolicyFacts, count: number): Snapshot["workloads"][number] =>
    aWorkload(policy.name, { policy: policy.key, grant: aGrant(10), pods: pods(count) });
  const workloads = [service(shop, 2), service(crm, 4)].filter(({ policy }) =>
    policies.some(({ key }) => key === policy),
  );
  return aSnapshot({ database: aDatabase({ reading }), policies, workloads });
}

/** Of crm, and of shop. */
function sharesOf(snapshot: Snapshot): readonly number[] {
  return plan(snapshot, startMs).pools.map(({ share }) => share);
}

const etl = sessions(100, { user: "etl" });

describe("a CONNECTION LIMIT of a role", () => {
  it.each([
    { name: "bounds its own applications and nobody else", sessions: [], want: [13, 7] },
    { name: "is not taken from by sessions of another role", sessions: [etl], want: [13, 7] },
    {
      name: "is taken from by foreign sessions of its role alone",
      sessions: [sessions(9, { user: "shop_app" })],
      want: [13, 5],
    },
    {
      name: "bounds beside the server, which others fill",
      sessions: [sessions(220, { user: "etl" })],
      want: [6, 7],
    },
  ])("$name", ({ sessions: shown, want }) => {
    expect(sharesOf(serverWith({ sessions: shown }))).toEqual(want);
  });

  it.each([
    { name: "that logs in with its role", user: "shop_app", want: 29 },
    { name: "of another role", user: "poolwarden", want: 30 },
  ])("loses a slot to a session of the operator $name: $want are left", ({ user, want }) => {
    const ownSessions = [
      { user, database: "orders", count: 1 },
      { user: "t1", database: "orders", count: 58 },
    ];
    const { limits } = plan(serverWith({ ownSessions }), startMs);
    const shopLimit = limits.narrow.find(({ limit }) => limit.name === "role shop_app");

    expect(shopLimit?.limit.slots).toBe(want);
  });

  it("that is unlimited bounds nobody", () => {
    const free = serverWith({ roleLimits: { shop_app: -1, crm_app: -1 } });

    expect(loginLimits(free, capacityOf(free) as never)).toEqual([]);
  });

  it("of a database is a limit as well", () => {
    const [a, b] = [
      { ...shop, database: "shop" },
      { ...crm, database: "crm" },
    ];
    const databaseLimits = { shop: 40, crm: 120 };
    const free = { roleLimits: {}, databaseLimits };

    expect(sharesOf(serverWith(free, [a, b]))).toEqual([13, 7]);
  });

  it.each([
    { name: "its login known", login: {}, want: ["Grow", "Grow"] },
    {
      name: "its secret unreadable: it may log in with the role of others",
      login: { role: undefined, database: undefined, status: { workloads: [] } },
      want: ["Wait", "Wait"],
    },
  ])("lets others grow beside a policy with $name", ({ login, want }) => {
    const small = { roleLimits: { shop_app: 80, crm_app: -1 } };
    const { pools } = plan(serverWith(small, [shop, { ...crm, ...login }]), startMs);
    expect(pools.map(({ grant }) => grant.decision)).toEqual(want);
  });

  it("that all policies share bounds the server's line, without sessions of other roles", () => {
    const snapshot = serverWith({ sessions: [etl] }, [shop]);
    const capacity = capacityOf(snapshot);

    expect(capacity?.boundBy).toBe("CONNECTION LIMIT 40 of role shop_app");
    expect(capacity && budgetOf(capacity, 100, 1)).toBe(29);
    expect(sharesOf(snapshot)).toEqual([7]);
  });
});

describe("what is said of it", () => {
  const decision = plan(serverWith({ sessions: [etl] }), startMs);
  const statusFor = (policy: PolicyFacts): ReturnType<typeof statusOf> =>
    statusOf(decision, policy);

  it("each ledger adds up, and names the limits that hold its policy", () => {
    for (const policy of [shop, crm]) expect(ledgerComplaints(statusFor(policy))).toEqual([]);
    const ledger = statusFor(shop).ledger?.join("\n");
    expect(ledger).toContain("CONNECTION LIMIT 40 of role shop_app");
    expect(ledger).not.toContain("crm_app");
  });

  it("a row says which limit binds it", () => {
    const message = statusFor(shop).workloads?.[0]?.message;
    expect(message).toContain("; limited by CONNECTION LIMIT 40 of role shop_app");
  });

  it("a role whose pods hold more than its limit is over, and the other one is not", () => {
    const small = { shop_app: 20, crm_app: 120 };
    const over: Plan = plan(serverWith({ roleLimits: small }), startMs);
    const reasonFor = (policy: PolicyFacts): string | undefined =>
      statusOf(over, policy).conditions?.find(({ type }) => type === "WithinBudget")?.reason;

    expect([reasonFor(shop), reasonFor(crm)]).toEqual(["OverBudget", "WithinBudget"]);
  });
});
