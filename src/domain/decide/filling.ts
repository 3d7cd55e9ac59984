// Progressive filling: max-min fairness over several limits at once, exact in whole numbers. All
// requests are raised together until some limit has no slots for the next level. Its members then
// take single steps, the one with least per weight first; whom a step does not fit stops there, and
// the others go on. Where one limit has all requests as members, that is plain water filling.
//
// A request that a step does not fit never fits it again, because what a limit holds only grows. So
// the result is the same as if single steps were taken from the beginning, by whoever has least per
// weight and room in all of its limits; levels only make it fast. A limit is asked again how high
// its members can go only when it may be the next to be full: before, it can only have gone up.

import {
  type ShareRequest,
  requestAt,
  type LimitOfRequests,
  slotsWithin,
} from "../demand/share-request.ts";
import { FreeSlots } from "./free-slots.ts";
import { type Basis, comparePerWeight, type Levels, levelsOf } from "./levels.ts";
import { MinHeap } from "./min-heap.ts";
import { divideFloor } from "../demand/slots.ts";

/** Pool sizes of all requests, from their floors on. Floors that a limit has no slots for stay. */
export function fill(
  requests: readonly ShareRequest[],
  limits: readonly LimitOfRequests[],
  basis: Basis,
): number[] {
  const filling = new Filling(requests, limits, basis);
  while (filling.goOn());
  return filling.poolSizes;
}

/** A limit, and a level that all its members can surely go up to. */
interface Next {
  readonly limit: LimitOfRequests;
  readonly level: number;
}

class Filling {
  readonly #requests: readonly ShareRequest[];
  readonly #limits: readonly LimitOfRequests[];
  readonly #basis: Basis;
  readonly #levels: Levels;
  readonly #nexts = new MinHeap<Next>((a, b) => a.level - b.level);
  /** Of each request: it may still get more, and is at `#level` or above. */
  readonly #isOpen: boolean[];
  #openCount: number;
  #level = 0;
  readonly poolSizes: number[];

  constructor(requests: readonly ShareRequest[], limits: readonly LimitOfRequests[], basis: Basis) {
    this.#requests = requests;
    this.#limits = limits;
    this.#basis = basis;
    this.#levels = levelsOf(requests, basis);
    this.poolSizes = requests.map(({ floor }) => floor);
    this.#isOpen = requests.map(({ floor, ceiling, plannedPods }) => {
      return plannedPods > 0 && floor < ceiling;
    });
    for (const limit of limits) {
      if (this.#fitsAt(limit, 0)) this.#nexts.push({ limit, level: 0 });
      else for (const index of limit.indexes) this.#isOpen[index] = false;
    }
    this.#openCount = this.#isOpen.filter(Boolean).length;
  }

  /** Up to the next level that does not fit. False when nobody can have more. */
  goOn(): boolean {
    const first = this.#nextFull();
    if (!first) return false;
    const full = [first, ...this.#alsoFull()];
    const waiting = this.#openOf(full);
    if (waiting.length === this.#openCount) {
      this.#takeSteps(waiting, this.#limits, this.#levels.highest);
      return false;
    }
    // The others have room for everybody there, so that these steps take nothing from them.
    this.#takeSteps(waiting, full, this.#level + 1);
    for (const limit of full) this.#nexts.push({ limit, level: this.#level });
    return true;
  }

  /** The limit that is full first, at `#level` from then on. */
  #nextFull(): LimitOfRequests | undefined {
    for (let next = this.#nexts.pop(); next; next = this.#nexts.pop()) {
      const { limit } = next;
      if (!this.#isOpenIn(limit)) continue;
      const level = this.#highestIn(limit, Math.max(next.level, this.#level));
      if (level <= (this.#nexts.least?.level ?? Infinity)) {
        this.#level = level;
        return limit;
      }
      this.#nexts.push({ limit, level });
    }
    return undefined;
  }

  /** Others that are full at the same level. */
  #alsoFull(): LimitOfRequests[] {
    const full: LimitOfRequests[] = [];
    while ((this.#nexts.least?.level ?? Infinity) <= this.#level) {
      const { limit } = this.#nexts.pop() as Next;
      if (!this.#isOpenIn(limit)) continue;
      const level = this.#highestIn(limit, this.#level);
      if (level === this.#level) full.push(limit);
      else this.#nexts.push({ limit, level });
    }
    return full;
  }

  #isOpenIn({ indexes }: LimitOfRequests): boolean {
    return indexes.some((index) => this.#isOpen[index]);
  }

  /** The highest level at which the limit has slots for all its members; it has for `level`. */
  #highestIn(limit: LimitOfRequests, level: number): number {
    let fits = level;
    let tooHigh = this.#levels.highest + 1;
    // Often it is full at once.
    if (level > 0 && !this.#fitsAt(limit, level + 1)) return level;
    while (tooHigh - fits > 1) {
      const middle = divideFloor(fits + tooHigh, 2);
      if (this.#fitsAt(limit, middle)) fits = middle;
      else tooHigh = middle;
    }
    return fits;
  }

  #fitsAt(limit: LimitOfRequests, level: number): boolean {
    const sizeOf = (index: number): number => this.#sizeAt(index, level);
    return slotsWithin(this.#requests, limit, sizeOf) <= limit.slots;
  }

  #sizeAt(index: number, level: number): number {
    const own = this.poolSizes[index] ?? 0;
    if (this.#isOpen[index] !== true) return own;
    return Math.max(own, this.#levels.poolSizeAt(requestAt(this.#requests, index), level));
  }

  /** In the order of the requests. */
  #openOf(limits: readonly LimitOfRequests[]): number[] {
    const members = new Set(limits.flatMap(({ indexes }) => indexes));
    return [...members].filter((index) => this.#isOpen[index]).sort((a, b) => a - b);
  }

  /** Single steps of those that wait, from `#level` up to their sizes at `most`. */
  #takeSteps(waiting: readonly number[], limits: readonly LimitOfRequests[], most: number): void {
    for (const index of waiting) this.poolSizes[index] = this.#sizeAt(index, this.#level);
    const free = new FreeSlots(this.#requests, limits, this.poolSizes);
    const of = (index: number): [ShareRequest, number] => [
      requestAt(this.#requests, index),
      this.#sizeOf(index),
    ];
    const queue = new MinHeap<number>((a, b) => {
      return comparePerWeight(of(a), of(b), this.#basis) || a - b;
    });
    for (const index of waiting) queue.push(index);
    for (let index = queue.pop(); index !== undefined; index = queue.pop()) {
      const poolSize = this.#sizeOf(index) + 1;
      if (poolSize > requestAt(this.#requests, index).ceiling) this.#close(index);
      else if (poolSize > this.#sizeAt(index, most)) continue;
      else if (!free.take(index, poolSize)) this.#close(index);
      else {
        this.poolSizes[index] = poolSize;
        queue.push(index);
      }
    }
  }

  #close(index: number): void {
    this.#isOpen[index] = false;
    this.#openCount -= 1;
  }

  #sizeOf(index: number): number {
    return this.poolSizes[index] ?? 0;
  }
}
