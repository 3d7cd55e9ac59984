// Which pods stay and which leave. A pod leaves when it terminates, or when it is of an old
// revision while its workload rolls out. Where new pods wait for old ones to be gone, a pod and its
// successor never hold slots at once: there only pods beyond the plan leave (as many of them, the
// smallest, so that the bigger ones stay until they are gone; of a StatefulSet those whose place is
// not planned for, however many planned ones are missing). Pods that a deleted workload of the
// same name left behind are waited for by nobody: they leave. A Deployment does not say which
// revision is the newest: its ReplicaSets do. Where those are not known it is told from the pods:
// the one of which there are as many live pods as status.updatedReplicas says; among several, the
// one that began last. Pods, Deployments and ReplicaSets are watches of their own, so a rollout may
// be known while no pod seems old yet. Then a pod that ends may be the first of all: it stays in
// the account until it is gone, or its slots beyond the grant would be given away just before the
// others leave as well.

import { pickedKinds } from "../../api/workload-kinds.ts";
import type { PodFacts, WorkloadFacts } from "../facts/facts.ts";
import { rolloutWaitsForOldPods } from "./room.ts";

export interface PodSplit {
  readonly staying: readonly PodFacts[];
  readonly leaving: readonly PodFacts[];
  /** A rollout is under way: by the controller's account, or because old pods are not gone yet. */
  readonly rolling: boolean;
  /** A rollout is known, and no old pod: its new revision is not known yet, or not made. */
  readonly isYetToBegin: boolean;
}

export function splitPods(workload: WorkloadFacts, plannedPods: number): PodSplit {
  if (!workload.exists) {
    return { staying: [], leaving: workload.pods, rolling: false, isYetToBegin: false };
  }
  const newest = newestRevision(workload);
  const isOld = (pod: PodFacts): boolean => newest !== undefined && pod.revision !== newest;
  // The controller's own word (rollingOut) comes a moment after its deeds: old pods tell it sooner.
  const isKnown =
    workload.updateRevision !== undefined && pickedKinds[workload.kind].hasReplicaSets;
  const leaves = (pod: PodFacts): boolean =>
    pod.terminating ||
    pod.isOfPredecessor === true ||
    ((isKnown || workload.rollingOut) && isOld(pod));
  const leavers = workload.pods.filter(leaves);
  const isYetToBegin = workload.rollingOut && !leavers.filter(isOwn).some(isOld);
  const mayStay = isYetToBegin || successorsWait(workload);
  const leaving = mayStay ? beyondPlan(workload, leavers, plannedPods) : leavers;
  const left = new Set(leaving);
  return {
    staying: left.size === 0 ? workload.pods : workload.pods.filter((pod) => !left.has(pod)),
    leaving,
    rolling: workload.rollingOut || leavers.some(isOld),
    isYetToBegin,
  };
}

function beyondPlan(
  { pods }: WorkloadFacts,
  leavers: readonly PodFacts[],
  plannedPods: number,
): readonly PodFacts[] {
  const own = pods.filter((pod) => isOwn(pod) && !hasPlace(pod));
  const ownLeavers = leavers.filter((pod) => isOwn(pod) && !hasPlace(pod)).length;
  const count = Math.min(ownLeavers, Math.max(0, own.length - plannedPods));
  const smallest = own.toSorted((a, b) => a.own.poolSize - b.own.poolSize).slice(0, count);
  const misplaced = leavers.filter((pod) => hasPlace(pod) && !isWithin(pod, plannedPods));
  return [...smallest, ...misplaced, ...pods.filter((pod) => !isOwn(pod))];
}

function hasPlace({ ordinal }: PodFacts): boolean {
  return ordinal !== undefined;
}

/** Its place is one of the first `count`; pods without places are all alike. */
function isWithin({ ordinal }: PodFacts, count: number): boolean {
  return ordinal === undefined || (ordinal >= 0 && ordinal < count);
}

export function podsWithin(pods: readonly PodFacts[], count: number): number {
  return pods.filter((pod) => isWithin(pod, count)).length;
}

/** Made by the workload as it is now, not by one that had its name before. */
export function isOwn({ isOfPredecessor }: PodFacts): boolean {
  return isOfPredecessor !== true;
}

/**
 * A pod that ends is replaced only when it is gone. Recreate waits in a rollout only: a pod that is
 * deleted otherwise is replaced at once.
 */
export function successorsWait(workload: WorkloadFacts): boolean {
  const isRecreate = workload.strategy === "Recreate";
  return rolloutWaitsForOldPods(workload) && (!isRecreate || workload.rollingOut);
}

/**
 * The same of a pod that is evicted. Its ReplicaSet replaces it at once: podReplacementPolicy is of
 * rollouts.
 */
export function evictedSuccessorWaits(workload: WorkloadFacts): boolean {
  return (
    successorsWait(workload) &&
    (pickedKinds[workload.kind].hasOrdinals || workload.strategy === "Recreate")
  );
}

/** Undefined while no pod exists; empty when no pod is of the newest. */
function newestRevision(workload: WorkloadFacts): string | undefined {
  if (workload.updateRevision !== undefined) return workload.updateRevision;
  // A new template of which there is no pod yet: whatever runs is old.
  if (workload.rollingOut && workload.updatedReplicas === 0) return "";
  const pods = workload.pods.filter(isOwn);
  const [first] = pods;
  if (pods.every(({ revision }) => revision === first?.revision)) return first?.revision;
  const ages = [...revisionAges(pods)];
  const matching = ages.filter(([, age]) => age.live === workload.updatedReplicas);
  const candidates = matching.length > 0 ? matching : ages;
  candidates.sort(([, a], [, b]) => b.oldestMs - a.oldestMs);
  return candidates[0]?.[0];
}

function revisionAges(pods: readonly PodFacts[]): Map<string, { live: number; oldestMs: number }> {
  const ages = new Map<string, { live: number; oldestMs: number }>();
  for (const pod of pods) {
    const age = ages.get(pod.revision) ?? { live: 0, oldestMs: pod.createdAtMs };
    age.live += pod.terminating ? 0 : 1;
    age.oldestMs = Math.min(age.oldestMs, pod.createdAtMs);
    ages.set(pod.revision, age);
  }
  return ages;
}
