// Sessions in doubt: the budget is cut by all that was seen before, by all of it once the doubt is
// over, and meanwhile nobody is given one of their slots.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DatabaseFacts, Snapshot } from "../../src/domain/facts/facts.ts";
import { foreignSessionsOf } from "../../src/domain/supply/foreign.ts";
import { plan } from "../../src/domain/decide/plan.ts";
import { Readings } from "../../src/reconcile/memory/readings.ts";
import { aReading, ofFleet, sessions, startMs } from "../support/builders.ts";
import { snapshot } from "./arbitraries.ts";

type Samples = DatabaseFacts["sessionSamples"];

const group = fc
  .record({
    count: fc.integer({ min: 1, max: 30 }),
    user: fc.constantFrom("app", "app", "alice"),
    address: fc.constantFrom("10.0.0.1", "10.9.9.1", "10.9.9.2", "10.9.9.3"),
  })
  .map(({ count, ...more }) => sessions(count, more));
const reading = fc.array(group, { maxLength: 4 });

/** Two readings that are old, and up to two that are new. */
const samples = fc
  .record({
    old: fc.array(reading, { maxLength: 2 }),
    young: fc.array(reading, { maxLength: 2 }),
  })
  .map(({ old, young }): Samples => [
    ...old.map((list) => ({ atMs: startMs - 60_000, sessions: list })),
    ...young.map((list) => ({ atMs: startMs, sessions: list, newForMs: 1_000 })),
  ]);

function withSamples(one: Snapshot, sessionSamples: Samples): Snapshot {
  const fleetAddresses = ofFleet("10.0.0.1");
  return { ...one, database: { ...one.database, sessionSamples, fleetAddresses } };
}

function aged({ atMs, sessions: shown }: Samples[number]): Samples[number] {
  return { atMs, sessions: shown };
}

const scene = fc
  .record({ one: snapshot, drawn: samples })
  .map(({ one, drawn }) => withSamples(one, drawn));

describe("sessions in doubt", () => {
  test("are all that keeps foreign sessions from counting", () => {
    fc.assert(
      fc.property(scene, (one) => {
        const { sessionSamples } = one.database;
        const found = foreignSessionsOf(one);
        const all = foreignSessionsOf(withSamples(one, sessionSamples.map(aged)));
        const older = sessionSamples.filter(({ newForMs }) => newForMs === undefined);
        const atLeast = foreignSessionsOf(withSamples(one, older)).slots;
        expect(found.slots).toBeGreaterThanOrEqual(atLeast);
        expect(found.slotsNow).toBe(all.slotsNow);
        if (found.doubtedForMs === undefined) expect(found.slots).toBe(all.slots);
      }),
    );
  });

  test("are at addresses that no older reading showed", () => {
    fc.assert(
      fc.property(scene, (one) => {
        const [young, old] = [true, false].map((isNew) => {
          const own = one.database.sessionSamples.filter(
            ({ newForMs }) => (newForMs !== undefined) === isNew,
          );
          return new Set(own.flatMap((sample) => sample.sessions.map(({ address }) => address)));
        });
        const isShownBefore = [...(young ?? [])].every((address) => old?.has(address) === true);
        if (isShownBefore) expect(foreignSessionsOf(one).doubtedForMs).toBeUndefined();
      }),
    );
  });

  test("let nothing grow that does not fit once they are foreign sessions", () => {
    fc.assert(
      fc.property(scene, (one) => {
        const { pools, rolls, exposure, limits, foreign } = plan(one, startMs);
        if (foreign.doubtedForMs === undefined) return;
        const later = plan(withSamples(one, one.database.sessionSamples.map(aged)), startMs);
        const isGrown = pools.some(({ grant: { decision } }) => decision === "Grow");
        if (isGrown) expect(exposure.slots).toBeLessThanOrEqual(later.budgetSlots ?? 0);
        const { roll } = rolls;
        if (!roll || roll.toShrink) return;
        for (const { account, slots } of limits.whileRolling(roll))
          expect(slots + foreign.doubtedSlots).toBeLessThanOrEqual(account.limit.slots);
      }),
      { numRuns: 300 },
    );
  });

  test("are so for five seconds after the reading that showed them, and no longer", () => {
    const age = fc.record({ readAtMs: fc.nat(100_000), ageMs: fc.nat(20_000) });
    fc.assert(
      fc.property(age, ({ readAtMs, ageMs }) => {
        const readings = new Readings();
        readings.record("db:5432", { kind: "read", reading: aReading() }, readAtMs);
        const facts = readings.factsOf("db:5432", { monotonicMs: readAtMs + ageMs });
        const newForMs = facts.sessionSamples[0]?.newForMs ?? 0;
        expect(newForMs).toBe(Math.max(0, 5_000 - ageMs));
      }),
    );
  });
});
