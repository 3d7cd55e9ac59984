// What comes back from MySQL 8.0, 8.4 and 9.7 and MariaDB 10.11: one row of one form, as our own
// statement makes it, with each server's own version and identity. Their process lists, of which
// it makes the sessions, are in test/integration/mysql-recorded.test.ts. And what none of them
// would answer.

import { describe, expect, test } from "vitest";
import { columnCount, readAnswer, readingSql } from "../../../src/adapters/mysql/queries.ts";
import type { DatabaseReading } from "../../../src/domain/facts/facts.ts";
import { goodRow } from "../../fuzz/mysql-grammar.ts";

const asked = { roles: ["app", "batch", "watcher", "nobody"], databases: ["orders"] };

type Values = readonly (string | null)[];

function read(values: Values): Omit<DatabaseReading, "atMs" | "ownSessions" | "ownName"> {
  return readAnswer(
    values.map((value) => (value === null ? null : Buffer.from(value))),
    asked,
    "poolwarden-12345678",
  );
}

const place = {
  ...{ version: 0, account: 1, uuid: 4, isReadOnly: 6, maxConnections: 7, ofServer: 8 },
  ...{ ownLimit: 9, connected: 10, idleTimeout: 11, sessions: 12, users: 13 },
};

function rowWith(changes: Partial<Record<keyof typeof place, string | null>>): Values {
  const row = [...goodRow];
  for (const [name, value] of Object.entries(changes)) {
    row[place[name as keyof typeof place]] = value;
  }
  return row;
}

function groups(...some: readonly (readonly [string, string, number])[]): string {
  const rows = some.map(([user, host, count]) => ({ user, database: "", host, isOurs: 0, count }));
  return JSON.stringify(rows);
}

const uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";

test.each([
  { version: "8.0.44", id: uuid, number: 80_044 },
  { version: "8.4.6-azure", id: uuid, number: 80_406 },
  { version: "9.7.4", id: uuid, number: 90_704 },
  { version: "10.11.19-MariaDB-0+deb12u1", id: "", number: 101_119 },
])("$version: who it is, since when, and what it allows", ({ version, id, number }) => {
  expect(read(rowWith({ version, uuid: id }))).toEqual({
    ...{ role: "watcher", account: "watcher@%", versionNumber: number, isStandby: false },
    systemIdentifier: `${id} mysql-0:3306`.trim(),
    startedAtMicroseconds: 1_790_000_000_000_000,
    ...{ maxConnections: 151, withheld: [], seesAllSessions: true, idleTimeoutSeconds: 28_800 },
    roleLimits: { app: 20, watcher: -1 },
    databaseLimits: { orders: -1 },
    sessions: [
      { user: "app", database: "orders", applicationName: "", address: "10.0.0.1", count: 3 },
    ],
  });
});

test("a server that only reads is a standby", () => {
  expect(read(rowWith({ isReadOnly: "1" })).isStandby).toBe(true);
});

describe("limits of users", () => {
  const limitsOf = (changes: Parameters<typeof rowWith>[0]): object => ({
    ...read(rowWith(changes)).roleLimits,
  });
  const users = JSON.stringify([
    { user: "app", host: "%", limit: 0 },
    { user: "batch", host: "10.%", limit: 7 },
    { user: "batch", host: "%", limit: 5 },
    { user: "batch", host: "localhost", limit: 1 },
  ]);

  test("one of its own counts, the least of several accounts, and none from the machine itself", () => {
    expect(limitsOf({ users })).toEqual({ app: -1, batch: 5, watcher: -1 });
  });

  test("the server's own counts where a user has none", () => {
    expect(limitsOf({ users, ofServer: "30", ownLimit: "30" })).toEqual({
      ...{ app: 30, batch: 5, watcher: 30 },
    });
  });

  test("below nothing, nobody may log in but administrators and users with a limit of their own", () => {
    expect(limitsOf({ users, ofServer: "-1", ownLimit: "0" })).toEqual({
      ...{ app: 0, batch: 5, watcher: -1 },
    });
    const none = JSON.stringify([{ user: "app", host: "%", limit: -1 }]);
    expect(limitsOf({ users: none, ownLimit: "-1" })).toEqual({ app: 0, watcher: 0 });
  });

  test("without the right to look, only the login's own is known", () => {
    expect(limitsOf({ users: null, ownLimit: "9" })).toEqual({ watcher: 9 });
  });
});

describe("sessions", () => {
  test("a login that is shown none of others is told from one that is alone", () => {
    const alone = read(rowWith({ connected: "3", sessions: groups(["watcher", "10.0.0.9", 2]) }));
    expect(alone.seesAllSessions).toBe(true);
    const blind = read(rowWith({ connected: "9", sessions: groups(["watcher", "10.0.0.9", 2]) }));
    expect(blind.seesAllSessions).toBe(false);
    expect(blind.sessions.map(({ user, address, count }) => [user, address, count])).toEqual([
      ["watcher", "10.0.0.9", 2],
      ["", undefined, 6],
    ]);
  });

  test("a login in progress is nobody's, and one on the machine's socket has no address", () => {
    const sessions = groups(["root", "", 1], ["unauthenticated user", "10.0.0.7", 1]);
    expect(read(rowWith({ sessions })).sessions).toMatchObject([
      { user: "", address: "10.0.0.7" },
      { user: "root", address: "" },
    ]);
  });

  test("names in place of addresses are said, and count without an address", () => {
    const sessions = groups(["z", "localhost", 1], ["app", "web-1.web.shop.svc.cluster.local", 2]);
    const reading = read(rowWith({ sessions }));
    expect(reading.showsHostNames).toBe(true);
    expect(reading.sessions).toMatchObject([{ address: undefined }, { address: "127.0.0.1" }]);
    expect(read(goodRow).showsHostNames).toBeUndefined();
  });

  test("a name as long as the DNS allows counts like any other", () => {
    const sessions = groups(["app", `${"a".repeat(240)}.example`, 2]);

    expect(read(rowWith({ sessions })).sessions).toMatchObject([{ address: undefined, count: 2 }]);
  });

  test("many kinds of them are not cut off by a setting of the server", () => {
    const sql = readingSql(asked, { withUsers: true, threads: [], timeoutMs: 4_500 });

    expect(sql).toContain("SET STATEMENT max_statement_time=4.5, group_concat_max_len=4194304 FOR");
  });

  test("ours are known by their numbers", () => {
    const sessions = goodRow[place.sessions]?.replace('"isOurs":0', '"isOurs":1') ?? "";
    expect(read(rowWith({ sessions })).sessions).toMatchObject([
      { applicationName: "poolwarden-12345678" },
    ]);
    const sql = readingSql(asked, { withUsers: true, threads: [7, 9], timeoutMs: 4_500 });
    expect(sql).toContain("p.ID IN (7,9)");
  });
});

test.each<{ name: string; row: Values; want: string }>([
  { name: "a row of too few values", row: goodRow.slice(1), want: "without its row" },
  { name: "no number of slots", row: rowWith({ maxConnections: null }), want: "where a count" },
  { name: "more slots than can be", row: rowWith({ maxConnections: "100001" }), want: "100000" },
  { name: "a negative number", row: rowWith({ connected: "-1" }), want: "where a count" },
  { name: "no JSON", row: rowWith({ sessions: "{" }), want: "no JSON" },
  { name: "deep JSON", row: rowWith({ sessions: "[".repeat(9) }), want: "nested too deeply" },
  {
    name: "more sessions than there are slots",
    row: rowWith({ sessions: groups(["app", "10.0.0.1", 9_000]) }),
    want: "shows 9000 sessions",
  },
])("$name is no reading", ({ row, want }) => {
  expect(() => read(row)).toThrow(want);
});

test("the question holds no name as it was written, only bytes", () => {
  const roles = ["a'b\\c", "ünï"];
  const sql = readingSql({ roles }, { withUsers: true, threads: [], timeoutMs: 4_500 });
  expect(sql).toContain(`_utf8mb4 X'${Buffer.from("a'b\\c").toString("hex")}'`);
  expect(sql).not.toContain("a'b");
  expect(sql.match(/ AS (version|users)\b/g)).toHaveLength(2);
  expect(columnCount).toBe(goodRow.length);
});
