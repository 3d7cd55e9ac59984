// What has to be known of a server before it is decided on: that somebody counts on it, that it was
// asked once, and that every policy was looked at which had something there.

import type { ServerKey } from "../domain/facts/facts.ts";
import type { ObservedPolicy } from "../observed.ts";
import type { Store } from "../ports.ts";
import type { Readings } from "./memory/readings.ts";
import { canAsk, type PolicyBook } from "./resolve/policy-book.ts";
import { rememberedServers } from "./resolve/server-changes.ts";

interface Known {
  readonly book: PolicyBook;
  readonly readings: Pick<Readings, "wasAttempted">;
  readonly caches: { readonly policies: Pick<Store<ObservedPolicy>, "values"> };
}

/** Neither does any policy stand there, nor is it a replica of any. */
export function isNobodys(server: ServerKey, book: PolicyBook): boolean {
  return book.of(server).length === 0 && book.replicaOf(server).length === 0;
}

/** There is a login for it, and it was never asked. */
export function isYetToBeRead(
  server: ServerKey,
  { book, readings }: Pick<Known, "book" | "readings">,
): boolean {
  const isRead = [...book.of(server), ...book.replicaOf(server)].some(canAsk);
  return isRead && !readings.wasAttempted(server);
}

/** A policy that nobody has looked at yet has granted something there, as its status says. */
export function isUnseenOn(
  server: ServerKey,
  { caches, book }: Pick<Known, "book" | "caches">,
): boolean {
  return [...caches.policies.values()].some((policy) => {
    if (policy.deleting || book.hasSeen(policy.key)) return false;
    return rememberedServers(policy).some((stands) => book.canonical(stands) === server);
  });
}
