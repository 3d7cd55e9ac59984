// What PgBouncer may open to the servers behind it, with all of its processes.

import { describe, expect, test } from "vitest";
import { behindPods, limitsOfPods } from "../../../src/adapters/pgbouncer/login-bounds.ts";
import { entry, type Said, sideOf } from "../../support/pooler-rows.ts";
import { expectCpuBelow } from "../../support/cpu-time.ts";

describe("of the servers behind", () => {
  const users = ["app", "batch"];
  const pools = users.map((user) => ({ database: "orders", user }));
  const cases: readonly { name: string; pod: Said; maySlots: number }[] = [
    { name: "each user has a pool", pod: { pools }, maySlots: 40 },
    {
      name: "who is asked for and has none yet may have one",
      pod: { pools: [{ database: "orders", user: "batch" }] },
      maySlots: 40,
    },
    {
      name: "in any mode",
      pod: { settings: { pool_mode: "transaction" }, pools },
      maySlots: 40,
    },
    {
      name: "with its reserve",
      pod: { pools, entries: [entry("orders", { reserve_pool: "5" })] },
      maySlots: 50,
    },
    {
      name: "two entries of one database are two pools",
      pod: {
        entries: [entry("orders"), entry("again", { database: "orders" })],
        pools: [...pools, { database: "again", user: "app" }],
      },
      maySlots: 60,
    },
    {
      name: "up to max_db_connections of each",
      pod: { pools, entries: [entry("orders", { max_connections: "30" })] },
      maySlots: 30,
    },
    {
      name: "or max_user_connections of each user",
      pod: { pools, settings: { max_user_connections: "12" } },
      maySlots: 24,
    },
    {
      name: "a forced user has one",
      pod: { pools, entries: [entry("orders", { force_user: "owner" })] },
      maySlots: 20,
    },
    {
      name: "without a limit there is none",
      pod: { version: 12_400, pools, entries: [entry("orders", { pool_size: "0" })] },
      maySlots: -1,
    },
    {
      name: "a size of the user's may be more",
      pod: { pools, users: [{ name: "app", pool_size: "50" }] },
      maySlots: 70,
    },
  ];

  test.each(cases)("$name", ({ pod, maySlots }) => {
    const [only] = behindPods([sideOf(pod)]);
    expect(only).toMatchObject({ server: "10.0.8.1:5432", maySlots });
  });

  test("pods add up, and those come first that may get most", () => {
    const entries = [
      entry("orders", { current_connections: "4" }),
      entry("reports", { host: "DB-RO", port: "5433", pool_mode: "transaction" }),
      entry("local", { host: null }),
      entry("six", { host: "2001:db8::1" }),
    ];
    const pod = sideOf({ entries });
    const behind = behindPods([pod, pod]);
    expect(behind.map(({ processes, entries }) => [processes, entries])).toEqual(
      Array(4).fill([2, 1]),
    );
    expect(behind).toMatchObject([
      { server: "10.0.8.1:5432", maySlots: 40, openSlots: 8, isSession: true },
      { server: "[2001:db8::1]:5432", maySlots: 0, openSlots: 0, isSession: true },
      { server: "db-ro:5433", maySlots: 0, openSlots: 0, isSession: false },
      { server: "unix:5432", maySlots: 0, openSlots: 0, isSession: true },
    ]);
  });

  test("who has a pool in one process may get one in the other", () => {
    const [one, other] = [sideOf({ pools }), sideOf({ pools: [] })];
    expect(behindPods([one, other])).toMatchObject([{ maySlots: 80, processes: 2 }]);
  });

  test("of many only some are told, and a long list of hosts is cut off", () => {
    const hosts = Array.from({ length: 20 }, (_, place) =>
      entry(`d${place}`, { host: `h${place}` }),
    );
    expect(behindPods([sideOf({ entries: hosts })])).toHaveLength(8);
    const [one] = behindPods([sideOf({ entries: [entry("a", { host: "h".repeat(999) })] })]);
    expect(one?.server).toHaveLength(253 + ":5432".length);
  });

  test("thousands of users and of databases are looked through once", () => {
    const many = Array.from({ length: 8_000 }, (_, place) => `n${place}`);
    const rows = {
      users: many.map((name) => ({ name, pool_mode: null })),
      entries: many.map((name) => entry(name)),
      pools: many.map((name) => ({ database: name, user: name })),
    };
    const [roles, pairs] = [many, many.map((name) => ({ role: name, database: name }))];
    const onConsole = many.map((role) => ({ role, database: "pgbouncer" }));
    const all = { roles, databases: many, pairs: [...pairs, ...onConsole] };
    expectCpuBelow(1_500, () => {
      const side = sideOf(rows, all);
      limitsOfPods([side, side], all);
      expect(behindPods([side])[0]?.maySlots).toBe(160_000);
    });
  });

  test("a maximum of the user cuts the pools on one server together, whoever has no row as well", () => {
    const databases = ["orders", "reports", "far"];
    const entries = databases.map((name) => entry(name, name === "far" ? { host: "far" } : {}));
    const pools = ["app", "batch", "own"].flatMap((user) =>
      databases.map((database) => ({ database, user })),
    );
    const users = [{ name: "own", pool_size: "30", max_user_connections: "45" }];
    const pod = sideOf({ entries, pools, users, settings: { max_user_connections: "25" } });
    // Of two the usual maximum, and of the third its own; each of them once more on the other.
    expect(
      behindPods([pod, sideOf({ entries, settings: { max_user_connections: "25" } })]),
    ).toEqual([
      expect.objectContaining({ server: "10.0.8.1:5432", maySlots: 25 + 25 + 45 + 3 * 25 }),
      expect.objectContaining({ server: "far:5432", maySlots: 20 + 20 + 30 + 3 * 20 }),
    ]);
  });

  test("a user who is forced has his other pools beside that one", () => {
    const entries = [entry("orders", { force_user: "owner" }), entry("reports")];
    const pools = [
      { database: "orders", user: "app" },
      { database: "reports", user: "owner" },
      { database: "reports", user: "app" },
    ];
    const settings = { max_user_connections: "30" };
    expect(behindPods([sideOf({ entries, pools, settings })])).toMatchObject([{ maySlots: 50 }]);
  });

  test.each([
    { name: "on one database", databases: 1 },
    { name: "on one database, each up to a maximum", databases: 1, maximum: "12" },
    { name: "on a thousand databases", databases: 1_000 },
  ])(
    "the users of 31 processes, $name, are not gone through for each",
    ({ databases, maximum }) => {
      const settings = { ...(maximum !== undefined && { max_user_connections: maximum }) };
      const entries = Array.from({ length: databases }, (_, place) => entry(`d${place}`));
      const sides = Array.from({ length: 31 }, (_, pod) => {
        const pools = Array.from({ length: 1_500 }, (_user, place) => {
          return { database: `d${place % databases}`, user: `u${pod}-${place}` };
        });
        return sideOf({ entries, pools, settings });
      });
      const each = maximum === undefined ? 20 : Number(maximum);
      expectCpuBelow(500, () => {
        expect(behindPods(sides)[0]?.maySlots).toBe(31 * 31 * 1_500 * each);
      });
    },
  );
});
