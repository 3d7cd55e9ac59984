// Times that stand in the cluster were written by some wall clock, and wall clocks are set. What
// such a time may do wrong is bounded, without anything in memory: a clock that is set forward ends
// a wait early, once; one that is set back does not make it longer than it was meant to be. Waits
// that no other process needs to know of go by the monotonic clock.

import type { GrantFacts, PoolFacts } from "../../domain/facts/facts.ts";

export interface Terms {
  readonly nowMs: number;
  readonly settleTimeMs: number;
  readonly cooldownMs: number;
}

/** The same facts without times that cannot be: those of a clock that has been set back since. */
export function withoutFutureTimes(workload: PoolFacts, terms: Terms): PoolFacts {
  const { grant, rolledAtMs = 0, ownRollAtMs = 0 } = workload;
  const latestMs = terms.nowMs + terms.settleTimeMs;
  const isLate = grant !== undefined && isAfter(grant, latestMs);
  // Clocks of two operators differ a little; a cooldown that begins later than that never was.
  const isFuture = rolledAtMs > terms.nowMs + terms.cooldownMs;
  const isOwnFuture = ownRollAtMs > terms.nowMs;
  if (!isLate && !isFuture && !isOwnFuture) return workload;
  return {
    ...workload,
    ...(isLate ? { grant: settledBy(grant, latestMs) } : {}),
    ...(isFuture ? { rolledAtMs: undefined } : {}),
    ...(isOwnFuture ? { ownRollAtMs: 0 } : {}),
  };
}

function isAfter({ settledAtMs, gatedFromMs = 0 }: GrantFacts, latestMs: number): boolean {
  return Math.max(settledAtMs, gatedFromMs) > latestMs;
}

function settledBy(grant: GrantFacts, latestMs: number): GrantFacts {
  const { settledAtMs, gatedFromMs } = grant;
  return {
    ...{ ...grant, settledAtMs: Math.min(settledAtMs, latestMs) },
    ...(gatedFromMs !== undefined && { gatedFromMs: Math.min(gatedFromMs, latestMs) }),
  };
}
