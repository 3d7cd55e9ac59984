// What of a pooler's other side bounds its clients: by rows of 1.18 as they were recorded, and by
// the columns that newer versions have.

import { describe, expect, test } from "vitest";
import { limitsOfPods } from "../../../src/adapters/pgbouncer/login-bounds.ts";
import { pairNameOf } from "../../../src/domain/supply/connection-limits.ts";
import { asked, entry, pair, type Said, sideOf } from "../../support/pooler-rows.ts";

interface Limits {
  readonly role: number | undefined;
  readonly database: number | undefined;
  readonly pair: number | undefined;
}

function limitsOf(pods: readonly Said[], of = asked): Limits {
  const found = limitsOfPods(
    pods.map((one) => sideOf(one, of)),
    of,
  );
  return {
    role: found.roleLimits["app"],
    database: found.databaseLimits["orders"],
    pair: found.pairLimits[pairNameOf(pair)],
  };
}

interface Case extends Said {
  readonly name: string;
  readonly want: Partial<Limits>;
}

const none = { role: -1, database: -1, pair: -1 };
const reserve = { reserve_pool_size: "5" };

describe("of clients of one user and database", () => {
  test.each<Case>([
    { name: "in session mode the pool is the limit", want: { pair: 20 } },
    {
      name: "with its reserve",
      ...{ settings: reserve, entries: [entry("orders", { reserve_pool: "5" })] },
      want: { pair: 25 },
    },
    {
      name: "whose column has another name from 1.24 on",
      version: 12_400,
      entries: [entry("orders", { reserve_pool: null, reserve_pool_size: "5" })],
      want: { pair: 25 },
    },
    {
      name: "but not where nobody ever waits long enough for it",
      settings: { ...reserve, reserve_pool_timeout: "0" },
      entries: [entry("orders", { reserve_pool: "5" })],
      want: { pair: 20 },
    },
    { name: "in transaction mode nothing is", settings: { pool_mode: "transaction" }, want: none },
    { name: "nor in statement mode", settings: { pool_mode: "statement" }, want: none },
    {
      name: "the mode of the entry goes before the one of all",
      entries: [entry("orders", { pool_mode: "transaction", max_connections: "7" })],
      want: none,
    },
    {
      name: "and makes a limit where the others have none",
      settings: { pool_mode: "transaction" },
      entries: [entry("orders", { pool_mode: "session" })],
      want: { pair: 20 },
    },
    {
      name: "the mode of the user goes before both",
      users: [{ name: "app", pool_mode: "transaction" }],
      want: none,
    },
    {
      name: "the size of the entry goes before the one of all",
      entries: [entry("orders", { pool_size: "8" }), entry("billing")],
      want: { pair: 8 },
    },
    {
      name: "and before the one of the user",
      entries: [entry("orders", { pool_size: "8" })],
      users: [{ name: "app", pool_size: "3" }],
      want: { pair: 8 },
    },
    {
      name: "the size of the user goes before the one of all",
      users: [{ name: "app", pool_size: "3" }],
      want: { pair: 3 },
    },
    {
      name: "who logs in to a database that is not listed may log in to any",
      entries: [entry("billing", { pool_size: "4" }), entry("old", { pool_size: "3" })],
      want: { pair: undefined, database: -1, role: 7 },
    },
    {
      name: "a size of 0 lets nobody in",
      entries: [entry("orders", { pool_size: "0" })],
      want: { pair: 0 },
    },
    {
      name: "until 1.24, from which on it is no limit",
      version: 12_400,
      entries: [entry("orders", { pool_size: "0" })],
      want: { pair: -1 },
    },
    {
      name: "all clients of an entry with one user have one pool",
      entries: [entry("orders", { force_user: "owner" })],
      want: { pair: -1, database: 20 },
    },
    {
      name: "max_db_connections bounds all users of a database",
      entries: [entry("orders", { max_connections: "7" })],
      want: { pair: 20, database: 7 },
    },
    {
      name: "and those in session mode alone where a user has another one",
      entries: [entry("orders", { max_connections: "7" })],
      users: [{ name: "batch", pool_mode: "transaction" }],
      want: { pair: 7, database: -1 },
    },
    {
      name: "max_user_connections bounds a user on all databases",
      settings: { max_user_connections: "9" },
      want: { role: 9 },
    },
    {
      name: "or the user's own one",
      ...{ settings: { max_user_connections: "9" } },
      users: [{ name: "app", max_user_connections: "4" }],
      want: { role: 4 },
    },
    {
      name: "but not where some of them are in another mode",
      settings: { max_user_connections: "9" },
      entries: [entry("orders"), entry("billing", { pool_mode: "transaction" })],
      want: { role: -1, pair: 20 },
    },
    {
      name: "nor where another user logs in for it",
      settings: { max_user_connections: "9" },
      entries: [entry("orders"), entry("billing", { force_user: "owner" })],
      want: { role: -1, pair: 20 },
    },
    {
      name: "the smaller of a limit on clients and one on connections counts",
      settings: { max_user_connections: "9", max_user_client_connections: "6" },
      want: { role: 6 },
    },
  ])("$name", ({ want, ...one }) => {
    expect(limitsOf([one])).toMatchObject(want);
  });

  test("the pools on all entries are added up once for users of the same sizes", () => {
    const roles = Array.from({ length: 300 }, (_, index) => `role-${index}`);
    const users = roles.slice(50).map((name, index) => {
      return { name, pool_size: String(3 + Math.max(0, index - 150)) };
    });
    const entries = [entry("billing", { pool_size: "4" }), entry("old", { pool_size: "900" })];
    const settings = { default_pool_size: "900" };
    const pairs = roles.map((role) => ({ role, database: "unlisted" }));
    const of = { roles, databases: [], pairs };
    const { roleLimits } = limitsOfPods([sideOf({ entries, users, settings }, of)], of);
    expect(roles.slice(0, 50).map((name) => roleLimits[name])).toEqual(Array(50).fill(904));
    expect(roles.slice(50, 200).map((name) => roleLimits[name])).toEqual(Array(150).fill(7));
    expect(roleLimits["role-290"]).toBe(4 + 3 + 90);
    // Of more than 100 sizes the strictest is taken.
    expect(roleLimits["role-299"]).toBe(7);
  });

  test("a database that one process lists counts on each, as others have it", () => {
    const pods = [{ entries: [] }, {}, { entries: [entry("orders", { pool_size: "5" })] }];
    expect(limitsOf(pods)).toMatchObject({ pair: 45, role: -1 });
  });

  test("each pod has a pool", () => {
    expect(limitsOf([{}, {}, { entries: [entry("orders", { pool_size: "5" })] }])).toMatchObject({
      pair: 45,
    });
    expect(limitsOf([{}, { settings: { pool_mode: "transaction" } }])).toMatchObject({ pair: -1 });
  });

  test("a role that may log in to any has the pools of all that are listed", () => {
    const entries = [
      entry("orders", { pool_size: "8" }),
      entry("billing", { pool_size: "5", max_connections: "3" }),
    ];
    const anywhere = { ...asked, pairs: [{ role: "app", database: "pgbouncer" }] };
    expect(limitsOf([{ entries }], anywhere)).toMatchObject({ role: 11, pair: undefined });
    const other = [...entries, entry("old", { pool_mode: "transaction" })];
    expect(limitsOf([{ entries: other }], anywhere)).toMatchObject({ role: -1 });
    expect(limitsOf([{ entries: [] }], anywhere)).toMatchObject({ role: -1 });
  });

  test("each limit says the setting that it comes from", () => {
    const one = {
      settings: { ...reserve, max_user_connections: "9" },
      entries: [entry("orders", { reserve_pool: "5", max_connections: "7" })],
    };
    const { limitSettings } = limitsOfPods([sideOf(one)], asked);
    expect(limitSettings).toEqual({
      "role app": "max_user_connections",
      "database orders": "max_db_connections",
      "role app on database orders": "pool_size and reserve_pool_size",
    });
  });
});
