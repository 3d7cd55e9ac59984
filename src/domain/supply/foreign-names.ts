// Who holds foreign sessions: a user, a program, an address. That is nobody's business who could
// not ask the server for it. Policies of several namespaces share a server, one of them may have a
// login that sees all, and another may name the server and have no login at all. So a namespace is
// told what a login of its own is shown, at the name under which that login reads; all others
// are told the number alone.

import type { Engine } from "../../api/engines.ts";
import type { ServerKey, SessionGroup } from "../facts/facts.ts";
import type { Sight } from "../facts/session-facts.ts";

export interface ForeignGroup {
  /** For people: `psql by alice from 10.0.0.9`. */
  readonly who: string;
  readonly slots: number;
}

/** The largest foreign groups as one namespace may see them, the largest first. */
export interface SeenGroups {
  readonly namespace: string;
  readonly groups: readonly ForeignGroup[];
}

/** What a name of the server showed when foreign sessions were at their highest. */
export type Peaks = ReadonlyMap<ServerKey | undefined, readonly SessionGroup[]>;

const groupsShownMax = 3;

/** What an engine shows of sessions, and to whom. */
type Sighted = Pick<Engine, "sightRight" | "showsNames">;

/** The way out for those who are told no names. */
export const whoMaySee = "whose they are is shown where the namespace has a login of its own";

/** In the order of the namespaces' names; without those that see nothing. */
export function groupsSeen(peaks: Peaks, sights: readonly Sight[], engine: Sighted): SeenGroups[] {
  const views = new Map([...peaks].map(([name, groups]) => [name, new View(groups, engine)]));
  const seen = [...Map.groupBy(sights, ({ namespace }) => namespace)].map(([namespace, own]) => {
    const all = own.filter(({ seesAllSessions }) => seesAllSessions);
    const shown = (all.length > 0 ? all : own).map((one) => views.get(one.name)?.shownTo(one));
    return { namespace, groups: shown.reduce<readonly ForeignGroup[]>(larger, []) };
  });
  const telling = seen.filter(({ groups }) => groups.length > 0);
  return telling.sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
}

/** Nobody's but those whose namespace sees them. */
export function groupsSeenBy(
  seen: readonly SeenGroups[],
  namespace: string,
): readonly ForeignGroup[] {
  return seen.find((one) => one.namespace === namespace)?.groups ?? [];
}

/** `psql by alice from 10.0.0.9 (2), …`; empty where nothing may be told. */
export function sayGroups(groups: readonly ForeignGroup[]): string {
  return groups.map(({ who, slots }) => `${who} (${slots})`).join(", ");
}

interface OwnedGroup extends ForeignGroup {
  readonly user: string;
}

/**
 * Sorted once for all who look at it: a server may have as many tenants as sessions. Each is shown
 * few, so of each role, and of all, no more is kept than that takes.
 */
class View {
  readonly #largest: readonly OwnedGroup[];
  /** The largest of each role. */
  readonly #own: ReadonlyMap<string, readonly OwnedGroup[]>;
  /** As a login that may not see them is shown sessions of other roles: whichever its own is. */
  readonly #others: readonly OwnedGroup[];

  constructor(groups: readonly SessionGroup[], engine: Sighted) {
    const all = largestFirst(groups, engine);
    const unseen = groups.map((group) => ({ ...group, address: undefined }));
    this.#largest = all.slice(0, groupsShownMax);
    this.#own = largestOfEach(all);
    const others = [...largestOfEach(largestFirst(unseen, engine)).values()].flat();
    this.#others = others.sort(bySlots).slice(0, 2 * groupsShownMax);
  }

  shownTo({ role, seesAllSessions }: Sight): readonly ForeignGroup[] {
    if (seesAllSessions) return this.#largest.map(withoutUser);
    const own = this.#own.get(role) ?? [];
    const others = this.#others.filter(({ user }) => user !== role);
    return [...own, ...others].sort(bySlots).slice(0, groupsShownMax).map(withoutUser);
  }
}

/** By role, as many as are shown; `groups` are the largest first. */
function largestOfEach(groups: readonly OwnedGroup[]): ReadonlyMap<string, readonly OwnedGroup[]> {
  const byRole = Map.groupBy(groups, ({ user }) => user);
  return new Map([...byRole].map(([role, own]) => [role, own.slice(0, groupsShownMax)]));
}

function withoutUser({ who, slots }: OwnedGroup): ForeignGroup {
  return { who, slots };
}

/** Groups that read alike are one. */
function largestFirst(groups: readonly SessionGroup[], engine: Sighted): OwnedGroup[] {
  const named = new Map<string, OwnedGroup>();
  for (const group of groups) {
    const { user, count } = group;
    const who = nameOf(group, engine);
    const key = JSON.stringify([user, who]);
    named.set(key, { who, slots: count + (named.get(key)?.slots ?? 0), user });
  }
  return [...named.values()].sort(bySlots);
}

function bySlots(a: ForeignGroup, b: ForeignGroup): number {
  return b.slots - a.slots || (a.who < b.who ? -1 : 1);
}

/** Of what several logins of a namespace are shown. */
function larger(
  a: readonly ForeignGroup[],
  b: readonly ForeignGroup[] = [],
): readonly ForeignGroup[] {
  return slotsOf(b) > slotsOf(a) ? b : a;
}

function slotsOf(groups: readonly ForeignGroup[]): number {
  return groups.reduce((sum, { slots }) => sum + slots, 0);
}

/** application_name of an operator's session. Not of ours: that one is no foreign session. */
export const operatorName = /^poolwarden(-[0-9a-f]{8})?$/;

function nameOf(
  { applicationName, user, address }: SessionGroup,
  { sightRight, showsNames }: Sighted,
): string {
  // Two operators by mistake see each other at different addresses, and must not say two things.
  if (operatorName.test(applicationName)) return `another poolwarden by ${user}`;
  // Over a socket there is no address.
  const from =
    address === "" ? "" : ` from ${address ?? `an address that only ${sightRight} sees`}`;
  if (!showsNames) return `${user || "somebody"}${from}`;
  return `${applicationName || "unnamed"} by ${user}${from}`;
}
