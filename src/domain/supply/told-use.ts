// Whether the use of a pool can be told: by its pods' own addresses, on a server that shows which
// sessions are at work to a login that may see them, and apart from other pools of the same pods.
// What was seen before that changed counts no more, neither for what is said nor for what is
// shared.

import { isUseWatched, toldApart } from "../demand/clients-at-work.ts";
import type { Position } from "../demand/position.ts";
import type { PoolFacts, PoolKey, SaidUse, Snapshot } from "../facts/facts.ts";
import { oncePer } from "../once-per.ts";
import { latestOf } from "./foreign.ts";
import { engineOf } from "./server-engine.ts";

/** Or why it cannot be told; undefined: it is not to be told, or not enough was seen yet. */
export function usedBy(
  snapshot: Snapshot,
  { pool, policy }: Pick<Position, "pool" | "policy">,
): SaidUse | string | undefined {
  if (!isUseWatched(policy)) return undefined;
  const untold = untoldOf(snapshot, pool) ?? hiddenFrom(snapshot, { pool, policy });
  if (untold !== undefined || pool.use) return untold ?? pool.use;
  return policy.spec.sessions.match === "Login" && pool.pods.length > 0
    ? "sessions are known by their login, and not by their pod (sessions.match)"
    : undefined;
}

function untoldOf(snapshot: Snapshot, pool: PoolFacts): string | undefined {
  const { atWork, name } = engineOf(snapshot);
  if (atWork === undefined) return `${name} does not show which connections are at work`;
  const { poolKey, pods } = pool;
  if (pods.length > 0 && pods.every(({ isOnHostNetwork }) => isOnHostNetwork === true)) {
    return "its pods are on the network of their node, and sessions are told apart by address";
  }
  if (!lookalikes(snapshot).has(poolKey)) return undefined;
  return (
    "its pods open several pools on this server, whose sessions look alike: give each its own " +
    "policy with its own database.role"
  );
}

/** With a right that was taken from the login, the sessions are gone from all looks. */
function hiddenFrom(
  snapshot: Snapshot,
  { pool, policy }: Pick<Position, "pool" | "policy">,
): string | undefined {
  const { users, addresses } = sightOf(snapshot);
  const { role } = policy.spec.database;
  const isHidden = role === undefined ? users.size > 0 : users.has(role) || users.has(unnamed);
  const isSeen = pool.pods.some((pod) => pod.addresses.some((one) => addresses.has(one)));
  if (!isHidden || isSeen || pool.pods.length === 0) return undefined;
  return "the login that reads the server may not see which sessions are at work";
}

/** What a server that tells of hidden sessions no more than their number calls their users. */
const unnamed = "";

interface Sight {
  /** Of sessions of which the login may not see where they come from. */
  readonly users: ReadonlySet<string>;
  /** Of the others. */
  readonly addresses: ReadonlySet<string>;
}

const allSeen: Sight = { users: new Set(), addresses: new Set() };

const sightOf = oncePer(({ database: { reading, sessionSamples } }: Snapshot): Sight => {
  if (!reading || reading.seesAllSessions) return allSeen;
  const sessions = latestOf(sessionSamples).flatMap((sample) => sample.sessions);
  const users = sessions.filter(({ address }) => address === undefined);
  const addresses = sessions.flatMap(({ address }) => address ?? []);
  return { users: new Set(users.map(({ user }) => user)), addresses: new Set(addresses) };
});

/** Pools that are not told apart from others of the same pods. */
const lookalikes = oncePer(({ workloads, policies }: Snapshot): ReadonlySet<PoolKey> => {
  const roles = new Map(policies.map(({ key, spec }) => [key, spec.database.role]));
  const byWorkload = Map.groupBy(
    workloads.map(({ key, poolKey, policy }) => ({ key, poolKey, role: roles.get(policy) })),
    ({ key }) => key,
  );
  const untold = [...byWorkload.values()].flatMap((pools) => {
    const told = new Set(toldApart(pools));
    return pools.filter((pool) => !told.has(pool));
  });
  return new Set(untold.map(({ poolKey }) => poolKey));
});
