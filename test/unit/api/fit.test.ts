// A status that the API server refuses would take every grant in it along: whatever is said, it
// must fit the schema.

import fc from "fast-check";
import { expect, test } from "vitest";
import { fitStatus } from "../../../src/api/fit.ts";
import { poolPolicyStatus, type PoolPolicyStatus } from "../../../src/api/poolpolicy.ts";

const long = "x".repeat(10_000);

test.each<{ name: string; status: PoolPolicyStatus }>([
  {
    name: "the names of many workloads in the room's line",
    status: { ledger: [long] },
  },
  {
    name: "a pool size that nobody meant, settling",
    status: {
      grants: {
        "Deployment/web": { container: "app", poolSize: 6, env: [], settlingPoolSize: 9e9 },
      },
    },
  },
  {
    name: "findings without end",
    status: {
      findings: Array.from({ length: 5_000 }, () => ({ reason: "Forbidden", message: long })),
    },
  },
  {
    name: "a message of a database driver",
    status: {
      conditions: [
        {
          type: "Ready",
          status: "False",
          reason: "QueryFailed",
          message: long,
          lastTransitionTime: "2026-01-01T00:00:00Z",
        },
      ],
    },
  },
])("fits: $name", ({ status }) => {
  expect(poolPolicyStatus.safeParse(status).success).toBe(false);
  expect(poolPolicyStatus.safeParse(fitStatus(status)).error).toBeUndefined();
});

test("any text and any number of slots fits", () => {
  const line = fc.string({ maxLength: 3_000 });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.integer(), (ledger, used) => {
      expect(poolPolicyStatus.safeParse(fitStatus({ ledger, used })).success).toBe(true);
    }),
  );
});

test("what has no value is left out, as the API server would store it", () => {
  const value = fc.oneof(fc.string(), fc.double(), fc.constant(undefined), fc.integer());
  const row = fc.dictionary(fc.string({ minLength: 1 }), value, { maxKeys: 4 });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 3 }), value, (rows, used) => {
      const status = { server: undefined, used, workloads: rows } as unknown as PoolPolicyStatus;
      const stored = JSON.parse(JSON.stringify(status)) as PoolPolicyStatus;
      expect(JSON.stringify(fitStatus(status))).toBe(JSON.stringify(fitStatus(stored)));
      expect(Object.keys(fitStatus(status))).toEqual(Object.keys(stored));
    }),
  );
});

test("escapes of a terminal and marks of direction are spaces", () => {
  const role = "a\u001b[2J\u202eb\u2028c\u200bd";
  expect(fitStatus({ ledger: [`4  foreign: psql by ${role}`] }).ledger).toEqual([
    "4  foreign: psql by a [2J b c d",
  ]);
});

test("what fits stays as it is, and a cut text says that it was cut", () => {
  const status: PoolPolicyStatus = {
    server: "db:5432",
    budget: 186,
    ledger: [" -3  missing"],
  };
  expect(fitStatus(status)).toEqual(status);
  expect(fitStatus({ ledger: [long] }).ledger?.[0]?.at(-1)).toBe("…");
});
