// From positions to requests on the budget: who may be moved, within which bounds, and what has to
// be left alone. A workload that we may not move (Observe, claimed twice, a policy whose secret is
// gone) requests just what it holds. Its advised share is worked out as if it could be moved, so
// that Observe can say what Enforce would do. Nobody grows into what a workload gave up only just
// now. Pods of a policy that has no place (standing.ts) take nothing from what others have: they
// only keep others from growing into what they hold.

import type { ShareRequest } from "../demand/share-request.ts";
import { restSlots } from "../demand/exposure.ts";
import { idOf, membersAmong, type NamespaceQuota, type NarrowLimit } from "../supply/limit.ts";
import type { ServerKey } from "../facts/facts.ts";
import type { LimitTerms } from "./limit-shares.ts";
import type { PodFacts } from "../facts/facts.ts";
import { oneMoreAmong, startSizeOf } from "./live-shares.ts";
import { expectedPodsOf, heldSlots, type Position, sumOver } from "../demand/position.ts";
import { roomPodsOf } from "../demand/room.ts";
import type { ShareTerms } from "./shares.ts";
import { allocateByUse, type WantedSizes } from "./shares-by-use.ts";
import { missingPodsOf } from "../demand/start-gate.ts";
import { besideWaiting } from "./waiting-shares.ts";
import { divideFloor, poolSizeWithin, slotsPerPod } from "../demand/slots.ts";

/** How far the floors fit, and who gets less for a limit of its own. */
export interface FloorsThatFit {
  /**
   * Slots that the floors ask for beyond the budget; where nobody is moved, that they would ask
   * for.
   */
  readonly missingSlots: number;
  /** Where namespaces are bounded: those that get less for it. */
  readonly bound?: ReadonlySet<string>;
  /** Slots that the floors of a namespace ask for beyond its quota. */
  readonly lacking?: ReadonlyMap<string, number>;
}

export interface ShareDecision extends FloorsThatFit {
  /** Pool size that each workload should have, in the order of the positions. */
  readonly poolSizes: readonly number[];
  /** The same as advice, for workloads that we do not move. */
  readonly advised: readonly number[];
  /** What each could have but for the pods that were planned for until lately. */
  readonly later: readonly number[];
  /** The use of some pool bounds it. */
  readonly isByUse: boolean;
  /** Of live pools: how many running pods can have one more. */
  readonly oneMore: readonly number[];
}

/** `wanted`: by the index of a position, the size that its use asks for. */
export function decideShares(
  positions: readonly Position[],
  terms: ShareTerms,
  limits: readonly NarrowLimit[] = [],
  wanted: WantedSizes = [],
): ShareDecision {
  const placed = positions.filter(({ heldOnly }) => !heldOnly);
  const { budgetSlots, left } = withoutHeld(placed, terms, limits);
  const within = { ...terms, budgetSlots };
  const room = roomFor(positions, terms, limits);
  const asked = positions.map((position, index) => ofOnePod(requestOf(position), room(index)));
  const shares = allocateByUse(asked, wanted, { terms: within, limits: left });
  const { requests } = shares;
  const everyoneMoves = positions.every(({ managed }) => managed);
  const advised = everyoneMoves
    ? shares
    : allocateByUse(positions.map(advisedRequestOf), wanted, { terms, limits });
  const someoneMoves = positions.some(({ managed }) => managed);
  const { missingSlots, bound, lacking } = someoneMoves ? shares : advised;
  const scene = { terms: within, left };
  const found = besideWaiting(positions, shares, scene);
  const beside = withoutLeaps(positions, found.poolSizes, { ...scene, wanted });
  const poolSizes = withoutTaking(positions, beside, { terms, limits, wanted });
  const server = {
    slots: found.terms.budgetSlots,
    rolloutsMax: terms.rolloutsMax,
    indexes: [...requests.keys()],
  };
  const membersOf = membersAmong(positions.map(({ pool }) => pool.poolKey));
  const decision = {
    ...{ poolSizes, advised: advised.poolSizes, missingSlots, later: found.poolSizes },
    isByUse: positions.some(({ policy }) => policy.spec.demand === "Share"),
    oneMore: oneMoreAmong(positions, found, [
      server,
      ...found.left.map((limit) => ({ ...limit, indexes: membersOf(limit) })),
    ]),
  };
  return limits.length === 0 ? decision : { ...decision, bound, lacking };
}

/**
 * What is left to share once what may not be moved has what it holds beyond its request. Of what a
 * bounded namespace holds beyond its quota nothing is taken from the others.
 */
function withoutHeld(
  positions: readonly Position[],
  { budgetSlots }: ShareTerms,
  limits: readonly NarrowLimit[],
): { readonly budgetSlots: number; readonly left: readonly LimitTerms[] } {
  const quotas = new Map(
    limits.flatMap((limit) => (limit.kind === "namespace" ? [[idOf(limit), limit]] : [])),
  );
  const quotaOf = (name: string, server?: ServerKey): NamespaceQuota | undefined => {
    return quotas.get(idOf({ kind: "namespace", name, server }));
  };
  const membersOf = membersAmong(positions.map(({ pool }) => pool.poolKey));
  const left = limits.map((limit) => {
    const own = membersOf(limit).flatMap((index) => positions[index] ?? []);
    const partOf = (namespace: string): number =>
      partWithin(limit, quotaOf(namespace, limit.server));
    return { ...limit, slots: Math.max(0, limit.slots - heldBeyond(own, partOf)) };
  });
  const partOf = (namespace: string): number => quotaOf(namespace)?.slots ?? Infinity;
  return { budgetSlots: budgetSlots - heldBeyond(positions, partOf), left };
}

/** Of a limit of others it is as large a part as it is of the server. */
function partWithin(limit: NarrowLimit, quota: NamespaceQuota | undefined): number {
  if (!quota || limit.kind === "namespace") return Infinity;
  if (limit.kind === "linked") return quota.slots;
  return divideFloor(limit.slots * quota.slots, Math.max(1, quota.ofSlots));
}

/** By each namespace together, and of a bounded one at most its quota. */
function heldBeyond(positions: readonly Position[], partOf: (namespace: string) => number): number {
  const held = new Map<string, number>();
  for (const position of positions) {
    const { namespace } = position.workload;
    held.set(namespace, (held.get(namespace) ?? 0) + slotsBeyondClaim(position));
  }
  return [...held].reduce((sum, [namespace, slots]) => sum + Math.min(slots, partOf(namespace)), 0);
}

interface Within {
  readonly terms: ShareTerms;
  readonly wanted: WantedSizes;
}

/** Shares, of which none is above both what is published and what recent planned pods leave. */
function withoutLeaps(
  positions: readonly Position[],
  shares: readonly number[],
  { terms, left, wanted }: Within & { readonly left: readonly LimitTerms[] },
): readonly number[] {
  if (!positions.some(({ recent, plannedPods }) => recent.pods > plannedPods)) return shares;
  const recent = positions.map(recentRequestOf);
  const most = allocateByUse(recent, wanted, { terms, limits: left }).poolSizes;
  return positions.map(({ published, plannedPods, recent }, index) => {
    const share = shares[index] ?? published;
    const limit = most[index] ?? 0;
    // Scaled to 0 for now: if its pods come back, they start as they were.
    if (plannedPods === 0 && recent.pods > 0) return Math.min(published, limit);
    return Math.min(share, Math.max(published, limit));
  });
}

/**
 * Shares, of which none is above both what is published and what the pods of policies without a
 * place leave.
 */
function withoutTaking(
  positions: readonly Position[],
  shares: readonly number[],
  { terms, limits, wanted }: Within & { readonly limits: readonly NarrowLimit[] },
): readonly number[] {
  if (!positions.some(({ heldOnly, stayingPods }) => heldOnly && stayingPods > 0)) return shares;
  const { budgetSlots, left } = withoutHeld(positions, terms, limits);
  const requests = positions.map(recentRequestOf);
  const within = { terms: { ...terms, budgetSlots }, limits: left };
  const most = allocateByUse(requests, wanted, within).poolSizes;
  return positions.map(({ published }, index) => {
    return Math.min(shares[index] ?? published, Math.max(published, most[index] ?? 0));
  });
}

function recentRequestOf(position: Position): ShareRequest {
  const { pool, workload, recent, sizing } = position;
  if (position.resizablePods) return requestOf(position);
  const plannedPods = recent.pods;
  const roomPods = roomPodsOf(workload, plannedPods);
  // One that is gone had a share, and gets it again if it comes back.
  const { floor, ceiling } = sizing;
  if (!pool.exists && !position.heldOnly) {
    return { ...keysOf(pool), sizing, plannedPods, roomPods, floor, ceiling };
  }
  return requestOf({ ...position, plannedPods, roomPods });
}

/**
 * What an unmanaged workload holds beyond planned pods at the size in force: bigger or more pods.
 */
function slotsBeyondClaim(position: Position): number {
  if (position.managed) return 0;
  const { sizing, plannedPods, inForce, heldOnly } = position;
  if (heldOnly) return restSlots(position, inForce);
  return restSlots(position, inForce) - plannedPods * slotsPerPod(sizing, inForce);
}

function requestOf(position: Position): ShareRequest {
  const { resizablePods } = position;
  if (resizablePods) return liveRequestOf(position, resizablePods);
  if (position.managed) return freeRequestOf(position);
  const { inForce, heldOnly } = position;
  const request = {
    ...freeRequestOf(position),
    floor: inForce,
    ceiling: inForce,
    fixed: true as const,
  };
  return heldOnly ? { ...request, plannedPods: 0, roomPods: 0 } : request;
}

/** As if it could be moved, unless its own entry says that it is not to be. */
function advisedRequestOf(position: Position): ShareRequest {
  return position.pool.isCounted === true ? requestOf(position) : freeRequestOf(position);
}

function freeRequestOf({
  pool,
  sizing,
  plannedPods,
  roomPods,
  isWithoutRoom,
}: Position): ShareRequest {
  // Nothing is kept for a workload without planned pods, so its first pods get the floor, and the
  // least where they were planned for and do not fit the quota of their namespace.
  const floor = isWithoutRoom === true ? 1 : sizing.floor;
  const ceiling = plannedPods === 0 ? floor : sizing.ceiling;
  return { ...keysOf(pool), sizing, plannedPods, roomPods, floor, ceiling };
}

/** For the pods that are there; what may come counts with the size that it starts with. */
function liveRequestOf(position: Position, resizablePods: readonly PodFacts[]): ShareRequest {
  const { pool, sizing, inForce, roomPods, isGated } = position;
  const perPod = slotsPerPod(sizing, Math.max(startSizeOf(position), inForce));
  const others = othersOf(position, resizablePods, perPod);
  const waiting = isGated === true ? missingPodsOf(pool) : 0;
  return {
    ...keysOf(pool),
    ...{ sizing, plannedPods: resizablePods.length + waiting, roomPods: 0 },
    ...{ floor: sizing.floor, ceiling: sizing.ceiling },
    beside: { slots: expectedPodsOf(position) * perPod + others, roomSlots: roomPods * perPod },
  };
}

/** Pods that need a restart, or that end: as they are, or as what replaces them. */
function othersOf(position: Position, resizablePods: readonly PodFacts[], perPod: number): number {
  const { sizing, restarting, isGated } = position;
  if (isGated !== true) {
    return sumOver(restarting, (one) => Math.max(perPod, slotsPerPod(sizing, one.poolSize)));
  }
  const own = resizablePods.reduce((sum, pod) => sum + slotsPerPod(sizing, pod.own.poolSize), 0);
  return heldSlots(position) - own;
}

function keysOf({
  poolKey,
  key: workload,
}: Position["pool"]): Pick<ShareRequest, "key" | "workload"> {
  return { key: poolKey, ...(poolKey !== workload && { workload }) };
}

/** What all pods of one workload could have if there were no others. */
function roomFor(
  positions: readonly Position[],
  { budgetSlots }: ShareTerms,
  limits: readonly NarrowLimit[],
): (index: number) => number {
  const membersOf = membersAmong(positions.map(({ pool }) => pool.poolKey));
  const room = positions.map(() => budgetSlots);
  for (const limit of limits) {
    for (const index of membersOf(limit)) {
      room[index] = Math.min(room[index] ?? budgetSlots, limit.slots);
    }
  }
  return (index) => room[index] ?? budgetSlots;
}

/** Nobody pays for a floor where no pod is planned: it is lowered to what one pod could have. */
function ofOnePod(request: ShareRequest, budgetSlots: number): ShareRequest {
  if (request.plannedPods > 0 || request.fixed === true) return request;
  const most = Math.max(1, poolSizeWithin(request.sizing, budgetSlots));
  return {
    ...request,
    floor: Math.min(request.floor, most),
    ceiling: Math.min(request.ceiling, most),
  };
}
