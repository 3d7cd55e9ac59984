// Sessions that no managed pod accounts for. They take slots that the fleet cannot have, so they
// cut the budget. One reading is not a fact for ever: the highest count of the sliding window
// counts, so that a nightly job does not make the fleet breathe. Every sample is matched anew
// against all addresses that the fleet has or had within the window, because a pod's address
// reaches the cache a moment after its first session reaches the server.

import type { SessionGroup, Snapshot } from "./facts.ts";

export interface ForeignSessions {
  /** The highest number within the window. */
  readonly slots: number;
  /** The largest groups of that moment, for people: `psql by alice from 10.0.0.9 (2)`. */
  readonly groups: readonly string[];
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
  for (const sample of sessionSamples) {
    const foreign = sample.sessions.filter(isForeign);
    if (countOf(foreign) > countOf(peak)) peak = foreign;
  }
  const latest = sessionSamples.at(-1)?.sessions ?? [];
  return {
    slots: countOf(peak),
    groups: largestGroups(peak),
    ghostSlots: countOf(latest.filter(isGhost(snapshot))),
    fleetSessions: countOf(latest.filter((group) => !isForeign(group))),
  };
}

function isGhost(snapshot: Snapshot): (group: SessionGroup) => boolean {
  const { fleetAddresses } = snapshot.database;
  const present = new Set(snapshot.workloads.flatMap(({ pods }) => pods.map((pod) => pod.address)));
  return ({ address }) =>
    address !== undefined && fleetAddresses.has(address) && !present.has(address);
}

function countOf(groups: readonly SessionGroup[]): number {
  return groups.reduce((sum, group) => sum + group.count, 0);
}

const groupsShownMax = 3;

function largestGroups(groups: readonly SessionGroup[]): string[] {
  return [...groups]
    .sort((a, b) => b.count - a.count || (nameOf(a) < nameOf(b) ? -1 : 1))
    .slice(0, groupsShownMax)
    .map((group) => `${nameOf(group)} (${group.count})`);
}

function nameOf({ applicationName, user, address }: SessionGroup): string {
  return `${applicationName || "unnamed"} by ${user} from ${address ?? "an unseen address"}`;
}
