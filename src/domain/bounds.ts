// What bounds the workloads of one server: its own line, and the narrower limits, by what sessions
// others hold of each.

import { budgetOf, type Capacity, capacityOf } from "./capacity.ts";
import type { Snapshot } from "./facts.ts";
import { type ForeignSessions, foreignSessionsOf } from "./foreign.ts";
import type { NarrowLimit, ServerLimit } from "./limit.ts";
import { loginLimits } from "./login-limits.ts";
import { quotasOf } from "./namespace-quotas.ts";
import { ownSlots } from "./own-sessions.ts";

export interface Bounds {
  readonly capacity: Capacity | undefined;
  readonly foreign: ForeignSessions;
  readonly ownSessions: number;
  readonly server: ServerLimit;
  readonly narrow: readonly NarrowLimit[];
}

export function boundsOf(snapshot: Snapshot): Bounds {
  const capacity = capacityOf(snapshot);
  const foreign = foreignSessionsOf(snapshot);
  const ownSessions = ownSlots(snapshot.database.reading?.ownSessions);
  const quotas = quotasOf(snapshot, { foreignSlots: foreign.slots, ownSessions });
  const narrow = [...quotas, ...(capacity ? loginLimits(snapshot, capacity) : [])];
  const server = serverLimit(capacity, foreign, ownSessions);
  return { capacity, foreign, ownSessions, server, narrow };
}

/** What is not known bounds nothing here: nothing is decided then. */
function serverLimit(
  capacity: Capacity | undefined,
  { slots: foreignSlots, ghostSlots }: ForeignSessions,
  ownSessions: number,
): ServerLimit {
  const slots = capacity ? budgetOf(capacity, foreignSlots, ownSessions) : Infinity;
  return { kind: "server", slots, rolloutsMax: capacity?.rolloutsMax ?? 1, ghostSlots };
}
