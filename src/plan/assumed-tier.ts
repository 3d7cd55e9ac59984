// The servers behind a pooler, where nobody has read the pooler: no manifest says in which mode it
// hands out connections. In session mode they are a limit of its clients, so a plan takes that
// unless it is told better: it is PgBouncer's default, and the mode that gives least.

import type { Plan } from "../domain/decide/plan.ts";
import type { ServerBehind, ServerKey } from "../domain/facts/facts.ts";
import { cutByTier } from "../domain/supply/tiers-behind.ts";

export const poolModes = ["session", "transaction", "statement"] as const;
export type PoolMode = (typeof poolModes)[number];

interface Words {
  /** As it was given. */
  readonly poolMode: PoolMode | undefined;
  /** What the operator has published of them. */
  readonly published: readonly ServerBehind[];
}

/** Of one pooler; `named`: those that policies name behind it. */
export function behindAs(
  named: readonly ServerKey[],
  { poolMode, published }: Words,
): readonly ServerBehind[] {
  const isSession = (poolMode ?? "session") === "session";
  if (published.length === 0) return named.map((one) => assumed(one, isSession));
  return published.map((one) => (poolMode === undefined ? one : { ...one, isSession }));
}

function assumed(server: ServerKey, isSession: boolean): ServerBehind {
  const unknown = { processes: 1, entries: 1, maySlots: 0, openSlots: 0 };
  return { server, ...unknown, isSession, isAssumed: true };
}

/** Of the poolers whose mode is taken for session mode, or said to be. */
export function assumedTierNotes(
  plans: Iterable<Plan>,
  poolMode: PoolMode | undefined,
): readonly string[] {
  return [...plans].flatMap(({ server, snapshot: { database } }) => {
    const { behind = [] } = database;
    if (!behind.some((one) => one.isAssumed && one.isSession)) return [];
    const names = behind.map((one) => one.server).join(", ");
    return [
      noteOf(server, names, { isSaid: poolMode !== undefined, isKnown: isBounded(database) }),
    ];
  });
}

function isBounded(database: Plan["snapshot"]["database"]): boolean {
  return cutByTier(database).length > 0;
}

interface Known {
  /** That it is in session mode. */
  readonly isSaid: boolean;
  /** How many connections the servers behind have. */
  readonly isKnown: boolean;
}

function noteOf(pooler: ServerKey, names: string, { isSaid, isKnown }: Known): string {
  const mode = isSaid
    ? "is in session mode"
    : "is planned in session mode, which is the default of PgBouncer";
  const limit = isKnown
    ? "so its clients may be no more than that has"
    : `whose limit is not known: give --max-connections ${names.split(", ")[0] ?? ""}=N`;
  const other = isSaid ? "" : "If pool_mode is another one, give --pool-mode transaction. ";
  return (
    `${pooler} ${mode}: each client holds a connection to ${names}, ${limit}. ${other}` +
    "Its pool_size and max_db_connections limit clients as well, and no manifest says them: " +
    "give --role-limit ROLE=N, and plan the applications' policy alone then, because --role-limit " +
    "counts on every server"
  );
}
