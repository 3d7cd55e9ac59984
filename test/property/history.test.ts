// Histories of a modelled fleet (fleet-model.ts): the guarantees G1 and G2 after every step, and
// that the operator comes to rest once nothing more happens. The big simulation, with the real
// reconcilers and faults, is elsewhere; this one finds errors of the arithmetic in a second.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Exposure } from "../../src/domain/demand/exposure.ts";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import { isWorthRolling } from "../../src/domain/decide/tolerance.ts";
import { serviceSetup } from "./arbitraries.ts";
import { Fleet, settle } from "./fleet-model.ts";
import { happen, steps } from "./history-steps.ts";

const history = fc.record({
  setups: fc.array(serviceSetup, { minLength: 1, maxLength: 4 }),
  maxConnections: fc.integer({ min: 20, max: 400 }),
  rolloutsMax: fc.integer({ min: 1, max: 3 }),
  /** Begins at rest, with the budget shared out, rather than as it was found. */
  startsSettled: fc.boolean(),
  steps,
});

/** Slots that the last plan promised not to exceed; infinite while the line is broken. */
let promisedSlots = Infinity;

function decide(fleet: Fleet): Plan {
  const decided = plan(fleet.snapshot(), fleet.nowMs);
  const budgetSlots = decided.budgetSlots ?? 0;
  const beforeSlots = new Exposure(decided.positions, fleet.rolloutsMax, 0).slots;
  fleet.apply(decided);
  const after = plan(fleet.snapshot(), fleet.nowMs);
  const afterSlots = new Exposure(after.positions, fleet.rolloutsMax, 0).slots;
  expect(afterSlots, "G2: no write raises exposure past the budget").toBeLessThanOrEqual(
    Math.max(budgetSlots, beforeSlots),
  );
  promisedSlots = afterSlots <= budgetSlots ? budgetSlots : Infinity;
  return decided;
}

test("within the plan no pod too many, no write that raises exposure, and it comes to rest", () => {
  fc.assert(
    fc.property(
      history,
      ({ setups, maxConnections, rolloutsMax, startsSettled, steps: events }) => {
        const fleet = new Fleet(setups, maxConnections, rolloutsMax);
        promisedSlots = Infinity;
        if (startsSettled) settle(fleet, decide);
        for (const event of events) {
          happen(fleet, event, decide);
          expect(fleet.heldSlots, `G1 after ${event.what}`).toBeLessThanOrEqual(promisedSlots);
        }
        const { pools, floors, exposure, budgetSlots = 0 } = settle(fleet, decide);
        if (floors.missingSlots > 0) return;
        expect(exposure.slots).toBeLessThanOrEqual(budgetSlots);
        for (const { position, share, grant } of pools) {
          expect(isWorthRolling(position, grant.poolSize, share)).toBe(false);
        }
      },
    ),
    { numRuns: Number(process.env["HISTORIES"] ?? 300) },
  );
}, 120_000);
