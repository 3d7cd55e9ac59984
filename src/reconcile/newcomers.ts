// A policy that was just made, perhaps anew under its name, may count on a server as soon as its
// secret is read. Until then the plan of its pods is missing there, and a neighbour that grew into
// it would have to shrink again. Only policies of namespaces that are on the server already are
// waited for: else whoever makes policies without end would stop the growth of everybody.

import type { PolicyFacts, PolicyKey } from "../domain/facts.ts";
import type { Caches } from "./caches.ts";
import type { PolicyBook } from "./policy-book.ts";

interface Known {
  readonly caches: Pick<Caches, "policies">;
  readonly book: PolicyBook;
}

/** A policy beside these that was not looked at yet, or whose secret could not be asked for. */
export function awaitedPolicy(
  members: readonly Pick<PolicyFacts, "namespace">[],
  { caches, book }: Known,
): PolicyKey | undefined {
  const namespaces = new Set(members.map(({ namespace }) => namespace));
  for (const { key, namespace, deleting } of caches.policies.values()) {
    if (!deleting && namespaces.has(namespace) && !isPlaceKnown(book, key)) return key;
  }
  return undefined;
}

/** What is wrong for good, such as a secret that does not exist, is known. */
function isPlaceKnown(book: PolicyBook, key: PolicyKey): boolean {
  if (!book.hasSeen(key)) return false;
  const policy = book.get(key);
  return policy?.server !== undefined || policy?.failure?.reason !== "DatabaseUnreachable";
}
