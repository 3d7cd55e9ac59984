// Which policies claim which workloads of a namespace. Of a policy's entries for one pool the first
// that matches counts. Where two policies claim one pool none of the workload's pools is sized
// until that is solved, so all of them are kept. Every event and every decision asks, and selectors
// may be large: what a workload was matched with once is not matched again.

import { mainPool } from "../../api/keys.ts";
import type { PoolPolicySpec, WorkloadEntry } from "../../api/poolpolicy.ts";
import type { PolicyKey } from "../../domain/facts/facts.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { ObservedWorkload } from "../../observed.ts";
import type { ResolvedPolicy } from "../resolve/policy-book.ts";
import { fewClaims } from "./few-claims.ts";
import { type Matcher, matcherOf } from "./selectors.ts";

export interface Selection {
  readonly policy: PolicyKey;
  readonly spec: PoolPolicySpec;
  /** `main`, or what the entry calls it. */
  readonly pool: string;
  readonly entry: WorkloadEntry;
  /** Of the entry in the policy's list. */
  readonly index: number;
}

type Claimant = Pick<ResolvedPolicy, "key" | "spec">;

export type Claims = ReadonlyMap<ObservedWorkload, readonly Selection[]>;

interface OnLists {
  readonly lists: readonly (readonly ObservedWorkload[])[];
  readonly claims: Claims;
}

const latestOnLists = new WeakMap<Claimants, OnLists>();

/**
 * The same of several lists, and the same map while lists and policies are the same: a namespace
 * may be asked for by a hundred servers.
 */
export function claimsOnLists(lists: OnLists["lists"], policies: readonly Claimant[]): Claims {
  const claimants = claimantsOf(policies);
  const latest = latestOnLists.get(claimants);
  if (latest?.lists.every((list, place) => list === lists[place]) === true) return latest.claims;
  const claims = claimsOn(lists.flat(), policies);
  latestOnLists.set(claimants, { lists, claims });
  return claims;
}

/** Claims on each workload that has any, in the order of the policies' keys. */
export function claimsOn(
  workloads: Iterable<ObservedWorkload>,
  policies: readonly Claimant[],
): Map<ObservedWorkload, readonly Selection[]> {
  const claims = new Map<ObservedWorkload, readonly Selection[]>();
  const claimants = claimantsOf(policies);
  for (const workload of workloads) {
    const found = matchedWith(workload, claimants).claims;
    // Most workloads of a large namespace have no claim, and nearly all others have one.
    if (found.length > 0) claims.set(workload, found);
  }
  return claims;
}

/** By their specs, each with its keys and places. */
type Claimants = ReadonlyMap<PoolPolicySpec, readonly Placed[]>;

interface Placed {
  readonly key: PolicyKey;
  /** Among all of them. */
  readonly place: number;
  /** What each of its entries claims, the same of every workload. */
  readonly selections: readonly Selection[];
}

/** What a workload was matched with, and what came of it. */
interface Matched {
  readonly claimants: Claimants;
  /** Of the entries that match, one for each pool, where any does. */
  readonly places: ReadonlyMap<PoolPolicySpec, readonly number[]>;
  readonly claims: readonly Selection[];
}

// Cached objects never change: another object is another workload or another spec.
const matched = new WeakMap<ObservedWorkload, Matched>();

/**
 * By the first of their specs: as long as the policies are the same, so is this, and what was found
 * with it. Fifty servers may ask for the same workloads.
 */
const latestClaimants = new WeakMap<PoolPolicySpec, Claimants>();

function claimantsOf(policies: readonly Claimant[]): Claimants {
  const [first] = policies;
  if (!first) return new Map();
  const latest = latestClaimants.get(first.spec);
  if (latest && areThose(policies, latest)) return latest;
  const placed = policies.map(({ key, spec }, place) => ({ key, spec, place }));
  const claimants = new Map(
    [...Map.groupBy(placed, ({ spec }) => spec)].map(([spec, those]) => {
      const placedOf = ({ key, place }: Pick<Placed, "key" | "place">): Placed => {
        return { key, place, selections: selectionsOf(key, spec) };
      };
      return [spec, those.map(placedOf)] as const;
    }),
  );
  latestClaimants.set(first.spec, claimants);
  return claimants;
}

function selectionsOf(policy: PolicyKey, spec: PoolPolicySpec): readonly Selection[] {
  return spec.workloads.map((entry, index) => {
    return { policy, spec, pool: entry.pool ?? mainPool, entry, index };
  });
}

function areThose(policies: readonly Claimant[], claimants: Claimants): boolean {
  const count = [...claimants.values()].reduce((sum, { length }) => sum + length, 0);
  const isAtPlace = ({ key, spec }: Claimant, place: number): boolean =>
    claimants.get(spec)?.some((one) => one.key === key && one.place === place) === true;
  return count === policies.length && policies.every(isAtPlace);
}

function matchedWith(workload: ObservedWorkload, claimants: Claimants): Matched {
  const before = matched.get(workload);
  if (before?.claimants === claimants) return before;
  const places = new Map<PoolPolicySpec, readonly number[]>();
  for (const spec of claimants.keys()) {
    const isKnown = before?.claimants.has(spec) === true;
    const found = isKnown ? before.places.get(spec) : placesIn(spec, workload);
    if (found !== undefined && found.length > 0) places.set(spec, found);
  }
  const after = { claimants, places, claims: foundAt(places, claimants) };
  matched.set(workload, after);
  return after;
}

function foundAt(places: Matched["places"], claimants: Claimants): readonly Selection[] {
  if (places.size === 0) return noClaims;
  const placed = [...places].flatMap(([spec, indexes]) =>
    (claimants.get(spec) ?? []).map((one) => ({ ...one, indexes })),
  );
  placed.sort((a, b) => a.place - b.place);
  const all = placed.map(({ selections, indexes }) => {
    return indexes.toSorted((a, b) => a - b).flatMap((index) => selections[index] ?? []);
  });
  const { kept, leftOutCount } = fewClaims(all);
  if (leftOutCount > 0) leftOutCounts.set(kept, leftOutCount);
  return kept;
}

const leftOutCounts = new WeakMap<readonly Selection[], number>();

/** Claims on the same workload beside these, which are too many to count. */
export function claimsLeftOut(claims: readonly Selection[]): number {
  return leftOutCounts.get(claims) ?? 0;
}

const noClaims: readonly Selection[] = [];

/** Nearly always there is one pool. */
function placesIn(spec: PoolPolicySpec, workload: ObservedWorkload): readonly number[] {
  const places: number[] = [];
  const matchers = matchersOf(spec);
  for (const own of placesByPool(spec)) {
    const place = own.find((one) => matchers[one]?.(workload) === true);
    if (place !== undefined) places.push(place);
  }
  return places;
}

/** Of the entries for each pool. */
const placesByPool = oncePer(({ workloads }: PoolPolicySpec): readonly (readonly number[])[] => {
  const byPool = Map.groupBy(workloads.keys(), (place) => workloads[place]?.pool ?? mainPool);
  return [...byPool.values()];
});

const knownMatchers = new WeakMap<PoolPolicySpec, readonly Matcher[]>();

function matchersOf(spec: PoolPolicySpec): readonly Matcher[] {
  const known = knownMatchers.get(spec);
  if (known) return known;
  const made = spec.workloads.map(matcherOf);
  knownMatchers.set(spec, made);
  return made;
}

const keysOfClaims = new WeakMap<readonly Selection[], readonly PolicyKey[]>();

/** Whose they are; the same list for the same claims, so that a comparison is short. */
export function claimedByOf(claims: readonly Selection[]): readonly PolicyKey[] {
  const known = keysOfClaims.get(claims);
  if (known) return known;
  const keys = claims.map(({ policy }) => policy);
  keysOfClaims.set(claims, keys);
  return keys;
}
