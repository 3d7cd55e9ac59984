// Exposure: the slots that can be held in the worst case. Every pod that exists or may come stands
// in exactly one place:
//   sum of staying pods x slots of the larger of their own size and the grant
// + sum of expected pods x slots of the grant
// + max( room for rollouts, sum of leaving pods' own slots )
// A staying pod counts as the larger of the two because a deploy or a drained node may replace it
// with one of the grant's size at any moment. The last line is in room-line.ts. The promise of the
// project is: exposure <= budget. The account is kept as running sums, so that "what if" costs O(1)
// and not another walk over the fleet.

import { expectedPodsOf, heldSlots, type Position, sumOver } from "./position.ts";
import { rolloutWaitsForOldPods, Room } from "./room.ts";
import { RoomLine } from "./room-line.ts";
import { slotsPerPod } from "./slots.ts";

/**
 * Slots of a workload at rest if its next pods got `poolSize`: staying and expected pods, without
 * leaving ones.
 */
export function restSlots(position: Position, poolSize: number): number {
  const { sizing, staying } = position;
  const granted = slotsPerPod(sizing, poolSize);
  const stayingSlots = sumOver(staying, (group) =>
    Math.max(slotsPerPod(sizing, group.poolSize), granted),
  );
  return stayingSlots + expectedPodsOf(position) * granted;
}

/**
 * The same in the middle of a rollout: where new pods do not wait, every planned one may be there.
 */
function rollingRestSlots(position: Position, poolSize: number): number {
  const { sizing, workload, plannedPods, stayingPods } = position;
  if (rolloutWaitsForOldPods(workload)) return restSlots(position, poolSize);
  return Math.max(plannedPods, stayingPods) * slotsPerPod(sizing, poolSize);
}

function roomSlots({ sizing, roomPods }: Position, poolSize: number): number {
  return roomPods * slotsPerPod(sizing, poolSize);
}

/** Exposure once every next pod gets its one of `poolSizes` and all leaving pods are gone. */
export function slotsAtRest(
  positions: readonly Position[],
  poolSizes: readonly number[],
  rolloutsMax: number,
): number {
  const sizeAt = (index: number): number => poolSizes[index] ?? 0;
  const additions = positions.map((position, index) => roomSlots(position, sizeAt(index)));
  return positions.reduce(
    (sum, position, index) => sum + restSlots(position, sizeAt(index)),
    new Room(additions, rolloutsMax).slots,
  );
}

/**
 * The account of one server while a decision is being made. Grants change through `raiseGrant`
 * only.
 */
export class Exposure {
  readonly #positions: readonly Position[];
  readonly #grants: number[];
  readonly #line: RoomLine;
  #restSlots: number;

  /** Starts from what is in force. `ghostSlots`: sessions of pods that are gone. */
  constructor(positions: readonly Position[], rolloutsMax: number, ghostSlots: number) {
    this.#positions = positions;
    this.#grants = positions.map(({ inForce }) => inForce);
    const additions = positions.map((position) => roomSlots(position, position.inForce));
    const leaving = positions.map(({ leavingSlots, pendingSlots }) => leavingSlots + pendingSlots);
    this.#line = new RoomLine({ additions, leaving, ghostSlots }, rolloutsMax);
    this.#restSlots = positions.reduce((sum, p) => sum + restSlots(p, p.inForce), 0);
  }

  get slots(): number {
    return this.#restSlots + this.#line.slots;
  }

  /** The last line of the sum: room for rollouts, or what leaving pods hold if that is more. */
  get roomLineSlots(): number {
    return this.#line.slots;
  }

  /** The workloads that the room is for, the largest first. */
  get roomIndexes(): readonly number[] {
    return this.#line.indexes;
  }

  get roomSlots(): number {
    return this.#line.roomSlots;
  }

  get leavingSlots(): number {
    return this.#line.leavingSlots;
  }

  grantOf(index: number): number {
    return this.#grants[index] ?? 0;
  }

  /** Exposure if workload `index` were granted `poolSize`, not less than it is now. */
  slotsWithGrant(index: number, poolSize: number): number {
    const position = this.#positionAt(index);
    const rest = this.#restOfOthers(index) + restSlots(position, poolSize);
    return rest + this.#line.slotsWith(index, roomSlots(position, poolSize));
  }

  /** Raises a grant. */
  raiseGrant(index: number, poolSize: number): void {
    const position = this.#positionAt(index);
    this.#restSlots = this.#restOfOthers(index) + restSlots(position, poolSize);
    this.#line.raise(index, roomSlots(position, poolSize));
    this.#grants[index] = poolSize;
  }

  /**
   * Exposure while workload `index` rolls to `poolSize`: all its staying pods leave, all planned
   * ones may start.
   */
  slotsWhileRolling(index: number, poolSize: number): number {
    const position = this.#positionAt(index);
    const rest = this.#restOfOthers(index) + rollingRestSlots(position, poolSize);
    const held = rolloutWaitsForOldPods(position.workload) ? 0 : heldSlots(position);
    return rest + this.#line.slotsWhileLeaving(index, roomSlots(position, poolSize), held);
  }

  #restOfOthers(index: number): number {
    return this.#restSlots - restSlots(this.#positionAt(index), this.grantOf(index));
  }

  #positionAt(index: number): Position {
    const position = this.#positions[index];
    if (!position) throw new RangeError(`no workload at ${index}`);
    return position;
  }
}
