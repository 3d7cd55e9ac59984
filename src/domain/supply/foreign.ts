// Sessions that no managed pod accounts for, those that a pod keeps beyond its size among them.
// They take slots that the fleet cannot have, so they cut the budget. One reading is not a fact for
// ever: the highest count of the sliding window counts, so that a nightly job does not make the
// fleet breathe. Every sample is matched anew against the addresses that the fleet had at its
// moment, because a pod's address reaches the cache a moment after its first session reaches the
// server.

import { isWithin } from "./address-spans.ts";
import { type Counted, withoutDoubted } from "./doubted-sessions.ts";
import type { SessionGroup, SessionSample, Snapshot } from "../facts/facts.ts";
import { groupsSeen, type SeenGroups } from "./foreign-names.ts";
import { isLoggingIn, isNameless } from "./logging-in.ts";
import { leftAmong, leftSessionsIn, type LeftSessions } from "./left-sessions.ts";
import { type Claimed, matchedGhosts, rolesOf, unclearAmong } from "./matched-sessions.ts";
import { type ByAddress, heldAt } from "./sessions-beyond.ts";
import { countOf, type Sorting, sortingOf, split, type Split, sumsOf } from "./session-sorting.ts";
import { engineOf } from "./server-engine.ts";
import { mostUnclear, type UnclearSessions } from "./unclear-sessions.ts";

export interface ForeignSessions {
  /** The highest number within the window. */
  readonly slots: number;
  /** Those of the latest reading. */
  readonly slotsNow: number;
  /** As many more may hide among those of pods that were not ready when it was made. */
  readonly hiddenSlots: number;
  /** The largest groups at their highest, for each namespace that may see them. */
  readonly seen: readonly SeenGroups[];
  /** Sessions now that no pod can hold any more: on the ledger until the server drops them. */
  readonly ghostSlots: number;
  /**
   * Of a reading that shows their number alone: sessions now that are taken for the fleet's, as
   * many as its pods can hold, and may be anybody's. Nothing grows into what they hold.
   */
  readonly namelessSlots: number;
  /** Others that may be such, by login. */
  readonly unclear: readonly UnclearSessions[];
  /** How long some cut no budget yet (doubted-sessions.ts); undefined where all do. */
  readonly doubtedForMs: number | undefined;
  /** How many: nothing grows into what they hold. */
  readonly doubtedSlots: number;
  /** Sessions now that are the fleet's, those of pods that are gone included. */
  readonly fleetSessions: number;
  /** Roles with sessions that are the fleet's by their login alone, within the window. */
  readonly rolesByLogin: readonly string[];
}

export function foreignSessionsOf(snapshot: Snapshot): ForeignSessions {
  const { sessionSamples, sights } = snapshot.database;
  const sorting = sortingOf(snapshot);
  const { samples, doubtedForMs, doubtedSlots } = countedOf(snapshot, sorting);
  const { peaks, rolesByLogin } = peaksOf(samples, sorting);
  const splits = latestOf(sessionSamples).map((sample) => ({ sample, ...split(sample, sorting) }));
  const slots = Math.max(0, ...[...peaks.values()].map(({ count }) => count));
  const slotsNow = Math.max(0, ...splits.map(({ foreign }) => countOf(foreign)));
  return {
    ...{ slots, slotsNow },
    ...{ doubtedForMs, doubtedSlots },
    hiddenSlots: Math.max(0, Math.min(slots - slotsNow, hidingSlots(snapshot))),
    seen: groupsSeen(
      new Map([...peaks].map(([name, { sample }]) => [name, split(sample, sorting).foreign])),
      sights,
      engineOf(snapshot),
    ),
    ghostSlots: Math.max(0, ...splits.map((one) => ghostsAmong(one, snapshot))),
    namelessSlots: Math.max(0, ...splits.map(namelessIn)),
    unclear: mostUnclear(
      splits.map((one) => {
        const { workloads } = snapshot;
        return unclearAmong(one.matched, sorting.matching, { ...one, workloads });
      }),
    ),
    fleetSessions: Math.max(
      0,
      ...splits.map(({ sample, foreign }) => countOf(sample.sessions) - countOf(foreign)),
    ),
    rolesByLogin,
  };
}

function namelessIn({ sample, foreign }: Split & { readonly sample: SessionSample }): number {
  if (sample.isInPart !== true) return 0;
  return countOf(sample.sessions.filter(isNameless)) - countOf(foreign.filter(isNameless));
}

/**
 * So many foreign sessions the latest reading cannot tell from those of pods that had not opened
 * theirs: the login is the same. Others do not come and go with the readiness of pods.
 */
export function hidingSlots(snapshot: Snapshot): number {
  if (sortingOf(snapshot).matching.roles.size === 0) return 0;
  const latest = latestOf(snapshot.database.sessionSamples);
  const unready = latest.map(({ unreadySlotsOf = nothing }) => sumOf(unreadySlotsOf));
  return Math.max(0, ...unready);
}

function sumOf(slots: ByAddress): number {
  return [...slots.values()].reduce((sum, one) => sum + one, 0);
}

interface Peaks extends Pick<ForeignSessions, "rolesByLogin"> {
  readonly peaks: ReadonlyMap<
    SessionSample["name"],
    { readonly sample: SessionSample; readonly count: number }
  >;
}

/** The most of each name. */
function peaksOf(samples: readonly SessionSample[], sorting: Sorting): Peaks {
  const peaks = new Map<
    SessionSample["name"],
    { readonly sample: SessionSample; readonly count: number }
  >();
  const all: Claimed[] = [];
  for (const sample of samples) {
    const { foreignSlots: count, claimed } = sumsOf(sample, sorting);
    if (count > (peaks.get(sample.name)?.count ?? 0)) peaks.set(sample.name, { sample, count });
    all.push(...claimed);
  }
  return { peaks, rolesByLogin: rolesOf(all) };
}

/** Names of one server are read in one round, and one of them may lie: the most of each counts. */
export function latestOf(samples: readonly SessionSample[]): SessionSample[] {
  const last = samples.at(-1);
  const latest = samples.filter((one) => last && roundOf(one) === roundOf(last));
  return [...new Map(latest.map((sample) => [sample.name, sample])).values()];
}

function roundOf({ atMs, roundMs = atMs }: SessionSample): number {
  return roundMs;
}

/** What counts for the budget. */
export function countedOf({ database }: Snapshot, { owners, fleetAddresses }: Sorting): Counted {
  return withoutDoubted(database.sessionSamples, ({ address = "", user }, { atMs }) => {
    const mayBeOurs = owners.has(user) || isLoggingIn({ user });
    return mayBeOurs && !isWithin(fleetAddresses.get(address) ?? [], atMs);
  });
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
  }, matchedGhosts(found));
}

const nothing: ByAddress = new Map();

/** Without those that are foreign by now. */
function leftAtAddresses(
  { ofFleet, foreign }: Pick<Split, "ofFleet" | "foreign">,
  left: LeftSessions,
): ByAddress {
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
