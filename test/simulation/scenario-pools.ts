// Workloads that open further pools beside their main one, and what happens to these. Drawn apart
// from everything else, so that a seed without them is what it was before.

import { seededRandom } from "../support/prng.ts";
import { poolDeeds } from "./deed-names.ts";
import { oneOf, type Scenario, type ScenarioEvent, type WorkloadSetup } from "./scenario.ts";
import type { Random } from "../../src/ports.ts";

/** The further pools that a process may open, by the place of their sizes in a setup. */
export const furtherPools = [
  { pool: "reports", sizeName: "REPORTS_POOL_SIZE" },
  { pool: "jobs", sizeName: "JOBS_POOL_SIZE" },
] as const;

const poolsLot = 0x9001;
const poolsChance = 0.25;

export function withPools(scenario: Scenario, isWithinPlan: boolean): Scenario {
  const random = seededRandom(scenario.seed ^ poolsLot);
  if (random.next() >= poolsChance) return scenario;
  const workloads = scenario.fleet.workloads.map((workload) => withFurther(workload, random));
  const events = isWithinPlan ? [] : drawPoolEvents(random, scenario.faultsMs);
  return {
    ...scenario,
    fleet: { ...scenario.fleet, workloads },
    events: [...scenario.events, ...events].sort((a, b) => a.atMs - b.atMs),
  };
}

function withFurther(workload: WorkloadSetup, random: Random): WorkloadSetup {
  const count = oneOf(random, [0, 1, 1, 2]);
  const sizes = Array.from({ length: count }, () => oneOf(random, [2, 10, 30, undefined]));
  return sizes.length === 0 ? workload : { ...workload, furtherPools: sizes };
}

function drawPoolEvents(random: Random, faultsMs: number): ScenarioEvent[] {
  const meanGapMs = oneOf(random, [60_000, 180_000, 600_000]);
  const events: ScenarioEvent[] = [];
  for (let atMs = 0; ;) {
    atMs += Math.ceil(-Math.log(1 - random.next()) * meanGapMs);
    if (atMs >= faultsMs) return events;
    events.push({
      ...{ atMs, deed: oneOf(random, poolDeeds), which: Math.floor(random.next() * 1000) },
      amount: random.next(),
      forMs: Math.ceil(oneOf(random, [2_000, 60_000, 400_000]) * (0.5 + random.next())),
    });
  }
}
