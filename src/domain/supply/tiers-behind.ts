// The tier behind a pooler. Where all that a pooler lets in is in session mode, each client that
// works holds a connection to a server behind it until it leaves: those servers have to have a slot
// for each of them, so what they have is a limit of the pooler as well. In the other modes clients
// share connections, and the servers only have to have room for what the pooler may open.

import type { DatabaseFacts, KnownBehind, TierBehind } from "../facts/facts.ts";

/** As a limit of a login cuts the capacity. */
export interface TierCut {
  readonly slots: number;
  readonly setting: string;
  readonly by: string;
}

/** None where clients share connections, or a server behind is not known. */
export function cutByTier({ behind = [] }: Pick<DatabaseFacts, "behind">): readonly TierCut[] {
  const known = knownServers(behind);
  const isKnown = behind.length > 0 && behind.every((one) => one.known !== undefined);
  if (!isKnown || !behind.every(({ isSession }) => isSession)) return [];
  const slots = known.reduce((sum, one) => sum + one.slots, 0);
  const whose = known.length === 1 ? "the server behind" : `the ${known.length} servers behind`;
  const setting = `max_connections of ${whose}`;
  return [{ slots, setting, by: `what ${whose} has for applications, ${slots}` }];
}

/** By two of its names it is one. */
function knownServers(behind: readonly TierBehind[]): readonly KnownBehind[] {
  const known = behind.flatMap((one) => one.known ?? []);
  return [...new Map(known.map((one) => [one.server, one])).values()];
}

/** By how many connections the pooler may open more than the servers have. */
export interface TierExcess {
  readonly known: KnownBehind;
  /** Infinity: there is no limit. */
  readonly maySlots: number;
  /** As many as each entry of each process may have, so that all together fit. */
  readonly eachSlots: number;
}

/** Of each server that is known and that the pooler may open too many connections to. */
export function excessBehind(behind: readonly TierBehind[]): readonly TierExcess[] {
  const byServer = Map.groupBy(behind, ({ known }) => known?.server);
  return knownServers(behind).flatMap((known) => {
    const own = byServer.get(known.server) ?? [];
    const maySlots = own.reduce(
      (sum, one) => sum + (one.maySlots < 0 ? Infinity : one.maySlots),
      0,
    );
    const parts = own.reduce((sum, { processes, entries }) => sum + processes * entries, 0);
    const eachSlots = Math.floor(known.slots / Math.max(1, parts));
    return maySlots > known.slots ? [{ known, maySlots, eachSlots }] : [];
  });
}
