// What the policies of one namespace pick: workloads, and pods by their own labels as if each
// entry's were a workload. A namespace may have the policies of many servers, each of which asks:
// what is the same for all of them is worked out once, and each goes through what is its own.

import { type PoolKey, workloadKeyOf, workloadOfPool } from "../../api/keys.ts";
import type { PolicyKey } from "../../domain/facts/facts.ts";
import { oncePer } from "../../domain/once-per.ts";
import type { PickedWorkload } from "../../observed.ts";
import { byNamespace, type Caches, workloadNamed, workloadsIn } from "../caches.ts";
import type { PolicyBook } from "../resolve/policy-book.ts";
import type { Sharing } from "../resolve/workload-ties.ts";
import { claimedByOf, type Claims, claimsOnLists, type Selection } from "./claims.ts";
import { type PickedPods, pickedPods } from "./picked-pods.ts";
import { type ClaimedPool, nameOf, poolsOf } from "./pools-of-workload.ts";
import { sharingIn } from "./shared-workloads.ts";
import { specsOfNow } from "./spec-of-now.ts";

export interface ClaimsInNamespace {
  /** On workloads of which the policies at hand claim a pool, and on all that entries pick. */
  readonly claims: ReadonlyMap<PickedWorkload, readonly Selection[]>;
  /** On any workload of the namespace. */
  readonly on: (workload: PickedWorkload) => readonly Selection[] | undefined;
  /** What a row or a grant calls so, of the workloads that are there. */
  readonly named: (name: string) => PickedWorkload | undefined;
  /** Policies that share workloads, of any server. */
  readonly sharing: readonly Sharing[];
  /** Of those that entries pick by the labels of their pods. */
  readonly podsOf: ReadonlyMap<PickedWorkload, PickedPods>;
}

/** `members`: the policies at hand, of other namespaces too. */
export function claimsIn(
  { book, caches }: { readonly book: PolicyBook; readonly caches: Caches },
  namespace: string,
  members: Pick<ReadonlyMap<PolicyKey, unknown>, "has">,
): ClaimsInNamespace {
  const specs = specsOfNow(namespace, { book, caches });
  const selected = claimsOnLists(workloadsIn(caches, namespace), specs);
  const picked = pickedPods(specs, {
    workloads: () => holdersIn(selected),
    pods: () => caches.pods.byIndex(byNamespace, namespace),
    isMember: (policy) => members.has(policy),
  });
  const found = picked.map((one) => [one.workload, one.claims] as const);
  const own = ofMembers(selected, members);
  const claims = found.length === 0 ? own : new Map<PickedWorkload, Own>([...own, ...found]);
  const pickedByKey = new Map(picked.map(({ workload }) => [workloadKeyOf(workload), workload]));
  const ofAll: ReadonlyMap<PickedWorkload, Own> = selected;
  return {
    claims,
    on: (workload) => claims.get(workload) ?? ofAll.get(workload),
    named: (name) => {
      const key = workloadOfPool(`${namespace}/${name}` as PoolKey);
      return workloadNamed(caches, key) ?? pickedByKey.get(key);
    },
    sharing: sharingIn(selected),
    podsOf: new Map(picked.map((one) => [one.workload, one])),
  };
}

/** The pool of an entry that a row or a grant calls so; none where no entry names it. */
export function poolNamed(
  name: string,
  { on, named }: Pick<ClaimsInNamespace, "on" | "named">,
): ClaimedPool | undefined {
  const workload = named(name);
  const claims = workload && on(workload);
  return claims && poolsOf(workload, claims).find((pool) => nameOf(workload, pool) === name);
}

type Own = readonly Selection[];

const holdersIn = oncePer((claims: Claims): ReadonlyMap<string, readonly PolicyKey[]> => {
  return new Map([...claims].map(([one, found]) => [workloadKeyOf(one), claimedByOf(found)]));
});

/** In the order of all of them. */
function ofMembers(
  claims: Claims,
  members: Parameters<typeof claimsIn>[2],
): ReadonlyMap<PickedWorkload, Own> {
  const { entries, places } = byPolicy(claims);
  const own = [...places].filter(([policy]) => members.has(policy));
  if (own.length === places.size) return claims;
  const sorted = [...new Set(own.flatMap(([, some]) => some))].sort((a, b) => a - b);
  return new Map(sorted.flatMap((place) => entries.slice(place, place + 1)));
}

const byPolicy = oncePer((claims: Claims) => {
  const entries = [...claims];
  const places = new Map<PolicyKey, number[]>();
  for (const [place, [, found]] of entries.entries()) {
    for (const { policy } of found) {
      const own = places.get(policy);
      if (own) own.push(place);
      else places.set(policy, [place]);
    }
  }
  return { entries, places };
});
