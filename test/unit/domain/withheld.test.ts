// What a server keeps from applications, by the names of its settings.

import { expect, test } from "vitest";
import { ordinarySlots, usuallyWithheld, withheldBy } from "../../../src/domain/supply/withheld.ts";

test.each([
  { superuserReservedConnections: 3, reservedConnections: 0, want: 97 },
  { superuserReservedConnections: 3, reservedConnections: 5, want: 92 },
  { superuserReservedConnections: 60, reservedConnections: 60, want: 0 },
])(
  "of 100 slots $want are left by $superuserReservedConnections and $reservedConnections",
  (row) => {
    expect(ordinarySlots({ maxConnections: 100, withheld: withheldBy(row) })).toBe(row.want);
  },
);

test("each is named as PostgreSQL names it", () => {
  expect(usuallyWithheld).toEqual([
    { by: "superuser_reserved_connections", slots: 3 },
    { by: "reserved_connections", slots: 0 },
  ]);
});
