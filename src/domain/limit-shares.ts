// Shares within limits that not all claims are members of. A division that keeps within all of them
// by itself is left as it is. Floors that do not fit a limit are lowered first, because they would
// be paid by the others, and stay the most that its members get; what a namespace's quota has no
// room for even with pools of 1 is left out of the sum. So no limit is exceeded by what is shared,
// what its members do not use flows to the others, and within it shares are as fair as ever.

import { type Claim, slotsWithin, totalSlots } from "./claim.ts";
import { type ConnectionLimit, membersAmong, type NamespaceQuota } from "./limit.ts";
import { mostPodsIn } from "./namespace-quotas.ts";
import { allocate, type Shares, type ShareTerms } from "./shares.ts";
import { slotsPerPod } from "./slots.ts";

/** What is left of a limit for the claims of its members. */
export type LimitTerms =
  | Pick<NamespaceQuota, "kind" | "name" | "slots" | "rolloutsMax">
  | Pick<ConnectionLimit, "kind" | "name" | "workloads" | "slots" | "rolloutsMax">;

export interface LimitedShares extends Shares {
  /** Limits of which some member gets less than it would without them. */
  readonly bound: ReadonlySet<string>;
  /** Slots that the floors of a limit's members ask for beyond it. */
  readonly lacking: ReadonlyMap<string, number>;
}

/** As `allocate`, within the limits. */
export function allocateWithin(
  claims: readonly Claim[],
  terms: ShareTerms,
  limits: readonly LimitTerms[],
): LimitedShares {
  const free = allocate(claims, terms);
  const members = membersOf(claims, limits);
  const lacking = lackingIn(members);
  if (members.every((one) => isWithin(one, free.poolSizes))) {
    return { ...free, bound: new Set(), lacking };
  }
  const fitted = fit(claims, terms, members);
  const within = members.map(({ limit: { slots, rolloutsMax }, indexes }) => {
    return { slots, rolloutsMax, indexes };
  });
  const shares = allocate(fitted.claims, { ...terms, budgetSlots: fitted.budgetSlots }, within);
  const isLess = (index: number): boolean =>
    (shares.poolSizes[index] ?? 0) < (free.poolSizes[index] ?? 0);
  const bound = members.filter(({ indexes }) => indexes.some(isLess));
  return { ...shares, bound: new Set(bound.map(({ limit }) => limit.name)), lacking };
}

/** Claims whose floors fit the limits, and what is left of the server for them. */
function fit(
  claims: readonly Claim[],
  terms: ShareTerms,
  members: readonly Members[],
): { readonly claims: readonly Claim[]; readonly budgetSlots: number } {
  const fitted = [...claims];
  let { budgetSlots } = terms;
  for (const { limit, indexes } of members) {
    const floorOf = (index: number): number => fitted[index]?.floor ?? 0;
    const { rolloutsMax, slots } = limit;
    if (slotsWithin(fitted, { rolloutsMax, indexes }, floorOf) <= slots) continue;
    const own = indexes.flatMap((index) => fitted[index] ?? []);
    const lower = lowered({ limit, claims: own, indexes }, terms);
    for (const [index, claim] of lower.claims) fitted[index] = claim;
    budgetSlots -= lower.withheldSlots;
  }
  return { claims: fitted, budgetSlots };
}

interface Members {
  readonly limit: LimitTerms;
  readonly claims: readonly Claim[];
  /** Of the claims among those of the server. */
  readonly indexes: readonly number[];
}

function membersOf(claims: readonly Claim[], limits: readonly LimitTerms[]): Members[] {
  const placesOf = membersAmong(claims.map(({ key }) => key));
  return limits.map((limit) => {
    const indexes = placesOf(limit);
    return { limit, claims: indexes.flatMap((index) => claims[index] ?? []), indexes };
  });
}

function isWithin({ limit, claims, indexes }: Members, poolSizes: readonly number[]): boolean {
  const own = indexes.map((index) => poolSizes[index] ?? 0);
  return totalSlots(claims, own, limit) <= limit.slots;
}

function lackingIn(members: readonly Members[]): ReadonlyMap<string, number> {
  return new Map(
    members.flatMap(({ limit, claims }): [string, number][] => {
      const floors = claims.map(({ floor }) => floor);
      const slots = totalSlots(claims, floors, limit) - limit.slots;
      return slots > 0 ? [[limit.name, slots]] : [];
    }),
  );
}

interface Lowered {
  readonly claims: ReadonlyMap<number, Claim>;
  /** What is left of a quota that had to cut its claims: its pods hold that, and more. */
  readonly withheldSlots: number;
}

/** The claims of one limit, whose floors it has no room for, with floors that it has. */
function lowered({ limit, claims, indexes }: Members, terms: ShareTerms): Lowered {
  const own = withoutExcess(claims, limit);
  const within = { ...terms, budgetSlots: limit.slots, rolloutsMax: limit.rolloutsMax };
  // Lowered floors stay the most that anybody gets, so that nobody gains by their being lowered.
  const { poolSizes } = allocate(own.map(withLowFloor), within);
  const bounded = own.map((claim, place): Claim => {
    const ceiling = poolSizes[place] ?? claim.floor;
    return { ...claim, ceiling, floor: Math.min(claim.floor, ceiling) };
  });
  return {
    claims: new Map(bounded.map((claim, place) => [indexes[place] ?? -1, claim])),
    withheldSlots: own === claims ? 0 : limit.slots - totalSlots(bounded, poolSizes, limit),
  };
}

function withLowFloor(claim: Claim): Claim {
  return claim.fixed ? claim : { ...claim, floor: 1, ceiling: claim.floor };
}

/**
 * Claims on as many pods as the quota has room for at pools of 1. A CONNECTION LIMIT is hard: what
 * may come beyond it is not left out of the sum.
 */
function withoutExcess(claims: readonly Claim[], limit: LimitTerms): readonly Claim[] {
  if (limit.kind === "login") return claims;
  const demands = claims.map(({ sizing, plannedPods, roomPods, floor, fixed }) => ({
    plannedPods,
    slotsPerPod: slotsPerPod(sizing, fixed ? floor : 1),
    roomPods: (pods: number) => Math.min(roomPods, pods),
    isSized: fixed !== true,
  }));
  const { sized, unsized } = mostPodsIn(demands, limit);
  if (sized === Infinity && unsized === Infinity) return claims;
  return claims.map((claim) => {
    const most = claim.fixed ? unsized : sized;
    return {
      ...claim,
      plannedPods: Math.min(claim.plannedPods, most),
      roomPods: Math.min(claim.roomPods, most),
      ...(claim.fixed ? {} : { floor: 1, ceiling: 1 }),
    };
  });
}
