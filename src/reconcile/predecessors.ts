// A workload that is deleted and made anew under its name (kubectl replace --force, a chart that is
// uninstalled and installed) finds the pods of its predecessor still ending. A Deployment counts
// only pods of its own ReplicaSets: no strategy waits for those others, so old and new hold their
// slots at once. Pods carry the name of the workload and not its uid; their ReplicaSet has both. A
// StatefulSet waits for the names of its pods, whoever made them.

import { workloadKinds } from "../api/workload-kinds.ts";
import { oncePer } from "../domain/once-per.ts";
import type { ObservedPod, ObservedReplicaSet, ObservedWorkload } from "../observed.ts";

/**
 * pod-template-hash of the newest ReplicaSet of this Deployment itself; undefined if none is known.
 */
export function newestRevisionOf(
  { uid }: Pick<ObservedWorkload, "uid">,
  sets: readonly ObservedReplicaSet[],
): string | undefined {
  let newest: ObservedReplicaSet | undefined;
  for (const set of sets) {
    const isOwn = (set.workloadUid ?? uid) === uid;
    if (isOwn && set.revisionNumber > (newest?.revisionNumber ?? -Infinity)) newest = set;
  }
  return newest?.revision;
}

/** A list is looked through once, however many pods ask: both may be as long as somebody likes. */
const byUid = oncePer(
  (sets: readonly ObservedReplicaSet[]) => new Map(sets.map((set) => [set.uid, set])),
);

/** `sets`: every ReplicaSet of a Deployment of this name. */
export function isOfPredecessor(
  { ownerUid, terminating }: Pick<ObservedPod, "ownerUid" | "terminating">,
  workload: Pick<ObservedWorkload, "kind" | "uid">,
  sets: readonly ObservedReplicaSet[],
): boolean {
  if (!workloadKinds[workload.kind].hasReplicaSets || ownerUid === undefined) return false;
  const owner = byUid(sets).get(ownerUid);
  // A ReplicaSet goes before its pods do. That of a new pod may just not be heard of yet.
  return owner ? (owner.workloadUid ?? workload.uid) !== workload.uid : terminating;
}
