// What the next pods of live pools start with where a namespace has a quota. They start with their
// floor, which is counted for all that may come, so floors that do not fit the quota would be paid
// by others. They are lowered together, as floors of other pools are: nobody starts with more than
// what fits, beside pools of 1 and what may not be sized. Of pods behind the gate only those that
// run are counted: new ones are released within each limit.

import { isHeldAlone, type Position } from "../demand/position.ts";
import { leadersOf, Room, roomPodsOf } from "../demand/room.ts";
import { divideFloor, slotsPerPod } from "../demand/slots.ts";
import type { NamespaceQuota } from "./limit.ts";

/** The largest start size that fits; Infinity where all floors do. `own`: with plans that fit. */
export function startSizeWithin(
  own: readonly Position[],
  quota: Pick<NamespaceQuota, "slots" | "rolloutsMax">,
): number {
  const floors = own.filter(startsWithFloor).map(({ sizing }) => sizing.floor);
  const fits = (most: number): boolean => slotsAt(own, most, quota.rolloutsMax) <= quota.slots;
  if (floors.length === 0 || fits(Infinity)) return Infinity;
  let [least, tooMuch] = [1, Math.max(...floors)];
  while (tooMuch - least > 1) {
    const middle = divideFloor(least + tooMuch, 2);
    if (fits(middle)) least = middle;
    else tooMuch = middle;
  }
  return least;
}

/** Its next pods start with its floor, and not with its share. */
export function startsWithFloor(position: Position): boolean {
  return position.resizablePods !== undefined && !isHeldAlone(position);
}

function slotsAt(own: readonly Position[], most: number, rolloutsMax: number): number {
  const demands = own.map((position) => {
    const perPod = slotsPerPod(position.sizing, leastOf(position, most));
    const pods = position.isGated === true ? position.stayingPods : position.plannedPods;
    const roomPods = position.isGated === true ? 0 : roomPodsOf(position.workload, pods);
    return { slots: pods * perPod, room: roomPods * perPod };
  });
  const leaders = leadersOf(own.map(({ workload }) => workload.key));
  const additions = demands.map((one) => one.room);
  const room = new Room(additions, rolloutsMax, leaders);
  return demands.reduce((sum, { slots }) => sum + slots, room.slots);
}

function leastOf(position: Position, most: number): number {
  if (!position.managed) return position.inForce;
  return startsWithFloor(position) ? Math.min(position.sizing.floor, most) : 1;
}
