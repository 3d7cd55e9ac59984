// When this process first saw a smaller grant in force. The grant itself says when it has settled,
// but that is counted from the decision: the write may have landed seconds later, or the clock of
// the one who wrote it may be ahead of ours. So nobody gives on what a shrink frees before the
// settle time has also passed since he saw it written. The account itself follows the grant: an
// operator that has just started must not report slots over budget that nobody holds. The gate of a
// pool is in force no sooner either: until then its new pods may start without asking.

import type { GrantFacts, PoolFacts, PoolKey } from "../../domain/facts/facts.ts";

/** A grant that settled longer ago than any write takes, by any clock, is settled. */
const doubtfulForMs = 60_000;

interface SettleTerms {
  readonly nowMs: number;
  readonly settleTimeMs: number;
}

export class GrantSettlement {
  readonly #gates = new Map<PoolKey, { readonly fromMs: number; readonly atMs: number }>();
  readonly #sights = new Map<PoolKey, { readonly stamp: string; readonly atMs: number }>();

  /** The same facts, with a settle time that has passed since the first sight as well. */
  settle(given: PoolFacts, { nowMs, settleTimeMs }: SettleTerms): PoolFacts {
    const pool = this.#withGate(given, { nowMs, settleTimeMs });
    const { grant, poolKey: key } = pool;
    if (!grant || !isDoubtful(grant, nowMs)) {
      this.#sights.delete(key);
      return pool;
    }
    const seenMs = Math.min(this.#sightOf(key, grant, nowMs), nowMs);
    return { ...pool, grant: { ...grant, unsettledUntilMs: seenMs + settleTimeMs } };
  }

  keys(): readonly PoolKey[] {
    return [...new Set([...this.#sights.keys(), ...this.#gates.keys()])];
  }

  forget(key: PoolKey): void {
    this.#sights.delete(key);
    this.#gates.delete(key);
  }

  #withGate(pool: PoolFacts, { nowMs, settleTimeMs }: SettleTerms): PoolFacts {
    const { grant, poolKey: key } = pool;
    const fromMs = grant?.gatedFromMs;
    if (!grant || fromMs === undefined || nowMs >= fromMs + doubtfulForMs) {
      this.#gates.delete(key);
      return pool;
    }
    const known = this.#gates.get(key);
    const seenMs = Math.min(known?.fromMs === fromMs ? known.atMs : nowMs, nowMs);
    this.#gates.set(key, { fromMs, atMs: seenMs });
    return { ...pool, grant: { ...grant, gatedFromMs: Math.max(fromMs, seenMs + settleTimeMs) } };
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
