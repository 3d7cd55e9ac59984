// What an allocation should be, defined without any of the code that works it out: the sum that has
// to fit, the level of each, the rule itself word by word, and every allocation that there is.

import type { ShareRequest, LimitOfRequests } from "../../src/domain/demand/share-request.ts";
import type { ShareTerms } from "../../src/domain/decide/shares.ts";

function slotsOf({ sizing }: ShareRequest, poolSize: number): number {
  return poolSize * sizing.processesPerPod + sizing.extraConnectionsPerPod;
}

/**
 * The left side of the budget's line, added up anew: all planned pods, and the largest rollouts.
 */
export function totalOf(
  list: readonly ShareRequest[],
  sizes: readonly number[],
  { rolloutsMax }: Pick<ShareTerms, "rolloutsMax">,
): number {
  const perPod = list.map((request, index) => slotsOf(request, sizes[index] ?? 0));
  const planned = list.map(({ plannedPods }, index) => plannedPods * (perPod[index] ?? 0));
  const rooms = list.map(({ roomPods }, index) => roomPods * (perPod[index] ?? 0));
  const largest = rooms.sort((a, b) => b - a).slice(0, rolloutsMax);
  return [...planned, ...largest].reduce((sum, slots) => sum + slots, 0);
}

/** What a share amounts to per weight: slots of all planned pods, or pool size of one pod. */
export function levelOf(request: ShareRequest, poolSize: number, { basis }: ShareTerms): number {
  const amount = basis === "Pod" ? poolSize : request.plannedPods * slotsOf(request, poolSize);
  return amount / request.sizing.weight;
}

/** The same of one limit, over its members alone. */
export function totalIn(
  list: readonly ShareRequest[],
  sizes: readonly number[],
  { indexes, rolloutsMax }: LimitOfRequests,
): number {
  const own = indexes.flatMap((index) => list[index] ?? []);
  const ownSizes = indexes.map((index) => sizes[index] ?? 0);
  return totalOf(own, ownSizes, { rolloutsMax });
}

/** Whether the server and every limit has the slots. */
export function fits(
  list: readonly ShareRequest[],
  sizes: readonly number[],
  terms: ShareTerms,
  limits: readonly LimitOfRequests[],
): boolean {
  const isWithin = (limit: LimitOfRequests): boolean => totalIn(list, sizes, limit) <= limit.slots;
  return totalOf(list, sizes, terms) <= terms.budgetSlots && limits.every(isWithin);
}

/** The definition, word by word; O(steps x n). */
export function stepByStep(
  list: readonly ShareRequest[],
  terms: ShareTerms,
  limits: readonly LimitOfRequests[] = [],
): number[] {
  const sizes = list.map(({ floor }) => floor);
  const open = new Set(list.keys());
  const levelAt = (index: number): number =>
    levelOf(list[index] as ShareRequest, sizes[index] ?? 0, terms);
  while (open.size > 0) {
    const index = [...open].reduce((least, one) => (levelAt(one) < levelAt(least) ? one : least));
    const { ceiling, plannedPods } = list[index] as ShareRequest;
    const next = sizes.with(index, (sizes[index] ?? 0) + 1);
    const isAllowed = plannedPods > 0 && (sizes[index] ?? 0) < ceiling;
    if (isAllowed && fits(list, next, terms, limits)) {
      sizes[index] = next[index] ?? 0;
    } else open.delete(index);
  }
  return sizes;
}

/** Every allocation within floors, ceilings and budget. */
export function* allAllocations(
  list: readonly ShareRequest[],
  terms: ShareTerms,
): Generator<number[]> {
  function* extend(sizes: number[]): Generator<number[]> {
    const request = list[sizes.length];
    if (!request) {
      if (totalOf(list, sizes, terms) <= terms.budgetSlots) yield sizes;
      return;
    }
    for (let size = request.floor; size <= request.ceiling; size++) yield* extend([...sizes, size]);
  }
  yield* extend([]);
}

export function sortedLevels(
  list: readonly ShareRequest[],
  sizes: readonly number[],
  terms: ShareTerms,
): number[] {
  return list.map((request, i) => levelOf(request, sizes[i] ?? 0, terms)).sort((a, b) => a - b);
}

export function compareLists(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, i) => value !== b[i]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

/** Nobody has less than `least`. */
export function isAtLeast(
  list: readonly ShareRequest[],
  sizes: readonly number[],
  least: readonly number[],
): boolean {
  return list.every((_, index) => (sizes[index] ?? 0) >= (least[index] ?? 0));
}

/** The smallest sizes at which everybody below the ceiling has at least `level`. */
export function sizesAtLevel(
  list: readonly ShareRequest[],
  level: number,
  terms: ShareTerms,
): number[] {
  return list.map((request) => {
    let size = request.floor;
    while (size < request.ceiling && levelOf(request, size, terms) < level) size += 1;
    return size;
  });
}

/** The least level of those that are not at their ceiling; infinite if all are. */
export function commonLevel(
  list: readonly ShareRequest[],
  sizes: readonly number[],
  terms: ShareTerms,
): number {
  const open = list.filter(({ ceiling }, index) => (sizes[index] ?? 0) < ceiling);
  return Math.min(...open.map((c) => levelOf(c, sizes[list.indexOf(c)] ?? 0, terms)));
}
