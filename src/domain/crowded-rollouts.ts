// More rollouts at once than the plan has room for: a second deploy of one workload while pods of
// two deploys ago still end, or deploys of several workloads. Nobody can stop a person's deploy,
// so it is said while it lasts: which rollouts, what their old pods hold, what room there was, and
// what would have covered it.

import type { Finding, PolicyKey } from "./facts.ts";
import type { Plan } from "./plan.ts";
import type { Position } from "./position.ts";
import { Room, rolloutWaitsForOldPods } from "./room.ts";
import { sayCount } from "./say-count.ts";
import { slotsPerPod } from "./slots.ts";

interface Rollout {
  readonly position: Position;
  /** Deploys whose old pods are still there. */
  readonly deploys: number;
}

export function crowdedRollouts(plan: Plan, policy: PolicyKey): Finding[] {
  const { capacity, positions } = plan;
  if (!capacity) return [];
  const { rolloutsMax, rolloutsBy } = capacity;
  const rollouts = positions.flatMap(rolloutOf);
  const deploys = rollouts.reduce((sum, one) => sum + one.deploys, 0);
  const oldSlots = rollouts.reduce((sum, { position }) => sum + position.leavingSlots, 0);
  const roomSlots = roomFor(positions, rolloutsMax);
  if (deploys <= rolloutsMax || oldSlots <= roomSlots) return [];
  const message =
    `${deploys} rollouts at once, and reserve.rollouts is ${rolloutsMax} by policy ${rolloutsBy}: ` +
    `${sayRollouts(rollouts, policy)}; their old pods hold ${sayCount(oldSlots, "slot")}, and there ` +
    `is room for ${roomSlots}. ${wayOut(positions, oldSlots)}`;
  return [{ reason: "RolloutsBeyondPlan", severity: "degraded", message }];
}

/** Where new pods wait for old ones, a rollout takes no room. */
function rolloutOf(position: Position): Rollout[] {
  const { workload, leavingPods, rolling } = position;
  if (!workload.exists || !rolling || leavingPods === 0) return [];
  if (rolloutWaitsForOldPods(workload)) return [];
  const revisions = new Set(workload.pods.map(({ revision }) => revision));
  const newest = workload.updateRevision;
  const isNewestThere = newest === undefined || revisions.has(newest);
  return [{ position, deploys: Math.max(1, revisions.size - (isNewestThere ? 1 : 0)) }];
}

function roomFor(positions: readonly Position[], rollouts: number): number {
  const additions = positions.map(
    ({ roomPods, sizing, inForce }) => roomPods * slotsPerPod(sizing, inForce),
  );
  return new Room(additions, rollouts).slots;
}

/** Names of other policies' workloads stay theirs. */
function sayRollouts(rollouts: readonly Rollout[], policy: PolicyKey): string {
  const own = rollouts.filter(({ position }) => position.policy.key === policy).map(sayRollout);
  const others = rollouts.length - own.length;
  const theirs = others === 0 ? [] : [`${sayCount(others, "workload")} of other policies`];
  return [...own, ...theirs].join(", ");
}

function sayRollout({ position, deploys }: Rollout): string {
  const { workload, leavingPods, leavingSlots } = position;
  const times = deploys === 1 ? "" : ` ${deploys} times`;
  const pods = sayCount(leavingPods, "old pod");
  return `${workload.kind}/${workload.name}${times} (${pods}, ${sayCount(leavingSlots, "slot")})`;
}

/** Not every number of rollouts covers it: a workload's room is counted once. */
function wayOut(positions: readonly Position[], oldSlots: number): string {
  const counts = Array.from({ length: positions.length }, (_, index) => index + 1);
  const enough = counts.find((count) => roomFor(positions, count) >= oldSlots);
  const others =
    "pods that end sooner (terminationGracePeriodSeconds, preStop), or starting a deploy when the " +
    "old pods of the one before are gone";
  return enough === undefined
    ? `No value of reserve.rollouts covers that. What helps: ${others}`
    : `reserve.rollouts ${enough} would cover that; so would ${others}`;
}
