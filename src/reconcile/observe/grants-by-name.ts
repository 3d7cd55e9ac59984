// What the policies of a namespace grant to a pool, by its name in their statuses. Each may have a
// grant on any pool: it outlives the move of a workload to another policy. A namespace may have the
// policies of a hundred servers, and each of these asks at each decision: only what has changed
// since somebody asked last is sorted in again.

import type { Grant } from "../../api/poolpolicy.ts";
import type { PolicyFacts, PolicyKey } from "../../domain/facts/facts.ts";
import { oncePer, oncePerName } from "../../domain/once-per.ts";
import type { PolicyBook } from "../resolve/policy-book.ts";
import { grantNamed, grantsInForce } from "./hand-over.ts";

export interface GrantOfPolicy {
  readonly key: PolicyKey;
  readonly grant: Grant;
}

type Grants = Readonly<Record<string, Grant>>;

interface Sorted {
  readonly grants: Map<PolicyKey, Grants>;
  /** Which policies grant something to a pool. */
  readonly policies: Map<string, Set<PolicyKey>>;
}

/** By namespace. */
const sortedIn = oncePer<PolicyBook, (namespace: string) => Sorted>(() =>
  oncePerName(() => ({ grants: new Map(), policies: new Map() })),
);

/** Of all policies of a namespace, in their order. */
export function grantsByName(
  policies: readonly PolicyFacts[],
  { book, namespace }: { readonly book: PolicyBook; readonly namespace: string },
): (name: string) => readonly GrantOfPolicy[] {
  const sorted = sortedIn(book)(namespace);
  const now = new Map(policies.map((policy) => [policy.key, grantsInForce(policy)]));
  for (const key of [...sorted.grants.keys()]) if (!now.has(key)) sortIn(sorted, key, {});
  for (const [key, grants] of now) sortIn(sorted, key, grants);
  return (name) =>
    [...(sorted.policies.get(name) ?? [])].sort().flatMap((key) => {
      const grant = grantNamed(now.get(key) ?? {}, name);
      return grant ? [{ key, grant }] : [];
    });
}

function sortIn(sorted: Sorted, key: PolicyKey, grants: Grants): void {
  const before = sorted.grants.get(key) ?? {};
  if (before === grants) return;
  for (const name of Object.keys(before)) forget(sorted, name, key);
  for (const name of Object.keys(grants)) {
    const own = sorted.policies.get(name) ?? new Set();
    sorted.policies.set(name, own.add(key));
  }
  if (Object.keys(grants).length > 0) sorted.grants.set(key, grants);
  else sorted.grants.delete(key);
}

function forget({ policies }: Sorted, name: string, key: PolicyKey): void {
  const own = policies.get(name);
  own?.delete(key);
  if (own?.size === 0) policies.delete(name);
}
