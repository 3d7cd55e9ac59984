// The evictions of this process, the last of each workload. The watch shows only later that the pod
// ends: until then it counts as one that does, or the next one would be evicted beside it. Which
// pods were there tells those that came after it.

import type { PodFacts, PoolFacts, PoolKey, WorkloadKey } from "../../domain/facts/facts.ts";

export interface PastEviction {
  readonly atMs: number;
  readonly uid: string;
  /** That its pod was evicted for, by pool. */
  readonly poolSizes: ReadonlyMap<PoolKey, number>;
  /** How many evictions before it, in a row, brought no smaller pod. */
  readonly timesInVain: number;
  /** False: nobody knows whether it was heard. */
  readonly isAccepted: boolean;
  /** Uids of the pods that were there. */
  readonly present: ReadonlySet<string>;
}

/** A request that nobody answered has been heard by then, or never will be. */
const doubtMs = 30_000;

export class PastEvictions {
  readonly #last = new Map<WorkloadKey, PastEviction>();
  readonly #begun = new Set<WorkloadKey>();

  /**
   * Pools of one workload may be of several servers, each of which decides by itself: false while
   * another eviction of it is sent, or where another one came since `lastAtMs`.
   */
  begin(key: WorkloadKey, lastAtMs: number | undefined): boolean {
    if (this.#begun.has(key) || this.#last.get(key)?.atMs !== lastAtMs) return false;
    this.#begun.add(key);
    return true;
  }

  end(key: WorkloadKey): void {
    this.#begun.delete(key);
  }

  note(key: WorkloadKey, eviction: PastEviction): void {
    this.#last.set(key, eviction);
  }

  /** The workload with what is known of its last eviction. */
  seenIn(workload: PoolFacts, nowMs: number): PoolFacts {
    const last = this.#last.get(workload.key);
    if (!last) return workload;
    const { atMs, poolSizes, timesInVain } = last;
    // For the sake of other pools: no size of this one is too large.
    const poolSize = poolSizes.get(workload.poolKey) ?? Infinity;
    const pods = workload.pods.map((pod) => seenBy(last, pod, nowMs));
    return { ...workload, pods, lastEviction: { atMs, poolSize, timesInVain } };
  }

  keys(): readonly WorkloadKey[] {
    return [...this.#last.keys()];
  }

  forget(key: WorkloadKey): void {
    this.#last.delete(key);
  }
}

function seenBy(
  { uid, atMs, isAccepted, present }: PastEviction,
  pod: PodFacts,
  nowMs: number,
): PodFacts {
  if (!present.has(pod.uid)) return { ...pod, isSinceEviction: true as const };
  if (pod.uid !== uid || pod.terminating) return pod;
  if (isAccepted) return { ...pod, terminating: true };
  const isInDoubt = nowMs >= atMs && nowMs < atMs + doubtMs;
  return isInDoubt ? { ...pod, evictionDoubtedUntilMs: atMs + doubtMs } : pod;
}
