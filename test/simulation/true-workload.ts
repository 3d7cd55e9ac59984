// How a workload of the world replaces its pods, in the words of the oracle.

import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { TrueWorkload } from "./oracle.ts";
import type { WorldPod } from "./world/pod.ts";
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

/**
 * Every pod of it started without a size of the operator's, or with another one beside it, or its
 * template says the size.
 */
export function isSizedByOthers(world: World, key: string): boolean {
  if (isInTemplate(world, key)) return true;
  return livePodsOf(world, key).every(
    ({ annotation, poolSize }) => annotation !== String(poolSize),
  );
}

/** Pods that it is asked to have beyond those that are ready; one that is gone lacks none. */
export function missingReadyPods(world: World, key: string): number {
  const { replicas = 0 } = world.workloads.get(key) ?? {};
  return replicas - livePodsOf(world, key).filter(({ ready }) => ready).length;
}

function livePodsOf(world: World, key: string): readonly WorldPod[] {
  return [...world.pods()].filter(({ workload, terminating }) => workload === key && !terminating);
}

/** By the status of its policy: a rollout is the only way to hand out a size there. */
function isInTemplate({ kinds }: World, key: string): boolean {
  const name = key.slice(key.indexOf("/") + 1);
  return [...kinds.policies.values()].some(({ status }) => {
    const { delivery, workloads = [] } = (status ?? {}) as PoolPolicyStatus;
    return delivery === "Template" && workloads.some(({ workload }) => workload === name);
  });
}
