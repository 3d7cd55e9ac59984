// Servers whose limits change while they run, without a restart: the maximum itself, as MySQL's
// and a pooler's may, the CONNECTION LIMIT of a role, the pool of a pooler. Beyond the plan, and
// drawn apart from everything else, so that a seed without them is what it was before.

import type { Random } from "../../src/ports.ts";
import { seededRandom } from "../support/prng.ts";
import { limitDeeds } from "./deed-names.ts";
import { oneOf, type Scenario, type ScenarioEvent } from "./scenario.ts";
import type { Deed } from "./deeds.ts";

const limitsLot = 0x11417;
const limitsChance = 0.15;

export function withLimits(scenario: Scenario, isWithinPlan: boolean): Scenario {
  const random = seededRandom(scenario.seed ^ limitsLot);
  const isDrawn = random.next() < limitsChance;
  const hasPooler = scenario.fleet.servers.some(({ pooler }) => pooler);
  if (isWithinPlan || (!isDrawn && !hasPooler)) return scenario;
  const events = [...scenario.events, ...drawEvents(random, scenario.faultsMs)];
  return { ...scenario, events: events.sort((a, b) => a.atMs - b.atMs) };
}

function drawEvents(random: Random, faultsMs: number): ScenarioEvent[] {
  const meanGapMs = oneOf(random, [120_000, 400_000, 900_000]);
  const events: ScenarioEvent[] = [];
  for (let atMs = 0; ;) {
    atMs += Math.ceil(-Math.log(1 - random.next()) * meanGapMs);
    if (atMs >= faultsMs) return events;
    events.push({
      ...{ atMs, deed: oneOf(random, limitDeeds), which: Math.floor(random.next() * 1000) },
      amount: random.next(),
      forMs: Math.ceil(oneOf(random, [20_000, 120_000, 900_000]) * (0.5 + random.next())),
    });
  }
}

/** At once, and back after a while: from half of it to one and a half times as much. */
const changeMaxConnections: Deed = (stage, event) => {
  const { settings } = stage.world.database(stage.serverOf(event));
  const before = settings.maxConnections;
  stage.judge.goBeyondPlan();
  settings.maxConnections = Math.max(20, Math.floor(before * (0.5 + event.amount)));
  stage.during(event.forMs, () => {
    stage.judge.goBeyondPlan();
    settings.maxConnections = Math.max(before, settings.maxConnections);
  });
};

/** Of the role of the fleet, or of a pooler's pool for it. */
const changeLimitOfRole: Deed = (stage, event) => {
  const database = stage.world.database(stage.serverOf(event));
  const { tier, settings } = database;
  const before = tier?.poolSize ?? settings.roleLimits["app"] ?? -1;
  const set = (limit: number): void => {
    stage.judge.goBeyondPlan();
    if (tier) tier.resize(limit);
    else settings.roleLimits["app"] = limit;
  };
  const most = tier ? 2 * before : settings.maxConnections;
  set(Math.max(15, Math.floor(event.amount * most)));
  stage.during(event.forMs, () => {
    set(before);
  });
};

export const limitDeedsByName = {
  changeMaxConnections,
  changeLimitOfRole,
} satisfies Record<(typeof limitDeeds)[number], Deed>;
