// Damping in time: a workload that was rolled is left alone for a while. The time of the last roll
// stands in the cluster (an annotation of the pod template), so a restart of ours forgets nothing.

import type { Position } from "./position.ts";

const backoffMaxMs = 24 * 3_600_000;

/**
 * Until when a workload is left alone; doubled for each time that somebody put our entries back, at
 * most a day.
 */
export function cooldownEndMs({ workload, policy }: Position): number {
  const { rolledAtMs, reverts } = workload;
  if (rolledAtMs === undefined) return 0;
  return rolledAtMs + Math.min(policy.cooldownMs * 2 ** Math.min(reverts, 20), backoffMaxMs);
}
