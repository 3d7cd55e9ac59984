// What a policy on a pooler is told of the tier behind: what the pooler may open to each server,
// and whether that server has so many. Only who has a login on the pooler is told where it connects
// to, and only who has one on the server how much it has.

import { namespaceOf } from "../../api/keys.ts";
import type { PoolPolicyStatus } from "../../api/poolpolicy.ts";
import type { Finding, PolicyFacts, Snapshot, TierBehind } from "../facts/facts.ts";
import { loginOf } from "../supply/connection-limits.ts";
import { sayCount } from "../words/say-count.ts";
import { hasLoginWorked } from "../supply/readers.ts";
import { accountsBehind, excessBehind, type TierAccount } from "../supply/tiers-behind.ts";

function behindFor(policy: PolicyFacts | undefined, { database }: Snapshot): readonly TierBehind[] {
  return policy && hasLoginWorked(policy, database) ? (database.behind ?? []) : [];
}

function isTold({ namespace }: PolicyFacts, { known }: Pick<TierBehind, "known">): boolean {
  return known?.toldTo.includes(namespace) === true;
}

/**
 * Of each server that was read and the policy is told of. What it was told before stays while it
 * cannot be read, so that the next operator knows it.
 */
export function behindRows(
  policy: PolicyFacts,
  { database: { behind, reading } }: Snapshot,
): Pick<PoolPolicyStatus, "behind"> {
  const before = policy.status?.behind ?? [];
  if (!behind) return reading || before.length === 0 ? {} : { behind: before };
  const present = new Set(behind.map(({ known }) => known?.server));
  const kept = before.filter(({ server }) => present.has(server));
  const rows = [...kept, ...readFor(policy, behind)].map((row) => [row.server, row] as const);
  return rows.length === 0 ? {} : { behind: [...new Map(rows).values()] };
}

function readFor(policy: PolicyFacts, behind: readonly TierBehind[]): readonly BehindRow[] {
  const isRead = behind.filter(({ isAssumed }) => isAssumed !== true);
  return accountsTold(policy, isRead).flatMap(({ known: { server, read }, maySlots }) => {
    const may = maySlots === Infinity ? {} : { mayOpen: maySlots };
    return read ? [{ server, ...read, ...may }] : [];
  });
}

function accountsTold(policy: PolicyFacts, behind: readonly TierBehind[]): readonly TierAccount[] {
  return accountsBehind(behind.filter((one) => isTold(policy, one)));
}

/** What the policy is told of each server behind its pooler, of which it is known what it has. */
export function tierAccounts(policy: PolicyFacts, snapshot: Snapshot): readonly TierAccount[] {
  const read = behindFor(policy, snapshot).filter(({ isAssumed }) => isAssumed !== true);
  return accountsTold(policy, read);
}

type BehindRow = NonNullable<PoolPolicyStatus["behind"]>[number];

/** A line for each server, below the ledger. */
export function tierNotes(policy: PolicyFacts | undefined, snapshot: Snapshot): string[] {
  const read = behindFor(policy, snapshot).filter(({ isAssumed }) => isAssumed !== true);
  return read.map((one) => {
    const may = one.maySlots < 0 ? "any number of connections" : sayConnections(one.maySlots);
    const known = policy && isTold(policy, one) ? one.known : undefined;
    const has = known
      ? `which has ${known.slots} for applications`
      : "whose limit is not known: set database.serverBehind";
    const mode = one.isSession ? "; session mode: a client holds one until it leaves" : "";
    return `behind it: it may open ${may} to ${one.server} (${one.openSlots} open), ${has}${mode}`;
  });
}

export function tierFindings(policy: PolicyFacts, snapshot: Snapshot): Finding[] {
  const behind = behindFor(policy, snapshot);
  const excess = excessBehind(behind.filter((one) => isTold(policy, one)));
  const isUnnamed = isElsewhere(policy, snapshot) && behind.some(isPartOfSeveral);
  const found = excess.map((one) => tooManyBehind(one, policy));
  return [...found, ...(isUnnamed ? [databaseUnnamed] : [])];
}

function tooManyBehind(
  { known, maySlots, eachSlots }: TierAccount,
  { namespace }: PolicyFacts,
): Finding {
  const { server, maxConnections, slots } = known;
  // What others name their policies is told to nobody.
  const isOwn = known.policy !== undefined && namespaceOf(known.policy) === namespace;
  const policy = isOwn ? known.policy : undefined;
  const may = maySlots === Infinity ? "any number of connections" : sayConnections(maySlots);
  const sized =
    policy === undefined ? "" : `, or see why policy ${policy} does not keep it to less`;
  const message =
    `all pods of the pooler together may open ${may} to ${server}, where max_connections ` +
    `${maxConnections} leaves ${slots} for applications: beyond that, the server refuses logins of ` +
    `the pooler, and its clients wait in vain. To fix: ${sayFitting(eachSlots)}${sized}, or size the pooler by a ` +
    `policy on ${server} (preset pgbouncer)`;
  return { reason: "ServerBehindTooSmall", severity: "degraded", message };
}

/** For PgBouncer, 0 is no limit. */
function sayFitting(eachSlots: number): string {
  return eachSlots > 0
    ? `set max_db_connections of each database in pgbouncer.ini to ${eachSlots} or less`
    : "have fewer pods of the pooler or fewer databases: not one connection for each of them fits";
}

/** The pooler has no such database: it is the console's, or what the URI leaves out. */
function isElsewhere(policy: PolicyFacts, { database: { reading } }: Snapshot): boolean {
  const name = loginOf("pair", policy);
  return name !== undefined && !Object.hasOwn(reading?.pairLimits ?? { [name]: 0 }, name);
}

/** In session mode every database has a limit of its own. */
function isPartOfSeveral({ isSession, entries }: TierBehind): boolean {
  return isSession && entries > 1;
}

const databaseUnnamed: Finding = {
  reason: "PoolerDatabaseUnknown",
  severity: "info",
  message:
    "the pooler is in session mode and has several databases, each with pools of its own, and the URI " +
    "names none of them: the pools of all of them count together. To fix: name the database that the " +
    "pods log in to at the end of the URI, such as /orders",
};

function sayConnections(count: number): string {
  return sayCount(count, "connection");
}
