// More rollouts at once than the plan has room for: a second deploy of one workload while pods of
// two deploys ago still end, or deploys of several workloads. Nobody can stop a person's deploy,
// so it is said while it lasts: which rollouts, what their old pods hold, what room there was, and
// what would have covered it.

import type { Finding, PolicyKey } from "../facts/facts.ts";
import { nameFew } from "../words/fold-findings.ts";
import { oncePer } from "../once-per.ts";
import type { Plan } from "../decide/plan.ts";
import type { Position } from "../demand/position.ts";
import { rolloutWaitsForOldPods } from "../demand/room.ts";
import { sayCount } from "../words/say-count.ts";
import { slotsPerPod } from "../demand/slots.ts";

/** The largest reserve.rollouts that a policy may say. */
const rolloutsMost = 100;

interface Rollout {
  /** Of the first of its pools. */
  readonly position: Position;
  /** What its old pods hold in all of them. */
  readonly oldSlots: number;
  /** Deploys whose old pods are still there. */
  readonly deploys: number;
}

export function crowdedRollouts(plan: Plan, policy: PolicyKey): Finding[] {
  const crowd = crowdIn(plan);
  if (!crowd) return [];
  const { much, holding } = crowd;
  const message = `${much}: ${sayRollouts(crowd, policy)}; ${holding}`;
  return [{ reason: "RolloutsBeyondPlan", severity: "degraded", message }];
}

/** What every policy of the server is told alike. */
interface Crowd {
  readonly much: string;
  readonly rollouts: ReadonlyMap<PolicyKey, readonly Rollout[]>;
  readonly rolloutCount: number;
  readonly holding: string;
}

const crowdIn = oncePer(({ capacity, positions }: Plan): Crowd | undefined => {
  if (!capacity) return undefined;
  const { rolloutsMax, rolloutsBy } = capacity;
  const workloads = [...Map.groupBy(positions, ({ workload }) => workload.key).values()];
  const rollouts = workloads.flatMap(rolloutOf);
  const deploys = rollouts.reduce((sum, one) => sum + one.deploys, 0);
  const oldSlots = rollouts.reduce((sum, one) => sum + one.oldSlots, 0);
  if (deploys <= rolloutsMax) return undefined;
  const rooms = roomsFor(workloads);
  const roomSlots = rooms[Math.min(rolloutsMax, workloads.length)] ?? 0;
  if (oldSlots <= roomSlots) return undefined;
  return {
    much: `${deploys} rollouts at once, and reserve.rollouts is ${rolloutsMax} by policy ${rolloutsBy}`,
    rollouts: Map.groupBy(rollouts, ({ position }) => position.policy.key),
    rolloutCount: rollouts.length,
    holding:
      `their old pods hold ${sayCount(oldSlots, "slot")}, and there ` +
      `is room for ${roomSlots}. ${wayOut(rooms, oldSlots)}`,
  };
});

/** Where new pods wait for old ones, a rollout takes no room. */
function rolloutOf(pools: readonly Position[]): Rollout[] {
  const [position] = pools;
  if (!position) return [];
  const { workload, leavingPods, rolling } = position;
  if (!workload.exists || !rolling || leavingPods === 0) return [];
  if (rolloutWaitsForOldPods(workload)) return [];
  const revisions = new Set(workload.pods.map(({ revision }) => revision));
  const newest = workload.updateRevision;
  const isNewestThere = newest === undefined || revisions.has(newest);
  const oldSlots = pools.reduce((sum, { leavingSlots }) => sum + leavingSlots, 0);
  const deploys = Math.max(1, revisions.size - (isNewestThere ? 1 : 0));
  return [{ position, oldSlots, deploys }];
}

/** The room for 0, 1, 2, … rollouts at once: what so many of the largest add. */
function roomsFor(workloads: readonly (readonly Position[])[]): readonly number[] {
  const additions = workloads.map((pools) => pools.reduce((sum, one) => sum + additionOf(one), 0));
  const rooms = [0];
  for (const slots of additions.sort((a, b) => b - a)) rooms.push((rooms.at(-1) ?? 0) + slots);
  return rooms;
}

function additionOf({ roomPods, sizing, inForce }: Position): number {
  return roomPods * slotsPerPod(sizing, inForce);
}

/** Names of other policies' workloads stay theirs. */
function sayRollouts({ rollouts, rolloutCount }: Crowd, policy: PolicyKey): string {
  const own = rollouts.get(policy) ?? [];
  const others = rolloutCount - own.length;
  const ours = own.length === 0 ? [] : [nameFew(own, sayRollout)];
  const theirs = others === 0 ? [] : [`${sayCount(others, "workload")} of other policies`];
  return [...ours, ...theirs].join(", ");
}

function sayRollout({ position, oldSlots, deploys }: Rollout): string {
  const { workload, leavingPods } = position;
  const times = deploys === 1 ? "" : ` ${deploys} times`;
  const pods = sayCount(leavingPods, "old pod");
  return `${workload.kind}/${workload.name}${times} (${pods}, ${sayCount(oldSlots, "slot")})`;
}

/** Not every number of rollouts covers it: a workload's room is counted once. */
function wayOut(rooms: readonly number[], oldSlots: number): string {
  const enough = rooms.slice(0, rolloutsMost + 1).findIndex((slots) => slots >= oldSlots);
  const others =
    "pods that end sooner (terminationGracePeriodSeconds, preStop), or starting a deploy when the " +
    "old pods of the one before are gone";
  return enough < 0
    ? `No value of reserve.rollouts covers that. What helps: ${others}`
    : `reserve.rollouts ${enough} would cover that; so would ${others}`;
}

/** Of a pool whose new pods wait for their slots nothing is planned beforehand. */
export function beyondPlan(position: Position): Finding | undefined {
  const { stayingPods, plannedPods, workload, isGated } = position;
  if (!workload.exists || isGated === true || stayingPods <= plannedPods) return undefined;
  const message = `${stayingPods} pods run, ${plannedPods} are planned for`;
  return { reason: "BeyondPlan", severity: "degraded", message };
}
