// Sizes of live pools. The share is for the pods that are there. What comes starts with the floor,
// so a size for the next pod and a share of a running one are two numbers here, and one in other
// pools. Of what whole numbers leave over some pods get one more than others; those that have it
// already keep it, so that nobody is resized for it.

import type { Position } from "../demand/position.ts";
import { type LimitOfRequests, type ShareRequest, slotsWithin } from "../demand/share-request.ts";
import { divideFloor } from "../demand/slots.ts";
import type { PodFacts } from "../facts/facts.ts";

/** The pool size that the next pod of a live pool starts with. */
export function startSizeOf({ sizing, isWithoutRoom, startSizeMost }: Position): number {
  if (isWithoutRoom === true) return 1;
  return Math.min(sizing.floor, startSizeMost ?? sizing.floor);
}

/** What grants go to: the share, or the start size where running pods follow theirs. */
export function grantTargets(
  positions: readonly Position[],
  shares: readonly number[],
): readonly number[] {
  if (!hasLive(positions)) return shares;
  return positions.map((position, index) =>
    position.resizablePods ? startSizeOf(position) : (shares[index] ?? position.published),
  );
}

export function hasLive(positions: readonly Position[]): boolean {
  return positions.some(({ resizablePods }) => resizablePods !== undefined);
}

/** By position: how many running pods can have one more than their share, in all their limits. */
export function oneMoreAmong(
  positions: readonly Position[],
  { requests, poolSizes }: { requests: readonly ShareRequest[]; poolSizes: readonly number[] },
  limits: readonly LimitOfRequests[],
): readonly number[] {
  if (!hasLive(positions)) return [];
  const sizeOf = (index: number): number => poolSizes[index] ?? 0;
  const lefts = limits.map((limit) => ({
    members: new Set(limit.indexes),
    slots: limit.slots - slotsWithin(requests, limit, sizeOf),
  }));
  return positions.map((position, index) => {
    const own = lefts.filter(({ members }) => members.has(index));
    const leftSlots = Math.min(...own.map(({ slots }) => slots));
    const { ceiling = 0 } = requests[index] ?? {};
    const count = sizeOf(index) < ceiling ? podsWithin(position, leftSlots) : 0;
    for (const left of own) left.slots -= count * position.sizing.processesPerPod;
    return count;
  });
}

function podsWithin({ resizablePods = [], sizing }: Position, slots: number): number {
  return Math.max(0, Math.min(resizablePods.length, divideFloor(slots, sizing.processesPerPod)));
}

/** A running pod, and the size that it should have. */
export interface Target {
  readonly pod: PodFacts;
  readonly poolSize: number;
}

/** Of each running pod of the pool: `oneMore` of them get one more than the share. */
export function targetsOf(
  { resizablePods = [] }: Position,
  share: number,
  oneMore: number,
): readonly Target[] {
  const largestFirst = resizablePods.toSorted(
    (a, b) => toldSize(b) - toldSize(a) || (a.name < b.name ? -1 : 1),
  );
  return largestFirst.map((pod, place) => ({ pod, poolSize: share + (place < oneMore ? 1 : 0) }));
}

/** The size that a pod is told now; it may count as more. */
export function toldSize({ live, own }: PodFacts): number {
  return live?.size ?? own.poolSize;
}

/** What running pods were told to give back and have yet to prove; of those that are counted on. */
export function unprovenSlots(
  { resizablePods = [], sizing }: Pick<Position, "resizablePods" | "sizing">,
  isCountedOn: (pod: PodFacts) => boolean = () => true,
): number {
  const sizes = resizablePods
    .filter(isCountedOn)
    .map((pod) => Math.max(0, pod.own.poolSize - toldSize(pod)));
  return sizes.reduce((sum, size) => sum + size, 0) * sizing.processesPerPod;
}
