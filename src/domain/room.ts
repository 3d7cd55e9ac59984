// Room for rollouts: a rollout starts every pod anew while the old ones still hold their sessions.
// A default rolling update peaks at 2 x replicas, not 1.25 x, because maxSurge does not count
// terminating pods; a maxSurge of 0 does not help either (10 replicas, 0/25 %, pods that take 30 s
// to stop: 20 pods at once, measured). So the ledger keeps room for the largest such addition, of
// as many workloads as reserve.rollouts says.

import type { WorkloadFacts } from "./facts.ts";

/** How many pods a rollout of the workload can add on top of its planned pods. */
export function roomPodsOf(workload: WorkloadFacts, plannedPods: number): number {
  // A StatefulSet replaces a pod only when it is gone; an OnDelete pod is deleted by a person.
  if (workload.kind === "StatefulSet") return 0;
  // A Recreate rollout waits, but a deleted pod is replaced while it still terminates.
  if (workload.strategy === "Recreate") return Math.min(1, plannedPods);
  if (workload.waitsForTermination) return Math.min(workload.surgePods, plannedPods);
  return plannedPods;
}

/** Whether, in a rollout, a new pod waits until the one that it replaces is gone. */
export function rolloutWaitsForOldPods(workload: WorkloadFacts): boolean {
  return (
    workload.kind === "StatefulSet" ||
    workload.strategy !== "RollingUpdate" ||
    workload.waitsForTermination
  );
}

/**
 * The sum of the `count` largest additions, kept up to date as single additions grow or shrink.
 * O(count) a question, where count is reserve.rollouts: rarely more than 1.
 */
export class Room {
  readonly #additions: number[];
  readonly #largest: number[];
  readonly #count: number;

  /** `additions[i]` is the slots that a rollout of workload i adds. */
  constructor(additions: readonly number[], count: number) {
    this.#additions = [...additions];
    this.#count = Math.min(count, additions.length);
    this.#largest = largestIndexes(this.#additions, this.#count);
  }

  get slots(): number {
    return this.#largest.reduce((sum, index) => sum + (this.#additions[index] ?? 0), 0);
  }

  /** Indexes of the workloads that the room is for, the largest first. */
  get indexes(): readonly number[] {
    return this.#largest;
  }

  /** The room if workload `index` added `addition` (not less than now) instead. */
  slotsWith(index: number, addition: number): number {
    if (this.#count === 0) return 0;
    const least = this.#largest.at(-1) ?? index;
    const replaced = this.#largest.includes(index) ? index : least;
    return this.slots + Math.max(0, addition - (this.#additions[replaced] ?? 0));
  }

  /** Makes it so; the addition must not be less than it was. */
  raise(index: number, addition: number): void {
    this.#additions[index] = addition;
    if (this.#count === 0) return;
    if (!this.#largest.includes(index)) {
      const least = this.#largest.at(-1) ?? index;
      if (addition <= (this.#additions[least] ?? 0)) return;
      this.#largest[this.#largest.length - 1] = index;
    }
    this.#largest.sort((a, b) => (this.#additions[b] ?? 0) - (this.#additions[a] ?? 0) || a - b);
  }
}

function largestIndexes(additions: readonly number[], count: number): number[] {
  if (count === 0) return [];
  if (count === 1) return [indexOfLargest(additions)];
  return additions
    .map((_, index) => index)
    .sort((a, b) => (additions[b] ?? 0) - (additions[a] ?? 0) || a - b)
    .slice(0, count);
}

function indexOfLargest(additions: readonly number[]): number {
  let best = 0;
  for (let index = 1; index < additions.length; index++) {
    if ((additions[index] ?? 0) > (additions[best] ?? 0)) best = index;
  }
  return best;
}
