// What is free in each limit while requests take single steps. A step is taken only where every
// limit of the request has the slots for it; the room for rollouts is a part of what it costs.

import {
  type ShareRequest,
  requestAt,
  type LimitOfRequests,
  heldWithin,
} from "../demand/share-request.ts";
import { type Place, placesOf } from "./places.ts";
import type { Room } from "../demand/room.ts";
import { slotsPerPod } from "../demand/slots.ts";

interface Account {
  readonly indexes: readonly number[];
  freeSlots: number;
  readonly room: Room;
}

export class FreeSlots {
  readonly #requests: readonly ShareRequest[];
  readonly #places: ReadonlyMap<number, readonly Place<Account>[]>;

  /** Starts from what the requests hold with these pool sizes. */
  constructor(
    requests: readonly ShareRequest[],
    limits: readonly LimitOfRequests[],
    poolSizes: readonly number[],
  ) {
    this.#requests = requests;
    const accounts = limits.map((limit): Account => {
      const { plannedSlots, room } = heldWithin(requests, limit, (index) => poolSizes[index] ?? 0);
      const { slots, indexes } = limit;
      return { indexes, freeSlots: slots - plannedSlots - room.slots, room };
    });
    this.#places = placesOf(accounts);
  }

  /** Whether the request's step to `poolSize`, one more than it has, fits; if so, it is taken. */
  take(index: number, poolSize: number): boolean {
    const { sizing, plannedPods, roomPods } = requestAt(this.#requests, index);
    const addition = roomPods * slotsPerPod(sizing, poolSize);
    const costIn = ({ list: { room }, place }: Place<Account>): number =>
      plannedPods * sizing.processesPerPod + room.slotsWith(place, addition) - room.slots;
    const places = this.#places.get(index) ?? [];
    if (places.some((one) => costIn(one) > one.list.freeSlots)) return false;
    for (const one of places) {
      one.list.freeSlots -= costIn(one);
      one.list.room.raise(one.place, addition);
    }
    return true;
  }
}
