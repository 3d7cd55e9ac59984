// What workloads ask of the slots of their limits, and what they hold of one with given pool sizes:
// planned pods, and the room for the largest rollouts.

import type { Sizing } from "../../api/sizing.ts";
import type { PoolKey, WorkloadKey } from "../facts/facts.ts";
import { oncePer } from "../once-per.ts";
import { leadersOf, Room } from "./room.ts";
import { slotsPerPod } from "./slots.ts";

/** What one pool asks of the budget. */
export interface ShareRequest {
  readonly key: PoolKey;
  /** Whose pool it is, where that has another key: it rolls out together with its other pools. */
  readonly workload?: WorkloadKey;
  readonly sizing: Sizing;
  readonly plannedPods: number;
  readonly roomPods: number;
  /** Lowest and highest pool size; equal for a workload that may not be moved. */
  readonly floor: number;
  readonly ceiling: number;
  /** It may not be moved, whatever its bounds say. */
  readonly fixed?: true;
  /** What it holds whatever its share is; none where nothing is said. */
  readonly beside?: SlotsBeside;
}

/** Of a live pool, whose share is for the pods that are there. */
export interface SlotsBeside {
  /** Pods that may come, with the size that they start with, and those that do not follow. */
  readonly slots: number;
  /** What a rollout of it adds: its new pods start small. */
  readonly roomSlots: number;
}

/** What a rollout adds if the pool gets this size. */
export function additionOf(
  { sizing, roomPods, beside }: Pick<ShareRequest, "sizing" | "roomPods" | "beside">,
  poolSize: number,
): number {
  return beside?.roomSlots ?? roomPods * slotsPerPod(sizing, poolSize);
}

/** A limit as the requests see it. */
export interface LimitOfRequests {
  readonly slots: number;
  readonly rolloutsMax: number;
  /** Of its members among the requests. */
  readonly indexes: readonly number[];
}

/** The left side of the server's line for given pool sizes. */
export function totalSlots(
  requests: readonly ShareRequest[],
  poolSizes: readonly number[],
  { rolloutsMax }: Pick<LimitOfRequests, "rolloutsMax">,
): number {
  const indexes = [...requests.keys()];
  return slotsWithin(requests, { rolloutsMax, indexes }, (index) => poolSizes[index] ?? 0);
}

/** The left side of one limit's line. */
export function slotsWithin(...given: Parameters<typeof heldWithin>): number {
  const { plannedSlots, room } = heldWithin(...given);
  return plannedSlots + room.slots;
}

/** Its two parts. */
export function heldWithin(
  requests: readonly ShareRequest[],
  { rolloutsMax, indexes }: Pick<LimitOfRequests, "rolloutsMax" | "indexes">,
  sizeOf: (index: number) => number,
): { readonly plannedSlots: number; readonly room: Room } {
  let plannedSlots = 0;
  const additions = indexes.map((index) => {
    const request = requestAt(requests, index);
    const { sizing, plannedPods, beside } = request;
    const poolSize = sizeOf(index);
    plannedSlots += plannedPods * slotsPerPod(sizing, poolSize) + (beside?.slots ?? 0);
    return additionOf(request, poolSize);
  });
  const leaders = rolledTogether(requests, indexes);
  return { plannedSlots, room: new Room(additions, rolloutsMax, leaders) };
}

const areAlone = oncePer((requests: readonly ShareRequest[]) =>
  requests.every(({ workload }) => workload === undefined),
);

/** By their places among `indexes`. */
function rolledTogether(
  requests: readonly ShareRequest[],
  indexes: readonly number[],
): readonly number[] | undefined {
  if (areAlone(requests)) return undefined;
  return leadersOf(
    indexes.map((index) => {
      const { workload, key } = requestAt(requests, index);
      return workload ?? key;
    }),
  );
}

export function requestAt(requests: readonly ShareRequest[], index: number): ShareRequest {
  const request = requests[index];
  if (!request) throw new RangeError(`no request at ${index}`);
  return request;
}
