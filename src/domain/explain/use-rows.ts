// What a row says of how much of its pool is used: the peak of one pod, and the pool size for it
// with its arithmetic; or why the pool's sessions cannot be told.

import type { WorkloadRow } from "../../api/poolpolicy.ts";
import { isUseWatched, toldApart } from "../demand/clients-at-work.ts";
import type { Position } from "../demand/position.ts";
import { recommendedSize, usedPercent } from "../demand/recommended-size.ts";
import type { PoolFacts, PoolKey, Snapshot } from "../facts/facts.ts";
import type { Confidence, SaidUse } from "../facts/use-facts.ts";
import { oncePer } from "../once-per.ts";
import { engineOf } from "../supply/server-engine.ts";

type UsePart = Pick<WorkloadRow, "inUse" | "recommendedPoolSize" | "recommendation">;

/** `poolSize`: of the next pod. */
export function useOf(snapshot: Snapshot, position: Position, poolSize: number): UsePart {
  const use = usedBy(snapshot, position);
  if (use === undefined) return {};
  if (typeof use === "string") return { recommendation: `none: ${use}` };
  const { peak, isFull, kept, confidence } = use;
  const { sizing } = position;
  const { poolSize: recommendedPoolSize, words } = recommendedSize(use, sizing);
  const percent = usedPercent(use, sizing, poolSize);
  const full = isFull ? "; the pool is full at times, so it may want more" : "";
  return {
    inUse: { peak, percent, ...(isFull && { isFull }), kept },
    recommendedPoolSize,
    recommendation: `${words}; confidence ${confidence}: ${seenFor[confidence]}${full}`,
  };
}

const seenFor: Readonly<Record<Confidence, string>> = {
  Low: "seen for less than a day",
  Medium: "seen for a day or more",
  High: "seen for a week or more",
};

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
