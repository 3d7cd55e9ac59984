// Room for rollouts: a rollout starts every pod anew while the old ones still hold their sessions.
// A default rolling update peaks at 2 x replicas, not 1.25 x, because maxSurge does not count
// terminating pods; a maxSurge of 0 does not help either (10 replicas, 0/25 %, pods that take 30 s
// to stop: 20 pods at once, measured). So the ledger keeps room for the largest such addition, of
// as many workloads as reserve.rollouts says.

import { pickedKinds } from "../../api/workload-kinds.ts";
import type { WorkloadFacts, WorkloadKey } from "../facts/facts.ts";

/** How many pods a rollout of the workload can add on top of its planned pods. */
export function roomPodsOf(workload: WorkloadFacts, plannedPods: number): number {
  // Such a pod is replaced only when it is gone; an OnDelete pod is deleted by a person.
  if (pickedKinds[workload.kind].hasOrdinals) return 0;
  // A Recreate rollout waits, but a deleted pod is replaced while it still terminates.
  if (workload.strategy === "Recreate") return Math.min(1, plannedPods);
  if (workload.waitsForTermination) return Math.min(workload.surgePods, plannedPods);
  return plannedPods;
}

/** Whether, in a rollout, a new pod waits until the one that it replaces is gone. */
export function rolloutWaitsForOldPods(workload: WorkloadFacts): boolean {
  return (
    pickedKinds[workload.kind].hasOrdinals ||
    workload.strategy !== "RollingUpdate" ||
    workload.waitsForTermination
  );
}

/**
 * The sum of the `count` largest additions, kept up to date as single additions grow. O(count) a
 * question, where count is reserve.rollouts: rarely more than 1. Ties go to the lower index. A
 * rollout replaces pods with all of their pools, so what the pools of one workload add is one
 * addition: that of the first of them, where the others have none.
 */
export class Room {
  /** Of each pool by itself. */
  readonly #parts: number[];
  readonly #additions: number[];
  readonly #leaders: readonly number[] | undefined;
  readonly #largest: number[];
  readonly #count: number;

  /**
   * `additions[i]` is the slots that a rollout adds for pool i; `leaders[i]` the first pool of the
   * same workload; none where each workload has one pool.
   */
  constructor(additions: readonly number[], count: number, leaders?: readonly number[]) {
    this.#parts = [...additions];
    this.#leaders = leaders;
    this.#additions = leaders ? summedUp(additions, leaders) : [...additions];
    this.#count = Math.min(count, additions.length);
    this.#largest = [];
    if (this.#count === 0) return;
    for (const index of this.#additions.keys()) this.#enter(index);
  }

  get slots(): number {
    return this.#largest.reduce((sum, index) => sum + this.#additionOf(index), 0);
  }

  /** Indexes of the first pools of the workloads that the room is for, the largest first. */
  get indexes(): readonly number[] {
    return this.#largest;
  }

  /** The room if pool `index` added `addition` (not less than now) instead. */
  slotsWith(index: number, addition: number): number {
    return this.slotsWithWhole(index, this.#wholeWith(index, addition));
  }

  /** The same if all pools of its workload together added `addition`. */
  slotsWithWhole(index: number, addition: number): number {
    if (this.#count === 0) return 0;
    const replaced = this.#replacedBy(this.#leaderOf(index));
    return this.slots + Math.max(0, addition - this.#additionOf(replaced));
  }

  /** Makes it so; the addition must not be less than it was. */
  raise(index: number, addition: number): void {
    const leader = this.#leaderOf(index);
    this.#additions[leader] = this.#wholeWith(index, addition);
    this.#parts[index] = addition;
    if (this.#count === 0) return;
    const place = this.#largest.indexOf(leader);
    if (place >= 0) this.#largest.splice(place, 1);
    this.#enter(leader);
  }

  #leaderOf(index: number): number {
    return this.#leaders?.[index] ?? index;
  }

  /** What the workload of the pool adds, if the pool adds `addition`. */
  #wholeWith(index: number, addition: number): number {
    return this.#additionOf(this.#leaderOf(index)) - (this.#parts[index] ?? 0) + addition;
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

function summedUp(parts: readonly number[], leaders: readonly number[]): number[] {
  const sums = parts.map(() => 0);
  for (const [index, part] of parts.entries()) {
    const leader = leaders[index] ?? index;
    sums[leader] = (sums[leader] ?? 0) + part;
  }
  return sums;
}

/** Of each pool the first one of the same workload; undefined where each workload has one pool. */
export function leadersOf(workloads: readonly WorkloadKey[]): readonly number[] | undefined {
  const firsts = new Map<WorkloadKey, number>();
  const leaders = workloads.map((workload, index) => {
    const first = firsts.get(workload) ?? index;
    firsts.set(workload, first);
    return first;
  });
  return firsts.size === workloads.length ? undefined : leaders;
}
