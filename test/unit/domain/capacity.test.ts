// Each row is one server and what its owner would work out with pen and paper.

import { describe, expect, test } from "vitest";
import { type Capacity, capacityOf } from "../../../src/domain/supply/capacity.ts";
import type { Snapshot } from "../../../src/domain/facts/facts.ts";
import { aDatabase, aPolicy, aReading, aSnapshot, withheld } from "../../support/builders.ts";

const secret = { secretRef: { name: "db" } };
const declared = { address: "db.shop.svc:5432", maxConnections: 100 };
const unread = aDatabase({ reading: undefined });

function server(reading: object, ...specs: object[]): Snapshot {
  const policies = (specs.length > 0 ? specs : [{}]).map((spec, index) =>
    aPolicy(`p${index}`, { spec }),
  );
  return aSnapshot({ database: aDatabase({ reading: aReading(reading) }), policies });
}

const rows: { name: string; snapshot: Snapshot; want: Partial<Capacity> }[] = [
  {
    name: "PostgreSQL before 16 reserves for superusers only",
    snapshot: server({ maxConnections: 200 }),
    want: { slots: 197, withheld: withheld(3), boundBy: "max_connections" },
  },
  {
    name: "reserved_connections are taken off as well",
    snapshot: server({ maxConnections: 200, reservedConnections: 5 }),
    want: {
      slots: 192,
      withheld: withheld(3, 5),
    },
  },
  {
    name: "more reserved than there is leaves nothing",
    snapshot: server({ maxConnections: 4, reservedConnections: 5 }),
    want: { slots: 0 },
  },
  {
    name: "the role's CONNECTION LIMIT cuts",
    snapshot: server({ roleLimits: { app: 50, other: 1 } }),
    want: { slots: 50, cut: { slots: 147, by: "CONNECTION LIMIT 50 of role app" } },
  },
  {
    name: "the database's CONNECTION LIMIT cuts, and binds",
    snapshot: server({ roleLimits: { app: 60 }, databaseLimits: { orders: 40 } }),
    want: { slots: 40, boundBy: "CONNECTION LIMIT 40 of database orders" },
  },
  {
    name: "a limit above what there is cuts nothing",
    snapshot: server({ roleLimits: { app: 500 } }),
    want: { slots: 197, cut: undefined, boundBy: "max_connections" },
  },
  {
    name: "a limit just as large as what there is cuts nothing",
    snapshot: server({ roleLimits: { app: 197 } }),
    want: { slots: 197, cut: undefined, boundBy: "max_connections" },
  },
  {
    name: "a limit of 0 locks the application out",
    snapshot: server({ roleLimits: { app: 0 } }),
    want: { slots: 0 },
  },
  {
    name: "a role called constructor has no limit by accident",
    snapshot: {
      ...server({ roleLimits: {} }),
      policies: [aPolicy("p", { role: "constructor", database: "toString" })],
    },
    want: { slots: 197 },
  },
  {
    name: "a declaration below what is read lowers it",
    snapshot: server({}, { database: { ...secret, maxConnections: 120 } }),
    want: { slots: 117, undeclaredSlots: 80, boundBy: "maxConnections of policy shop/p0" },
  },
  {
    name: "a declaration above what is read raises nothing",
    snapshot: server({}, { database: { ...secret, maxConnections: 999 } }),
    want: { slots: 197, undeclaredSlots: 0, boundBy: "max_connections" },
  },
  {
    name: "declared only: PostgreSQL's default of 3 reserved slots is assumed",
    snapshot: aSnapshot({
      database: unread,
      policies: [aPolicy("p", { spec: { database: declared } })],
    }),
    want: { maxConnections: 100, slots: 97, boundBy: "maxConnections of policy shop/p" },
  },
  {
    name: "of two declarations the smaller one counts",
    snapshot: server(
      {},
      { database: { ...secret, maxConnections: 150 } },
      { database: { ...secret, maxConnections: 90 } },
    ),
    want: { slots: 87, boundBy: "maxConnections of policy shop/p1" },
  },
  {
    name: "a reserve in percent is of the capacity, rounded up",
    snapshot: server({}, { reserve: { connections: "5%" } }),
    want: { reserveSlots: 10 },
  },
  {
    name: "a reserve of 100% leaves nothing",
    snapshot: server({}, { reserve: { connections: "100%" } }),
    want: { reserveSlots: 197 },
  },
  {
    name: "of two reserves the larger one counts, and of two rollouts",
    snapshot: server(
      {},
      { reserve: { connections: 4, rollouts: 2 } },
      { reserve: { connections: "5%", rollouts: 0 } },
    ),
    want: { reserveSlots: 10, reserveBy: "shop/p1", rolloutsMax: 2, rolloutsBy: "shop/p0" },
  },
  {
    name: "of equal words the first name's counts",
    snapshot: { ...server({}), policies: [aPolicy("b"), aPolicy("a")] },
    want: { reserveSlots: 10, reserveBy: "shop/a", rolloutsMax: 1, rolloutsBy: "shop/a" },
  },
  {
    name: "no reserve at all",
    snapshot: server({}, { reserve: { connections: 0, rollouts: 0 } }),
    want: { reserveSlots: 0, reserveBy: "shop/p0", rolloutsMax: 0 },
  },
];

describe("capacityOf", () => {
  test.each(rows)("$name", ({ snapshot, want }) => {
    expect(capacityOf(snapshot)).toMatchObject(want);
  });

  test("nothing read, nothing declared: unknown", () => {
    expect(capacityOf(aSnapshot({ database: unread }))).toBeUndefined();
  });
});
