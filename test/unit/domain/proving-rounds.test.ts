// Which readings can prove that a pool has become smaller.

import { expect, test } from "vitest";
import type { DatabaseReading } from "../../../src/domain/facts/facts.ts";
import { provingRounds } from "../../../src/domain/supply/proving-rounds.ts";
import { aDatabase, aPolicy, aReading, aSnapshot, startMs } from "../../support/builders.ts";

const session = { database: "orders", applicationName: "", address: "10.0.0.1" };

interface Case {
  readonly reading?: Partial<DatabaseReading>;
  /** Of each round, by the moment that it was asked for. */
  readonly counts?: Readonly<Record<number, number>>;
  /** By the clock of the readings, of which the cluster's startMs is 1,000,000. */
  readonly restartSeenAtMs?: number;
  /** A further policy, which names another login. */
  readonly neighbour?: Parameters<typeof aPolicy>[1];
}

/** The moments of those that can prove something of a pool with role app on database orders. */
function proving({
  reading = {},
  counts = {},
  restartSeenAtMs,
  neighbour,
}: Case): readonly number[] {
  const database = aDatabase({
    reading: aReading({ startedAtMicroseconds: 0, ownSessions: [], ...reading }),
    sessionSamples: Object.entries(counts).map(([atMs, count]) => {
      return { atMs: Number(atMs), sessions: [{ ...session, user: "app", count }] };
    }),
  });
  const clock = { nowMs: startMs, monotonicMs: 1_000_000, restartSeenAtMs };
  const own = aPolicy();
  const policies = [own, ...(neighbour ? [aPolicy("neighbour", neighbour)] : [])];
  const { of } = provingRounds(aSnapshot({ policies, database }), clock);
  return of({ claimedBy: [own.key] })
    .filter(({ isWhole }) => isWhole)
    .map(({ askedAtMs }) => askedAtMs);
}

const counts = { 900_000: 1, 960_000: 1, 999_999: 1 };

test("a server that was started long ago", () => {
  expect(proving({ counts })).toEqual([900_000, 960_000, 999_999]);
});

test("those within a minute of its start, by the time that it says, prove nothing", () => {
  const reading = { startedAtMicroseconds: (startMs - 50_000) * 1_000 };
  expect(proving({ reading, counts })).toEqual([]);
  const before = { startedAtMicroseconds: (startMs - 30_000) * 1_000 };
  expect(proving({ reading: before, counts })).toEqual([900_000]);
});

test("nor do those within a minute of when it was first seen, whatever time it says", () => {
  expect(proving({ restartSeenAtMs: 1_000_000, counts })).toEqual([900_000]);
});

test("nor do those within a minute of when a pod of a pooler was new, or was gone", () => {
  expect(proving({ reading: { podsChangedAtMs: 1_000_000 }, counts })).toEqual([900_000]);
  expect(proving({ reading: { podsChangedAtMs: 500_000 }, counts })).toHaveLength(3);
});

test.each<[string, Partial<DatabaseReading>]>([
  ["the server", { maxConnections: 23, withheld: [{ by: "reserved", slots: 3 }] }],
  ["a role", { roleLimits: { app: 20 } }],
  ["a database", { databaseLimits: { orders: 20 } }],
])("where %s is full the latest proves nothing", (_, reading) => {
  expect(proving({ reading, counts: { 900_000: 5, 999_999: 20 } })).toEqual([900_000]);
  expect(proving({ reading, counts: { 900_000: 5, 999_999: 19 } })).toEqual([900_000, 999_999]);
});

test("sessions of the operator take slots of the server as well", () => {
  const ownSessions = [{ user: "poolwarden", database: "orders", count: 1 }];
  const reading = { maxConnections: 20, withheld: [], ownSessions };
  expect(proving({ reading, counts: { 999_999: 19 } })).toEqual([]);
});

test("a limit of -1 is none", () => {
  const reading = { roleLimits: { app: -1 }, databaseLimits: { orders: -1 } };
  expect(proving({ reading, counts })).toHaveLength(3);
});

test("a limit that binds others alone leaves it to show what it has", () => {
  const neighbour = { role: "batch", database: "reports" };
  const full = { batch: 0, locked: 0 };
  const reading = { roleLimits: full, databaseLimits: { reports: 0 } };
  expect(proving({ reading, counts, neighbour })).toHaveLength(3);
});

test("where it is not known what its pods log in with, each limit that is full may bind it", () => {
  const reading = { roleLimits: { batch: 0 } };
  const database = aDatabase({
    reading: aReading({ startedAtMicroseconds: 0, ownSessions: [], ...reading }),
    sessionSamples: [{ atMs: 999_999, sessions: [{ ...session, user: "app", count: 1 }] }],
  });
  const unknown = aPolicy("orders", { role: undefined });
  const clock = { nowMs: startMs, monotonicMs: 1_000_000, restartSeenAtMs: undefined };
  const { of } = provingRounds(aSnapshot({ policies: [unknown], database }), clock);
  expect(of({ claimedBy: [unknown.key] }).map(({ isWhole }) => isWhole)).toEqual([false]);
});

test.each([
  { of: "its role", user: "app", want: [] },
  { of: "nobody yet, for it is logging in", user: "", want: [] },
  { of: "another role", user: "batch", want: [999_999] },
])("a round that hides where a session comes from: of $of", ({ user, want }) => {
  const hidden = { ...session, address: undefined, user, count: 1 };
  const own = { ...session, user: "app", count: 1 };
  const database = aDatabase({
    reading: aReading({ startedAtMicroseconds: 0, ownSessions: [] }),
    sessionSamples: [{ atMs: 999_999, sessions: [own, hidden] }],
  });
  const clock = { nowMs: startMs, monotonicMs: 1_000_000, restartSeenAtMs: undefined };
  const policy = aPolicy();
  const { of } = provingRounds(aSnapshot({ policies: [policy], database }), clock);
  const whole = of({ claimedBy: [policy.key] }).filter(({ isWhole }) => isWhole);
  expect(whole.map(({ askedAtMs }) => askedAtMs)).toEqual(want);
});

test("where several policies claim a pool, its pods may have the role of each", () => {
  const [own, other] = [aPolicy(), aPolicy("batch", { role: "batch", database: "reports" })];
  const database = aDatabase({
    reading: aReading({ startedAtMicroseconds: 0, ownSessions: [], roleLimits: { batch: 0 } }),
    sessionSamples: [{ atMs: 999_999, sessions: [{ ...session, user: "app", count: 1 }] }],
  });
  const clock = { nowMs: startMs, monotonicMs: 1_000_000, restartSeenAtMs: undefined };
  const { of } = provingRounds(aSnapshot({ policies: [own, other], database }), clock);
  const areWhole = (...policies: (typeof own)[]): readonly boolean[] =>
    of({ claimedBy: policies.map(({ key }) => key) }).map(({ isWhole }) => isWhole);
  expect([areWhole(own), areWhole(own, other)]).toEqual([[true], [false]]);
});
