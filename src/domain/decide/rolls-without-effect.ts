// Whether the last roll of a workload has brought its pods to their size: they may have started
// without one, or somebody put another one back. Operators of custom resources write the whole
// template of what they own, so that a roll of ours is gone before it has replaced a pod. The time
// of the roll, which we write into the template, tells: it is not there any more.

import type { PodFacts, PoolFacts, WorkloadFacts } from "../facts/facts.ts";
import { livePodsOf } from "./away.ts";
import { isGranted } from "./grants.ts";
import { isFollowing } from "../demand/live-pods.ts";
import type { Position } from "../demand/position.ts";
import { hasTemplateOwner } from "../demand/template-owner.ts";

/** An API server that came up just now may be blind to the admission policy for 30 s. */
const unsizedRetryMs = 60_000;
const unsizedRetryMaxMs = 3_600_000;

/** How long it waits after that has happened so often in a row: twice as long each time. */
export function noEffectRetryMs(times: number): number {
  return Math.min(unsizedRetryMs * 2 ** times, unsizedRetryMaxMs);
}

/** The pods of the last roll are not of the size that it was for. */
export function lastRollHadNoEffect(position: Position, poolSize: number): boolean {
  const { pool, workload, published } = position;
  if (workload.rolledAtMs === undefined) return false;
  const newest = workload.pods.filter((pod) => {
    return isOfLastRoll(workload, pod) && !cameBeforePool(pool, pod);
  });
  // What a pool without a limit counts as may be less than a grant.
  const areLarger = newest.some(({ own, ...pod }) => {
    const isMore = own.unlimited === true || own.poolSize > poolSize;
    return isMore && (own.unlimited === true || !isFollowing({ ...pod, own }));
  });
  if (isGranted(position)) {
    return newest.some(({ sized }) => !sized) || (areLarger && !wasGrantedSince(pool));
  }
  return areLarger && published === poolSize;
}

/** Somebody has put the template back before all of its pods were replaced. */
export function wasRollUndone(workload: WorkloadFacts): boolean {
  const { isRollUndone, rolledAtMs = 0 } = workload;
  const isOld = ({ createdAtMs }: PodFacts): boolean => createdAtMs < rolledAtMs;
  return isRollUndone === true && livePodsOf(workload).some(isOld);
}

/**
 * And so it was with the one before, and nobody but its owner may have done it: a further one would
 * be in vain. That stays so when all of its pods have been replaced otherwise.
 */
export function keepsUndoingRolls(workload: WorkloadFacts): boolean {
  const { isRollUndone, undone } = workload;
  return isRollUndone === true && undone > 0 && hasTemplateOwner(workload);
}

/** By revision where it is known: the clocks of the API server and of ours differ. */
function isOfLastRoll({ rolledAtMs, updateRevision }: WorkloadFacts, pod: PodFacts): boolean {
  if (updateRevision !== undefined) return pod.revision === updateRevision && !pod.terminating;
  return rolledAtMs !== undefined && pod.createdAtMs >= rolledAtMs;
}

/** The last roll was for other pools: this one was added since. */
function cameBeforePool(pool: PoolFacts, { sized, sizedBeside }: PodFacts): boolean {
  if (sized || sizedBeside !== true) return false;
  return pool.grant === undefined || wasGrantedSince(pool);
}

/** A roll begins only when its grant has settled; its own time is written in whole seconds. */
function wasGrantedSince({ rolledAtMs = 0, grant }: PoolFacts): boolean {
  return grant !== undefined && grant.settledAtMs > rolledAtMs + 1_000;
}
