// Damping in time: a workload that was rolled is left alone for a while. The time of the last roll
// stands in the cluster (an annotation of the pod template, and the policy's status for owners that
// replace the whole template), so a restart of ours forgets nothing. The bound, for one workload in
// a time T:
//   rolls that grow   <= ceil(T / cooldown)
//   rolls that shrink <= the times that its pods or its grant had grown, <= ceil(T / cooldown),
//                        + one for each new high of planned pods and each new low of the budget
// Where shares move with use (demand: Share), rolls that shrink wait for the cooldown as well while
// the line holds, so that all rolls of one workload are <= ceil(T / cooldown) then.
// With the default of 5 min that is 24 an hour while the world swings slower than the cooldown. If
// it swings faster, fewer planned pods never last (planned-pods.ts), nothing grows, and one roll
// for the new high is all. Rolls in vain (put back, unsized) have longer waits of their own.

import type { PoolFacts } from "../facts/facts.ts";
import type { Position } from "../demand/position.ts";

const backoffMaxMs = 24 * 3_600_000;

/**
 * Until when a workload is left alone; doubled for each time that somebody put our entries back, at
 * most to a day (or to the cooldown itself, where that is longer).
 */
export function cooldownEndMs({ workload, policy }: Position): number {
  const { rolledAtMs, reverts } = workload;
  if (rolledAtMs === undefined) return 0;
  const { cooldownMs } = policy;
  const backoffMs = Math.min(cooldownMs * 2 ** Math.min(reverts, 20), backoffMaxMs);
  return rolledAtMs + Math.max(cooldownMs, backoffMs);
}

/**
 * The template does not say what we last wrote into it. An owner that replaces the whole object
 * takes our annotation away as well; then what we remember of our last roll counts.
 */
export function wasReverted({ writtenPoolSize, rolledPoolSize, template }: PoolFacts): boolean {
  const ours = writtenPoolSize ?? rolledPoolSize;
  return ours !== undefined && ours !== template.poolSize;
}
