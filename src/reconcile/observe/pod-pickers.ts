// Which entries pick a pod by its labels. Every event of a pod and every decision asks, of each of
// ten thousand pods, and a namespace may have thousands of entries: so entries are found by one of
// their labels, the one that the fewest others have, and a set of labels is looked up once.

import type { PoolPolicySpec } from "../../api/poolpolicy.ts";
import { mainPool } from "../../api/keys.ts";
import { isPodsEntry, podsEntryName, type PodsEntry } from "../../api/pods-entry.ts";
import type { PolicyKey } from "../../domain/facts/facts.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { ObservedPod } from "../../observed.ts";
import type { Selection } from "./claims.ts";

export interface Claimant {
  readonly key: PolicyKey;
  readonly spec: PoolPolicySpec;
}

/** The entries of one policy that have one name. */
export interface Picking {
  readonly policy: PolicyKey;
  readonly name: string;
  readonly labels: readonly (readonly [key: string, value: string])[];
  readonly claims: readonly Selection[];
}

type Labels = ObservedPod["labels"];

/** Of all policies of a namespace. */
export class PodPickers {
  /** In the order of the policies, and of their entries. */
  readonly all: readonly Picking[];
  readonly #policies: readonly Claimant[];
  /** Places in `all`, by one label of each. */
  readonly #byLabel: ReadonlyMap<string, readonly number[]>;
  /** Labels never change: others are other labels. */
  readonly #known = new WeakMap<NonNullable<Labels>, readonly Picking[]>();
  /** Of labels that entries name: pods that differ in others get the same list. */
  readonly #lists = new Map<string, readonly Picking[]>();
  readonly #named: ReadonlySet<string>;

  constructor(policies: readonly Claimant[]) {
    this.#policies = policies;
    this.all = pickingsIn(policies);
    this.#byLabel = byRarestLabel(this.all);
    this.#named = new Set(this.all.flatMap((one) => one.labels.map(textOf)));
  }

  areOf(policies: readonly Claimant[]): boolean {
    const isSame = ({ key, spec }: Claimant, place: number): boolean => {
      const own = this.#policies[place];
      return own?.key === key && own.spec === spec;
    };
    return policies.length === this.#policies.length && policies.every(isSame);
  }

  /** Of each policy the first that matches, in their order; nearly always the same list again. */
  of(labels: Labels): readonly Picking[] {
    if (labels === undefined || this.#named.size === 0) return [];
    const known = this.#known.get(labels);
    if (known) return known;
    const named = Object.entries(labels)
      .map(textOf)
      .filter((label) => this.#named.has(label));
    const list = this.#listFor(named, labels);
    this.#known.set(labels, list);
    return list;
  }

  #listFor(named: readonly string[], labels: NonNullable<Labels>): readonly Picking[] {
    const key = named.join(",");
    const known = this.#lists.get(key);
    if (known) return known;
    // Pods come and go, and each may have other labels.
    if (this.#lists.size === listsMax) this.#lists.clear();
    const places = named.flatMap((label) => this.#byLabel.get(label) ?? []);
    const list = this.#firstOfEach(places, labels);
    this.#lists.set(key, list);
    return list;
  }

  #firstOfEach(places: readonly number[], labels: NonNullable<Labels>): readonly Picking[] {
    const first = new Map<PolicyKey, Picking>();
    for (const place of places.toSorted((a, b) => a - b)) {
      const one = this.all[place];
      if (one && !first.has(one.policy) && matches(one, labels)) first.set(one.policy, one);
    }
    return [...first.values()];
  }
}

const listsMax = 1_000;

/** By the first of their specs: as long as the policies are the same, so are these. */
const latest = new WeakMap<PoolPolicySpec, PodPickers>();

export function podPickers(policies: readonly Claimant[]): PodPickers {
  const [first] = policies;
  const known = first && latest.get(first.spec);
  if (known?.areOf(policies) === true) return known;
  const pickers = new PodPickers(policies);
  if (first) latest.set(first.spec, pickers);
  return pickers;
}

const pickingsOf = oncePer(({ workloads }: PoolPolicySpec) => {
  const entries = workloads.flatMap((entry, index) =>
    isPodsEntry(entry) ? [{ entry, index }] : [],
  );
  return [...Map.groupBy(entries, ({ entry }) => podsEntryName(entry))].map(([name, own]) => {
    const byPool = Map.groupBy(own, ({ entry }) => entry.pool ?? mainPool);
    const firsts = [...byPool].flatMap(([pool, [first]]) => (first ? [{ pool, ...first }] : []));
    return { name, labels: labelsOf(own[0]?.entry), firsts };
  });
});

function labelsOf(entry: PodsEntry | undefined): Picking["labels"] {
  return Object.entries(entry?.pods.matchLabels ?? {});
}

function pickingsIn(policies: readonly Claimant[]): readonly Picking[] {
  return policies.flatMap(({ key: policy, spec }) =>
    pickingsOf(spec).map(({ name, labels, firsts }) => {
      return { policy, name, labels, claims: firsts.map((one) => ({ ...one, policy, spec })) };
    }),
  );
}

function byRarestLabel(pickings: readonly Picking[]): ReadonlyMap<string, readonly number[]> {
  const counts = new Map<string, number>();
  for (const label of pickings.flatMap(({ labels }) => labels.map(textOf))) {
    counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const countOf = (label: string): number => counts.get(label) ?? 0;
  const found = new Map<string, number[]>();
  for (const [place, { labels }] of pickings.entries()) {
    const [rarest] = labels.map(textOf).sort((a, b) => countOf(a) - countOf(b));
    if (rarest === undefined) continue;
    const places = found.get(rarest) ?? [];
    found.set(rarest, places);
    places.push(place);
  }
  return found;
}

/** No key has an equals sign. */
function textOf([key, value]: readonly [string, string]): string {
  return `${key}=${value}`;
}

function matches({ labels }: Picking, own: NonNullable<Labels>): boolean {
  return labels.every(([key, value]) => Object.hasOwn(own, key) && own[key] === value);
}
