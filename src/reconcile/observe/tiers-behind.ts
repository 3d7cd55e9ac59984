// What is known of the servers behind a pooler. The pooler says where it connects to, in the words
// of its configuration, which may be others than ours. So a server behind it is one that a policy
// names as such, or one that is read by the same name; in each case by the login of a namespace
// that has a policy on the pooler: whoever runs a pooler can say any name, and would be told of a
// server that is no business of his.

import type { DatabaseFacts, KnownBehind, ServerKey } from "../../domain/facts/facts.ts";
import { engines, usualEngine } from "../../api/engines.ts";
import { isBounded, type QuotaSetting } from "../../domain/supply/quota-settings.ts";
import { ordinarySlots, usuallyWithheld } from "../../domain/supply/withheld.ts";
import type { Readings } from "../memory/readings.ts";
import { canAsk, type PolicyBook, type ResolvedPolicy } from "../resolve/policy-book.ts";

export interface Known {
  readonly book: Pick<PolicyBook, "canonical" | "of">;
  readonly readings: Pick<Readings, "wordOf">;
  readonly namespaceQuotas: readonly QuotaSetting[] | undefined;
}

interface Named {
  readonly server: ServerKey;
  readonly namespace: string;
  readonly isRead: boolean;
  /** What a policy declares of it, where its word counts for others. */
  readonly maxConnections: number | undefined;
  /** It counts for others which server it means. */
  readonly isHeard: boolean;
}

/** `standing`: the policies that count on the pooler. */
export function tiersBehind(
  known: Known,
  server: ServerKey,
  standing: readonly ResolvedPolicy[],
): Pick<DatabaseFacts, "behind"> {
  const behind = known.readings.wordOf(server)?.behind;
  if (behind === undefined || behind.length === 0) return {};
  const named = speaking(standing).flatMap((policy) => namedBy(policy, known));
  const meant = new Set(named.filter(({ isHeard }) => isHeard).map((one) => one.server));
  const [only] = meant;
  const isOnly = behind.length === 1 && meant.size === 1;
  return {
    behind: behind.map((one) => {
      const name = (isOnly ? only : undefined) ?? known.book.canonical(one.server);
      const found = wordOn(name, { named, standing, known });
      return found ? { ...one, known: found } : one;
    }),
  };
}

/** The words of those that only observe count where nobody does more. */
function speaking(standing: readonly ResolvedPolicy[]): readonly ResolvedPolicy[] {
  const enforcing = standing.filter(({ spec }) => spec.mode === "Enforce");
  return enforcing.length > 0 ? enforcing : standing;
}

function namedBy(policy: ResolvedPolicy, { book, namespaceQuotas }: Known): readonly Named[] {
  const { namespace, replicas = [] } = policy;
  const isHeard = !isBounded(namespace, namespaceQuotas);
  return replicas
    .filter(({ isBehind }) => isBehind === true)
    .map((one) => ({
      ...{ server: book.canonical(one.server), namespace, isHeard, isRead: canAsk(one) },
      maxConnections: isHeard ? one.said.maxConnections : undefined,
    }));
}

interface Scene {
  readonly named: readonly Named[];
  readonly standing: readonly ResolvedPolicy[];
  readonly known: Known;
}

function wordOn(
  server: ServerKey,
  { named, standing, known: { book, readings } }: Scene,
): KnownBehind | undefined {
  const own = named.filter((one) => one.server === server);
  const namespaces = new Set(standing.map(({ namespace }) => namespace));
  const there = book.of(server).filter((one) => namespaces.has(one.namespace));
  const readers = [...own.filter(({ isRead }) => isRead), ...there.filter(canAsk)];
  const word = readers.length > 0 ? readings.wordOf(server) : undefined;
  const declared = own.flatMap(({ maxConnections }) => maxConnections ?? []);
  const all = [...declared, ...(word ? [word.maxConnections] : [])];
  if (all.length === 0) return undefined;
  const maxConnections = Math.min(...all);
  const withheld = word?.withheld ?? usuallyWithheld(engines[usualEngine]);
  const [sizing] = there;
  // What was read is told to those whose login it was, and to nobody who only says the name.
  const told = word ? readers : own;
  return {
    ...{ server, maxConnections, slots: ordinarySlots({ maxConnections, withheld }) },
    toldTo: [...new Set(told.map(({ namespace }) => namespace))].sort(),
    ...(sizing && { policy: sizing.key }),
  };
}
