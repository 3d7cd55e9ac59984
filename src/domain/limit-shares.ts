// Shares where namespaces are bounded. Each bounded namespace divides its part among its own
// workloads, as if it were alone; what that yields is the ceiling of each in the division of the
// whole server. So no namespace gets more than its part, what it does not use flows to the others,
// and within it and beyond it shares are as fair as ever. Floors that do not fit the part are
// lowered, because they would be paid by the others. A division that keeps within all parts by
// itself is left as it is.

import type { ConnectionLimit, NamespaceQuota } from "./limit.ts";
import { isMember } from "./limit.ts";
import { mostPodsIn } from "./namespace-quotas.ts";
import { allocate, type Claim, type Shares, type ShareTerms, totalSlots } from "./shares.ts";
import { slotsPerPod } from "./slots.ts";

/** What is left of a limit for the claims of its members. */
export type LimitTerms =
  | Pick<NamespaceQuota, "kind" | "name" | "slots" | "rolloutsMax">
  | Pick<ConnectionLimit, "kind" | "name" | "workloads" | "slots" | "rolloutsMax">;

export interface LimitedShares extends Shares {
  /** Bounded namespaces of which some workload gets less than it would without bounds. */
  readonly bound: ReadonlySet<string>;
  /** Slots that the floors of a namespace ask for beyond its part. */
  readonly lacking: ReadonlyMap<string, number>;
}

/** As `allocate`, within the parts. */
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
  // One after the other: who is a member of several has the least of what they allow.
  const bounded = [...claims];
  let budgetSlots = terms.budgetSlots;
  for (const { limit, indexes } of members) {
    const own = indexes.flatMap((index) => bounded[index] ?? []);
    const within = boundedClaims({ limit, claims: own, indexes }, terms);
    for (const [index, claim] of within.claims) bounded[index] = claim;
    budgetSlots -= within.withheldSlots;
  }
  const shares = allocate(bounded, { ...terms, budgetSlots });
  const isLess = (index: number): boolean =>
    (shares.poolSizes[index] ?? 0) < (free.poolSizes[index] ?? 0);
  const bound = members.filter(({ indexes }) => indexes.some(isLess));
  return { ...shares, bound: new Set(bound.map(({ limit }) => limit.name)), lacking };
}

interface Members {
  readonly limit: LimitTerms;
  readonly claims: readonly Claim[];
  /** Of the claims among those of the server. */
  readonly indexes: readonly number[];
}

function membersOf(claims: readonly Claim[], limits: readonly LimitTerms[]): Members[] {
  return limits.map((limit) => {
    const keys = [...claims.keys()];
    const indexes = keys.filter((index) => isMember(limit, claims[index]?.key ?? ""));
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

interface Bounded {
  readonly claims: ReadonlyMap<number, Claim>;
  /** What is left of a part that had to cut its claims: its pods hold that, and more. */
  readonly withheldSlots: number;
}

/** The claims of one namespace with ceilings, and if need be floors, that its part has room for. */
function boundedClaims({ limit, claims, indexes }: Members, terms: ShareTerms): Bounded {
  const own = withoutExcess(claims, limit);
  const within = { ...terms, budgetSlots: limit.slots, rolloutsMax: limit.rolloutsMax };
  const asked = allocate(own, within);
  // Lowered floors stay the most that anybody gets, so that nobody gains by their being lowered.
  const { poolSizes } = asked.missingSlots === 0 ? asked : allocate(own.map(withLowFloor), within);
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
 * Claims on as many pods as the part has room for at pools of 1. A CONNECTION LIMIT is hard: what
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
