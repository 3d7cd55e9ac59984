// Room for pods that wait behind the gate in the middle of a rollout. Pods that are missing of what
// is asked for are shared with like those that run. The new pods of a rollout come on top of them
// for a while: running pods of live pools make room for them, down to their floors, and nobody else
// does. No other pool changes its size because somebody rolls out, and floors that have no room for
// old and new pods at once are nobody's mistake: then the rollout goes on in waves.

import type { ShareRequest } from "../demand/share-request.ts";
import type { Position } from "../demand/position.ts";
import { missingPodsOf } from "../demand/start-gate.ts";
import { allocateWithin, type LimitTerms } from "./limit-shares.ts";
import type { ShareTerms } from "./shares.ts";

/** Requests, and what each of them gets. */
export interface SharedOut {
  readonly requests: readonly ShareRequest[];
  readonly poolSizes: readonly number[];
}

export function besideRollouts(
  positions: readonly Position[],
  shared: SharedOut,
  { terms, left }: { readonly terms: ShareTerms; readonly left: readonly LimitTerms[] },
): SharedOut {
  const more = positions.map(podsOfRollout);
  if (more.every((pods) => pods === 0)) return shared;
  const sizeAt = (index: number): number => shared.poolSizes[index] ?? 0;
  const isLive = (index: number): boolean => positions[index]?.resizablePods !== undefined;
  const requests = shared.requests.map((request, index): ShareRequest => {
    if (!isLive(index)) return { ...request, floor: sizeAt(index), ceiling: sizeAt(index) };
    const floor = Math.min(request.floor, positions[index]?.sizing.floor ?? request.floor);
    return { ...request, floor, plannedPods: request.plannedPods + (more[index] ?? 0) };
  });
  const { poolSizes } = allocateWithin(requests, terms, left);
  return {
    requests,
    poolSizes: poolSizes.map((poolSize, index) => (isLive(index) ? poolSize : sizeAt(index))),
  };
}

function podsOfRollout({ isGated, resizablePods, pool }: Position): number {
  if (isGated !== true || !resizablePods) return 0;
  return (pool.waitingPods ?? []).length - missingPodsOf(pool);
}
