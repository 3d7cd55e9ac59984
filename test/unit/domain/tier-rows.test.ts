// Who is told what of the tier behind a pooler.

import { expect, test } from "vitest";
import type { TierBehind } from "../../../src/domain/facts/facts.ts";
import {
  behindRows,
  tierAccounts,
  tierFindings,
  tierNotes,
} from "../../../src/domain/explain/tier-rows.ts";
import { aDatabase, aPolicy, aReading, aSnapshot } from "../../support/builders.ts";

const behind: TierBehind = {
  ...{ server: "10.0.8.1:5432", processes: 2, entries: 2, maySlots: 80, openSlots: 1 },
  isSession: true,
  known: {
    ...{ server: "pg.shop.svc:5432", maxConnections: 60, slots: 57, toldTo: ["shop"] },
    policy: "shop/pooler",
  },
};

function snapshotWith(tier: TierBehind): ReturnType<typeof aSnapshot> {
  return aSnapshot({ database: { ...aDatabase(), reading: aReading(), behind: [tier] } });
}

const [own, other] = [aPolicy("orders"), aPolicy("guest", { namespace: "guests" })];

test("the ledger says what it may open, what is open, and what the server has", () => {
  expect(tierNotes(own, snapshotWith(behind))).toEqual([
    "behind it: it may open 80 connections to 10.0.8.1:5432 (1 open), which has 57 for applications" +
      "; session mode: a client holds one until it leaves",
  ]);
  expect(tierNotes(own, snapshotWith({ ...behind, maySlots: -1, isSession: false }))).toEqual([
    "behind it: it may open any number of connections to 10.0.8.1:5432 (1 open), which has 57 for applications",
  ]);
});

test("whoever has no login on the server is not told how much it has", () => {
  const snapshot = snapshotWith(behind);
  expect(tierNotes(other, snapshot)[0]).not.toContain("57");
  expect(tierFindings(other, snapshot)).toEqual([]);
  expect(tierFindings(own, snapshot).map(({ reason }) => reason)).toEqual(["ServerBehindTooSmall"]);
});

test("whoever has no login on the pooler is not told where it connects to", () => {
  const database = { address: "pooler:6432", maxConnections: 100, engine: "PgBouncer" };
  const guest = aPolicy("orders", { spec: { database } });
  expect(tierNotes(guest, snapshotWith(behind))).toEqual([]);
  expect(tierFindings(guest, snapshotWith(behind))).toEqual([]);
});

test("a login that the pooler refuses is not told where it connects to", () => {
  const failure = { reason: "AuthenticationFailed", message: "wrong password" } as const;
  const refused = aPolicy("orders", { failure });
  expect(tierNotes(refused, snapshotWith(behind))).toEqual([]);
  expect(tierFindings(refused, snapshotWith(behind))).toEqual([]);
});

test("the finding names the numbers, what to write, and the policy that sizes the pooler", () => {
  const [finding] = tierFindings(own, snapshotWith(behind));
  expect(finding?.severity).toBe("degraded");
  for (const part of [
    "may open 80 connections to pg.shop.svc:5432",
    "max_connections 60 leaves 57",
    "pgbouncer.ini to 14 or less",
    "policy shop/pooler",
  ]) {
    expect(finding?.message).toContain(part);
  }
});

test("where not one connection for each database of each pod fits, no number would help: 0 is no limit", () => {
  const [finding] = tierFindings(own, snapshotWith({ ...behind, processes: 40 }));
  expect(finding?.message).toContain("have fewer pods of the pooler or fewer databases");
  expect(finding?.message).not.toContain("max_db_connections");
});

test("the status has a row of each server that was read, for whoever is told of it", () => {
  const read = { maxConnections: 70, slots: 67 };
  const known = { ...behind.known, read } as TierBehind["known"] & object;
  const row = { server: "pg.shop.svc:5432", ...read, mayOpen: 80 };
  expect(behindRows(own, snapshotWith({ ...behind, known }))).toEqual({ behind: [row] });
  expect(behindRows(other, snapshotWith({ ...behind, known }))).toEqual({});
  expect(behindRows(own, snapshotWith(behind))).toEqual({});
});

test("a row says what may be opened, unless there is no limit, or nobody has read the pooler", () => {
  const known = {
    ...behind.known,
    read: { maxConnections: 70, slots: 67 },
  } as TierBehind["known"] & object;
  const rowOf = (more: Partial<TierBehind>): object | undefined =>
    behindRows(own, snapshotWith({ ...behind, known, ...more })).behind?.[0];
  expect(rowOf({})).toHaveProperty("mayOpen", 80);
  expect(rowOf({ maySlots: -1 })).not.toHaveProperty("mayOpen");
});

test("metrics have the numbers of each server for whoever is told of it", () => {
  const wanted = [{ maySlots: 80, openSlots: 1, known: { slots: 57 } }];
  expect(tierAccounts(own, snapshotWith(behind))).toMatchObject(wanted);
  expect(tierAccounts(other, snapshotWith(behind))).toEqual([]);
  expect(tierAccounts(own, snapshotWith({ ...behind, isAssumed: true }))).toEqual([]);
});

test("rows stay while nobody can read the server, and go when another one is read, or none", () => {
  const rows = [{ server: "pg.shop.svc:5432", maxConnections: 60, slots: 57 }];
  const told = aPolicy("orders", { status: { behind: rows } });
  const unread = aSnapshot({ database: aDatabase({ reading: undefined }) });
  expect(behindRows(told, unread)).toEqual({ behind: rows });
  const ofAnother = aSnapshot({ database: aDatabase({ reading: aReading() }) });
  expect(behindRows(told, ofAnother)).toEqual({});
  const unreadable = { ...behind.known, toldTo: [] } as TierBehind["known"] & object;
  expect(behindRows(told, snapshotWith({ ...behind, known: unreadable }))).toEqual({
    behind: rows,
  });
  const known = undefined as never;
  expect(behindRows(told, snapshotWith({ ...behind, known }))).toEqual({});
});
