// What is free in each limit while requests take single steps. A step is taken only where every
// limit of the request has the slots for it; the room for rollouts is a part of what it costs.

import {
  additionOf,
  type ShareRequest,
  requestAt,
  type LimitOfRequests,
  heldWithin,
} from "../demand/share-request.ts";
import { type Place, placesOf } from "./places.ts";
import type { Room } from "../demand/room.ts";

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
    if (!this.hasRoomFor(index, poolSize)) return false;
    for (const one of this.#places.get(index) ?? []) {
      one.list.freeSlots -= this.#costIn(one, index, poolSize);
      one.list.room.raise(one.place, this.#additionOf(index, poolSize));
    }
    return true;
  }

  /** The same without taking it. */
  hasRoomFor(index: number, poolSize: number): boolean {
    const places = this.#places.get(index) ?? [];
    return places.every((one) => this.#costIn(one, index, poolSize) <= one.list.freeSlots);
  }

  #costIn({ list: { room }, place }: Place<Account>, index: number, poolSize: number): number {
    const { sizing, plannedPods } = requestAt(this.#requests, index);
    const more = room.slotsWith(place, this.#additionOf(index, poolSize)) - room.slots;
    return plannedPods * sizing.processesPerPod + more;
  }

  #additionOf(index: number, poolSize: number): number {
    return additionOf(requestAt(this.#requests, index), poolSize);
  }
}
