// How many pools of a workload are kept that no entry names any more. Whoever gives pools other
// names in each edit leaves more of them behind, and each costs as much as one with an entry. Of
// more than a policy may name, the rest counts as connections beside the last one that is kept, so
// that nobody grows into them.

import { furtherPoolsMax } from "../../api/group.ts";
import type { PoolFacts } from "../../domain/facts/facts.ts";
import { slotsPerPod } from "../../domain/demand/slots.ts";
import { withMoreConnections } from "./more-connections.ts";

/** Of one workload: as many as a policy may name beside the main one. */
export const releasedMax = furtherPoolsMax;

/** The same pools, with few released ones of each workload. */
export function fewReleased(pools: readonly PoolFacts[]): readonly PoolFacts[] {
  const released = pools.filter(({ isReleased }) => isReleased === true);
  if (released.length <= releasedMax) return pools;
  const instead = new Map<PoolFacts, PoolFacts | undefined>();
  for (const own of Map.groupBy(released, ({ key }) => key).values()) {
    const last = own[releasedMax - 1];
    const rest = own.slice(releasedMax);
    if (!last || rest.length === 0) continue;
    const slots = rest.reduce((sum, pool) => sum + mostSlotsOf(pool), 0);
    instead.set(last, withMoreConnections(last, slots));
    for (const pool of rest) instead.set(pool, undefined);
  }
  return pools.flatMap((pool) => (instead.has(pool) ? (instead.get(pool) ?? []) : pool));
}

/** Of any of its pods, and of the next one. */
function mostSlotsOf({ sizing, template, pods, replacedPoolSize = 0 }: PoolFacts): number {
  const sizes = pods.map(({ own }) => own.poolSize);
  return slotsPerPod(sizing, Math.max(template.poolSize, replacedPoolSize, ...sizes));
}
