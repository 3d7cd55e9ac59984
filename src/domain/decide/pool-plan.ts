// What is decided on one pool, side by side: what it should have, and what its next pods get. One
// value for each, so that nobody looks the same index up in several lists.

import type { PolicyKey, Snapshot } from "../facts/facts.ts";
import { countingHere } from "../demand/standing.ts";
import type { GrantDecision } from "./grants.ts";
import { oncePer } from "../once-per.ts";
import type { Position } from "../demand/position.ts";
import type { ShareDecision } from "./share-decisions.ts";

export interface PoolPlan {
  /** Among all of the server, in the order of their keys. */
  readonly index: number;
  readonly position: Position;
  /** Pool size that it should have. */
  readonly share: number;
  /** The same as advice, for a workload that we do not move. */
  readonly advised: number;
  /** What it could have but for the pods that were planned for until lately. */
  readonly later: number;
  readonly grant: GrantDecision;
}

/** All three in the same order. */
export function poolPlansOf(
  positions: readonly Position[],
  { poolSizes, advised, later }: Pick<ShareDecision, "poolSizes" | "advised" | "later">,
  grants: readonly GrantDecision[],
): PoolPlan[] {
  return positions.map((position, index) => ({
    ...{ index, position },
    ...{ share: at(poolSizes, index), advised: at(advised, index), later: at(later, index) },
    grant: at(grants, index),
  }));
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`nothing was decided on pool ${index}`);
  return found;
}

/** The smallest pool size that a next pod may be given, once the decision is carried out. */
export function leastSizeOf({ position, grant }: Pick<PoolPlan, "position" | "grant">): number {
  const { published, pool } = position;
  return Math.max(Math.min(published, grant.poolSize), pool.otherGrantPoolSize ?? 0);
}

const byPolicy = oncePer((pools: readonly PoolPlan[]): ReadonlyMap<PolicyKey, PoolPlan[]> => {
  return Map.groupBy(pools, ({ position }) => position.policy.key);
});

/** Those of policies that count on the server, and do not only have it as a replica. */
export function poolsHere({ pools, snapshot }: PoolsOf): readonly PoolPlan[] {
  const own = new Set(countingHere(snapshot).map(({ key }) => key));
  return pools.filter(({ position }) => own.has(position.policy.key));
}

interface PoolsOf {
  readonly pools: readonly PoolPlan[];
  readonly snapshot: Pick<Snapshot, "policies">;
}

/** Those that count under the policy. */
export function ownPools(pools: readonly PoolPlan[], policy: PolicyKey): readonly PoolPlan[] {
  return byPolicy(pools).get(policy) ?? [];
}
