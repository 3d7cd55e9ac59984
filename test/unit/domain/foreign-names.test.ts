// Who is told whose foreign sessions are.

import { describe, expect, test } from "vitest";
import { engines } from "../../../src/api/engines.ts";
import { foreignSessionsOf } from "../../../src/domain/supply/foreign.ts";
import { groupsSeen, groupsSeenBy, sayGroups } from "../../../src/domain/supply/foreign-names.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import type { Sight } from "../../../src/domain/facts/session-facts.ts";
import { statusOf } from "../../../src/domain/explain/status.ts";
import {
  aDatabase,
  aPolicy,
  aReading,
  aSnapshot,
  sessions,
  startMs,
} from "../../support/builders.ts";
import { expectCpuBelow } from "../../support/cpu-time.ts";

const payroll = { user: "payroll", applicationName: "export" };
const groups = [
  sessions(9, { ...payroll, address: "10.1.1.1" }),
  sessions(8, { ...payroll, address: "10.1.1.2" }),
  sessions(5, { user: "team", applicationName: "psql", address: "10.2.2.2" }),
];

function toldTo(sights: readonly Partial<Sight>[], name = "real"): string {
  const told = sights.map((one) => ({
    ...{ namespace: "team", name: "real", role: "team", seesAllSessions: false },
    ...one,
  }));
  const sessionSamples = [{ name, atMs: startMs, sessions: groups }];
  const database = aDatabase({ sessionSamples, sights: told });
  const { seen } = foreignSessionsOf(aSnapshot({ database }));
  return sayGroups(groupsSeenBy(seen, "team"));
}

const all =
  "export by payroll from 10.1.1.1 (9), export by payroll from 10.1.1.2 (8), psql by team from 10.2.2.2 (5)";
const lesser =
  "export by payroll from an address that only pg_monitor sees (17), psql by team from 10.2.2.2 (5)";

test("a session over a socket has no address to tell", () => {
  const socket = sessions(3, { ...payroll, address: "" });
  const sight = { namespace: "team", name: "real", role: "chief", seesAllSessions: true };
  const seen = groupsSeen(new Map([["real", [socket]]]), [sight], engines.PostgreSQL);
  expect(sayGroups(groupsSeenBy(seen, "team"))).toBe("export by payroll (3)");
});

describe("whose foreign sessions are", () => {
  test.each([
    { name: "is told whole to pg_monitor", sights: [{ seesAllSessions: true }], want: all },
    { name: "is told to nobody without a login", sights: [], want: "" },
    {
      name: "is not told for the login of another namespace",
      sights: [{ namespace: "owner", seesAllSessions: true }],
      want: "",
    },
    {
      name: "is told without addresses of other roles to a lesser login",
      sights: [{}],
      want: lesser,
    },
    {
      name: "is told as the better of two logins sees it",
      sights: [{}, { role: "chief", seesAllSessions: true }],
      want: all,
    },
  ])("$name", ({ sights, want }) => {
    expect(toldTo(sights)).toBe(want);
  });

  test("is not told to a login of another name, which may be a liar's", () => {
    expect(toldTo([{ name: "liar", seesAllSessions: true }])).toBe("");
    expect(toldTo([{ name: "liar", seesAllSessions: true }], "liar")).toBe(all);
  });
});

describe("the status of a policy whose namespace has no login", () => {
  const guest = aPolicy("guest", { namespace: "guests" });
  const reading = aReading({ seesAllSessions: false, role: "secret_role", sessions: groups });
  const database = aDatabase({ reading });
  const snapshot = aSnapshot({ policies: [aPolicy(), guest], database });
  const text = JSON.stringify(statusOf(plan(snapshot, startMs), guest));

  test("has the number of foreign sessions, and whose they are nowhere", () => {
    expect(text).toContain(" 22  foreign sessions");
    expect(text).toContain("22 foreign sessions, the most at once within 10 min; whose they are");
    for (const secret of ["payroll", "export", "psql", "10.1.1.1", "secret_role"]) {
      expect(text).not.toContain(secret);
    }
  });
});

test("MySQL shows no names of sessions: they are told by user and address", () => {
  const shown = [
    sessions(4, { user: "payroll", applicationName: "", address: "10.1.1.1" }),
    sessions(2, { user: "", applicationName: "", address: undefined }),
  ];
  const sessionSamples = [{ name: "real", atMs: startMs, sessions: shown }];
  const sights = [{ namespace: "team", name: "real", role: "team", seesAllSessions: true }];
  const policies = [{ ...aPolicy("orders"), engine: "MySQL" as const }];
  const database = aDatabase({ sessionSamples, sights });
  const { seen } = foreignSessionsOf(aSnapshot({ database, policies }));
  expect(sayGroups(groupsSeenBy(seen, "team"))).toBe(
    "payroll from 10.1.1.1 (4), somebody from an address that only PROCESS sees (2)",
  );
});

const postgres = { sightRight: "pg_monitor", showsNames: true };

test("a lesser login of any role is shown the three largest, of its own and of others", () => {
  const ofBig = [9, 8, 7, 6].map((count) => {
    return sessions(count, { user: "big", applicationName: `b${count}`, address: "10.1.1.1" });
  });
  const ofSmall = [5, 4, 3, 2].map((count) => {
    return sessions(count, { user: `s${count}`, applicationName: "psql", address: "10.2.2.2" });
  });
  const toldTo = (role: string): number[] => {
    const sight = { namespace: "team", name: "real", role, seesAllSessions: false };
    const seen = groupsSeen(new Map([["real", [...ofSmall, ...ofBig]]]), [sight], postgres);
    return groupsSeenBy(seen, "team").map(({ slots }) => slots);
  };
  expect(toldTo("big")).toEqual([9, 8, 7]);
  expect(toldTo("s2")).toEqual([9, 8, 7]);
  const ownLargest = sessions(20, { user: "s5", applicationName: "x", address: "10.2.2.2" });
  ofSmall.push(ownLargest);
  expect(toldTo("s5")).toEqual([20, 9, 8]);
  ofBig.splice(0, 4, ...[1, 1].map((count) => sessions(count, { user: "big" })));
  expect(toldTo("s5")).toEqual([20, 5, 4]);
});

test("is not looked for among all sessions for each login", () => {
  const many = Array.from({ length: 10_000 }, (_, place) =>
    sessions(1 + (place % 7), { user: `x${place}`, applicationName: `app${place}` }),
  );
  const sights = Array.from({ length: 5_000 }, (_, place) => {
    return { namespace: "team", name: "real", role: `r${place}`, seesAllSessions: false };
  });
  const peaks = new Map([["real", many]]);
  expectCpuBelow(500, () => groupsSeen(peaks, sights, postgres));
});
