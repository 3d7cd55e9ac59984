// What rows of a console say of sizes and modes.

import { expect, test } from "vitest";
import {
  openByDatabase,
  ownSizeIn,
  sessionModeIn,
  usualSizeIn,
} from "../../../src/adapters/pgbouncer/pool-sizes.ts";
import { entry } from "../../support/pooler-rows.ts";

const usual = { pool_mode: "transaction", default_pool_size: "20", reserve_pool_size: "0" };

function saidOf(
  settings: Readonly<Record<string, string>>,
  entries: readonly object[] = [],
  users: readonly object[] = [],
): Parameters<typeof ownSizeIn>[0] {
  const all = new Map(Object.entries({ ...usual, reserve_pool_timeout: "5", ...settings }));
  return {
    settings: all,
    entries: entries as Parameters<typeof ownSizeIn>[0]["entries"],
    users: users as Parameters<typeof ownSizeIn>[0]["users"],
  };
}

test.each([
  { name: "the setting", settings: {}, size: 20 },
  { name: "with the reserve", settings: { reserve_pool_size: "4" }, size: 24 },
  {
    name: "without one that is not used",
    settings: { reserve_pool_size: "4", reserve_pool_timeout: "0" },
    size: 20,
  },
  {
    name: "no limit, as far as anybody counts",
    settings: { default_pool_size: "0" },
    size: 10_000,
  },
  {
    name: "no more than anybody counts",
    settings: { default_pool_size: "99999999", reserve_pool_size: "99999999" },
    size: 20_000,
  },
])("the usual size is $name", ({ settings, size }) => {
  expect(usualSizeIn(saidOf(settings).settings)).toBe(size);
});

test("a size of its own is one that differs, of an entry or a user; the largest is told", () => {
  const entries = [entry("orders"), entry("reports", { pool_size: "30" })];
  expect(ownSizeIn(saidOf({}, [entry("orders")]))).toBeUndefined();
  expect(ownSizeIn(saidOf({}, entries))).toEqual({ poolSize: 30, where: "database reports" });
  const users = [
    { name: "app", pool_size: "" },
    { name: "batch", pool_size: "40", reserve_pool_size: "" },
  ];
  expect(ownSizeIn(saidOf({}, entries, users))).toEqual({ poolSize: 40, where: "user batch" });
});

test("a reserve of its own is part of it, and the console has none", () => {
  const orders = entry("orders", { reserve_pool: "3" });
  expect(ownSizeIn(saidOf({}, [orders]))).toEqual({ poolSize: 23, where: "database orders" });
  const console = entry("pgbouncer", { pool_size: "2" });
  expect(ownSizeIn(saidOf({}, [console]))).toBeUndefined();
});

test("session mode is found for all, for a database, for a user; not for the console", () => {
  const session = { pool_mode: "session" };
  expect(sessionModeIn(saidOf({}, [entry("orders")]))).toBeUndefined();
  expect(sessionModeIn(saidOf(session, [entry("orders")]))).toBe("for all (pool_mode)");
  expect(sessionModeIn(saidOf({}, [entry("orders", session)]))).toBe("for database orders");
  expect(sessionModeIn(saidOf({}, [], [{ name: "app", ...session }]))).toBe("for user app");
  expect(sessionModeIn(saidOf({}, [entry("pgbouncer", session)]))).toBeUndefined();
});

test("of each database the largest pool counts, with all that holds a connection", () => {
  const row = { sv_active: "3", sv_idle: "2", sv_used: "1", sv_tested: "1", sv_login: "1" };
  const pools = [
    { database: "orders", user: "app", ...row, sv_being_canceled: "1" },
    { database: "orders", user: "batch", sv_active: "4" },
    { database: "pgbouncer", user: "pgbouncer", sv_active: "90" },
  ];
  expect([...openByDatabase(pools)]).toEqual([["orders", 9]]);
});
