// Shares: integer weighted max-min fairness ("water filling") with a floor and a ceiling per
// workload.
//   maximise the smallest share-per-weight, then the next, subject to
//   sum of planned pods x slots of the share + room for rollouts <= budget
//   floor <= share <= ceiling
// The room grows with the shares, yet the sum stays monotone, so the highest level that
// everybody reaches is found by search. From there single steps go to the lowest level first until
// nobody can take one more: nothing usable is left. Once a step does not fit it never fits again
// (the total is monotone), so each workload is refused at most once.

import type { Sizing } from "../api/sizing.ts";
import type { WorkloadKey } from "./facts.ts";
import { MinHeap } from "./min-heap.ts";
import { Room } from "./room.ts";
import { divideCeil, divideFloor, slotsPerPod } from "./slots.ts";

/** What one workload asks of the budget. */
export interface Claim {
  readonly key: WorkloadKey;
  readonly sizing: Sizing;
  readonly plannedPods: number;
  readonly roomPods: number;
  /** Lowest and highest pool size; equal for a workload that may not be moved. */
  readonly floor: number;
  readonly ceiling: number;
  /** It may not be moved, whatever its bounds say. */
  readonly fixed?: true;
}

export interface ShareTerms {
  readonly budgetSlots: number;
  readonly rolloutsMax: number;
  readonly basis: "Workload" | "Pod";
}

export interface Shares {
  /** Pool size for each claim, in the order of the claims. */
  readonly poolSizes: readonly number[];
  /** Slots that the floors ask for beyond the budget; 0 when they fit. */
  readonly missingSlots: number;
}

/** O(n log n). Claims must be sorted by key: ties are broken by position. */
export function allocate(claims: readonly Claim[], terms: ShareTerms): Shares {
  const floors = claims.map((claim) => claim.floor);
  const missingSlots = Math.max(0, totalSlots(claims, floors, terms) - terms.budgetSlots);
  if (missingSlots > 0) return { poolSizes: floors, missingSlots };
  const levels = levelsOf(claims, terms);
  const start = highestCommonLevel(claims, terms, levels);
  return { poolSizes: handOut(claims, terms, start), missingSlots: 0 };
}

/** The left side of the budget line for given pool sizes. */
export function totalSlots(
  claims: readonly Claim[],
  poolSizes: readonly number[],
  terms: Pick<ShareTerms, "rolloutsMax">,
): number {
  let plannedSlots = 0;
  const additions = claims.map(({ sizing, plannedPods, roomPods }, index) => {
    const perPod = slotsPerPod(sizing, poolSizes[index] ?? 0);
    plannedSlots += plannedPods * perPod;
    return roomPods * perPod;
  });
  return plannedSlots + new Room(additions, terms.rolloutsMax).slots;
}

// A level is a whole number of 1/weightMax units, so that it stays an exact integer: at level L a
// workload of weight w is entitled to L x w / weightMax, in slots of all its pods (basis Workload)
// or in pool size of each pod (basis Pod).
interface Levels {
  readonly weightMax: number;
  readonly highest: number;
  poolSizeAt(claim: Claim, level: number): number;
}

function levelsOf(claims: readonly Claim[], terms: ShareTerms): Levels {
  const weightMax = claims.reduce((most, { sizing }) => Math.max(most, sizing.weight), 1);
  const highest = claims.reduce(
    (most, claim) => Math.max(most, amountOf(claim, claim.ceiling, terms) * weightMax),
    0,
  );
  const poolSizeAt = (claim: Claim, level: number): number => {
    const entitled = divideCeil(level * claim.sizing.weight, weightMax);
    return clamp(poolSizeFor(claim, entitled, terms), claim.floor, claim.ceiling);
  };
  return { weightMax, highest, poolSizeAt };
}

/** What a share amounts to in the unit that weights speak of. */
function amountOf(claim: Claim, poolSize: number, terms: ShareTerms): number {
  if (terms.basis === "Pod") return poolSize;
  return claim.plannedPods * slotsPerPod(claim.sizing, poolSize);
}

/** The smallest pool size that amounts to at least `entitled`. */
function poolSizeFor(claim: Claim, entitled: number, terms: ShareTerms): number {
  if (terms.basis === "Pod") return entitled;
  if (claim.plannedPods === 0) return claim.floor;
  const { extraConnectionsPerPod, processesPerPod } = claim.sizing;
  const perPod = divideCeil(entitled, claim.plannedPods);
  return divideCeil(perPod - extraConnectionsPerPod, processesPerPod);
}

/** Pool sizes at the highest level that fits for everybody at once. */
function highestCommonLevel(claims: readonly Claim[], terms: ShareTerms, levels: Levels): number[] {
  const sizesAt = (level: number): number[] =>
    claims.map((claim) => levels.poolSizeAt(claim, level));
  let fits = 0;
  let tooHigh = levels.highest + 1;
  while (tooHigh - fits > 1) {
    const middle = divideFloor(fits + tooHigh, 2);
    if (totalSlots(claims, sizesAt(middle), terms) <= terms.budgetSlots) fits = middle;
    else tooHigh = middle;
  }
  return sizesAt(fits);
}

/**
 * Single steps, always to the workload with the least per weight, until nobody can take one more.
 */
function handOut(claims: readonly Claim[], terms: ShareTerms, start: readonly number[]): number[] {
  const poolSizes = [...start];
  let freeSlots = terms.budgetSlots - totalSlots(claims, poolSizes, terms);
  const room = new Room(
    claims.map((claim, index) => claim.roomPods * slotsPerPod(claim.sizing, start[index] ?? 0)),
    terms.rolloutsMax,
  );
  const queue = new MinHeap<number>((a, b) => comparePerWeight(claims, poolSizes, terms, [a, b]));
  claims.forEach((claim, index) => {
    if (claim.plannedPods > 0 && (poolSizes[index] ?? 0) < claim.ceiling) queue.push(index);
  });
  for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
    const claim = claims[index];
    if (!claim) continue;
    const poolSize = (poolSizes[index] ?? 0) + 1;
    const addition = claim.roomPods * slotsPerPod(claim.sizing, poolSize);
    const costSlots =
      claim.plannedPods * claim.sizing.processesPerPod +
      room.slotsWith(index, addition) -
      room.slots;
    if (costSlots > freeSlots) continue;
    freeSlots -= costSlots;
    room.raise(index, addition);
    poolSizes[index] = poolSize;
    if (poolSize < claim.ceiling) queue.push(index);
  }
  return poolSizes;
}

/**
 * Orders two claims by what they have per weight, then by position. Exact: products, no quotients.
 */
function comparePerWeight(
  claims: readonly Claim[],
  poolSizes: readonly number[],
  terms: ShareTerms,
  [a, b]: readonly [number, number],
): number {
  const left = claims[a];
  const right = claims[b];
  if (!left || !right) return a - b;
  const difference =
    amountOf(left, poolSizes[a] ?? 0, terms) * right.sizing.weight -
    amountOf(right, poolSizes[b] ?? 0, terms) * left.sizing.weight;
  return difference || a - b;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
