// Many writes of one kind: several at once, and namespaces in turns, so that however many one of
// them has, its writes stand between two of another only once. After a while no more are begun, so
// that the next decision need not wait for all of them. One of each namespace is begun all the
// same: nobody's writes are left over each time, and what must wait anyway takes no other's place.
// That has an end too, for an API server that does not answer: so many namespaces may share a
// server that one write of each would take minutes. Who calls lets those that were left come first
// the next time.

import type { Clock } from "../../ports.ts";
import { inTurns } from "../in-turns.ts";

const writesAtOnce = 4;

/**
 * What was decided longer ago is decided anew: the process may have been stopped while it waited
 * for an answer, or the servers that are decided together are many.
 */
const oldestDecisionMs = 60_000;

/** `ownMs` from now, and in any case before the decision is old. */
export function lastMomentMs(
  clock: Pick<Clock, "monotonicMs">,
  ownMs: number,
  decidedAtMs: number,
): number {
  return Math.min(clock.monotonicMs() + ownMs, decidedAtMs + oldestDecisionMs);
}

export interface WriteTurns<T> {
  readonly clock: Pick<Clock, "monotonicMs">;
  /** By the monotonic clock: what is not begun until then is left, but one of each namespace. */
  readonly endMs: number;
  /** The same for that one, later. */
  readonly lastMs: number;
  readonly namespaceOf: (item: T) => string;
  /** Asked just before it would be written. */
  readonly mustWait: (item: T) => boolean;
  readonly write: (item: T) => Promise<void>;
  /** It was not begun in time. */
  readonly leave: (item: T) => void;
}

/** Resolves when all that was begun has ended; what a write throws is thrown then. */
export async function writeInTurns<T>(items: readonly T[], turns: WriteTurns<T>): Promise<void> {
  const { clock, endMs, lastMs, namespaceOf, mustWait, write, leave } = turns;
  const rest = inTurns(items, namespaceOf).values();
  const begun = new Set<string>();
  const work = async (): Promise<void> => {
    for (const item of rest) {
      if (mustWait(item)) continue;
      const isFirst = !begun.has(namespaceOf(item));
      begun.add(namespaceOf(item));
      if (clock.monotonicMs() < (isFirst ? lastMs : endMs)) await write(item);
      else leave(item);
    }
  };
  const workers = Array.from({ length: Math.min(writesAtOnce, items.length) }, work);
  for (const ended of await Promise.allSettled(workers)) {
    if (ended.status === "rejected") throw ended.reason;
  }
}
