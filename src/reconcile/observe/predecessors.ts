// A workload that is deleted and made anew under its name (kubectl replace --force, a chart that is
// uninstalled and installed) finds the pods of its predecessor still ending. A Deployment counts
// only pods of its own ReplicaSets: no strategy waits for those others, so old and new hold their
// slots at once. Pods carry the name of the workload and not its uid; their ReplicaSet has both. A
// StatefulSet waits for the names of its pods, whoever made them.
// Deployments, ReplicaSets and pods are watches of their own: a Deployment may say that a rollout
// is complete while nothing else of it was heard, and its pods of before seem to be the newest. But
// it also says the number of its newest ReplicaSet.

import { pickedKinds } from "../../api/workload-kinds.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { ObservedPod, ObservedReplicaSet, PickedWorkload } from "../../observed.ts";

/**
 * pod-template-hash of the newest ReplicaSet of this Deployment itself; undefined if none is known,
 * empty if the Deployment says that there is a newer one, of which no pod is known either.
 */
export function newestRevisionOf(
  { uid, revisionNumber = 0 }: Pick<PickedWorkload, "uid" | "revisionNumber">,
  sets: readonly ObservedReplicaSet[],
  pods: readonly Pick<ObservedPod, "revision" | "terminating">[],
): string | undefined {
  const newest = newestOf(uid, sets);
  if (!newest || newest.revisionNumber >= revisionNumber) return newest?.revision;
  const known = new Set(sets.map(({ revision }) => revision));
  const isUnknown = ({ revision, terminating }: (typeof pods)[number]): boolean =>
    !terminating && !known.has(revision);
  const isNext = revisionNumber === newest.revisionNumber + 1;
  return (isNext ? pods.find(isUnknown)?.revision : undefined) ?? "";
}

function newestOf(
  uid: string,
  sets: readonly ObservedReplicaSet[],
): ObservedReplicaSet | undefined {
  let newest: ObservedReplicaSet | undefined;
  for (const set of sets) {
    const isOwn = (set.workloadUid ?? uid) === uid;
    if (isOwn && set.revisionNumber > (newest?.revisionNumber ?? -Infinity)) newest = set;
  }
  return newest;
}

/** A list is looked through once, however many pods ask: both may be as long as somebody likes. */
const byUid = oncePer(
  (sets: readonly ObservedReplicaSet[]) => new Map(sets.map((set) => [set.uid, set])),
);

/** `sets`: every ReplicaSet of a Deployment of this name. */
export function isOfPredecessor(
  { ownerUid, terminating }: Pick<ObservedPod, "ownerUid" | "terminating">,
  workload: Pick<PickedWorkload, "kind" | "uid">,
  sets: readonly ObservedReplicaSet[],
): boolean {
  if (!pickedKinds[workload.kind].hasReplicaSets || ownerUid === undefined) return false;
  const owner = byUid(sets).get(ownerUid);
  // A ReplicaSet goes before its pods do. That of a new pod may just not be heard of yet.
  return owner ? (owner.workloadUid ?? workload.uid) !== workload.uid : terminating;
}
