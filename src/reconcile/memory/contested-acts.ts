// Rolls and evictions that found their workload changed, or the status of its policy not written,
// each time they were to be begun. One roll is tried per decision, and no pod starts or grows
// beside it, so whoever changes his objects without end would keep everybody else from his turn.
// From the third time in a row on others come first for a while, twice as long each time.

import type { RefusedWrite, WorkloadKey } from "../../domain/facts/facts.ts";

const contestedFrom = 3;
const firstPauseMs = 2_000;
const pauseMaxMs = 60_000;
/** What lies further back was another time. */
const inARowMs = 2 * pauseMaxMs;

interface Contested {
  readonly times: number;
  readonly sinceMs: number;
  readonly atMs: number;
}

export class ContestedActs {
  readonly #contested = new Map<WorkloadKey, Contested>();

  /** The workload was another than the one that was decided on. */
  note(workload: WorkloadKey, nowMs: number): void {
    const last = this.#contested.get(workload);
    const before = last && Math.abs(nowMs - last.atMs) < inARowMs ? last : undefined;
    const { times = 0, sinceMs = nowMs } = before ?? {};
    this.#contested.set(workload, { times: times + 1, sinceMs, atMs: nowMs });
  }

  /** Why its acts wait; undefined where they may be tried. */
  lately(workload: WorkloadKey, nowMs: number): RefusedWrite | undefined {
    const contested = this.#contested.get(workload);
    if (!contested || contested.times < contestedFrom) return undefined;
    const { times, atMs, sinceMs } = contested;
    const pauseMs = Math.min(firstPauseMs * 2 ** (times - contestedFrom), pauseMaxMs);
    // A clock that was set back does not make it longer.
    const waitMs = Math.min(atMs + pauseMs - nowMs, pauseMs);
    if (waitMs <= 0) return undefined;
    const message =
      "each time its pods were about to be replaced, it or its policy was changed or not written";
    return { untilMs: nowMs + waitMs, sinceMs: Math.min(sinceMs, nowMs), message };
  }

  keys(): readonly WorkloadKey[] {
    return [...this.#contested.keys()];
  }

  /** It went through, or the workload is gone. */
  forget(workload: WorkloadKey): void {
    this.#contested.delete(workload);
  }
}
