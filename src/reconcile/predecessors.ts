// A workload that is deleted and made anew under its name (kubectl replace --force, a chart that is
// uninstalled and installed) finds the pods of its predecessor still ending. A Deployment counts
// only pods of its own ReplicaSets: no strategy waits for those others, so old and new hold their
// slots at once. Pods carry the name of the workload and not its uid; their ReplicaSet has both. A
// StatefulSet waits for the names of its pods, whoever made them.

import { workloadKinds } from "../api/workload-kinds.ts";
import type { ObservedPod, ObservedReplicaSet, ObservedWorkload } from "../observed.ts";

/**
 * pod-template-hash of the newest ReplicaSet of this Deployment itself; undefined if none is known.
 */
export function newestRevisionOf(
  { uid }: Pick<ObservedWorkload, "uid">,
  sets: readonly ObservedReplicaSet[],
): string | undefined {
  const own = sets.filter(({ workloadUid = uid }) => workloadUid === uid);
  return own.toSorted((a, b) => b.revisionNumber - a.revisionNumber)[0]?.revision;
}

/** `sets`: every ReplicaSet of a Deployment of this name. */
export function isOfPredecessor(
  { ownerUid, terminating }: Pick<ObservedPod, "ownerUid" | "terminating">,
  workload: Pick<ObservedWorkload, "kind" | "uid">,
  sets: readonly ObservedReplicaSet[],
): boolean {
  if (!workloadKinds[workload.kind].hasReplicaSets || ownerUid === undefined) return false;
  const owner = sets.find(({ uid }) => uid === ownerUid);
  // A ReplicaSet goes before its pods do. That of a new pod may just not be heard of yet.
  return owner ? (owner.workloadUid ?? workload.uid) !== workload.uid : terminating;
}
