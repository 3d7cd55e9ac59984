// Fleets of which some pods connect to a pooler in front of the first server: two tiers, each with
// limits of its own. Drawn apart from everything else, so that a seed without them is what it was
// before.

import { seededRandom } from "../support/prng.ts";
import { drawPolicy, drawWorkload, oneOf, type Scenario, type ServerSetup } from "./scenario.ts";
import type { Random } from "../../src/ports.ts";

/** A server that is a pooler. */
export interface PoolerSetup {
  /** Index of the server behind it. */
  readonly behind: number;
  readonly isSession: boolean;
  /** Of its only pool, all of whose connections it keeps open. */
  readonly poolSize: number;
}

const tiersLot = 0x71e25;
const tiersChance = 0.15;

export function withTiers(scenario: Scenario): Scenario {
  const random = seededRandom(scenario.seed ^ tiersLot);
  const { fleet } = scenario;
  const [first, another] = fleet.servers;
  if (random.next() >= tiersChance || !first || another) return scenario;
  if (first.isBehindTranslation === true) return scenario;
  const policy = fleet.policies.length;
  const count = oneOf(random, [1, 2, 3]);
  const own = Array.from({ length: count }, () => drawWorkload(random, policy));
  return {
    ...scenario,
    fleet: {
      ...fleet,
      servers: [first, drawPooler(random, first)],
      policies: [...fleet.policies, drawPolicy(random, 1)],
      workloads: [...fleet.workloads, ...own],
    },
  };
}

/** Some may open more than the server behind them has, or let in fewer clients than that. */
function drawPooler(random: Random, { maxConnections }: ServerSetup): ServerSetup {
  const part = oneOf(random, [0.2, 0.4, 0.4, 0.6, 1.2]);
  const poolSize = Math.max(20, Math.floor(maxConnections * part));
  return {
    ...{ reservedConnections: 0, roleLimit: -1, seesAllSessions: true },
    ...{ operatorRole: "poolwarden", maxConnections: 60 + Math.floor(random.next() * 300) },
    pooler: { behind: 0, poolSize, isSession: random.next() < 0.7 },
  };
}
