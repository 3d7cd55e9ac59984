// What one server has for whom: its capacity, what others take from it, and the limits that are
// narrower than its own. Worked out for each server by itself, also where several are decided
// together.

import { budgetOf, type Capacity, capacityOf } from "../supply/capacity.ts";
import type { Snapshot } from "../facts/facts.ts";
import { type ForeignSessions, foreignSessionsOf } from "../supply/foreign.ts";
import type { NarrowLimit, ServerLimit } from "../supply/limit.ts";
import { loginLimits } from "../supply/login-limits.ts";
import { quotasOf } from "../supply/namespace-quotas.ts";
import { ownSlots } from "../supply/own-sessions.ts";
import { unclearForAll, unclearWithin } from "../supply/unclear-sessions.ts";

export interface ServerAccount {
  readonly snapshot: Snapshot;
  /** Undefined while neither a reading nor a declaration says it. */
  readonly capacity: Capacity | undefined;
  readonly foreign: ForeignSessions;
  readonly ownSessions: number;
  readonly limit: ServerLimit;
  readonly narrow: readonly NarrowLimit[];
}

export function serverAccountOf(snapshot: Snapshot): ServerAccount {
  const capacity = capacityOf(snapshot);
  const foreign = foreignSessionsOf(snapshot);
  const ownSessions = ownSlots(snapshot.database.reading?.ownSessions);
  const { doubtedSlots, unclear, namelessSlots } = foreign;
  const quotas = quotasOf(snapshot, { foreignSlots: foreign.slots, ownSessions });
  const narrow = [...quotas, ...(capacity ? loginLimits(snapshot, capacity) : [])].map(
    (limit): NarrowLimit => ({
      ...limit,
      doubtedSlots,
      unclearSlots:
        unclearWithin(unclear, limit, snapshot.workloads) +
        (limit.kind === "login" ? namelessSlots : 0),
    }),
  );
  const unclearSlots = unclearForAll(unclear, quotas) + namelessSlots;
  const limit = { ...limitOf(capacity, foreign, ownSessions), unclearSlots };
  return { snapshot, capacity, foreign, ownSessions, limit, narrow };
}

/** What is not known bounds nothing here: nothing is decided then. */
function limitOf(
  capacity: Capacity | undefined,
  { slots: foreignSlots, ghostSlots, doubtedSlots }: ForeignSessions,
  ownSessions: number,
): ServerLimit {
  const slots = capacity ? budgetOf(capacity, foreignSlots, ownSessions) : Infinity;
  const rolloutsMax = capacity?.rolloutsMax ?? 1;
  return { kind: "server", slots, rolloutsMax, ghostSlots, doubtedSlots };
}
