// The ReplicaSet controller: as many pods as its ReplicaSet should have. It is a controller of its
// own, with a delay of its own: the pods of a new revision may be there before those of an old one
// are told to end, and the Deployment's controller decides by what was last said here.

import type { Pod } from "./pod.ts";
import type { ReplicaSet, Workload } from "./workload.ts";

export interface ReplicaSetActions {
  /** False: the quota forbids it. */
  createPod(workload: Workload, set: ReplicaSet): boolean;
  terminate(pod: Pod): void;
}

/** One reconciliation. True if what it says of its pods is something else than before. */
export function syncReplicaSet(
  actions: ReplicaSetActions,
  workload: Workload,
  { set, nowMs }: { readonly set: ReplicaSet; readonly nowMs: number },
): boolean {
  const { active, said } = set;
  const available = active.filter(({ ready }) => ready).length;
  const failure = makeMissing(actions, workload, set);
  const surplus = active.length - set.replicas;
  if (surplus > 0) {
    for (const pod of victims(active, nowMs).slice(0, surplus)) actions.terminate(pod);
  }
  set.said = { replicas: active.length, available, failure };
  return (
    said.replicas !== active.length || said.available !== available || said.failure !== failure
  );
}

/** Why not all of them could be made; undefined if they could. */
function makeMissing(
  actions: ReplicaSetActions,
  workload: Workload,
  set: ReplicaSet,
): string | undefined {
  // With TerminationComplete a pod is replaced only once it is gone.
  const present = workload.isTerminationAwaited ? set.pods.size : set.active.length;
  for (let missing = set.replicas - present; missing > 0; missing--) {
    if (!actions.createPod(workload, set)) {
      return `pods "${set.name}-" is forbidden: exceeded quota: pods`;
    }
  }
  return undefined;
}

/** First those that are not ready, then the youngest, by orders of magnitude, then by chance. */
function victims(active: readonly Pod[], nowMs: number): Pod[] {
  const ageOf = (pod: Pod): number => (pod.ready ? magnitude(nowMs - pod.readySinceMs) : -1);
  const ages = new Map(active.map((pod) => [pod, ageOf(pod)]));
  return active.toSorted(
    (a, b) => (ages.get(a) ?? 0) - (ages.get(b) ?? 0) || a.parts.lot - b.parts.lot,
  );
}

/** Ages within a power of two of nanoseconds count as equal. */
function magnitude(ageMs: number): number {
  return ageMs <= 0 ? 0 : Math.floor(Math.log2(ageMs * 1e6));
}
