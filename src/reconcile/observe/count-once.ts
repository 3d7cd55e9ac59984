// Entries that name one variable for the size of two pools are in conflict, and neither is sized.
// The variable is one all the same, and so are its connections: they count once, or the neighbours
// would pay for a forgotten line. The pool with a grant in force counts: its size is what the API
// server writes. Else it is the largest, and of equal ones the first.

import { isMain } from "../../api/keys.ts";
import { plainName } from "../../api/relaxed-names.ts";
import type { OwnSize, PoolFacts } from "../../domain/facts/facts.ts";

/** Each variable under one pool; a pool that has a grant counts in any case. */
export function countedOnce(pools: readonly PoolFacts[]): readonly PoolFacts[] {
  if (pools.every(isMain)) return pools;
  const byVariable = [...Map.groupBy(pools, variableOf).values()];
  const beside = new Set(byVariable.flatMap(besideTheFirst));
  return beside.size === 0 ? pools : pools.map((one) => (beside.has(one) ? withoutSize(one) : one));
}

/** Where it is not known which container holds it, each pool may be in another one. */
function variableOf({ key, poolKey, container, sizing }: PoolFacts): string {
  return container === undefined ? poolKey : `${key} ${container}/${plainName(sizing.maxSizeName)}`;
}

function besideTheFirst(pools: readonly PoolFacts[]): readonly PoolFacts[] {
  const counted = pools.find(({ grant }) => grant !== undefined) ?? largestOf(pools);
  return pools.filter((one) => one !== counted && one.grant === undefined);
}

/** What a roll of one has just written is not in the caches yet, and the others do not know it. */
function largestOf(pools: readonly PoolFacts[]): PoolFacts | undefined {
  const sizeOf = ({ template, replacedPoolSize = 0 }: PoolFacts): number =>
    Math.max(template.poolSize, replacedPoolSize);
  const [first, ...others] = pools;
  return first && others.reduce((a, b) => (sizeOf(b) > sizeOf(a) ? b : a), first);
}

/** What its entry says of connections beside the pool stays: they are none of the variable's. */
function withoutSize({ connectionsBeside = 0, ...pool }: PoolFacts): PoolFacts {
  const { sizing, template, pods, replacedPoolSize } = pool;
  const extraConnectionsPerPod = sizing.extraConnectionsPerPod - connectionsBeside;
  return {
    ...pool,
    sizing: { ...sizing, extraConnectionsPerPod },
    template: noSize(template),
    ...(replacedPoolSize !== undefined && { replacedPoolSize: 0 }),
    pods: pods.map((pod) => ({ ...pod, own: noSize(pod.own) })),
  };
}

function noSize({ source }: OwnSize): OwnSize {
  return { poolSize: 0, source };
}
