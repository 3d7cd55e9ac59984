// Logins that see less have no word where one sees all: whatever becomes of them, in whatever order
// they come, what counts for the others is what the login with sight has seen.

import fc from "fast-check";
import { expect, test } from "vitest";
import { foreignSessionsOf } from "../../src/domain/supply/foreign.ts";
import { mostHeld, nothingHeld } from "../../src/reconcile/memory/held-slots.ts";
import { aDatabase, aPolicy, aSnapshot } from "../support/builders.ts";
import { aResolvedPolicy, first, identity, scene } from "../support/two-names.ts";

const strangers = { user: "batch", database: "app", applicationName: "etl", address: "10.9.9.9" };
const held = mostHeld([
  { ...nothingHeld, all: 100, byNamespace: new Map([["jobs", 20]]) },
  nothingHeld,
]);
const policies = [
  aPolicy("a", { role: "app" }),
  aPolicy("t", { namespace: "jobs", role: "batch" }),
];

/** A tenant's edit: another URI, a wrong user, or no policy at all. */
const edit = fc.record({ key: fc.constantFrom("jobs/a", "tail/z"), user: fc.integer({ max: 6 }) });

test("foreign sessions are what the login with sight saw, whatever others do", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(edit, { maxLength: 3 }), { maxLength: 8 }),
      async (rounds) => {
        const sight = { monitors: new Set(["app"]), passwords: { t0: "unknown", t1: "unknown" } };
        const real = { ...identity, ...sight, sessions: [{ ...strangers, count: 50 }] };
        const { book, readings, readAll } = scene(real, {});
        book.delete("shop/b");
        await readAll([first]);
        for (const edits of rounds) {
          for (const { key, user } of edits) book.set(aResolvedPolicy(key, first, `t${user}`));
          await readAll([first]);
          const now = { nowMs: 0, monotonicMs: 0 };
          readings.noteFleet(first, held, [], now, () => []);
          const database = aDatabase(readings.factsOf(first, now));
          expect(database.reading?.seesAllSessions).toBe(true);
          expect(foreignSessionsOf(aSnapshot({ policies, database })).slots).toBe(50);
        }
      },
    ),
    { numRuns: 50 },
  );
});

const counts = fc.integer({ min: 0, max: 40 });

test("of a role whose sessions are unseen no more is the fleet's than its namespace's pods hold", () => {
  fc.assert(
    fc.property(counts, counts, counts, counts, (app, batch, shop, jobs) => {
      const unseen = { database: "app", applicationName: "", address: undefined };
      const sessions = [
        { ...unseen, user: "app", count: app },
        { ...unseen, user: "batch", count: batch },
      ];
      const fleetSlotsOf = new Map(Object.entries({ shop, jobs }));
      const sample = { atMs: 0, sessions, fleetSlots: shop + jobs, fleetSlotsOf };
      const { slots } = foreignSessionsOf(
        aSnapshot({ policies, database: { ...aSnapshot().database, sessionSamples: [sample] } }),
      );
      expect(slots).toBe(Math.max(0, app - shop) + Math.max(0, batch - jobs));
    }),
  );
});
