// What a decision wants done beside its statuses, once these are written. They take their time,
// and meanwhile somebody may have deployed, or a pod may have failed: an act on the facts of before
// would come beside that. So after a while it is decided again, and done only where it is wanted
// still; else the next decision has the word.

import { partsOf } from "../../domain/decide/pool-parts.ts";
import type { RollDecisions } from "../../domain/decide/rolls.ts";
import type { Clock } from "../../ports.ts";

export interface ActDecider {
  readonly clock: Pick<Clock, "monotonicMs">;
  /** What is wanted by the facts as they are now. */
  readonly decideAgain: () => Promise<ActsWanted>;
}

export type ActsWanted = Pick<RollDecisions, "roll" | "eviction">;

/** Facts that are no older pass for those of now: watches need as long to bring an event. */
const freshMs = 250;

/**
 * Those of `decided` that are wanted now, as they were decided last. What others have done
 * meanwhile may leave room for one pod where there was some for all, or the other way round.
 */
export async function actsOfNow(
  { clock, decideAgain }: ActDecider,
  { roll, eviction }: ActsWanted,
  decidedAtMs: number,
): Promise<ActsWanted> {
  if (!roll && !eviction) return noActs;
  if (clock.monotonicMs() - decidedAtMs <= freshMs) return { roll, eviction };
  const now = await decideAgain();
  const wish = roll ?? eviction?.wish;
  return {
    roll: isSameWish(wish, now.roll) ? now.roll : undefined,
    eviction: isSameWish(wish, now.eviction?.wish) ? now.eviction : undefined,
  };
}

export const noActs: ActsWanted = { roll: undefined, eviction: undefined };

/** Pods of that workload are to get that size, all at once or one at a time. */
function isSameWish(a: ActsWanted["roll"], b: ActsWanted["roll"]): boolean {
  if (!a || !b || a.position.workload.key !== b.position.workload.key) return a === b;
  const sizes = new Map(partsOf(b).map((part) => [part.position.pool.poolKey, part.poolSize]));
  return partsOf(a).every(
    ({ position: { pool }, poolSize }) => sizes.get(pool.poolKey) === poolSize,
  );
}
