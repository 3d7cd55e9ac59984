// Whether the use of a pool can be told: by its pods' own addresses, on a server that shows which
// sessions are at work, and apart from other pools of the same pods. What was seen before that
// changed counts no more, neither for what is said nor for what is shared.

import { isUseWatched, toldApart } from "../demand/clients-at-work.ts";
import type { Position } from "../demand/position.ts";
import type { PoolFacts, PoolKey, SaidUse, Snapshot } from "../facts/facts.ts";
import { oncePer } from "../once-per.ts";
import { engineOf } from "./server-engine.ts";

/** Or why it cannot be told; undefined: it is not to be told, or not enough was seen yet. */
export function usedBy(
  snapshot: Snapshot,
  { pool, policy }: Pick<Position, "pool" | "policy">,
): SaidUse | string | undefined {
  if (!isUseWatched(policy)) return undefined;
  const untold = untoldOf(snapshot, pool);
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
