// Workloads that were never given a pool size, because the limit of the server is not known yet, or
// their policy cannot be used: what their next pods get is what their own template says.

import type { PoolFacts } from "../facts/facts.ts";
import type { Plan } from "../decide/plan.ts";

/** By a grant, or in its template. */
export function isAssigned({ grant, writtenPoolSize, rolledPoolSize }: PoolFacts): boolean {
  return [grant, writtenPoolSize, rolledPoolSize].some((given) => given !== undefined);
}

/** What its next pods get while nothing is decided. */
export function sayNextSize({ budgetSlots }: Pick<Plan, "budgetSlots">, pool: PoolFacts): string {
  const unknown = budgetSlots === undefined ? ": the limit of the server is unknown" : "";
  if (isAssigned(pool)) return `keeps its last size${unknown}`;
  return `no size assigned yet${unknown}; new pods use the value in their own template`;
}
