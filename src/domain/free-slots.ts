// What is free in each limit while claims take single steps. A step is taken only where every limit
// of the claim has the slots for it; the room for rollouts is a part of what it costs.

import { type Claim, type ClaimLimit, slotsWithin } from "./claim.ts";
import { Room } from "./room.ts";
import { slotsPerPod } from "./slots.ts";

interface Account {
  freeSlots: number;
  readonly room: Room;
}

interface Place {
  readonly account: Account;
  /** Of the claim among those of the limit. */
  readonly place: number;
}

export class FreeSlots {
  readonly #claims: readonly Claim[];
  readonly #places = new Map<number, Place[]>();

  /** Starts from what the claims hold with these pool sizes. */
  constructor(
    claims: readonly Claim[],
    limits: readonly ClaimLimit[],
    poolSizes: readonly number[],
  ) {
    this.#claims = claims;
    for (const limit of limits) this.#open(limit, poolSizes);
  }

  /** Whether the claim's step to `poolSize`, one more than it has, fits; if so, it is taken. */
  take(index: number, poolSize: number): boolean {
    const { sizing, plannedPods, roomPods } = this.#claimAt(index);
    const addition = roomPods * slotsPerPod(sizing, poolSize);
    const costIn = ({ account: { room }, place }: Place): number =>
      plannedPods * sizing.processesPerPod + room.slotsWith(place, addition) - room.slots;
    const places = this.#places.get(index) ?? [];
    if (places.some((one) => costIn(one) > one.account.freeSlots)) return false;
    for (const one of places) {
      one.account.freeSlots -= costIn(one);
      one.account.room.raise(one.place, addition);
    }
    return true;
  }

  #open(limit: ClaimLimit, poolSizes: readonly number[]): void {
    const { slots, rolloutsMax, indexes } = limit;
    const additions = indexes.map((index) => {
      const { sizing, roomPods } = this.#claimAt(index);
      return roomPods * slotsPerPod(sizing, poolSizes[index] ?? 0);
    });
    const sizeOf = (index: number): number => poolSizes[index] ?? 0;
    const freeSlots = slots - slotsWithin(this.#claims, limit, sizeOf);
    const account = { freeSlots, room: new Room(additions, rolloutsMax) };
    indexes.forEach((index, place) => {
      const places = this.#places.get(index) ?? [];
      places.push({ account, place });
      this.#places.set(index, places);
    });
  }

  #claimAt(index: number): Claim {
    const claim = this.#claims[index];
    if (!claim) throw new RangeError(`no claim at ${index}`);
    return claim;
  }
}
