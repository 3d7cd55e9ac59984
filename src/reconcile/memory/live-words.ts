// Which pools are live, so that a moment does not restart a fleet. That sessions look translated,
// or that nobody reads the server, may be so for a night: pods without a session of their own, and
// a job with the same role elsewhere. A pool that has shown sessions at its pods' own addresses
// stays live meanwhile, for a day, and nothing that its pods show proves anything. An operator that
// has just started believes the last status.

import type { PoolFacts, PoolKey, ServerKey } from "../../domain/facts/facts.ts";
import type { LiveSizes } from "../../domain/supply/live-sizes.ts";

/** What lasts longer is no moment. */
const doubtMaxMs = 24 * 3_600_000;

interface Word {
  /** It was live, and its sessions could be told by pod. */
  readonly isEarned: boolean;
  /** By the monotonic clock; undefined: nothing is in the way. */
  readonly doubtedSinceMs: number | undefined;
}

export class LiveWords {
  readonly #words = new Map<ServerKey, ReadonlyMap<PoolKey, Word>>();

  /** Whatever the latest reading says of its sessions. */
  staysLive(server: ServerKey, { poolKey, wasLive }: PoolFacts, monotonicMs: number): boolean {
    const word = this.#words.get(server)?.get(poolKey);
    if (!word) return wasLive === true;
    const { isEarned, doubtedSinceMs = monotonicMs } = word;
    return isEarned && monotonicMs < doubtedSinceMs + doubtMaxMs;
  }

  forgetServer(server: ServerKey): void {
    this.#words.delete(server);
  }

  /** Of pools of before that are gone nothing is kept. */
  note(server: ServerKey, { pools, told }: LiveSizes, monotonicMs: number): void {
    const before = this.#words.get(server);
    const asking = pools.filter(({ resize }) => resize === "Live");
    const words = asking.map((pool) => {
      const last = before?.get(pool.poolKey);
      return [
        pool.poolKey,
        wordOf(pool, last, { isTold: told.has(pool.poolKey), monotonicMs }),
      ] as const;
    });
    if (words.length > 0) this.#words.set(server, new Map(words));
    else this.#words.delete(server);
  }
}

function wordOf(
  { live, isLiveInDoubt, wasLive }: PoolFacts,
  last: Word | undefined,
  { isTold, monotonicMs }: { readonly isTold: boolean; readonly monotonicMs: number },
): Word {
  if (live !== true) return { isEarned: false, doubtedSinceMs: undefined };
  const isEarned = isTold || (last ? last.isEarned : wasLive === true);
  if (isLiveInDoubt !== true) return { isEarned, doubtedSinceMs: undefined };
  return { isEarned, doubtedSinceMs: last?.doubtedSinceMs ?? monotonicMs };
}
