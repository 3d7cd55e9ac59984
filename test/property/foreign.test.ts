// The number of foreign sessions is counted without a list of them, and people are shown a list:
// they must say the same.

import fc from "fast-check";
import { expect, test } from "vitest";
import { foreignSessionsOf } from "../../src/domain/supply/foreign.ts";
import { groupsSeenBy } from "../../src/domain/supply/foreign-names.ts";
import { aDatabase, aPolicy, aSnapshot, ofFleet, sessions } from "../support/builders.ts";

const group = fc
  .record({
    count: fc.integer({ min: 1, max: 40 }),
    user: fc.constantFrom("app", "alice"),
    address: fc.constantFrom("10.0.0.1", "10.9.9.9", undefined),
  })
  .map(({ count, ...more }) => sessions(count, more));

// As many groups as are shown.
const sample = fc.record({
  atMs: fc.integer({ min: 0, max: 100 }),
  fleetSlots: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
  sessions: fc.array(group, { maxLength: 3 }),
});

test("foreign slots are the sum of the groups of the moment with the most of them", () => {
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 5 }), (drawn) => {
      const sessionSamples = drawn.map(({ fleetSlots, ...more }) =>
        fleetSlots === undefined ? more : { ...more, fleetSlots },
      );
      const database = aDatabase({ sessionSamples, fleetAddresses: ofFleet("10.0.0.1") });
      const policies = [aPolicy("orders", { role: "app" })];
      const { slots, seen } = foreignSessionsOf(aSnapshot({ policies, database }));
      expect(groupsSeenBy(seen, "shop").reduce((sum, one) => sum + one.slots, 0)).toBe(slots);
    }),
  );
});
