// A policy that was just made, perhaps anew under its name, may count on a server as soon as its
// secret is read. Until then the plan of its pods is missing there: a neighbour that grew into it
// would have to shrink again, and one that made room for its pods would be rolled in vain. Only
// policies of namespaces that are on the server already are waited for: else whoever makes policies
// without end would stop the growth of everybody.

import type { AwaitedPolicy, PolicyFacts, PolicyKey } from "../../domain/facts/facts.ts";
import { hasPlace } from "../../domain/demand/standing.ts";
import type { Caches } from "../caches.ts";
import type { BoundedHolds, HoldScene } from "../memory/bounded-holds.ts";
import type { PolicyBook } from "../resolve/policy-book.ts";

/** For how long others wait for policies that were just made, and for new replicas. */
export interface Holds {
  readonly newcomerHolds: BoundedHolds;
  readonly replicaHolds: BoundedHolds;
}

interface Known extends Pick<Holds, "newcomerHolds"> {
  readonly caches: Pick<Caches, "policies">;
  readonly book: PolicyBook;
}

/**
 * Policies beside these that were not looked at yet, or whose secret could not be asked for: the
 * first of each namespace.
 */
export function awaitedPolicies(
  members: readonly PolicyFacts[],
  { caches, book, newcomerHolds }: Known,
  scene: HoldScene,
): readonly AwaitedPolicy[] {
  const namespaces = new Set(members.map(({ namespace }) => namespace));
  const told = members.filter((one) => one.spec.mode === "Observe" || hasPlace(one));
  const placed = new Set(told.map(({ key }) => key));
  const found = new Map<string, PolicyKey>();
  for (const { key, namespace, deleting } of caches.policies.values()) {
    if (deleting || !namespaces.has(namespace) || found.has(namespace)) continue;
    if (!isPlaceKnown(book, key, placed.has(key))) found.set(namespace, key);
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([namespace, key]) => {
      return { key, namespace, isHold: newcomerHolds.isHold(namespace, scene) };
    });
}

/**
 * What is wrong for good, such as a secret that does not exist, is known. One that was in force
 * keeps its place while its secret cannot be asked for; one that was made anew has none until then.
 */
function isPlaceKnown(book: PolicyBook, key: PolicyKey, isPlaced: boolean): boolean {
  if (!book.hasSeen(key)) return false;
  return isPlaced || book.get(key)?.failure?.reason !== "DatabaseUnreachable";
}
