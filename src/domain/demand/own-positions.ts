// Whose workloads are whose. A server may have thousands of policies and of workloads, and each
// policy is told of its own: so they are gone through once for all of them, and never once for
// each.

import { isMain } from "../../api/keys.ts";
import type { PolicyKey, PoolFacts, WorkloadKey } from "../facts/facts.ts";
import { groupByEach } from "../group-by-each.ts";
import { oncePer } from "../once-per.ts";
import type { Position } from "./position.ts";

type Positions = readonly Position[];

export interface OwnPosition {
  readonly position: Position;
  /** Among all of the server. */
  readonly index: number;
}

const byPolicy = oncePer((positions: Positions): ReadonlyMap<PolicyKey, OwnPosition[]> => {
  const placed = positions.map((position, index) => ({ position, index }));
  return Map.groupBy(placed, ({ position }) => position.policy.key);
});

/** Those that count under the policy. */
export function ownAmong(positions: Positions, policy: PolicyKey): readonly OwnPosition[] {
  return byPolicy(positions).get(policy) ?? [];
}

/** Each workload once, by the first of its pools: what is the same for all of them. */
export const firstPools = oncePer((positions: Positions): Positions => {
  if (haveOnePoolEach(positions)) return positions;
  const firsts = new Map(positions.toReversed().map((one) => [one.workload.key, one]));
  return positions.filter((one) => firsts.get(one.workload.key) === one);
});

/** Those of one workload stand beside each other; policies of two servers may each have a main. */
export function haveOnePoolEach(positions: Positions): boolean {
  return positions.every(({ pool }, index) => {
    return isMain(pool) && pool.poolKey !== positions[index - 1]?.pool.poolKey;
  });
}

/** How many workloads have a pool that counts under another policy. */
export function workloadsOfOthers(positions: Positions, policy: PolicyKey): number {
  return firstPools(positions).length - (ownAlone(positions).get(policy) ?? 0);
}

/** How many workloads have all of their pools under the policy. */
const ownAlone = oncePer((positions: Positions): ReadonlyMap<PolicyKey, number> => {
  const policies = new Map<WorkloadKey, PolicyKey | undefined>();
  for (const { workload, policy } of positions) {
    const isShared = policies.has(workload.key) && policies.get(workload.key) !== policy.key;
    policies.set(workload.key, isShared ? undefined : policy.key);
  }
  const counts = new Map<PolicyKey, number>();
  for (const key of policies.values()) if (key) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
});

const byOtherClaimant = oncePer((positions: Positions) =>
  groupByEach(positions, ({ policy, pool: { claimedBy } }) =>
    claimedBy.filter((key) => key !== policy.key),
  ),
);

/** Those that the policy claims and that count under another one. */
export function claimedBeside(positions: Positions, policy: PolicyKey): Positions {
  return byOtherClaimant(positions).get(policy) ?? [];
}

/** The same for all who claim it, on whichever server: what its size is read from. */
export function poolIdOf({ poolKey, sizing }: Pick<PoolFacts, "poolKey" | "sizing">): string {
  return `${poolKey} ${sizing.maxSizeName}`;
}

const workloadsByPolicy = oncePer((workloads: readonly PoolFacts[]) =>
  Map.groupBy(workloads, ({ policy }) => policy),
);

/** The same of workloads of which nothing is worked out yet. */
export function ownWorkloads(
  workloads: readonly PoolFacts[],
  policy: PolicyKey,
): readonly PoolFacts[] {
  return workloadsByPolicy(workloads).get(policy) ?? [];
}
