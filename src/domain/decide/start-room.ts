// Slots that running pods leave free where new pods wait behind the gate. On a full server a new
// pod would wait until others have shrunk and the server has shown it, which takes a quarter of a
// minute. With these it starts at once, and running pods of live pools give back what it took. Only
// releases use them, nothing grows into them, and they give way to floors.

import { type LimitOfRequests, type ShareRequest, slotsWithin } from "../demand/share-request.ts";
import { percentCeil, slotsPerPod } from "../demand/slots.ts";
import type { Position } from "../demand/position.ts";
import { startSizeOf } from "./live-shares.ts";

const startRoomPercent = 5;

/** Its new pods wait behind the gate, and its running ones can make room for them. */
export function isLiveBehindGate({ isGated, resizablePods }: Position): boolean {
  return isGated === true && resizablePods !== undefined;
}

/** Of a limit with these slots; no more than all that its gated pools plan could start with. */
export function startRoomOf(slots: number, members: readonly Position[]): number {
  const gated = members.filter(isLiveBehindGate);
  const wanted = gated.reduce((sum, position) => {
    return sum + position.plannedPods * slotsPerPod(position.sizing, startSizeOf(position));
  }, 0);
  return Math.min(percentCeil(Math.max(0, slots), startRoomPercent), wanted);
}

/** The same, where running pods have their floors beside it. */
export function keptStartRoom(slots: number, members: readonly Position[]): number {
  const room = startRoomOf(slots, members);
  return room === 0 ? 0 : Math.min(room, Math.max(0, slots - floorSlotsOf(members)));
}

function floorSlotsOf(members: readonly Position[]): number {
  return members.reduce((sum, { sizing, plannedPods, resizablePods, stayingPods }) => {
    const pods = resizablePods ? stayingPods : plannedPods;
    return sum + pods * slotsPerPod(sizing, sizing.floor);
  }, 0);
}

/** What is left of a limit beside them, where the floors of its requests fit that. */
export function besideStartRoom(
  requests: readonly ShareRequest[],
  limit: LimitOfRequests,
  roomSlots: number,
): number {
  if (roomSlots === 0) return limit.slots;
  const floorSlots = slotsWithin(requests, limit, (index) => requests[index]?.floor ?? 0);
  return Math.max(limit.slots - roomSlots, Math.min(limit.slots, floorSlots));
}
