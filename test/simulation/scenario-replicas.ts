// Fleets whose pods open their pools on a second server as well: servers that are decided together.
// Drawn apart from everything else, so that a seed without them is what it was before.

import type { Random } from "../../src/ports.ts";
import {
  drawPolicy,
  drawServer,
  drawWorkload,
  type FleetSetup,
  oneOf,
  type PolicySetup,
} from "./scenario.ts";

const replicasChance = 0.2;

/** Of a fleet that has some: two servers, and policies, some with the other as a replica. */
export function withReplicas(fleet: FleetSetup, random: Random): FleetSetup {
  if (random.next() >= replicasChance) return fleet;
  const wide = withNeighbour(withSecondServer(fleet, random), random);
  const policies = wide.policies.map((policy, index): PolicySetup => {
    const isLinked = index === 0 || random.next() < 0.5;
    return isLinked ? { ...policy, replicas: [1 - policy.server] } : policy;
  });
  return { ...wide, policies };
}

export function withSecondServer(fleet: FleetSetup, random: Random): FleetSetup {
  const [first] = fleet.servers;
  if (!first || fleet.servers.length > 1) return fleet;
  const { isBehindTranslation } = first;
  const second = { ...drawServer(random), ...(isBehindTranslation && { isBehindTranslation }) };
  return { ...fleet, servers: [first, second] };
}

/** Somebody who is on the second server alone, unless somebody is already. */
function withNeighbour(fleet: FleetSetup, random: Random): FleetSetup {
  const isThere = fleet.policies.some(({ server }) => server === 1);
  if (isThere || random.next() < 0.4) return fleet;
  const match = fleet.policies[0]?.match;
  const policy = { ...drawPolicy(random, 1), ...(match && { match }) };
  const count = oneOf(random, [1, 2]);
  const own = Array.from({ length: count }, () => drawWorkload(random, fleet.policies.length));
  return {
    ...fleet,
    policies: [...fleet.policies, policy],
    workloads: [...fleet.workloads, ...own],
  };
}
