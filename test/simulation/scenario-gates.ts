// Live pools whose new pods wait until their slots are there, and gates that somebody takes away
// from such pods for a while. Drawn apart from everything else, so that a seed without them is what
// it was before.

import type { Random } from "../../src/ports.ts";
import { seededRandom } from "../support/prng.ts";
import { gateDeeds } from "./deed-names.ts";
import { type FleetSetup, oneOf, type Scenario, type ScenarioEvent } from "./scenario.ts";

export function withGates(fleet: FleetSetup, random: Random): FleetSetup {
  if (random.next() >= 0.6) return fleet;
  return {
    ...fleet,
    workloads: fleet.workloads.map((workload) =>
      workload.follows && random.next() < 0.7 ? { ...workload, waits: true } : workload,
    ),
  };
}

const takenLot = 0x7a4e;
const takenChance = 0.5;

/** Beyond the plan: nobody can know of it before the first pod that came without its gate. */
export function withTakenGates(scenario: Scenario, isWithinPlan: boolean): Scenario {
  const random = seededRandom(scenario.seed ^ takenLot);
  const hasGates = scenario.fleet.workloads.some(({ waits }) => waits === true);
  if (isWithinPlan || !hasGates || random.next() >= takenChance) return scenario;
  const events = [...scenario.events, ...drawEvents(random, scenario.faultsMs)];
  return { ...scenario, events: events.sort((a, b) => a.atMs - b.atMs) };
}

function drawEvents(random: Random, faultsMs: number): ScenarioEvent[] {
  const meanGapMs = oneOf(random, [180_000, 600_000]);
  const events: ScenarioEvent[] = [];
  for (let atMs = 0; ;) {
    atMs += Math.ceil(-Math.log(1 - random.next()) * meanGapMs);
    if (atMs >= faultsMs) return events;
    events.push({
      ...{ atMs, deed: oneOf(random, gateDeeds), which: Math.floor(random.next() * 1000) },
      amount: random.next(),
      forMs: Math.ceil(oneOf(random, [20_000, 120_000, 900_000]) * (0.5 + random.next())),
    });
  }
}
