// Every slot of max_connections stands in the ledger once: it always adds up.

import { describe, expect, test } from "vitest";
import { budgetOf } from "../../../src/domain/ledger.ts";
import { capacityOf } from "../../../src/domain/capacity.ts";
import type { Snapshot } from "../../../src/domain/facts.ts";
import { plan } from "../../../src/domain/plan.ts";
import { statusOf } from "../../../src/domain/status.ts";
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

function ledgerOf(snapshot: Snapshot, policy = "shop/orders"): [string, number][] {
  const facts = snapshot.policies.find(({ key }) => key === policy) ?? aPolicy();
  const { ledger = [] } = statusOf(plan(snapshot, startMs), facts);
  return ledger.map(({ line, slots }) => [line, slots]);
}

const web = aWorkload("web", {
  autoscalerMaxReplicas: 8,
  pods: pods(3, { poolSize: 6 }),
  grant: aGrant(6),
  sizing: { ceiling: 6 },
});

describe("ledger", () => {
  test("every slot of max_connections, in order", () => {
    const reading = aReading({
      reservedConnections: 2,
      roleLimits: { app: 180 },
      sessions: [sessions(4)],
      ownSessions: 1,
    });
    expect(ledgerOf(aSnapshot({ workloads: [web], database: aDatabase({ reading }) }))).toEqual([
      ["superuser_reserved_connections", 3],
      ["reserved_connections", 2],
      ["cut by CONNECTION LIMIT 180 of role app", 15],
      ["reserve", 10],
      ["foreign sessions", 4],
      ["the operator's own session", 1],
      ["Deployment/web: 3 pods", 18],
      ["Deployment/web: 5 more may start", 30],
      ["room for rollouts (web)", 48],
      ["free", 200 - 3 - 2 - 15 - 10 - 4 - 1 - 18 - 30 - 48],
    ]);
  });

  test("what a declaration withholds is a line of its own", () => {
    const spec = { database: { secretRef: { name: "db" }, maxConnections: 150 } };
    const lines = ledgerOf(aSnapshot({ policies: [aPolicy("orders", { spec })] }));
    expect(lines).toContainEqual(["above the declared maxConnections", 50]);
    expect(lines.at(-1)).toEqual(["free", 137]);
  });

  test("more than there is: what is missing is said", () => {
    const big = aWorkload("web", { pods: pods(15, { poolSize: 50 }), grant: aGrant(50) });
    expect(ledgerOf(aSnapshot({ workloads: [big] })).at(-1)).toEqual([
      "missing",
      200 - 3 - 10 - 15 * 50 - 15 * 50,
    ]);
  });

  test("workloads of other policies are one line, and their names stay theirs", () => {
    const policies = [aPolicy(), aPolicy("ledger", { namespace: "bank" })];
    const secret = { ...web, key: "bank/Deployment/x", policy: "bank/ledger" };
    const small = aWorkload("api", { pods: pods(1, { poolSize: 2 }), sizing: { ceiling: 2 } });
    const lines = ledgerOf(aSnapshot({ policies, workloads: [secret, small] }));
    expect(lines).toContainEqual(["workloads of other policies (1)", 48]);
    expect(lines).toContainEqual(["room for rollouts (another policy's)", 48]);
  });

  test("a restart with a larger grant is a line of its own", () => {
    const facts = { pods: pods(3, { poolSize: 4 }), grant: aGrant(6), sizing: { ceiling: 6 } };
    const lines = ledgerOf(aSnapshot({ workloads: [aWorkload("web", facts)] }));
    expect(lines).toContainEqual(["Deployment/web: 3 pods", 12]);
    expect(lines).toContainEqual(["Deployment/web: 0 more may start", 6]);
  });
});

describe("budgetOf", () => {
  test.each([
    { name: "what is left", foreign: 5, own: 1, want: 181 },
    { name: "never below nothing", foreign: 500, own: 1, want: 0 },
  ])("$name", ({ foreign, own, want }) => {
    const capacity = capacityOf(aSnapshot());
    expect(capacity && budgetOf(capacity, foreign, own)).toBe(want);
  });
});
