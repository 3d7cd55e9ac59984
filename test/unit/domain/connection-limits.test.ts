// CONNECTION LIMITs by the names that people give their roles and databases.

import { engines } from "../../../src/api/engines.ts";
import { expect, test } from "vitest";
import {
  limitedLogins,
  limitOfLogin,
  type Login,
  sayLimit,
} from "../../../src/domain/supply/connection-limits.ts";

const limits = {
  roleLimits: { zoe: 5, app: 20, free: -1, closed: 0 },
  databaseLimits: { app: 30, orders: -1 },
};

test("roles come before databases, by name, and those without a limit are none of them", () => {
  expect(limitedLogins(limits).map((one) => sayLimit(one, engines.PostgreSQL))).toEqual([
    "CONNECTION LIMIT 20 of role app",
    "CONNECTION LIMIT 0 of role closed",
    "CONNECTION LIMIT 5 of role zoe",
    "CONNECTION LIMIT 30 of database app",
  ]);
});

interface Row extends Login {
  readonly want: number | undefined;
}

test.each<Row>([
  { kind: "role", name: "app", want: 20 },
  { kind: "database", name: "app", want: 30 },
  { kind: "role", name: "closed", want: 0 },
  { kind: "role", name: "free", want: undefined },
  { kind: "role", name: "orders", want: undefined },
  { kind: "role", name: "constructor", want: undefined },
])("of $kind $name: $want", ({ want, ...login }) => {
  expect(limitOfLogin(limits, login)).toBe(want);
});
