// Workloads whose pools are of several policies. Each pool is named by one of them: two that name
// the same one are a conflict, which sizes none (pool-writers.ts). Where the policies count on
// different servers, these are decided together, because a rollout starts pods with all of the
// pools: so who shares what is noted before anything is decided (workload-ties.ts), and policies
// that would tie too many servers size nothing of what they share.

import type { Finding, PolicyKey } from "../../domain/facts/facts.ts";
import { oncePer } from "../../domain/once-per.ts";
import { sayAllOfFew } from "../../domain/words/fold-findings.ts";
import type { PickedWorkload } from "../../observed.ts";
import type { PolicyBook } from "../resolve/policy-book.ts";
import { tiedMax } from "../resolve/server-links.ts";
import { type Sharing, sharingsMax, textOf } from "../resolve/workload-ties.ts";
import { type Claims, claimsLeftOut, type Selection } from "./claims.ts";

/** Whose claims they are, each once, in order. The same list for the same claims. */
export const policiesOf = oncePer((claims: readonly Selection[]): readonly PolicyKey[] => {
  return [...new Set(claims.map(({ policy }) => policy))].sort();
});

/** Policies that each have pools of their own of it; undefined for one alone, and in a conflict. */
export const sharingOf = oncePer((claims: readonly Selection[]): Sharing | undefined => {
  const policies = policiesOf(claims);
  if (policies.length < 2 || claimsLeftOut(claims) > 0) return undefined;
  const pools = new Set(claims.map(({ pool }) => pool));
  return pools.size === claims.length ? policies : undefined;
});

/** All that share a workload, once each. The same list for the same claims. */
export const sharingIn = oncePer((claims: Claims): readonly Sharing[] => {
  const found = new Map<string, Sharing>();
  for (const own of claims.values()) {
    const sharing = own.length > 1 ? sharingOf(own) : undefined;
    if (sharing) found.set(textOf(sharing), sharing);
  }
  return [...found.values()];
});

/** The pools of a workload, unless its policies may not share it. */
export function sharedPools<P extends { readonly conflicts: readonly Finding[] }>(
  pools: readonly P[],
  { kind, name, namespace }: PickedWorkload,
  {
    book,
    claims,
  }: { readonly book: Pick<PolicyBook, "mayShare">; readonly claims: readonly Selection[] },
): readonly P[] {
  const sharing = claims.length > 1 ? sharingOf(claims) : undefined;
  if (!sharing || book.mayShare(namespace, sharing)) return pools;
  const message =
    `policies ${sayAllOfFew(sharing)} select pools of ${kind}/${name}: with the other workloads and read ` +
    `replicas of the namespace, more than ${tiedMax} servers would have to be decided on together, or more ` +
    `than ${sharingsMax} sets of policies share workloads: none of its pools is sized. To fix: share ` +
    "workloads among fewer policies and servers";
  const conflict: Finding = { reason: "ClaimedTwice", severity: "blocking", message };
  return pools.map((pool) => ({ ...pool, conflicts: [...pool.conflicts, conflict] }));
}
