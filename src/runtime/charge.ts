// The time of the only thread is charged to whoever it was spent for: after work that kept it busy,
// a namespace counts for a while as if that work were still under way. So large work of one, one
// piece after the other, leaves the others most of the time.

/** Decisions and readings that take less of the thread disturb nobody. */
const unchargedMs = 10;
/** How much longer than the work took of the thread somebody is charged with it. */
const chargedTimes = 16;
/** Of work that is over sooner; after that it is as long as the work took. */
const chargedMaxMs = 2_000;

/** For how long, after work that kept the thread busy for `busyMs`. */
export function chargedMs(busyMs: number, freeMs: number = unchargedMs): number {
  return busyMs < freeMs ? 0 : Math.max(Math.min(chargedTimes * busyMs, chargedMaxMs), busyMs);
}

/** What was spent for whom and is not charged yet. */
export class SpentTime {
  readonly #spentMs = new Map<string, number>();

  spend(whom: string, busyMs: number): void {
    this.#spentMs.set(whom, (this.#spentMs.get(whom) ?? 0) + busyMs);
  }

  /** All of it, once. */
  take(whom: string): number {
    const spentMs = this.#spentMs.get(whom) ?? 0;
    this.#spentMs.delete(whom);
    return spentMs;
  }
}
