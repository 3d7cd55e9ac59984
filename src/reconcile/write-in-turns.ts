// Many writes of one kind: several at once, and namespaces in turns, so that however many one of
// them has, its writes stand between two of another only once. After a while no more are begun, so
// that the next decision need not wait for all of them. The first of each namespace is begun all
// the same: nobody's writes are left over each time.

import type { Clock } from "../ports.ts";

const writesAtOnce = 4;

export interface WriteTurns<T> {
  readonly clock: Pick<Clock, "monotonicMs">;
  /** By the monotonic clock: what is not begun until then is left. */
  readonly endMs: number;
  readonly namespaceOf: (item: T) => string;
  readonly write: (item: T) => Promise<void>;
  /** It was not begun in time. */
  readonly leave: (item: T) => void;
}

/** Resolves when all that was begun has ended; what a write throws is thrown then. */
export async function writeInTurns<T>(items: readonly T[], turns: WriteTurns<T>): Promise<void> {
  const { clock, endMs, write, leave } = turns;
  const rest = inTurns(items, turns.namespaceOf).values();
  const work = async (): Promise<void> => {
    for (const { item, turn } of rest) {
      if (turn === 0 || clock.monotonicMs() < endMs) await write(item);
      else leave(item);
    }
  };
  const workers = Array.from({ length: Math.min(writesAtOnce, items.length) }, work);
  for (const ended of await Promise.allSettled(workers)) {
    if (ended.status === "rejected") throw ended.reason;
  }
}

interface Turn<T> {
  readonly item: T;
  /** How many of its namespace come before it. */
  readonly turn: number;
}

/** Within a namespace in their order. */
function inTurns<T>(items: readonly T[], namespaceOf: (item: T) => string): readonly Turn<T>[] {
  const turns = new Map<string, number>();
  return items
    .map((item) => {
      const turn = turns.get(namespaceOf(item)) ?? 0;
      turns.set(namespaceOf(item), turn + 1);
      return { item, turn };
    })
    .toSorted((a, b) => a.turn - b.turn);
}
