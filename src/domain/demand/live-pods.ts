// Live pods: pods whose application follows its size while it runs. Their pool is resized without a
// restart, so shares are worked out over the pods that are there; what may come starts small. A pod
// that does not follow is one that needs a restart, like the pods of any other pool.

import type { PodFacts, PoolFacts } from "../facts/facts.ts";

/** After a change of size nothing is believed of it for so long: kubelet, file, follower. */
export const followTimeMs = 15_000;

/**
 * How often a pod that has not followed is touched again, so that its kubelet writes the file. Once
 * more, and its annotation says that it is given up.
 */
export const touchesMax = 3;

/** Once may be an ordinary conflict. So often in a row it does not go through. */
const refusedFrom = 3;

/** The API server does not let its size be changed: nobody counts on that. */
export function isRefused({ live }: PodFacts): boolean {
  return (live?.refused?.times ?? 0) >= refusedFrom;
}

/** Its size cannot be changed now: nobody counts on that either. */
export function isAway({ live }: PodFacts): boolean {
  return live?.away !== undefined;
}

/** What it was told to give back will come in a moment: others may wait for it. */
export function givesBackSoon(pod: PodFacts): boolean {
  return !isAway(pod) && pod.live?.isOverdue !== true;
}

/** It is resized while it runs, and brought to its size by no restart. */
export function isFollowing({ live, terminating }: PodFacts): boolean {
  return live !== undefined && live.isResized === true && !terminating;
}

/** Of the staying pods of a pool; undefined where it needs restarts. */
export function resizablePodsAmong(
  { live }: PoolFacts,
  staying: readonly PodFacts[],
): readonly PodFacts[] | undefined {
  return live === true ? staying.filter(isFollowing) : undefined;
}

/**
 * What a pod may hold that starts with this size: more, where something else than its size counts
 * for its process.
 */
export function heldOnceTold(pod: PodFacts, poolSize: number): number {
  return goesByItsSize(pod) ? poolSize : Math.max(poolSize, pod.own.poolSize);
}

/** Nothing else than the size that it is told counts for its process. */
export function goesByItsSize({ own, sizedByOthers }: PodFacts): boolean {
  return sizedByOthers !== true && own.setElsewhere === undefined && own.unlimited !== true;
}
