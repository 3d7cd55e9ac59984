// The rolls of this process, by pool. The time of the last roll stands in the cluster, but an owner
// that replaces the whole object takes it away, and would then be fought with a rollout each time.

import type { PoolKey } from "../../domain/facts/facts.ts";

export interface PastRoll {
  readonly atMs: number;
  /** What it wrote into the template; undefined where the API server sizes the pods. */
  readonly poolSize: number | undefined;
  /** How often the entries had been put back when it was made. */
  readonly reverts: number;
  /** How many rolls before it its owner had undone, in a row. */
  readonly undone: number;
}

export class PastRolls {
  readonly #last = new Map<PoolKey, PastRoll>();

  note(key: PoolKey, roll: PastRoll): void {
    this.#last.set(key, roll);
  }

  keys(): readonly PoolKey[] {
    return [...this.#last.keys()];
  }

  forget(key: PoolKey): void {
    this.#last.delete(key);
  }

  of(key: PoolKey): PastRoll | undefined {
    return this.#last.get(key);
  }
}
