// Planned pods: how many pods a workload's fair share is worked out for (an autoscaler goes
// from 4 to 32 pods in 45 s, faster than anybody can react, so its maximum is what must fit). More
// replicas than planned are planned for as soon as they are asked for: beyond the plan is repaired,
// not ignored.

import type { WorkloadFacts } from "./facts.ts";

export function plannedPodsOf(workload: WorkloadFacts): number {
  if (!workload.exists) return 0;
  const { autoscalerMaxReplicas, replicas, maxPods } = workload;
  const followsAutoscaler =
    autoscalerMaxReplicas !== undefined && workload.plannedPods !== "Current";
  if (followsAutoscaler) return Math.max(autoscalerMaxReplicas, replicas);
  return Math.max(replicas, maxPods ?? 0);
}
