// The order in which the statuses of one decision are written. What makes a grant smaller comes
// first, because others wait for what it frees, and what makes one larger last. No growth counts on
// a shrink that is written beside it: what that frees is given on later, when it has settled.

import type { PolicyFacts, PolicyKey } from "../facts/facts.ts";
import type { Plan } from "./plan.ts";
import type { PoolPlan } from "./pool-plan.ts";

type Pools = readonly Pick<PoolPlan, "position" | "grant">[];

interface Write {
  readonly policy: Pick<PolicyFacts, "key">;
}

/**
 * Phases, of which none is begun before all of the one before it was answered; some are empty.
 * Within one the status that was tried longest ago comes first: else one that never goes through
 * would stand before all others of its namespace.
 */
export function writePhases<T extends Write>(
  writes: readonly T[],
  pools: Pools,
  triedAtMs: (policy: PolicyKey) => number,
): readonly (readonly T[])[] {
  const shrinking = policiesThat("Shrink", pools);
  const growing = policiesThat("Grow", pools);
  const phaseOf = ({ policy: { key } }: T): number => {
    if (shrinking.has(key)) return 0;
    return growing.has(key) ? 2 : 1;
  };
  const longestAgoFirst = writes.toSorted(
    (a, b) => triedAtMs(a.policy.key) - triedAtMs(b.policy.key),
  );
  return [0, 1, 2].map((phase) => longestAgoFirst.filter((write) => phaseOf(write) === phase));
}

function policiesThat(wanted: "Shrink" | "Grow", pools: Pools): ReadonlySet<PolicyKey> {
  const those = pools.filter(({ grant }) => grant.decision === wanted);
  return new Set(those.map(({ position }) => position.policy.key));
}

/**
 * Plans of servers that are decided together: what shrinks first, and last the one that has an act,
 * which counts on what all of them grant.
 */
export function inWriteOrder<T extends Pick<Plan, "pools" | "rolls">>(plans: readonly T[]): T[] {
  const placeOf = ({ pools, rolls }: T): number => {
    if (rolls.roll !== undefined || rolls.eviction !== undefined) return 3;
    if (pools.some(({ grant }) => grant.decision === "Grow")) return 2;
    return pools.some(({ grant }) => grant.decision === "Shrink") ? 0 : 1;
  };
  return plans.toSorted((a, b) => placeOf(a) - placeOf(b));
}
