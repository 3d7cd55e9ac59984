// Exposure: the slots that can be held in the worst case. Every pod that exists or may come stands
// in exactly one place:
//   sum of staying pods x slots of the larger of their own size and the grant
// + sum of expected pods x slots of the grant
// + max( room for rollouts, sum of leaving pods' own slots )
// A staying pod counts as the larger of the two because a deploy or a drained node may replace it
// with one of the grant's size at any moment. In the room a workload counts with what its leaving
// pods hold, where that is more than a new rollout of it would add: with reserve.rollouts above 1
// another rollout may begin beside it. Pods of a policy that has no place (standing.ts) count with
// what they hold, and nothing beside. The promise of the project is: exposure <= budget. The
// account is kept as running sums, so that "what if" costs O(1), not another walk over the fleet.

import { haveOnePoolEach } from "./own-positions.ts";
import {
  expectedPodsOf,
  heldSlots,
  isHeldAlone,
  type Position,
  sumOver,
  unstartedSlotsOf,
} from "./position.ts";
import { evictedSuccessorWaits } from "./revisions.ts";
import { oncePer } from "../once-per.ts";
import { leadersOf, rolloutWaitsForOldPods, Room } from "./room.ts";
import { slotsPerPod } from "./slots.ts";
import type { WorkloadKey } from "../facts/facts.ts";

/**
 * Slots of a workload at rest if its next pods got `poolSize`: staying and expected pods, without
 * leaving ones.
 */
export function restSlots(position: Position, poolSize: number): number {
  const { sizing, staying } = position;
  if (isHeldAlone(position)) return heldSlots(position);
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
  const { sizing, workload, plannedPods, isGated } = position;
  if (isGated === true || rolloutWaitsForOldPods(workload)) return restSlots(position, poolSize);
  return plannedPods * slotsPerPod(sizing, poolSize);
}

function roomSlots(position: Position, poolSize: number): number {
  return isHeldAlone(position) ? 0 : position.roomPods * slotsPerPod(position.sizing, poolSize);
}

/** What a rollout to `poolSize` holds beside the planned pods: the old ones, or just its surge. */
function rolloutSlotsOf(position: Position, poolSize: number): number {
  if (position.isGated === true) return 0;
  if (!rolloutWaitsForOldPods(position.workload)) return heldSlots(position);
  // Recreate has room for a pod that is deleted; its rollout ends all old pods first.
  return position.workload.waitsForTermination ? roomSlots(position, poolSize) : 0;
}

function leavingSlotsOf({ leavingSlots, pendingSlots }: Position): number {
  return leavingSlots + pendingSlots;
}

/** What the workload adds to the room: a rollout that may begin, or the one under way. */
function additionOf(position: Position, poolSize: number): number {
  const { predecessorSlots } = position;
  return Math.max(roomSlots(position, poolSize), leavingSlotsOf(position) - predecessorSlots);
}

/** Beside pods that a deleted workload left a rollout may begin: they are one of their own. */
function additionsOf(positions: readonly Position[]): number[] {
  const own = positions.map((position) => additionOf(position, position.inForce));
  return [...own, ...predecessorsOf(positions)];
}

/** Of each workload: the pools of its pods end together. */
function predecessorsOf(positions: readonly Position[]): number[] {
  const slots = new Map<WorkloadKey, number>();
  for (const { workload, predecessorSlots } of positions) {
    if (predecessorSlots === 0) continue;
    slots.set(workload.key, (slots.get(workload.key) ?? 0) + predecessorSlots);
  }
  return [...slots.values()];
}

/** Of each pool the first one whose pods are the same; undefined where each workload has one. */
const rolledTogether = oncePer((positions: readonly Position[]) => {
  if (haveOnePoolEach(positions)) return undefined;
  return leadersOf(positions.map(({ workload }) => workload.key));
});

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
    new Room(additions, rolloutsMax, rolledTogether(positions)).slots,
  );
}

/** No size is given: that of the grant counts. */
const noSizes: ReadonlyMap<number, number> = new Map();

/**
 * The account of one server while a decision is being made. Grants change through `raiseGrant`
 * only.
 */
export class Exposure {
  readonly #positions: readonly Position[];
  readonly #grants: number[];
  readonly #room: Room;
  readonly #leavingSlots: number;
  #restSlots: number;

  /** Starts from what is in force. `ghostSlots`: sessions of pods that are gone. */
  constructor(positions: readonly Position[], rolloutsMax: number, ghostSlots: number) {
    this.#positions = positions;
    this.#grants = positions.map(({ inForce }) => inForce);
    this.#room = new Room(additionsOf(positions), rolloutsMax, rolledTogether(positions));
    this.#restSlots = positions.reduce((sum, p) => sum + restSlots(p, p.inForce), 0);
    this.#leavingSlots = positions.reduce((sum, p) => sum + leavingSlotsOf(p), ghostSlots);
  }

  get slots(): number {
    return this.#restSlots + this.roomLineSlots;
  }

  /** max(room for rollouts, what leaving pods hold): the last line of the sum. */
  get roomLineSlots(): number {
    return Math.max(this.#room.slots, this.#leavingSlots);
  }

  /** The workloads that the room is for, the largest first. */
  get roomIndexes(): readonly number[] {
    return this.#room.indexes;
  }

  get leavingSlots(): number {
    return this.#leavingSlots;
  }

  grantOf(index: number): number {
    return this.#grants[index] ?? 0;
  }

  /** Exposure if workload `index` were granted `poolSize`, not less than it is now. */
  slotsWithGrant(index: number, poolSize: number): number {
    const position = this.#positionAt(index);
    const rest = this.#restOfOthers(index) + restSlots(position, poolSize);
    const room = this.#room.slotsWith(index, additionOf(position, poolSize));
    return rest + Math.max(room, this.#leavingSlots);
  }

  /** Raises a grant. */
  raiseGrant(index: number, poolSize: number): void {
    const position = this.#positionAt(index);
    this.#restSlots = this.#restOfOthers(index) + restSlots(position, poolSize);
    this.#room.raise(index, additionOf(position, poolSize));
    this.#grants[index] = poolSize;
  }

  /** Takes note of what pods are given while they run, beyond what they count as. */
  raiseLive(slots: number): void {
    this.#restSlots += slots;
  }

  /**
   * Exposure while the workload of pool `index` rolls, that pool to `poolSize`, others `beside` it
   * to the size given there or to what they are granted: all its staying pods leave, all planned
   * ones may start.
   */
  slotsWhileRolling(index: number, poolSize: number, beside = noSizes): number {
    let [rest, rolloutSlots, begunSlots, ownSlots] = [this.#restSlots, 0, 0, 0];
    for (const each of this.#poolsWith(index)) {
      const position = this.#positionAt(each);
      const size = each === index ? poolSize : (beside.get(each) ?? this.grantOf(each));
      const added = rolloutSlotsOf(position, size) + unstartedSlotsOf(position);
      rest += rollingRestSlots(position, size) - restSlots(position, this.grantOf(each));
      rolloutSlots += added;
      begunSlots += roomSlots(position, size);
      ownSlots += leavingSlotsOf(position) - position.predecessorSlots + added;
    }
    const room = this.#room.slotsWithWhole(index, Math.max(begunSlots, ownSlots));
    return rest + Math.max(room, this.#leavingSlots + rolloutSlots);
  }

  /** Exposure while one of its pods, of `poolSize`, ends and another one is there in its place. */
  slotsWhileEvicting(index: number, poolSize: number): number {
    const position = this.#positionAt(index);
    const waits = position.isGated === true || evictedSuccessorWaits(position.workload);
    if (waits) return this.slots;
    const own = slotsPerPod(position.sizing, poolSize);
    const next = slotsPerPod(position.sizing, this.grantOf(index));
    const leaving = leavingSlotsOf(position) - position.predecessorSlots + own;
    const addition = Math.max(roomSlots(position, this.grantOf(index)), leaving);
    const ended = own + this.#mostBeside(index);
    const room = Math.max(this.#room.slotsWith(index, addition), this.#leavingSlots + ended);
    return this.#restSlots - Math.max(0, own - next) + room;
  }

  /** Those whose pods are the same. */
  #poolsWith(index: number): readonly number[] {
    const leaders = rolledTogether(this.#positions);
    if (!leaders) return [index];
    return [...leaders.keys()].filter((one) => leaders[one] === leaders[index]);
  }

  /** What a pod of the workload can hold in its other pools. */
  #mostBeside(index: number): number {
    const others = this.#poolsWith(index).filter((one) => one !== index);
    return others.reduce((sum, one) => {
      const { sizing, staying } = this.#positionAt(one);
      return sum + Math.max(0, ...staying.map((group) => slotsPerPod(sizing, group.poolSize)));
    }, 0);
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
