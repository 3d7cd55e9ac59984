// The last line of exposure: what rollouts hold beside the pods that stay.
//   max( room for rollouts, what leaving pods hold )
// is all of it where one workload rolls at a time. Where reserve.rollouts allows more, one rollout
// may be under way with pods that are bigger than their grant, and another one may begin beside it:
//   what leaving pods hold + room for as many rollouts as may still begin
// counts as well. Each workload with leaving pods takes one of the rollouts.

import { Room } from "./room.ts";

export interface RoomLineInput {
  /** Slots that a rollout of each workload adds. */
  readonly additions: readonly number[];
  /** Slots that the leaving pods of each workload hold by their own sizes. */
  readonly leaving: readonly number[];
  /** Sessions of pods that are gone. */
  readonly ghostSlots: number;
}

export class RoomLine {
  readonly #room: Room;
  /** Room for the rollouts that may still begin, of the workloads of which no pod leaves. */
  readonly #beside: Room;
  readonly #leaving: readonly number[];
  readonly #leavingSlots: number;
  readonly #ghostSlots: number;

  constructor({ additions, leaving, ghostSlots }: RoomLineInput, rolloutsMax: number) {
    const begun = leaving.filter((slots) => slots > 0).length;
    this.#room = new Room(additions, rolloutsMax);
    this.#beside = new Room(
      additions.map((slots, index) => ((leaving[index] ?? 0) > 0 ? 0 : slots)),
      Math.max(0, rolloutsMax - begun),
    );
    this.#leaving = leaving;
    this.#leavingSlots = leaving.reduce((sum, slots) => sum + slots, 0);
    this.#ghostSlots = ghostSlots;
  }

  get slots(): number {
    return this.#line(this.#room.slots, this.#leavingSlots, this.#beside.slots);
  }

  get roomSlots(): number {
    return this.#room.slots;
  }

  /** The workloads that the room is for, the largest first. */
  get indexes(): readonly number[] {
    return this.#room.indexes;
  }

  /** What leaving pods and pods that are gone hold. */
  get leavingSlots(): number {
    return this.#leavingSlots + this.#ghostSlots;
  }

  /** The line if a rollout of workload `index` added `addition` (not less than now) instead. */
  slotsWith(index: number, addition: number): number {
    const beside = this.#hasBegun(index)
      ? this.#beside.slots
      : this.#beside.slotsWith(index, addition);
    return this.#line(this.#room.slotsWith(index, addition), this.#leavingSlots, beside);
  }

  /** The same while `heldSlots` more of workload `index` are leaving. */
  slotsWhileLeaving(index: number, addition: number, heldSlots: number): number {
    const beside =
      this.#hasBegun(index) || heldSlots === 0
        ? this.#beside.slots
        : this.#beside.slotsWithout(index);
    const room = this.#room.slotsWith(index, addition);
    return this.#line(room, this.#leavingSlots + heldSlots, beside);
  }

  raise(index: number, addition: number): void {
    this.#room.raise(index, addition);
    if (!this.#hasBegun(index)) this.#beside.raise(index, addition);
  }

  #hasBegun(index: number): boolean {
    return (this.#leaving[index] ?? 0) > 0;
  }

  #line(roomSlots: number, leavingSlots: number, besideSlots: number): number {
    return Math.max(roomSlots, leavingSlots + this.#ghostSlots, leavingSlots + besideSlots);
  }
}
