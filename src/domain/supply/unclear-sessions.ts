// Sessions that may be those of pods that are gone: pods that are not ready may have none of
// theirs, and no reading has shown yet what is there without them. Nobody grows into them in the
// limits that they count in: those of whoever logs in with the role, and the server's own line.
// Pods that never get ready cost their owner nothing, so a namespace with a quota keeps no more
// from others by them than its quota lets it have.

import { namespaceOf } from "../../api/keys.ts";
import type { PolicyKey, PoolFacts } from "../facts/facts.ts";
import { isMember, type NamespaceQuota, type NarrowLimit } from "./limit.ts";

/** Of one login. */
export interface UnclearSessions {
  readonly role: string;
  /** Those that log in with it. */
  readonly policies: readonly PolicyKey[];
  readonly slots: number;
  /** All that the login has, these included. */
  readonly shownSlots: number;
}

/** Names of one server are read in one round, and one of them may lie: the most of each counts. */
export function mostUnclear(
  readings: readonly (readonly UnclearSessions[])[],
): readonly UnclearSessions[] {
  const byRole = Map.groupBy(readings.flat(), ({ role }) => role);
  return [...byRole.values()].flatMap((all) => {
    return all.toSorted((a, b) => b.slots - a.slots).slice(0, 1);
  });
}

export function unclearSlotsOf(unclear: readonly UnclearSessions[]): number {
  return unclear.reduce((sum, { slots }) => sum + slots, 0);
}

type Quota = Pick<NamespaceQuota, "name" | "slots">;

/** What nobody on the server grows into. */
export function unclearForAll(
  unclear: readonly UnclearSessions[],
  quotas: readonly Quota[],
): number {
  const quotaOf = new Map(quotas.map(({ name, slots }) => [name, slots]));
  const byOwners = Map.groupBy(unclear, (one) => namespacesOf(one).join(" "));
  return [...byOwners.values()].reduce((sum, own) => sum + mostOfOwners(own, quotaOf), 0);
}

function namespacesOf({ policies }: UnclearSessions): readonly string[] {
  return [...new Set(policies.map(namespaceOf))].sort();
}

/** `own`: logins of the same namespaces. Without a quota a namespace is trusted. */
function mostOfOwners(
  own: readonly UnclearSessions[],
  quotaOf: ReadonlyMap<string, number>,
): number {
  const [first] = own;
  const namespaces = first ? namespacesOf(first) : [];
  const quota = namespaces.reduce((sum, name) => sum + (quotaOf.get(name) ?? Infinity), 0);
  const shownSlots = own.reduce((sum, one) => sum + one.shownSlots, 0);
  return Math.min(unclearSlotsOf(own), Math.max(0, quota - shownSlots));
}

/** What no member of the limit grows into. */
export function unclearWithin(
  unclear: readonly UnclearSessions[],
  limit: NarrowLimit,
  pools: readonly PoolFacts[],
): number {
  if (unclear.length === 0) return 0;
  const members = pools.filter(({ poolKey }) => isMember(limit, poolKey));
  const policies = new Set(members.map(({ policy }) => policy));
  return unclearSlotsOf(unclear.filter((one) => one.policies.some((key) => policies.has(key))));
}
