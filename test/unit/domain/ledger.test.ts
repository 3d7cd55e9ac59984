// Every slot of max_connections stands in the ledger once: it always adds up.

import { describe, expect, test } from "vitest";
import { budgetOf, capacityOf } from "../../../src/domain/supply/capacity.ts";
import type { Snapshot } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { statusOf } from "../../../src/domain/explain/status.ts";
import { ledgerComplaints, readLedger } from "../../support/ledger-check.ts";
import {
  aDatabase,
  aGrant,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  ofFleet,
  pods,
  sessions,
  startMs,
  keysOf,
} from "../../support/builders.ts";

function tableFor(snapshot: Snapshot): readonly string[] {
  const status = statusOf(plan(snapshot, startMs), snapshot.policies[0] ?? aPolicy());
  expect(ledgerComplaints(status)).toEqual([]);
  return status.ledger ?? [];
}

function ledgerOf(snapshot: Snapshot): [string, number][] {
  return readLedger(tableFor(snapshot)).lines.map(({ text, slots }) => [text, slots]);
}

const web = aWorkload("web", {
  autoscalerMaxReplicas: 8,
  pods: pods(3, { poolSize: 6 }),
  grant: aGrant(6),
  sizing: { ceiling: 6 },
});

const full = aReading({
  reservedConnections: 2,
  roleLimits: { app: 180 },
  sessions: [sessions(4)],
  ownSessions: 1,
});

describe("ledger", () => {
  test("every slot of max_connections, as a table that can be added up", () => {
    const database = aDatabase({ reading: full });
    expect(tableFor(aSnapshot({ workloads: [web], database }))).toEqual([
      "  3  superuser_reserved_connections",
      "  2  reserved_connections",
      " 11  cut off by CONNECTION LIMIT 180 of role app",
      " 10  reserve of policy shop/orders",
      "  4  foreign: psql by alice from 10.9.9.9",
      "     (foreign sessions count for 10 min: the most that were there at once)",
      "  1  own session of poolwarden",
      " 18  Deployment/web: 3 pods x 6",
      " 30  Deployment/web: 5 more may start x 6",
      " 48  room for rollouts: web",
      "     (reserve.rollouts is 1 by policy shop/orders)",
      "     (smaller with fewer planned pods, strategy Recreate, TerminationComplete, " +
        "or reserve.rollouts 0)",
      " 73  free: budget 169 - used 96",
      "---",
      "200  max_connections",
    ]);
  });

  test("what a declaration withholds is a line of its own, with its policy", () => {
    const spec = { database: { secretRef: { name: "db" }, maxConnections: 150 } };
    const lines = ledgerOf(aSnapshot({ policies: [aPolicy("orders", { spec })] }));
    expect(lines).toContainEqual(["beyond maxConnections of policy shop/orders", 50]);
    expect(lines.at(-1)).toEqual(["free: budget 137 - used 0", 137]);
  });

  test("more than there is: what is missing is said", () => {
    const big = aWorkload("web", { pods: pods(15, { poolSize: 50 }), grant: aGrant(50) });
    expect(ledgerOf(aSnapshot({ workloads: [big] })).at(-1)).toEqual([
      "missing: budget 187 - used 1500",
      200 - 3 - 10 - 15 * 50 - 15 * 50,
    ]);
  });

  test("others that take more than there is: the budget is 0, and more than that is missing", () => {
    const reading = aReading({ sessions: [sessions(190)] });
    expect(ledgerOf(aSnapshot({ database: aDatabase({ reading }) })).at(-1)).toEqual([
      "missing: 3 for the reserve and foreign sessions",
      -3,
    ]);
  });

  test("the largest groups of foreign sessions are told apart, the others are one line", () => {
    const groups = [9, 5, 3, 2, 1].map((count) =>
      sessions(count, { applicationName: `job${count}` }),
    );
    const database = aDatabase({ reading: aReading({ sessions: groups }) });
    const foreign = ledgerOf(aSnapshot({ database })).filter(([text]) =>
      text.startsWith("foreign"),
    );
    expect(foreign).toEqual([
      ["foreign: job9 by alice from 10.9.9.9", 9],
      ["foreign: job5 by alice from 10.9.9.9", 5],
      ["foreign: job3 by alice from 10.9.9.9", 3],
      ["foreign: smaller groups", 3],
    ]);
  });

  test("leaving pods and sessions of pods that are gone take from the room", () => {
    const leaving = pods(2, { poolSize: 6, terminating: true });
    const reading = aReading({ sessions: [sessions(3, { address: "10.0.0.1" })] });
    const database = aDatabase({ reading, fleetAddresses: ofFleet("10.0.0.1") });
    const workloads = [{ ...web, pods: [...web.pods, ...leaving] }];
    const table = tableFor(aSnapshot({ database, workloads }));
    expect(table).toEqual(
      expect.arrayContaining([
        " 12  old and terminating pods: web",
        "  3  sessions of pods that are gone, until the server drops them",
        " 33  room for rollouts: web",
        "     (48 in all with the old and terminating pods; reserve.rollouts is 1 by policy shop/orders)",
      ]),
    );
  });
});

describe("of two policies", () => {
  test("the room is said to be another's, without its name", () => {
    const policies = [aPolicy(), aPolicy("ledger", { namespace: "bank" })];
    const theirs = {
      ...web,
      ...keysOf({ ...web, namespace: "bank", name: "x" }),
      policy: "bank/ledger",
    };
    const lines = ledgerOf(aSnapshot({ policies, workloads: [theirs] }));
    expect(lines).toContainEqual(["1 workload of other policies", 48]);
    expect(lines).toContainEqual(["room for rollouts: a workload of another policy", 48]);
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
