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
  const slots = sum(known.map((one) => one.slots));
  const whose = known.length === 1 ? "the server behind" : `the ${known.length} servers behind`;
  const setting = `max_connections of ${whose}`;
  return [{ slots, setting, by: `what ${whose} has for applications, ${slots}` }];
}

/** By two of its names it is one. */
function knownServers(behind: readonly TierBehind[]): readonly KnownBehind[] {
  const known = behind.flatMap((one) => one.known ?? []);
  return [...new Map(known.map((one) => [one.server, one])).values()];
}

/** What the pooler may open to one server, by all names that it has for it. */
export interface TierAccount {
  readonly known: KnownBehind;
  /** Infinity: there is no limit. */
  readonly maySlots: number;
  readonly openSlots: number;
  /** As many as each entry of each process may have, so that all together fit. */
  readonly eachSlots: number;
}

/** Of each server that is known. */
export function accountsBehind(behind: readonly TierBehind[]): readonly TierAccount[] {
  const byServer = Map.groupBy(behind, ({ known }) => known?.server);
  return knownServers(behind).map((known) => {
    const own = byServer.get(known.server) ?? [];
    const maySlots = sum(own.map((one) => (one.maySlots < 0 ? Infinity : one.maySlots)));
    const parts = sum(own.map(({ processes, entries }) => processes * entries));
    const eachSlots = Math.floor(known.slots / Math.max(1, parts));
    return { known, maySlots, openSlots: sum(own.map(({ openSlots }) => openSlots)), eachSlots };
  });
}

/** Of those to which the pooler may open more connections than they have. */
export function excessBehind(behind: readonly TierBehind[]): readonly TierAccount[] {
  return accountsBehind(behind).filter(({ known, maySlots }) => maySlots > known.slots);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
