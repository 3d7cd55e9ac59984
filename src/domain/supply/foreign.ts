// Sessions that no managed pod accounts for, those that a pod keeps beyond its size among them.
// They take slots that the fleet cannot have, so they cut the budget. One reading is not a fact for
// ever: the highest count of the sliding window counts, so that a nightly job does not make the
// fleet breathe. Every sample is matched anew against the addresses that the fleet had at its
// moment, because a pod's address reaches the cache a moment after its first session reaches the
// server.

import { type Counted, withoutDoubted } from "./doubted-sessions.ts";
import type { SessionGroup, Snapshot } from "../facts/facts.ts";
import { groupsSeen, type SeenGroups } from "./foreign-names.ts";
import { leftAmong, leftSessionsIn, type LeftSessions } from "./left-sessions.ts";
import type { AddressSpan } from "../facts/session-facts.ts";
import { beyondIn, type ByAddress, heldAt, standingBeyond } from "./sessions-beyond.ts";
import { engineOf } from "./server-engine.ts";
import { Holdable, type RoleOwners, roleOwners } from "./unseen.ts";

export interface ForeignSessions {
  /** The highest number within the window. */
  readonly slots: number;
  /** Those of the latest reading. */
  readonly slotsNow: number;
  /** The largest groups at their highest, for each namespace that may see them. */
  readonly seen: readonly SeenGroups[];
  /** Sessions now that no pod can hold any more: on the ledger until the server drops them. */
  readonly ghostSlots: number;
  /** How long some cut no budget yet (doubted-sessions.ts); undefined where all do. */
  readonly doubtedForMs: number | undefined;
  /** How many: nothing grows into what they hold. */
  readonly doubtedSlots: number;
  /** Sessions now that are the fleet's, those of pods that are gone included. */
  readonly fleetSessions: number;
}

export function foreignSessionsOf(snapshot: Snapshot): ForeignSessions {
  const { sessionSamples, sights } = snapshot.database;
  const sorting = sortingOf(snapshot);
  const { samples, doubtedForMs, doubtedSlots } = countedOf(snapshot, sorting);
  const peaks = new Map<Sample["name"], { readonly sample: Sample; readonly count: number }>();
  for (const sample of samples) {
    const count = foreignSlotsOf(sample, sorting);
    if (count > (peaks.get(sample.name)?.count ?? 0)) peaks.set(sample.name, { sample, count });
  }
  const splits = latestOf(sessionSamples).map((sample) => ({ sample, ...split(sample, sorting) }));
  return {
    slots: Math.max(0, ...[...peaks.values()].map(({ count }) => count)),
    slotsNow: Math.max(0, ...splits.map(({ foreign }) => countOf(foreign))),
    ...{ doubtedForMs, doubtedSlots },
    seen: groupsSeen(
      new Map([...peaks].map(([name, { sample }]) => [name, split(sample, sorting).foreign])),
      sights,
      engineOf(snapshot),
    ),
    ghostSlots: Math.max(0, ...splits.map((one) => ghostsAmong(one, snapshot))),
    fleetSessions: Math.max(
      0,
      ...splits.map(({ sample, foreign }) => countOf(sample.sessions) - countOf(foreign)),
    ),
  };
}

export type Sample = Snapshot["database"]["sessionSamples"][number];

/** Names of one server are read in one round, and one of them may lie: the most of each counts. */
export function latestOf(samples: readonly Sample[]): Sample[] {
  const last = samples.at(-1);
  const latest = samples.filter((one) => last && roundOf(one) === roundOf(last));
  return [...new Map(latest.map((sample) => [sample.name, sample])).values()];
}

function roundOf({ atMs, roundMs = atMs }: Sample): number {
  return roundMs;
}

/** The slots of `split(…).foreign`, without a list of them: a window has many thousands. */
function foreignSlotsOf(sample: Sample, sorting: Sorting): number {
  let slots = 0;
  sortOut(sample, sorting, (_, foreignSlots) => (slots += foreignSlots));
  return slots;
}

export interface Sorting {
  readonly owners: RoleOwners;
  readonly fleetAddresses: Snapshot["database"]["fleetAddresses"];
  readonly workloads: Snapshot["workloads"];
  /** Of the sessions at addresses of the fleet, those that are foreign all the same. */
  readonly beyond: ByAddress;
}

export function sortingOf(snapshot: Snapshot): Sorting {
  const { policies, workloads, database } = snapshot;
  const { fleetAddresses } = database;
  return {
    owners: roleOwners(policies),
    ...{ fleetAddresses, workloads, beyond: standingBeyond(database.sessionSamples) },
  };
}

/** What counts for the budget. */
export function countedOf({ database }: Snapshot, { owners, fleetAddresses }: Sorting): Counted {
  return withoutDoubted(database.sessionSamples, ({ address = "", user }, { atMs }) => {
    return owners.has(user) && !isWithin(fleetAddresses.get(address) ?? [], atMs);
  });
}

/**
 * Tells of each group how many of its sessions are foreign. A sample is a fact of its moment: it is
 * matched with the fleet as it was then.
 */
function sortOut(
  sample: Sample,
  sorting: Sorting,
  tell: (group: SessionGroup, foreignSlots: number) => void,
): void {
  const { owners, fleetAddresses } = sorting;
  const { sessions, atMs } = sample;
  const beyond = beyondOf(sample, sorting);
  const unseen: SessionGroup[] = [];
  let seenSlots = 0;
  for (const group of sessions) {
    const { address, user, count } = group;
    const spans = address === undefined ? undefined : fleetAddresses.get(address);
    const isOfFleet = spans !== undefined && isWithin(spans, atMs);
    if (isOfFleet) seenSlots += count;
    if (address === undefined && owners.has(user)) unseen.push(group);
    else tell(group, isOfFleet ? beyond(group) : count);
  }
  const holdable = new Holdable(owners, sample, seenSlots);
  for (const group of unseen) tell(group, group.count - holdable.take(group));
}

/** How many of a group of the fleet's addresses are foreign: no more than this reading shows. */
function beyondOf(sample: Sample, { beyond, workloads }: Sorting): (group: SessionGroup) => number {
  if (beyond.size === 0) return () => 0;
  const left = new Map(beyondIn(sample, workloads));
  return ({ address = "", count }) => {
    const most = Math.min(left.get(address) ?? 0, beyond.get(address) ?? 0);
    const taken = Math.min(count, most);
    left.set(address, most - taken);
    return taken;
  };
}

/** Nearly always there is one span. */
function isWithin(spans: readonly AddressSpan[], atMs: number): boolean {
  for (const { fromMs, untilMs } of spans) if (fromMs <= atMs && atMs <= untilMs) return true;
  return false;
}

/** Every session of a sample once. */
export interface Split {
  readonly ofFleet: readonly SessionGroup[];
  readonly foreign: readonly SessionGroup[];
}

export function split(sample: Sample, sorting: Sorting): Split {
  const ofFleet: SessionGroup[] = [];
  const foreign: SessionGroup[] = [];
  sortOut(sample, sorting, (group, foreignSlots) => {
    const fleetSlots = group.count - foreignSlots;
    if (fleetSlots > 0) ofFleet.push({ ...group, count: fleetSlots });
    if (foreignSlots > 0) foreign.push({ ...group, count: foreignSlots });
  });
  return { ofFleet, foreign };
}

/**
 * Sessions at addresses of the fleet beyond what the pods that have them now can hold: of pods that
 * are gone, of a process that its node lost, of an address that was given to a new pod. Those that
 * a pod before it has left there are ghosts even where the new pod has not opened its own yet.
 */
export function ghostsAmong(found: Split, { workloads, database }: Snapshot): number {
  const shown = byAddress(found.ofFleet);
  const held = shown.size === 0 ? nothing : heldAt(workloads);
  const left = leftAtAddresses(found, leftSessionsIn(database));
  return [...shown].reduce((sum, [address, count]) => {
    return sum + Math.max(0, count - (held.get(address) ?? 0), left.get(address) ?? 0);
  }, 0);
}

const nothing: ByAddress = new Map();

/** Without those that are foreign by now. */
function leftAtAddresses({ ofFleet, foreign }: Split, left: LeftSessions): ByAddress {
  if (left.size === 0) return nothing;
  const ofOthers = byAddress(foreign);
  const groups = Map.groupBy(ofFleet, ({ address = "" }) => address);
  return new Map(
    [...groups].map(([address, some]) => {
      return [address, leftAmong(some, left) - (ofOthers.get(address) ?? 0)];
    }),
  );
}

function byAddress(groups: readonly SessionGroup[]): ByAddress {
  const counts = new Map<string, number>();
  for (const { address, count } of groups) {
    if (address !== undefined) counts.set(address, (counts.get(address) ?? 0) + count);
  }
  return counts;
}

export function countOf(groups: readonly SessionGroup[]): number {
  return groups.reduce((sum, group) => sum + group.count, 0);
}
