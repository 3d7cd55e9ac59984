// Growth has to fit not only what is known, but the worst that may turn out: a smaller grant that
// was seen a moment ago is not handed out everywhere yet, sessions in doubt are of strangers, and
// policies that nobody has looked at hold what they may. Who could make such a doubt again and
// again would stop the growth of everybody, if it were simply waited for; so it is only what it may
// cost that nobody grows into. What is known for sure to be wrong, and what nothing bounds, is
// waited for (plan.ts).

import { keptSlots } from "./awaited-policies.ts";
import { type Bounds, boundsOf } from "./bounds.ts";
import type { GrantFacts, Snapshot } from "./facts.ts";
import type { Limit } from "./limit.ts";
import { LimitAccounts } from "./limit-accounts.ts";
import { type Position, positionOf } from "./position.ts";

/** The same accounts at their worst; `accounts` themselves where nothing is in doubt. */
export function worstCaseOf(
  snapshot: Snapshot,
  accounts: LimitAccounts,
  { foreign, server, narrow }: Pick<Bounds, "foreign" | "server" | "narrow">,
  nowMs: number,
): LimitAccounts {
  const { positions } = accounts.server;
  const worst = positions.map((position) => unsettled(position, nowMs));
  const isSettled = worst.every((position, index) => position === positions[index]);
  const isSure = foreign.doubtedForMs === undefined && (snapshot.awaited ?? []).length === 0;
  if (isSettled && isSure) return accounts;
  const bounds = foreign.doubtedForMs === undefined ? { server, narrow } : boundsOf(sure(snapshot));
  const all = new LimitAccounts(worst, bounds.server, bounds.narrow);
  const less = <L extends Limit>(limit: L, keptFor: number): L => ({
    ...limit,
    slots: limit.slots - keptFor,
  });
  return new LimitAccounts(
    worst,
    less(bounds.server, keptSlots(all.server, all, snapshot)),
    all.narrow.map((account) => less(account.limit, keptSlots(account, all, snapshot))),
  );
}

/** A grant that has not surely settled counts with the larger size that it had. */
function unsettled(position: Position, nowMs: number): Position {
  const { workload, policy, heldOnly } = position;
  const { grant } = workload;
  const untilMs = grant?.unsettledUntilMs ?? 0;
  if (!grant || untilMs <= nowMs) return position;
  const { settlingPoolSize, unsettledPoolSize = settlingPoolSize } = grant;
  const larger: GrantFacts = {
    ...{ ...grant, settledAtMs: untilMs },
    settlingPoolSize: Math.max(settlingPoolSize, unsettledPoolSize),
  };
  const worst = positionOf({ ...workload, grant: larger }, policy, nowMs, heldOnly);
  // Its plan is cut to its part already.
  const { plannedPods, roomPods, recent } = position;
  return { ...worst, plannedPods, roomPods, recent };
}

/** As if everything that was read were old: then every session counts. */
function sure(snapshot: Snapshot): Snapshot {
  const { database } = snapshot;
  const sessionSamples = database.sessionSamples.map((one) => ({ ...one, newForMs: undefined }));
  return { ...snapshot, database: { ...database, sessionSamples } };
}
