// Histories of a modelled fleet (fleet-model.ts): the guarantees G1 and G2 after every step, and
// that the operator comes to rest once nothing more happens. The big simulation, with the real
// reconcilers and faults, is elsewhere; this one finds errors of the arithmetic in a second.

import fc from "fast-check";
import { expect, test } from "vitest";
import { Exposure } from "../../src/domain/demand/exposure.ts";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import { isWorthRolling } from "../../src/domain/decide/tolerance.ts";
import { serviceSetup } from "./arbitraries.ts";
import { Fleet, type Service, settle } from "./fleet-model.ts";

const frequencies = {
  plan: 3,
  control: 6,
  gone: 3,
  deploy: 2,
  scale: 3,
  delete: 2,
  wait: 3,
  limit: 1,
};
type What = keyof typeof frequencies;
const whats = Object.keys(frequencies) as What[];
const what = fc.oneof(
  ...whats.map((one) => ({ arbitrary: fc.constant(one), weight: frequencies[one] })),
);

interface Event {
  readonly what: What;
  readonly service: number;
  readonly choice: number;
}

const history = fc.record({
  setups: fc.array(serviceSetup, { minLength: 1, maxLength: 4 }),
  maxConnections: fc.integer({ min: 20, max: 400 }),
  rolloutsMax: fc.integer({ min: 1, max: 3 }),
  /** Begins at rest, with the budget shared out, rather than as it was found. */
  startsSettled: fc.boolean(),
  steps: fc.array(
    fc.record({
      what,
      service: fc.nat(3),
      choice: fc.nat(1000),
    }),
    { maxLength: 120, size: "max" },
  ),
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

const deeds: Record<Event["what"], (fleet: Fleet, service: Service, choice: number) => void> = {
  plan: (fleet) => void decide(fleet),
  control: (fleet, service, choice) => {
    const steps = 1 + (choice % 12);
    for (let step = 0; step < steps; step++) {
      service.control(fleet.handedOut(service, choice + step), fleet.nowMs);
    }
  },
  gone: (_, service, choice) => {
    const ending = service.pods.filter((pod) => pod.terminating);
    const gone = ending[choice % Math.max(1, ending.length)];
    service.pods = service.pods.filter((pod) => pod !== gone);
  },
  deploy: (fleet, service) => {
    if (fleet.mayDeploy(service)) service.revision += 1;
  },
  scale: (fleet, service, choice) => {
    // Without an autoscaler more replicas are beyond the plan, so there it only goes down.
    const most = service.setup.maxReplicas ?? service.replicas;
    const replicas = choice % (most + 1);
    const surplus = service.live.slice(0, Math.max(0, service.live.length - replicas));
    if (surplus.length === 0 || fleet.mayTerminate(service, surplus)) service.scale(replicas);
  },
  delete: (fleet, service, choice) => {
    const pod = service.live[choice % Math.max(1, service.live.length)];
    if (pod && fleet.mayTerminate(service, [pod])) pod.terminating = true;
  },
  wait: (fleet, _, choice) => {
    fleet.nowMs += choice < 500 ? choice * 10 : choice * 1000;
  },
  limit: (fleet, _, choice) => {
    // The next plan sees it: until then the promise is about the old limit.
    if (choice < 200) fleet.maxConnections = 20 + choice * 2;
  },
};

test("within the plan no pod too many, no write that raises exposure, and it comes to rest", () => {
  fc.assert(
    fc.property(history, ({ setups, maxConnections, rolloutsMax, startsSettled, steps }) => {
      const fleet = new Fleet(setups, maxConnections, rolloutsMax);
      promisedSlots = Infinity;
      if (startsSettled) settle(fleet, decide);
      for (const { what, service, choice } of steps) {
        const chosen = fleet.services[service % fleet.services.length];
        if (chosen) deeds[what](fleet, chosen, choice);
        expect(fleet.heldSlots, `G1 after ${what}`).toBeLessThanOrEqual(promisedSlots);
      }
      const { pools, floors, exposure, budgetSlots = 0 } = settle(fleet, decide);
      if (floors.missingSlots > 0) return;
      expect(exposure.slots).toBeLessThanOrEqual(budgetSlots);
      for (const { position, share, grant } of pools) {
        expect(isWorthRolling(position, grant.poolSize, share)).toBe(false);
      }
    }),
    { numRuns: Number(process.env["HISTORIES"] ?? 300) },
  );
}, 120_000);
