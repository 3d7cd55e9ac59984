// Room for rollouts: a rollout starts every pod anew while the old ones still hold their sessions.
// A default rolling update peaks at 2 x replicas, not 1.25 x, because maxSurge does not count
// terminating pods; a maxSurge of 0 does not help either (10 replicas, 0/25 %, pods that take 30 s
// to stop: 20 pods at once, measured). So the ledger keeps room for the largest such addition, of
// as many workloads as reserve.rollouts says.

import { workloadKinds } from "../../api/workload-kinds.ts";
import type { WorkloadFacts } from "../facts/facts.ts";

/** How many pods a rollout of the workload can add on top of its planned pods. */
export function roomPodsOf(workload: WorkloadFacts, plannedPods: number): number {
  // Such a pod is replaced only when it is gone; an OnDelete pod is deleted by a person.
  if (workloadKinds[workload.kind].hasOrdinals) return 0;
  // A Recreate rollout waits, but a deleted pod is replaced while it still terminates.
  if (workload.strategy === "Recreate") return Math.min(1, plannedPods);
  if (workload.waitsForTermination) return Math.min(workload.surgePods, plannedPods);
  return plannedPods;
}

/** Whether, in a rollout, a new pod waits until the one that it replaces is gone. */
export function rolloutWaitsForOldPods(workload: WorkloadFacts): boolean {
  return (
    workloadKinds[workload.kind].hasOrdinals ||
    workload.strategy !== "RollingUpdate" ||
    workload.waitsForTermination
  );
}

/**
 * The sum of the `count` largest additions, kept up to date as single additions grow. O(count) a
 * question, where count is reserve.rollouts: rarely more than 1. Ties go to the lower index.
 */
export class Room {
  readonly #additions: number[];
  readonly #largest: number[];
  readonly #count: number;

  /** `additions[i]` is the slots that a rollout of workload i adds. */
  constructor(additions: readonly number[], count: number) {
    this.#additions = [...additions];
    this.#count = Math.min(count, additions.length);
    this.#largest = [];
    if (this.#count === 0) return;
    for (const index of this.#additions.keys()) this.#enter(index);
  }

  get slots(): number {
    return this.#largest.reduce((sum, index) => sum + this.#additionOf(index), 0);
  }

  /** Indexes of the workloads that the room is for, the largest first. */
  get indexes(): readonly number[] {
    return this.#largest;
  }

  /** The room if workload `index` added `addition` (not less than now) instead. */
  slotsWith(index: number, addition: number): number {
    if (this.#count === 0) return 0;
    return this.slots + Math.max(0, addition - this.#additionOf(this.#replacedBy(index)));
  }

  /** Makes it so; the addition must not be less than it was. */
  raise(index: number, addition: number): void {
    this.#additions[index] = addition;
    if (this.#count === 0) return;
    const place = this.#largest.indexOf(index);
    if (place >= 0) this.#largest.splice(place, 1);
    this.#enter(index);
  }

  #additionOf(index: number): number {
    return this.#additions[index] ?? 0;
  }

  /** Its own place among the largest, else the least of them. */
  #replacedBy(index: number): number {
    return this.#largest.includes(index) ? index : (this.#largest.at(-1) ?? index);
  }

  /** Puts `index` into its place among the largest, if it has one, and the least out. */
  #enter(index: number): void {
    let place = this.#largest.length;
    while (place > 0 && this.#isLarger(index, this.#largest[place - 1] ?? index)) place -= 1;
    if (place === this.#count) return;
    this.#largest.splice(place, 0, index);
    if (this.#largest.length > this.#count) this.#largest.pop();
  }

  #isLarger(a: number, b: number): boolean {
    const difference = this.#additionOf(a) - this.#additionOf(b);
    return difference > 0 || (difference === 0 && a < b);
  }
}
