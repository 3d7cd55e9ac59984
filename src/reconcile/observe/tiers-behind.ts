// What is known of the servers behind a pooler. The pooler says where it connects to, in the words
// of its configuration, which may be others than ours. So a server behind it is one that a policy
// names as such, or one that is read by the same name; in each case by the login of a namespace
// that has a policy on the pooler: whoever runs a pooler can say any name, and would be told of a
// server that is no business of his. While nobody can read it, what the status says counts, so that
// a limit outlives the operator that read it.

import type {
  DatabaseFacts,
  KnownBehind,
  PolicyFacts,
  ServerKey,
} from "../../domain/facts/facts.ts";
import { engines, usualEngine } from "../../api/engines.ts";
import { isBounded, type QuotaSetting } from "../../domain/supply/quota-settings.ts";
import { ordinarySlots, usuallyWithheld } from "../../domain/supply/withheld.ts";
import type { Readings } from "../memory/readings.ts";
import type { Logins } from "../resolve/logins.ts";
import { canAsk, type PolicyBook, type ResolvedPolicy } from "../resolve/policy-book.ts";

export interface Known {
  readonly book: Pick<PolicyBook, "canonical" | "of">;
  readonly readings: Pick<Readings, "wordOf">;
  readonly logins: Pick<Logins, "mayBeTold">;
  readonly namespaceQuotas: readonly QuotaSetting[] | undefined;
}

/** The policies that count on the pooler: what is known of them, and what they were told. */
export interface Standing {
  readonly standing: readonly ResolvedPolicy[];
  readonly policies: readonly Pick<PolicyFacts, "key" | "status">[];
}

interface Named {
  readonly server: ServerKey;
  readonly namespace: string;
  readonly connection: ResolvedPolicy["connection"];
  /** It has a secret, whether or not that can be used now. */
  readonly hasSecret: boolean;
  /** What a policy declares of it, where its word counts for others. */
  readonly maxConnections: number | undefined;
  /** It counts for others which server it means. */
  readonly isHeard: boolean;
}

type Word = Omit<KnownBehind, "policy">;

export function tiersBehind(
  known: Known,
  server: ServerKey,
  { standing, policies }: Standing,
): Pick<DatabaseFacts, "behind"> {
  const behind = known.readings.wordOf(server)?.behind;
  if (behind === undefined || behind.length === 0) return {};
  const named = speaking(standing).flatMap((policy) => namedBy(policy, known));
  const meant = new Set(named.filter(({ isHeard }) => isHeard).map((one) => one.server));
  const areOfOne = behind.length === 1 && meant.size > 0;
  const scene = { named, standing, known, remembered: rememberedBy({ standing, policies }, known) };
  return {
    behind: behind.map((one) => {
      const names = areOfOne ? [...meant] : [known.book.canonical(one.server)];
      const found = strictest(names.flatMap((name) => wordOn(name, scene) ?? []));
      return found ? { ...one, known: found } : one;
    }),
  };
}

/** Of several words on one server. */
function strictest<W extends Word>(words: readonly W[]): W | undefined {
  return words.toSorted((a, b) => a.slots - b.slots)[0];
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
      ...{ server: book.canonical(one.server), namespace, isHeard },
      connection: one.connection,
      hasSecret: one.said.address === undefined,
      maxConnections: isHeard ? one.said.maxConnections : undefined,
    }));
}

/** What their statuses say, of those whose word counts for others. */
function rememberedBy(
  { standing, policies }: Standing,
  { book, namespaceQuotas }: Known,
): readonly Word[] {
  const statuses = new Map(policies.map(({ key, status }) => [key, status]));
  return speaking(standing)
    .filter(({ namespace }) => !isBounded(namespace, namespaceQuotas))
    .flatMap(({ key, namespace }) =>
      (statuses.get(key)?.behind ?? []).map((row) => {
        return { ...row, server: book.canonical(row.server), toldTo: [namespace] };
      }),
    );
}

interface Scene {
  readonly named: readonly Named[];
  readonly standing: readonly ResolvedPolicy[];
  readonly known: Known;
  readonly remembered: readonly Word[];
}

function wordOn(server: ServerKey, scene: Scene): KnownBehind | undefined {
  const { named, standing, known } = scene;
  const own = named.filter((one) => one.server === server);
  const namespaces = new Set(standing.map(({ namespace }) => namespace));
  const there = known.book.of(server).filter((one) => namespaces.has(one.namespace));
  const naming = { server, own, there };
  const now = wordNow(naming, known);
  const before = now?.read ? [] : wordsBefore(naming, scene);
  const found = strictest([...(now ? [now] : []), ...before]);
  const read = now?.read ?? readBefore(before);
  const [sizing] = there;
  return found && { ...found, read, ...(sizing && { policy: sizing.key }) };
}

interface Naming {
  readonly server: ServerKey;
  /** Policies on the pooler that name it. */
  readonly own: readonly Named[];
  /** Policies of their namespaces that count there. */
  readonly there: readonly ResolvedPolicy[];
}

/** What is read of it, or declared. */
function wordNow({ server, own, there }: Naming, { readings, logins }: Known): Word | undefined {
  const readers = [...own, ...there].filter(canAsk);
  const read = readers.length > 0 ? readings.wordOf(server) : undefined;
  const all = [...own, ...(read ? [read] : [])].flatMap((one) => one.maxConnections ?? []);
  if (all.length === 0) return undefined;
  const maxConnections = Math.min(...all);
  const withheld = read?.withheld ?? usuallyWithheld(engines[usualEngine]);
  const slotsOf = (most: number): number => ordinarySlots({ maxConnections: most, withheld });
  // What was read is told to those whose login has, and to nobody who only says the name.
  const working = readers.filter((one) => logins.mayBeTold(server, one));
  const told = (read ? working : own).map(({ namespace }) => namespace);
  const toldTo = [...new Set(told)].sort();
  const said = { server, maxConnections, slots: slotsOf(maxConnections), toldTo };
  if (!read) return said;
  const { maxConnections: most } = read;
  return { ...said, read: { maxConnections: most, slots: slotsOf(most) } };
}

function readBefore(words: readonly Word[]): Word["read"] {
  const word = strictest(words);
  return word && { maxConnections: word.maxConnections, slots: word.slots };
}

/** What was read of it once: not where by now it is only declared, or named by nobody. */
function wordsBefore({ server, own, there }: Naming, { remembered }: Scene): readonly Word[] {
  const isToBeRead =
    own.some(({ hasSecret }) => hasSecret) ||
    there.some(({ spec }) => spec.database.address === undefined);
  return isToBeRead ? remembered.filter((one) => one.server === server) : [];
}
