// When this process first saw a smaller grant in force. The grant itself says when it has settled,
// but that is counted from the decision: the write may have landed seconds later, or the clock of
// the one who wrote it may be ahead of ours. So nobody gives on what a shrink frees before the
// settle time has also passed since he saw it written: of several shrinks in a row what the first
// one frees. The account itself follows the grant: an operator that has just started must not
// report slots over budget that nobody holds. The gate of a pool is in force no sooner either:
// until then its new pods may start without asking.

import type { GrantFacts, PoolFacts, PoolKey } from "../../domain/facts/facts.ts";

/** A grant that settled longer ago than any write takes, by any clock, is settled. */
const doubtfulForMs = 60_000;

interface SettleTerms {
  readonly nowMs: number;
  readonly settleTimeMs: number;
}

interface Sight {
  /** Of the grant. */
  readonly stamp: string;
  readonly atMs: number;
  /** What it was before. */
  readonly poolSize: number;
}

export class GrantSettlement {
  readonly #gates = new Map<PoolKey, { readonly fromMs: number; readonly atMs: number }>();
  readonly #sights = new Map<PoolKey, readonly [Sight, ...Sight[]]>();

  /** The same facts, with a settle time that has passed since the first sight as well. */
  settle(given: PoolFacts, { nowMs, settleTimeMs }: SettleTerms): PoolFacts {
    const pool = this.#withGate(given, { nowMs, settleTimeMs });
    const { grant, poolKey: key } = pool;
    if (!grant || !isDoubtful(grant, nowMs)) {
      this.#sights.delete(key);
      return pool;
    }
    const [latest, ...before] = this.#sightsOf(key, grant, { nowMs, settleTimeMs });
    const unsettledUntilMs = Math.min(latest.atMs, nowMs) + settleTimeMs;
    const sizes = [latest, ...before].map(({ poolSize }) => poolSize);
    const unsettled = { unsettledUntilMs, unsettledPoolSize: Math.max(...sizes) };
    return { ...pool, grant: { ...grant, ...unsettled } };
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

  /** The latest one first, and those before it that have not settled either. */
  #sightsOf(
    key: PoolKey,
    { settlingPoolSize, poolSize, settledAtMs }: GrantFacts,
    { nowMs, settleTimeMs }: SettleTerms,
  ): readonly [Sight, ...Sight[]] {
    const stamp = `${settlingPoolSize} to ${poolSize} at ${settledAtMs}`;
    const [known, ...more] = this.#sights.get(key) ?? [];
    const isKnown = known?.stamp === stamp;
    const latest = isKnown ? known : { stamp, atMs: nowMs, poolSize: settlingPoolSize };
    const before = known && !isKnown ? [known, ...more] : more;
    const open = before.filter(({ atMs }) => nowMs < atMs + settleTimeMs);
    this.#sights.set(key, [latest, ...open]);
    return [latest, ...open];
  }
}

function isDoubtful(
  { settlingPoolSize, poolSize, settledAtMs }: GrantFacts,
  nowMs: number,
): boolean {
  return settlingPoolSize > poolSize && nowMs < settledAtMs + doubtfulForMs;
}
