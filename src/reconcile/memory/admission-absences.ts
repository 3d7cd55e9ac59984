// Since when a policy that is told to use Template finds no admission policy. One that is replaced,
// as when a chart is upgraded, is back within seconds, and its grants are in force again: who had
// given them up in between would start larger pods for nothing. So it is waited for, for a while.

import type { PolicyKey } from "../../domain/facts/facts.ts";
import type { Clock } from "../../ports.ts";

/** Longer than a chart takes to replace its objects. */
export const awaitedMs = 60_000;

export class AdmissionAbsences {
  readonly #clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly #sinceMs = new Map<PolicyKey, number>();

  constructor(clock: Pick<Clock, "nowMs" | "monotonicMs">) {
    this.#clock = clock;
  }

  /** Until when it is waited for, in ms since the epoch; undefined: not at all. */
  awaitedUntilMs(policy: PolicyKey, isAbsent: boolean): number | undefined {
    if (!isAbsent) {
      this.forget(policy);
      return undefined;
    }
    const nowMs = this.#clock.monotonicMs();
    const sinceMs = this.#sinceMs.get(policy) ?? nowMs;
    this.#sinceMs.set(policy, sinceMs);
    const leftMs = sinceMs + awaitedMs - nowMs;
    return leftMs > 0 ? this.#clock.nowMs() + leftMs : undefined;
  }

  keys(): readonly PolicyKey[] {
    return [...this.#sinceMs.keys()];
  }

  forget(policy: PolicyKey): void {
    this.#sinceMs.delete(policy);
  }
}
