// Whose workloads are whose. A server may have thousands of policies and of workloads, and each
// policy is told of its own: so they are gone through once for all of them, and never once for
// each.

import type { PolicyKey, PoolFacts } from "../facts/facts.ts";
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
  const firsts = new Map(positions.toReversed().map((one) => [one.workload.key, one]));
  return positions.filter((one) => firsts.get(one.workload.key) === one);
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
