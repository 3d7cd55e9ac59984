// What a server keeps from applications, by the names of its settings.

import { expect, test } from "vitest";
import { engines } from "../../../src/api/engines.ts";
import { ordinarySlots, usuallyWithheld } from "../../../src/domain/supply/withheld.ts";
import { withheld } from "../../support/builders.ts";

test.each([
  { superusers: 3, others: 0, want: 97 },
  { superusers: 3, others: 5, want: 92 },
  { superusers: 60, others: 60, want: 0 },
])("of 100 slots $want are left by $superusers and $others", ({ superusers, others, want }) => {
  expect(ordinarySlots({ maxConnections: 100, withheld: withheld(superusers, others) })).toBe(want);
});

test("each is named as PostgreSQL names it", () => {
  expect(usuallyWithheld(engines.PostgreSQL)).toEqual([
    { by: "superuser_reserved_connections", slots: 3 },
    { by: "reserved_connections", slots: 0 },
  ]);
});
