// Sessions that no managed pod accounts for. They take slots that the fleet cannot have, so they
// cut the budget. One reading is not a fact for ever: the highest count of the sliding window
// counts, so that a nightly job does not make the fleet breathe. Every sample is matched anew
// against all addresses that the fleet has or had within the window, because a pod's address
// reaches the cache a moment after its first session reaches the server.

import type { SessionGroup, Snapshot } from "./facts.ts";

export interface ForeignGroup {
  /** For people: `psql by alice from 10.0.0.9`. */
  readonly who: string;
  readonly slots: number;
}

export interface ForeignSessions {
  /** The highest number within the window. */
  readonly slots: number;
  /** The largest groups of that moment, the largest first. */
  readonly groups: readonly ForeignGroup[];
  /** Sessions now at addresses of pods that are gone: on the ledger until the server drops them. */
  readonly ghostSlots: number;
  /** Sessions now that are the fleet's, those of pods that are gone included. */
  readonly fleetSessions: number;
}

export function foreignSessionsOf(snapshot: Snapshot): ForeignSessions {
  const { sessionSamples, fleetAddresses } = snapshot.database;
  const roles = new Set(snapshot.policies.map(({ role }) => role));
  const isForeign = (group: SessionGroup): boolean =>
    group.address === undefined ? !roles.has(group.user) : !fleetAddresses.has(group.address);
  let peak: readonly SessionGroup[] = [];
  let slots = 0;
  for (const sample of sessionSamples) {
    const foreign = sample.sessions.filter(isForeign);
    const count = countOf(foreign);
    if (count > slots) [peak, slots] = [foreign, count];
  }
  const latest = sessionSamples.at(-1)?.sessions ?? [];
  return {
    slots,
    groups: largestGroups(peak),
    ghostSlots: countOf(ghostsAmong(latest, snapshot)),
    fleetSessions: countOf(latest.filter((group) => !isForeign(group))),
  };
}

/** Groups at addresses of the fleet that no pod has now. There are more pods than sessions. */
function ghostsAmong(
  groups: readonly SessionGroup[],
  { database: { fleetAddresses }, workloads }: Snapshot,
): SessionGroup[] {
  const ofFleet = groups.filter(({ address }) => address && fleetAddresses.has(address));
  const gone = new Set(ofFleet.map(({ address }) => address));
  for (const { pods } of workloads) {
    if (gone.size === 0) break;
    for (const pod of pods) gone.delete(pod.address);
  }
  return ofFleet.filter(({ address }) => gone.has(address));
}

function countOf(groups: readonly SessionGroup[]): number {
  return groups.reduce((sum, group) => sum + group.count, 0);
}

const groupsShownMax = 3;

function largestGroups(groups: readonly SessionGroup[]): ForeignGroup[] {
  return [...groups]
    .sort((a, b) => b.count - a.count || (nameOf(a) < nameOf(b) ? -1 : 1))
    .slice(0, groupsShownMax)
    .map((group) => ({ who: nameOf(group), slots: group.count }));
}

/** application_name of an operator's session. Not of ours: that one is no foreign session. */
const operatorName = "poolwarden";

function nameOf({ applicationName, user, address }: SessionGroup): string {
  // Two operators by mistake see each other at different addresses, and must not say two things.
  if (applicationName === operatorName) return `another poolwarden by ${user}`;
  return `${applicationName || "unnamed"} by ${user} from ${address ?? "an unseen address"}`;
}

/** `psql by alice from 10.0.0.9 (2), …` */
export function sayGroups(groups: readonly ForeignGroup[]): string {
  return groups.map(({ who, slots }) => `${who} (${slots})`).join(", ");
}
