// When this process first saw a smaller grant in force. The grant itself says when it has settled,
// but that is counted from the decision: the write may have landed seconds later, or the clock of
// the one who wrote it may be ahead of ours. So nobody gives on what a shrink frees before the
// settle time has also passed since he saw it written. The account itself follows the grant: an
// operator that has just started must not report slots over budget that nobody holds.

import type { GrantFacts, PoolFacts, PoolKey } from "../../domain/facts/facts.ts";

/** A grant that settled longer ago than any write takes, by any clock, is settled. */
const doubtfulForMs = 60_000;

export class GrantSettlement {
  readonly #sights = new Map<PoolKey, { readonly stamp: string; readonly atMs: number }>();

  /** The same facts, with a settle time that has passed since the first sight as well. */
  settle(
    pool: PoolFacts,
    { nowMs, settleTimeMs }: { readonly nowMs: number; readonly settleTimeMs: number },
  ): PoolFacts {
    const { grant, poolKey: key } = pool;
    if (!grant || !isDoubtful(grant, nowMs)) {
      this.#sights.delete(key);
      return pool;
    }
    const seenMs = Math.min(this.#sightOf(key, grant, nowMs), nowMs);
    return { ...pool, grant: { ...grant, unsettledUntilMs: seenMs + settleTimeMs } };
  }

  keys(): readonly PoolKey[] {
    return [...this.#sights.keys()];
  }

  forget(key: PoolKey): void {
    this.#sights.delete(key);
  }

  #sightOf(key: PoolKey, grant: GrantFacts, nowMs: number): number {
    const stamp = `${grant.settlingPoolSize} to ${grant.poolSize} at ${grant.settledAtMs}`;
    const known = this.#sights.get(key);
    if (known?.stamp === stamp) return known.atMs;
    this.#sights.set(key, { stamp, atMs: nowMs });
    return nowMs;
  }
}

function isDoubtful(
  { settlingPoolSize, poolSize, settledAtMs }: GrantFacts,
  nowMs: number,
): boolean {
  return settlingPoolSize > poolSize && nowMs < settledAtMs + doubtfulForMs;
}
