// Resizes: running pods of live pools get another size, without a restart. In this order: shrink,
// verify, grow. A pod is shrunk only for somebody who cannot get his share otherwise, or because
// the line is broken, and its slots are free only when the server has shown that it has left them
// (live-sizes.ts). A pod grows only into what is free now, and for no less than the tolerance is
// worth. So the fewest pods are touched: those that lack most get first, those that have most above
// their share give first, and nobody gives more than is lacking. On a pod whose resizes are refused
// nobody counts: it is tried again ever more rarely (refused-resizes.ts).

import {
  closedToGrowth,
  freeForGrowth,
  type LimitAccount,
  type LimitAccounts,
} from "./limit-accounts.ts";
import { targetsOf, toldSize, unprovenSlots } from "./live-shares.ts";
import type { PoolPlan } from "./pool-plan.ts";
import type { Position } from "../demand/position.ts";
import { divideFloor, slotsPerPod } from "../demand/slots.ts";
import { givesBackSoon, isAway, isRefused } from "../demand/live-pods.ts";
import type { PodFacts, PoolFacts } from "../facts/facts.ts";
import { oncePer } from "../once-per.ts";
import { decideReleases, type Release, type ReleaseDecisions } from "./releases.ts";
import { isWorthRolling } from "./tolerance.ts";

/**
 * In the order in which they are written. Touch: the same size once more, for a pod that does not
 * follow.
 */
export const resizeKinds = ["Shrink", "Touch", "Grow"] as const;

export interface Resize {
  /** Of the pool, among all of the server. */
  readonly index: number;
  readonly position: Position;
  readonly pod: PodFacts;
  readonly poolSize: number;
  readonly why: (typeof resizeKinds)[number];
}

export interface ResizeDecisions {
  readonly resizes: readonly Resize[];
  /** Others that were refused are due for a try: those of a pool are tried one after the other. */
  readonly areMoreRefused: boolean;
  /** Pods that start now: they waited for their slots. */
  readonly releases: readonly Release[];
  /** By index of a pool: slots that its pods lack, those that wait too, and that are not free. */
  readonly lackingSlots: ReadonlyMap<number, number>;
  /** By index: pools of which a pod that waits needs more than one of its limits has. */
  readonly unfitting: ReadonlySet<number>;
  /** By index of a pool: slots that its running pods hold beyond what they should have. */
  readonly excessSlots: ReadonlyMap<number, number>;
}

export const noResizes: ResizeDecisions = {
  ...{ resizes: [], areMoreRefused: false, releases: [], unfitting: new Set() },
  lackingSlots: new Map(),
  excessSlots: new Map(),
};

export interface ResizeTerms {
  readonly limits: LimitAccounts;
  readonly mayGrow: (pool: PoolFacts) => boolean;
  readonly nowMs: number;
  /** By index of a pool: running pods that can have one more than the share. */
  readonly oneMore: readonly number[];
}

/** A pod that may be given another size now. */
interface Candidate {
  readonly index: number;
  readonly position: Position;
  readonly pod: PodFacts;
  readonly target: number;
}

/** Raises the accounts in `terms` by what pods are given. */
export function decideResizes(pools: readonly PoolPlan[], terms: ResizeTerms): ResizeDecisions {
  const { releases, ...waiting } = decideReleases(pools, terms);
  const live = pools.filter(({ position }) => position.resizablePods !== undefined);
  const { unfitting, ofQuota } = waiting;
  if (live.length === 0) {
    return { ...noResizes, releases, unfitting, lackingSlots: waiting.lackingSlots };
  }
  const all = live.flatMap((pool) => candidatesOf(pool, terms.oneMore[pool.index] ?? 0));
  const due = all.filter(({ pod }) => mayBeResized(pod, terms.nowMs));
  const free = oneRefusedEach(due);
  const { grows, lackingSlots } = growthOf(free, terms, waiting);
  const shrinks = shrinksFor(pools, free, { ...terms, lackingSlots, ofQuota });
  const touches = all.filter(({ pod }) => mayBeTouched(pod, terms.nowMs)).map(touchOf);
  return {
    ...{ resizes: [...shrinks, ...touches, ...grows], areMoreRefused: free.length < due.length },
    ...{ releases, unfitting, lackingSlots, excessSlots: excessOf(all) },
  };
}

function candidatesOf(pool: PoolPlan, oneMore: number): Candidate[] {
  const { index, position, share } = pool;
  return targetsOf(position, share, oneMore).map(({ pod, poolSize: target }) => {
    return { index, position, pod, target };
  });
}

/** One of which nobody knows what came of its last change, or that does not follow, is let be. */
function mayBeResized(pod: PodFacts, nowMs: number): boolean {
  return mayBeWritten(pod, nowMs) && pod.live?.seen === undefined;
}

function mayBeTouched(pod: PodFacts, nowMs: number): boolean {
  return mayBeWritten(pod, nowMs) && pod.live?.isTouchDue === true;
}

function mayBeWritten(pod: PodFacts, nowMs: number): boolean {
  const { isPending, refused } = pod.live ?? {};
  return isPending !== true && !isAway(pod) && (refused?.untilMs ?? 0) <= nowMs;
}

/** Of a pool's pods that were refused the one that has waited longest: not all of them at once. */
function oneRefusedEach(candidates: readonly Candidate[]): readonly Candidate[] {
  const waiting = candidates
    .filter(({ pod, target }) => pod.live?.refused !== undefined && target !== toldSize(pod))
    .sort((a, b) => triedAgainAtMs(a) - triedAgainAtMs(b) || byName(a, b));
  if (waiting.length === 0) return candidates;
  const first = new Map(waiting.toReversed().map((one) => [one.index, one]));
  const queued = new Set(waiting.filter((one) => first.get(one.index) !== one));
  return candidates.filter((one) => !queued.has(one));
}

function triedAgainAtMs({ pod }: Candidate): number {
  return pod.live?.refused?.untilMs ?? 0;
}

function touchOf({ index, position, pod }: Candidate): Resize {
  return { index, position, pod, poolSize: toldSize(pod), why: "Touch" };
}

interface Growth {
  readonly grows: readonly Resize[];
  readonly lackingSlots: ReadonlyMap<number, number>;
}

/** Those that have the smallest part of their share first; nobody where others wait to start. */
function growthOf(
  candidates: readonly Candidate[],
  terms: ResizeTerms,
  waiting: Pick<ReleaseDecisions, "crowded" | "lackingSlots">,
): Growth {
  const grows: Resize[] = [];
  const lacking = new Map(waiting.lackingSlots);
  const kept: Kept = new Map();
  for (const one of growersByDeficit(candidates)) {
    const { index, position, pod, target } = one;
    if (!terms.mayGrow(position.pool)) continue;
    if (terms.limits.of(index).some((account) => waiting.crowded.has(account))) continue;
    const poolSize = givenTo(one, terms.limits, kept);
    if (poolSize > toldSize(pod)) {
      terms.limits.raiseLive(index, addedSlots(one, poolSize));
      grows.push({ index, position, pod, poolSize, why: "Grow" });
    }
    const lack = addedSlots(one, target) - addedSlots(one, poolSize);
    if (lack > 0) lacking.set(index, (lacking.get(index) ?? 0) + lack);
  }
  return { grows, lackingSlots: lacking };
}

/** Free slots of each limit that nobody after it gets, because somebody waits for the rest. */
type Kept = Map<LimitAccount, number>;

/** All at once; a part where the rest is not coming, or where it has only what it began with. */
function givenTo(one: Candidate, limits: LimitAccounts, kept: Kept): number {
  const { index, pod, target } = one;
  const freeSlots = limits.freeSlots(index, kept);
  const poolSize = Math.max(largestFitting(one, freeSlots), toldSize(pod));
  const isPart = poolSize > toldSize(pod) && poolSize < target;
  const isAwaited = isPart && pod.live?.resizedAtMs !== undefined;
  if (!isAwaited || !isRestComing(one, limits, kept)) return poolSize;
  for (const account of limits.of(index)) kept.set(account, (kept.get(account) ?? 0) + freeSlots);
  return toldSize(pod);
}

/** Pods were told to leave what it lacks beyond the free slots, and have yet to prove it. */
function isRestComing(one: Candidate, limits: LimitAccounts, kept: Kept): boolean {
  return limits.of(one.index).every((account) => {
    const wantedSlots = addedSlots(one, one.target) + (kept.get(account) ?? 0);
    const freeSlots = freeForGrowth(account) - closedToGrowth(account);
    return freeSlots >= wantedSlots || freeSlots + comingSlots(account.positions) >= wantedSlots;
  });
}

/** Those that do not follow yet may still do so when they are touched. */
const comingSlots = oncePer((positions: readonly Position[]): number => {
  return positions.reduce((sum, position) => sum + unprovenSlots(position, givesBackSoon), 0);
});

function growersByDeficit(candidates: readonly Candidate[]): Candidate[] {
  const part = ({ pod, target }: Candidate): number => toldSize(pod) / target;
  return candidates
    .filter(({ position, pod, target }) => isWorthRolling(position, toldSize(pod), target))
    .sort((a, b) => part(a) - part(b) || a.index - b.index || byName(a, b));
}

function byName(a: Candidate, b: Candidate): number {
  return a.pod.name < b.pod.name ? -1 : 1;
}

/** Its size up to the target, or as much of it as is free and worth a change; 0: nothing is. */
function largestFitting(one: Candidate, freeSlots: number): number {
  const { position, pod, target } = one;
  if (freeSlots < 0) return 0;
  if (addedSlots(one, target) <= freeSlots) return target;
  const { extraConnectionsPerPod, processesPerPod } = position.sizing;
  const slots = countedSlots(one) + freeSlots - extraConnectionsPerPod;
  const fitting = Math.min(target, divideFloor(slots, processesPerPod));
  return isWorthRolling(position, toldSize(pod), fitting) ? fitting : 0;
}

/** What it stands in the account with. */
function countedSlots({ position, pod }: Candidate): number {
  return slotsPerPod(position.sizing, Math.max(pod.own.poolSize, position.inForce));
}

function addedSlots(one: Candidate, poolSize: number): number {
  return Math.max(0, slotsPerPod(one.position.sizing, poolSize) - countedSlots(one));
}

type LackTerms = ResizeTerms & Pick<ReleaseDecisions, "lackingSlots" | "ofQuota">;

/** In each limit no more than what is lacking there. */
function shrinksFor(
  pools: readonly PoolPlan[],
  candidates: readonly Candidate[],
  terms: LackTerms,
): Resize[] {
  const shrinks = new Map<PodFacts, Resize>();
  const donors = donorsByExcess(candidates);
  for (const account of terms.limits.all) {
    const members = new Set(account.indexes);
    const own = donors.filter(({ index }) => members.has(index));
    const given = own.filter(({ pod }) => shrinks.has(pod));
    let need =
      lackIn(account, pools, terms) - given.reduce((sum, one) => sum + excessOfOne(one), 0);
    for (const one of own) {
      if (need <= 0) break;
      if (shrinks.has(one.pod)) continue;
      const { index, position, pod, target: poolSize } = one;
      shrinks.set(pod, { index, position, pod, poolSize, why: "Shrink" });
      need -= excessOfOne(one);
    }
  }
  return [...shrinks.values()];
}

function donorsByExcess(candidates: readonly Candidate[]): Candidate[] {
  return candidates
    .filter((one) => excessOfOne(one) > 0)
    .sort((a, b) => excessOfOne(b) - excessOfOne(a) || a.index - b.index || byName(a, b));
}

/** What a shrink of it would free, beyond what earlier ones free already. */
function excessOfOne({ position, pod, target }: Candidate): number {
  return Math.max(0, toldSize(pod) - target) * position.sizing.processesPerPod;
}

/** Beyond what is free for growth, and what will be once shrinks under way are proven. */
function lackIn(
  account: LimitAccount,
  pools: readonly PoolPlan[],
  { lackingSlots, ofQuota, mayGrow }: LackTerms,
): number {
  const { indexes, exposure, limit } = account;
  const lacked = indexes.map((index, place) => {
    const pool = pools[index];
    if (!pool) return 0;
    const { position, share, grant } = pool;
    const isElsewhere = limit.kind !== "namespace" && ofQuota.has(index);
    const ofPods = (isElsewhere ? 0 : (lackingSlots.get(index) ?? 0)) - soonFree(position);
    if (grant.decision !== "Wait" || !mayGrow(position.pool)) return ofPods;
    const poolSize = Math.max(share, position.inForce);
    return ofPods + exposure.slotsWithGrant(place, poolSize) - exposure.slots;
  });
  return lacked.reduce((sum, slots) => sum + slots, 0) - freeForGrowth(account);
}

/** Of pods that are told a smaller size, unless they do not follow, or cannot be told. */
function soonFree(position: Position): number {
  return unprovenSlots(position, (pod) => pod.live?.seen === undefined && givesBackSoon(pod));
}

/** What stands in the account beyond the targets, and will be given back. */
function excessOf(candidates: readonly Candidate[]): ReadonlyMap<number, number> {
  const excess = new Map<number, number>();
  for (const { index, position, pod, target } of candidates) {
    if (isRefused(pod) || !givesBackSoon(pod)) continue;
    const slots = Math.max(0, pod.own.poolSize - target) * position.sizing.processesPerPod;
    if (slots > 0) excess.set(index, (excess.get(index) ?? 0) + slots);
  }
  return excess;
}
