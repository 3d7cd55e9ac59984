// CONNECTION LIMITs by the names that people give their roles and databases.

import { engines } from "../../../src/api/engines.ts";
import { expect, test } from "vitest";
import {
  limitedLogins,
  limitOfLogin,
  type Login,
  loginIn,
  loginOf,
  pairNameOf,
  sayLimit,
} from "../../../src/domain/supply/connection-limits.ts";

const limits = {
  roleLimits: { zoe: 5, app: 20, free: -1, closed: 0 },
  databaseLimits: { app: 30, orders: -1 },
  pairLimits: {
    [pairNameOf({ role: "zoe", database: "orders" })]: 7,
    [pairNameOf({ role: "zoe", database: "app" })]: -1,
  },
  limitSettings: { "role zoe on database orders": "pool_size" },
};

test("roles come before databases and those before pairs, by name, and those without a limit are none of them", () => {
  expect(limitedLogins(limits).map((one) => sayLimit(one, engines.PostgreSQL))).toEqual([
    "CONNECTION LIMIT 20 of role app",
    "CONNECTION LIMIT 0 of role closed",
    "CONNECTION LIMIT 5 of role zoe",
    "CONNECTION LIMIT 30 of database app",
    "pool_size 7 of role zoe on database orders",
  ]);
});

interface Row extends Login {
  readonly want: number | undefined;
}

test.each<Row>([
  { kind: "role", name: "app", want: 20 },
  { kind: "database", name: "app", want: 30 },
  { kind: "role", name: "closed", want: 0 },
  { kind: "pair", name: pairNameOf({ role: "zoe", database: "orders" }), want: 7 },
  { kind: "pair", name: pairNameOf({ role: "zoe", database: "app" }), want: undefined },
  { kind: "role", name: "free", want: undefined },
  { kind: "role", name: "orders", want: undefined },
  { kind: "role", name: "constructor", want: undefined },
])("of $kind $name: $want", ({ want, ...login }) => {
  expect(limitOfLogin(limits, login)?.limit).toBe(want);
});

test("a pair is of both names, and of neither where one is not known", () => {
  const name = pairNameOf({ role: "a", database: "b" });
  expect(loginOf("pair", { role: "a", database: "b" })).toBe(name);
  expect(loginIn("pair", { user: "a", database: "b" })).toBe(name);
  expect(loginOf("pair", { role: "a", database: undefined })).toBeUndefined();
  expect(loginOf("pair", { role: undefined, database: "b" })).toBeUndefined();
  const [one, other] = [
    { role: "a@b", database: "c" },
    { role: "a", database: "b@c" },
  ];
  expect(pairNameOf(one)).not.toBe(pairNameOf(other));
});
