// Shares within limits that not all requests are members of. A division that keeps within all of
// them by itself is left as it is. Floors that do not fit a limit are lowered first, because they
// would be paid by the others, and stay the most that its members get; what a namespace's quota has
// no room for even with pools of 1 is left out of the sum. So no limit is exceeded by what is
// shared, what its members do not use flows to the others, and within it shares are as fair as
// ever.

import {
  type LimitOfRequests,
  type ShareRequest,
  slotsWithin,
  totalSlots,
} from "../demand/share-request.ts";
import { FreeSlots } from "./free-slots.ts";
import {
  type ConnectionLimit,
  idOf,
  type LinkedServer,
  membersAmong,
  type NamespaceQuota,
} from "../supply/limit.ts";
import { mostPodsIn } from "../supply/namespace-quotas.ts";
import { allocate, type Shares, type ShareTerms } from "./shares.ts";
import { slotsPerPod } from "../demand/slots.ts";

/** What is left of a limit for the requests of its members. */
export type LimitTerms =
  | Pick<NamespaceQuota, "kind" | "name" | "server" | "pools" | "slots" | "rolloutsMax">
  | Pick<
      ConnectionLimit | LinkedServer,
      "kind" | "name" | "server" | "pools" | "slots" | "rolloutsMax"
    >;

export interface LimitedShares extends Shares {
  /** Limits of which some member gets less than it would without them. */
  readonly bound: ReadonlySet<string>;
  /** Slots that the floors of a limit's members ask for beyond it. */
  readonly lacking: ReadonlyMap<string, number>;
}

/** As `allocate`, within the limits. */
export function allocateWithin(
  requests: readonly ShareRequest[],
  terms: ShareTerms,
  limits: readonly LimitTerms[],
): LimitedShares {
  const free = allocate(requests, terms);
  const members = membersOf(requests, limits);
  const lacking = lackingIn(members);
  if (members.every((one) => isWithin(one, free.poolSizes))) {
    return { ...free, bound: new Set(), lacking };
  }
  const fitted = fit(requests, terms, members);
  const within = members.map(({ limit: { slots, rolloutsMax }, indexes }) => {
    return { slots, rolloutsMax, indexes };
  });
  const shares = allocate(fitted.requests, { ...terms, budgetSlots: fitted.budgetSlots }, within);
  const isLess = (index: number): boolean =>
    (shares.poolSizes[index] ?? 0) < (free.poolSizes[index] ?? 0);
  const keepsLess = ({ limit, indexes }: Members): boolean => {
    const less = indexes.filter(isLess);
    if (limit.kind !== "linked" || less.length === 0) return less.length > 0;
    return isFullFor(less, { ...limit, indexes }, { requests, poolSizes: shares.poolSizes });
  };
  const bound = members.filter(keepsLess);
  return { ...shares, bound: new Set(bound.map(({ limit }) => idOf(limit))), lacking };
}

/** Of servers that a pool connects to, the one that has no room for more of it keeps it small. */
function isFullFor(
  less: readonly number[],
  limit: LimitOfRequests,
  { requests, poolSizes }: { readonly requests: readonly ShareRequest[]; poolSizes: Sizes },
): boolean {
  const free = new FreeSlots(requests, [limit], poolSizes);
  return less.some((index) => !free.hasRoomFor(index, (poolSizes[index] ?? 0) + 1));
}

type Sizes = readonly number[];

/** Requests whose floors fit the limits, and what is left of the server for them. */
function fit(
  requests: readonly ShareRequest[],
  terms: ShareTerms,
  members: readonly Members[],
): { readonly requests: readonly ShareRequest[]; readonly budgetSlots: number } {
  const fitted = [...requests];
  let { budgetSlots } = terms;
  for (const { limit, indexes } of members) {
    const floorOf = (index: number): number => fitted[index]?.floor ?? 0;
    const { rolloutsMax, slots } = limit;
    if (slotsWithin(fitted, { rolloutsMax, indexes }, floorOf) <= slots) continue;
    // As of a server that is alone: floors that it has no slots for stay as they are.
    if (limit.kind === "linked") continue;
    const own = indexes.flatMap((index) => fitted[index] ?? []);
    const lower = lowered({ limit, requests: own, indexes }, terms);
    for (const [index, request] of lower.requests) fitted[index] = request;
    budgetSlots -= lower.withheldSlots;
  }
  return { requests: fitted, budgetSlots };
}

interface Members {
  readonly limit: LimitTerms;
  readonly requests: readonly ShareRequest[];
  /** Of the requests among those of the server. */
  readonly indexes: readonly number[];
}

function membersOf(requests: readonly ShareRequest[], limits: readonly LimitTerms[]): Members[] {
  const placesOf = membersAmong(requests.map(({ key }) => key));
  return limits.map((limit) => {
    const indexes = placesOf(limit);
    return { limit, requests: indexes.flatMap((index) => requests[index] ?? []), indexes };
  });
}

function isWithin({ limit, requests, indexes }: Members, poolSizes: readonly number[]): boolean {
  const own = indexes.map((index) => poolSizes[index] ?? 0);
  return totalSlots(requests, own, limit) <= limit.slots;
}

function lackingIn(members: readonly Members[]): ReadonlyMap<string, number> {
  return new Map(
    members.flatMap(({ limit, requests }): [string, number][] => {
      const floors = requests.map(({ floor }) => floor);
      const slots = totalSlots(requests, floors, limit) - limit.slots;
      return slots > 0 ? [[idOf(limit), slots]] : [];
    }),
  );
}

interface Lowered {
  readonly requests: ReadonlyMap<number, ShareRequest>;
  /** What is left of a quota that had to cut its requests: its pods hold that, and more. */
  readonly withheldSlots: number;
}

/** The requests of one limit, whose floors it has no room for, with floors that it has. */
function lowered({ limit, requests, indexes }: Members, terms: ShareTerms): Lowered {
  const own = withoutExcess(requests, limit);
  const within = { ...terms, budgetSlots: limit.slots, rolloutsMax: limit.rolloutsMax };
  // Lowered floors stay the most that anybody gets, so that nobody gains by their being lowered.
  const { poolSizes } = allocate(own.map(withLowFloor), within);
  const bounded = own.map((request, place): ShareRequest => {
    const ceiling = poolSizes[place] ?? request.floor;
    return { ...request, ceiling, floor: Math.min(request.floor, ceiling) };
  });
  return {
    requests: new Map(bounded.map((request, place) => [indexes[place] ?? -1, request])),
    withheldSlots: own === requests ? 0 : limit.slots - totalSlots(bounded, poolSizes, limit),
  };
}

function withLowFloor(request: ShareRequest): ShareRequest {
  return request.fixed ? request : { ...request, floor: 1, ceiling: request.floor };
}

/**
 * Claims on as many pods as the quota has room for at pools of 1. A CONNECTION LIMIT is hard: what
 * may come beyond it is not left out of the sum.
 */
function withoutExcess(
  requests: readonly ShareRequest[],
  limit: LimitTerms,
): readonly ShareRequest[] {
  if (limit.kind !== "namespace") return requests;
  const demands = requests.map(({ sizing, plannedPods, roomPods, floor, fixed }) => ({
    plannedPods,
    slotsPerPod: slotsPerPod(sizing, fixed ? floor : 1),
    roomPods: (pods: number) => Math.min(roomPods, pods),
    isSized: fixed !== true,
  }));
  const { sized, unsized } = mostPodsIn(demands, limit);
  const least = requests.map(({ floor, fixed }) => (fixed ? floor : 1));
  // What live pools hold beside their shares is no less a part of the quota.
  const isWithin = totalSlots(requests, least, limit) <= limit.slots;
  if (sized === Infinity && unsized === Infinity && isWithin) return requests;
  return requests.map((request) => withAtMost(request, request.fixed ? unsized : sized));
}

function withAtMost(request: ShareRequest, most: number): ShareRequest {
  return {
    ...request,
    plannedPods: Math.min(request.plannedPods, most),
    roomPods: Math.min(request.roomPods, most),
    ...(request.fixed ? {} : { floor: 1, ceiling: 1 }),
  };
}
