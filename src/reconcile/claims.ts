// Which policies claim which workloads of a namespace. The first entry of a policy that matches
// counts; a workload that two policies claim is managed by neither until that is solved, so all of
// them are kept. Every event and every decision asks, and selectors may be large: what a workload
// was matched with once is not matched again.

import type { PoolPolicySpec, WorkloadEntry } from "../api/poolpolicy.ts";
import type { PolicyKey } from "../domain/facts.ts";
import type { ObservedWorkload } from "../observed.ts";
import type { ResolvedPolicy } from "./policy-book.ts";
import { type Matcher, matcherOf } from "./selectors.ts";

export interface Claim {
  readonly policy: PolicyKey;
  readonly entry: WorkloadEntry;
  /** Of the entry in the policy's list. */
  readonly index: number;
}

type Claimant = Pick<ResolvedPolicy, "key" | "spec">;

/** Claims on each workload that has any, in the order of the policies' keys. */
export function claimsOn(
  workloads: Iterable<ObservedWorkload>,
  policies: readonly Claimant[],
): Map<ObservedWorkload, readonly Claim[]> {
  const claims = new Map<ObservedWorkload, readonly Claim[]>();
  const specs = specsOf(policies);
  const placed = policies.map(({ key, spec }, place) => ({ key, spec, place }));
  const claimants = Map.groupBy(placed, ({ spec }) => spec);
  for (const workload of workloads) {
    const { places } = matchedWith(workload, specs);
    // Most workloads of a large namespace have no claim, and nearly all others have one.
    if (places.size === 0) continue;
    claims.set(workload, foundAt(places, claimants));
  }
  return claims;
}

function foundAt(
  places: Matched["places"],
  claimants: ReadonlyMap<
    PoolPolicySpec,
    readonly { readonly key: PolicyKey; readonly place: number }[]
  >,
): readonly Claim[] {
  const found = [...places].flatMap(([spec, index]) => {
    const entry = spec.workloads[index];
    return entry ? (claimants.get(spec) ?? []).map((one) => ({ ...one, entry, index })) : [];
  });
  found.sort((a, b) => a.place - b.place);
  return found.map(({ key, entry, index }) => ({ policy: key, entry, index }));
}

type Specs = ReadonlySet<PoolPolicySpec>;

/** What a workload was matched with, and the place of the entry that matches, where one does. */
interface Matched {
  readonly specs: Specs;
  readonly places: ReadonlyMap<PoolPolicySpec, number>;
}

// Cached objects never change: another object is another workload or another spec.
const matched = new WeakMap<ObservedWorkload, Matched>();

/** By the first of them: workloads share one set, or each would keep its own. */
const latestSpecs = new WeakMap<PoolPolicySpec, Specs>();

function specsOf(policies: readonly Claimant[]): Specs {
  const [first] = policies;
  if (!first) return new Set();
  const latest = latestSpecs.get(first.spec);
  if (latest?.size === policies.length && policies.every(({ spec }) => latest.has(spec))) {
    return latest;
  }
  const specs = new Set(policies.map(({ spec }) => spec));
  latestSpecs.set(first.spec, specs);
  return specs;
}

function matchedWith(workload: ObservedWorkload, specs: Specs): Matched {
  const before = matched.get(workload);
  if (before?.specs === specs) return before;
  const places = new Map<PoolPolicySpec, number>();
  for (const spec of specs) {
    const isKnown = before?.specs.has(spec) === true;
    const place = isKnown ? before.places.get(spec) : placeIn(spec, workload);
    if (place !== undefined) places.set(spec, place);
  }
  const after = { specs, places };
  matched.set(workload, after);
  return after;
}

function placeIn(spec: PoolPolicySpec, workload: ObservedWorkload): number | undefined {
  const place = matchersOf(spec).findIndex((matches) => matches(workload));
  return place < 0 ? undefined : place;
}

const matchers = new WeakMap<PoolPolicySpec, readonly Matcher[]>();

function matchersOf(spec: PoolPolicySpec): readonly Matcher[] {
  const known = matchers.get(spec);
  if (known) return known;
  const made = spec.workloads.map(matcherOf);
  matchers.set(spec, made);
  return made;
}
