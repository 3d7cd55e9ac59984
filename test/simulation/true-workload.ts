// A workload of the world and its pods, in the words of the oracle: how it replaces them, and
// whether it does.

import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { TruePod, TrueWorkload } from "./oracle.ts";
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

/** It has as many pods that are ready as it is asked to have; so has one that is gone. */
export function isWhole(world: World, key: string): boolean {
  const { replicas = 0 } = world.workloads.get(key) ?? {};
  return livePodsOf(world, key).filter(({ ready }) => ready).length >= replicas;
}

function livePodsOf(world: World, key: string): readonly WorldPod[] {
  return [...world.pods()].filter(({ workload, terminating }) => workload === key && !terminating);
}

/** By the status of a policy of its pools: a rollout is the only way to hand out a size there. */
function isInTemplate({ kinds }: World, key: string): boolean {
  const name = key.slice(key.indexOf("/") + 1);
  const isOfIt = (row: string): boolean => row === name || row.startsWith(`${name}/`);
  return [...kinds.policies.values()].some(({ status }) => {
    const { delivery, workloads = [] } = (status ?? {}) as PoolPolicyStatus;
    return delivery === "Template" && workloads.some(({ workload }) => isOfIt(workload));
  });
}

export function isRolling({ pods, replacement }: TrueWorkload): boolean {
  return replacement !== "AfterOld" && pods.some(({ isOld }) => isOld);
}

export function truePod(pod: WorldPod, isOld: boolean, server: string): TruePod {
  return { slots: pod.slotsOn(server), terminating: pod.terminating, isOld };
}

/** The number at the end of its name. */
export function ordinalOf({ key }: WorldPod): number {
  return Number(key.slice(key.lastIndexOf("-") + 1));
}

/** Its pods only leave. */
export function goneWorkload(key: string, pods: readonly WorldPod[], server: string): TrueWorkload {
  return {
    key,
    replacement: "AtOnce",
    surgePods: 0,
    replicas: 0,
    plannedPods: 0,
    nextSlots: 0,
    pods: pods.map((pod) => truePod(pod, true, server)),
  };
}
