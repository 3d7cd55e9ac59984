// Workloads of which a pool is of another policy, on another server: each server counts its own
// pool, and a rollout brings both. Drawn apart from everything else, so that a seed without them is
// what it was before.

import type { Random } from "../../src/ports.ts";
import { seededRandom } from "../support/prng.ts";
import { withSecondServer } from "./scenario-replicas.ts";
import {
  drawPolicy,
  type FleetSetup,
  oneOf,
  type PolicySetup,
  type Scenario,
  type WorkloadSetup,
} from "./scenario.ts";

const sharedLot = 0x5a4ed;
const sharedChance = 0.2;

export function withShared(scenario: Scenario): Scenario {
  const random = seededRandom(scenario.seed ^ sharedLot);
  if (random.next() >= sharedChance) return scenario;
  const apart = { ...scenario.fleet, policies: scenario.fleet.policies.map(withoutReplicas) };
  const fleet = withPolicyElsewhere(withSecondServer(apart, random), random);
  const workloads = fleet.workloads.map((one) => sharedOf(one, fleet, random));
  return { ...scenario, fleet: { ...fleet, workloads } };
}

/** On each server of a policy all of its pools would be opened. */
function withoutReplicas({ ...policy }: PolicySetup): PolicySetup {
  Reflect.deleteProperty(policy, "replicas");
  return policy;
}

/** A policy may have nothing there but pools of others' workloads. */
function withPolicyElsewhere(fleet: FleetSetup, random: Random): FleetSetup {
  if (fleet.policies.some(({ server }) => server !== fleet.policies[0]?.server)) return fleet;
  const match = fleet.policies[0]?.match;
  const policy = { ...drawPolicy(random, 1), ...(match && { match }) };
  return { ...fleet, policies: [...fleet.policies, policy] };
}

function sharedOf(workload: WorkloadSetup, fleet: FleetSetup, random: Random): WorkloadSetup {
  const own = fleet.policies[workload.policy]?.server;
  const elsewhere = fleet.policies.flatMap(({ server }, index) => (server === own ? [] : [index]));
  const isShared = random.next() < 0.6;
  const sharedWith = oneOf(random, elsewhere);
  const size = oneOf(random, [2, 10, 30, undefined]);
  if (!isShared) return workload;
  const others = (workload.furtherPools ?? []).slice(1);
  return { ...workload, sharedWith, furtherPools: [size, ...others] };
}
