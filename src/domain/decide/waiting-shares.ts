// Room for pods that wait behind the gate, and for those that will. Pods that are missing of what
// is asked for are shared with like those that run. The new pods of a rollout come on top of them
// for a while, and a part of each limit stays free for the next ones (start-room.ts): running pods
// of live pools make room for both, down to their floors, and nobody else does. No other pool
// changes its size because somebody rolls out, and floors that have no room for old and new pods at
// once are nobody's mistake: then the rollout goes on in waves.

import { membersAmong } from "../supply/limit.ts";
import type { ShareRequest } from "../demand/share-request.ts";
import type { Position } from "../demand/position.ts";
import { missingPodsOf } from "../demand/start-gate.ts";
import { allocateWithin, type LimitTerms } from "./limit-shares.ts";
import type { ShareTerms } from "./shares.ts";
import { besideStartRoom, isLiveBehindGate, startRoomOf } from "./start-room.ts";

/** Requests, and what each of them gets. */
export interface SharedOut {
  readonly requests: readonly ShareRequest[];
  readonly poolSizes: readonly number[];
}

/** The server's terms, and what is left of each narrow limit. */
export interface SharedWithin {
  readonly terms: ShareTerms;
  readonly left: readonly LimitTerms[];
}

/** Shares that make room, and what they have to keep within for it. */
export function besideWaiting(
  positions: readonly Position[],
  shared: SharedOut,
  { terms, left }: SharedWithin,
): SharedOut & SharedWithin {
  const more = positions.map(podsOfRollout);
  if (!positions.some(isLiveBehindGate)) return { ...shared, terms, left };
  const sizeAt = (index: number): number => shared.poolSizes[index] ?? 0;
  const isLive = (index: number): boolean => positions[index]?.resizablePods !== undefined;
  const requests = shared.requests.map((request, index): ShareRequest => {
    if (!isLive(index)) return asItIs(request, sizeAt(index));
    const floor = Math.min(request.floor, positions[index]?.sizing.floor ?? request.floor);
    return { ...request, floor, plannedPods: request.plannedPods + (more[index] ?? 0) };
  });
  const within = withoutStartRoom(positions, requests, { terms, left });
  const { poolSizes } = allocateWithin(requests, within.terms, within.left);
  return {
    ...within,
    requests,
    poolSizes: poolSizes.map((poolSize, index) => (isLive(index) ? poolSize : sizeAt(index))),
  };
}

/** Fixed, so that where floors do not fit a limit only live pools are lowered. */
function asItIs(request: ShareRequest, poolSize: number): ShareRequest {
  return { ...request, floor: poolSize, ceiling: poolSize, fixed: true };
}

function withoutStartRoom(
  positions: readonly Position[],
  requests: readonly ShareRequest[],
  { terms, left }: SharedWithin,
): SharedWithin {
  const membersOf = membersAmong(positions.map(({ pool }) => pool.poolKey));
  const { budgetSlots, rolloutsMax } = terms;
  const server = { slots: budgetSlots, rolloutsMax, indexes: [...positions.keys()] };
  const slotsOf = (limit: typeof server): number => {
    const members = limit.indexes.flatMap((index) => positions[index] ?? []);
    return besideStartRoom(requests, limit, startRoomOf(limit.slots, members));
  };
  return {
    terms: { ...terms, budgetSlots: slotsOf(server) },
    left: left.map((limit) => ({
      ...limit,
      slots: slotsOf({ ...limit, indexes: [...membersOf(limit)] }),
    })),
  };
}

function podsOfRollout(position: Position): number {
  if (!isLiveBehindGate(position)) return 0;
  const { pool } = position;
  return (pool.waitingPods ?? []).length - missingPodsOf(pool);
}
