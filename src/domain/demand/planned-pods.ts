// Planned pods: how many pods a workload's fair share is worked out for (an autoscaler goes
// from 4 to 32 pods in 45 s, faster than anybody can react, so its maximum is what must fit). More
// replicas than planned are planned for as soon as they are asked for: beyond the plan is repaired,
// not ignored. Fewer of them give their slots to others only once that has lasted for the cooldown:
// replicas that swing, an autoscaler that a chart replaces, or a workload that is deleted and made
// anew must not let the shares leap, because each leap up is followed by one down, and both are
// restarts. What was planned for stands in the status, so nothing of it is in our memory.

import type { PoolFacts } from "../facts/facts.ts";

export function plannedPodsOf(workload: PoolFacts): number {
  if (!workload.exists) return 0;
  const { autoscalerMaxReplicas, replicas, maxPods } = workload;
  const followsAutoscaler =
    autoscalerMaxReplicas !== undefined && workload.plannedPods !== "Current";
  if (followsAutoscaler) return Math.max(autoscalerMaxReplicas, replicas);
  return Math.max(replicas, maxPods ?? 0);
}

/** The most planned pods since the cooldown began, and since when there are fewer. */
export interface RecentPods {
  /** Not less than the planned pods. */
  readonly pods: number;
  /** Undefined when there are no fewer now. */
  readonly fewerSinceMs: number | undefined;
}

export function recentPodsOf(
  { recentPlan }: Pick<PoolFacts, "recentPlan">,
  plannedPods: number,
  { cooldownMs, nowMs }: { readonly cooldownMs: number; readonly nowMs: number },
): RecentPods {
  const none: RecentPods = { pods: plannedPods, fewerSinceMs: undefined };
  if (!recentPlan || recentPlan.plannedPods <= plannedPods) return none;
  // A clock that was set back does not make it longer.
  const fewerSinceMs = Math.min(recentPlan.fewerSinceMs ?? nowMs, nowMs);
  if (nowMs - fewerSinceMs >= cooldownMs) return none;
  return { pods: recentPlan.plannedPods, fewerSinceMs };
}
