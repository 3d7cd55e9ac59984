// How a workload of the world replaces its pods, in the words of the oracle.

import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { TrueWorkload } from "./oracle.ts";
import type { Workload } from "./world/workload.ts";
import type { World } from "./world/world.ts";

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

/** By the status of its policy: a rollout is the only way to hand out a size there. */
export function isInTemplate({ kinds }: World, key: string): boolean {
  const name = key.slice(key.indexOf("/") + 1);
  return [...kinds.policies.values()].some(({ status }) => {
    const { delivery, workloads = [] } = (status ?? {}) as PoolPolicyStatus;
    return delivery === "Template" && workloads.some(({ workload }) => workload === name);
  });
}
