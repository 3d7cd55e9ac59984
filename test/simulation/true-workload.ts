// How a workload of the world replaces its pods, in the words of the oracle.

import type { TrueWorkload } from "./oracle.ts";
import type { Workload } from "./world/workload.ts";

export function replacementOf({
  spec,
  strategy,
  isTerminationAwaited,
}: Workload): TrueWorkload["replacement"] {
  if (spec.kind === "StatefulSet") return "AfterOld";
  if (strategy === "Recreate") return "Recreate";
  return isTerminationAwaited ? "WithSurge" : "AtOnce";
}

export function surgePodsOf({ maxSurge, replicas }: Workload, maxReplicas: number): number {
  if (typeof maxSurge === "number") return maxSurge;
  return Math.ceil((Number.parseInt(maxSurge, 10) * Math.max(replicas, maxReplicas)) / 100);
}
