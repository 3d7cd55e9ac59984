// What is believed of a server's answer: a number that no PostgreSQL can have is no reading.

import { withheld } from "../../support/builders.ts";
import { expect, test } from "vitest";
import { readAnswer } from "../../../src/adapters/postgres/queries.ts";
import { expectCpuBelow } from "../../support/cpu-time.ts";

const asked = { roles: ["app"], databases: ["shop"] };

function answerWith(more: object): unknown {
  const session = { user: "app", database: "shop", applicationName: "", address: "", count: 7 };
  const answer = {
    role: "app",
    versionNumber: 180_004,
    systemIdentifier: "7",
    startedAtMicroseconds: 1_790_000_000_000_000,
    isStandby: false,
    maxConnections: 100,
    superuserReservedConnections: 3,
    reservedConnections: 0,
    roleLimits: { app: -1 },
    databaseLimits: null,
    seesAllSessions: true,
    sessions: [session],
  };
  return { answer: JSON.stringify({ ...answer, ...more }) };
}

test.each([
  { told: 7, shown: 7, want: undefined },
  { told: -1_691_323_827, shown: 7, want: true },
  { told: undefined, shown: 7, want: undefined },
])("a login that was told $told and is served by $shown", ({ told, shown, want }) => {
  const answer = readAnswer(answerWith({ processId: shown }), { ...asked, processId: told });
  expect(answer.isThroughPooler).toBe(want);
});

interface Reserves {
  readonly superuserReservedConnections?: number;
  readonly reservedConnections?: number;
}

function withSessions(count: unknown): object {
  const sessions = [{ user: "", database: "", applicationName: "", address: "", count }];
  return { sessions, maxConnections: 262_143 };
}

function kinds(number: number, more: object = {}): object {
  const one = { user: "a", database: "b", applicationName: "c", address: "", count: 1, ...more };
  return { maxConnections: 262_143, sessions: Array.from({ length: number }, () => one) };
}

test.each([
  { name: "as large as PostgreSQL allows", more: { maxConnections: 262_143 } },
  { name: "with as many sessions", more: withSessions(262_143) },
  { name: "with as many kinds as are read", more: kinds(10_000) },
  { name: "with workers beyond the connections", more: { ...kinds(300), maxConnections: 100 } },
  { name: "with brackets in a name", more: kinds(2, { applicationName: '[[[[{{"\\"[[[\\' }) },
  { name: "with names of a server built for long ones", more: kinds(1, { user: "n".repeat(128) }) },
  { name: "with an address of IPv6", more: kinds(1, { address: "2001:db8::1" }) },
  {
    name: "with all slots reserved",
    more: { superuserReservedConnections: 3, reservedConnections: 97 },
  },
  { name: "with a CONNECTION LIMIT beyond it", more: { roleLimits: { app: 2_147_483_647 } } },
])("an answer $name is a reading", ({ more }) => {
  const { superuserReservedConnections = 3, reservedConnections = 0, ...same } = more as Reserves;
  const kept = withheld(superuserReservedConnections, reservedConnections);
  expect(readAnswer(answerWith(more), asked)).toMatchObject({
    role: "app",
    withheld: kept,
    ...same,
  });
});

test.each([
  { name: "too many connections", more: { maxConnections: 262_144 } },
  { name: "2^53 - 1 connections", more: { maxConnections: Number.MAX_SAFE_INTEGER } },
  { name: "an infinity of them", more: { maxConnections: Number.POSITIVE_INFINITY } },
  { name: "-1 connections", more: { maxConnections: -1 } },
  { name: "half a connection", more: { maxConnections: 99.5 } },
  { name: "a reserve beyond it", more: { superuserReservedConnections: 262_144 } },
  { name: "more reserved slots than there are", more: { reservedConnections: 98 } },
  { name: "all the slots of the world reserved", more: { reservedConnections: 999_999 } },
  { name: "too many sessions", more: withSessions(262_144) },
  { name: "a negative number of sessions", more: withSessions(-1) },
  { name: "more sessions than can be", more: { ...kinds(2_000), maxConnections: 100 } },
  { name: "more kinds than are read", more: kinds(10_001) },
  { name: "a name of three million letters", more: kinds(1, { user: "a".repeat(3e6) }) },
  { name: "a name longer than anybody's", more: kinds(1, { database: "n".repeat(129) }) },
  { name: "an address that is none", more: kinds(1, { address: "n".repeat(45) }) },
  { name: "a limit of -2", more: { roleLimits: { app: -2 } } },
  { name: "no list of sessions", more: { sessions: { length: 1e9 } } },
])("an answer with $name is none", ({ more }) => {
  expect(() => readAnswer(answerWith(more), asked)).toThrow("the server's answer ");
});

test("two megabytes of brackets are not parsed, which would take half a second", () => {
  const brackets = "[".repeat(2 ** 20) + "]".repeat(2 ** 20);
  expectCpuBelow(100, () => {
    expect(() => readAnswer({ answer: brackets }, asked)).toThrow("nested too deeply");
  });
});

test("limits that nobody asked for are not taken, however many a server tells of", () => {
  const names = Array.from({ length: 20_000 }, (_, index) => [`r${index}`, 5]);
  const roleLimits = { ...Object.fromEntries(names), app: 40 } as object;
  const read = readAnswer(answerWith({ roleLimits }), asked);
  expect({ ...read.roleLimits }).toEqual({ app: 40 });
});

test.each([
  { name: "no JSON", answer: "{" },
  { name: "a value that a parser has made of it", answer: { role: "app" } },
])("an answer that is $name is none", ({ answer }) => {
  expect(() => readAnswer({ answer }, asked)).toThrow("the server's answer ");
});
