// Since when pods are away: the API server does not say since when one is missing, and of one that
// ends only when it should be gone. It is counted from when this process has first seen it, so a
// new leader waits anew.

import type { PodFacts, PoolFacts, WorkloadKey } from "../../domain/facts/facts.ts";
import { missingPodsOf } from "../../domain/decide/away.ts";

interface Absence {
  readonly missingSinceMs: number | undefined;
  /** By uid of the pod. */
  readonly endingSinceMs: ReadonlyMap<string, number>;
}

const nobody: Absence = { missingSinceMs: undefined, endingSinceMs: new Map() };

export class Absences {
  readonly #absences = new Map<WorkloadKey, Absence>();

  seenIn(workload: PoolFacts, nowMs: number): PoolFacts {
    const before = this.#absences.get(workload.key) ?? nobody;
    const absence = absenceOf(workload, before, nowMs);
    this.#absences.set(workload.key, absence);
    const { missingSinceMs, endingSinceMs } = absence;
    if (missingSinceMs === undefined && endingSinceMs.size === 0) return workload;
    const pods = workload.pods.map((pod) => {
      const sinceMs = endingSinceMs.get(pod.uid);
      return sinceMs === undefined ? pod : { ...pod, endingSinceMs: sinceMs };
    });
    return { ...workload, pods, ...(missingSinceMs !== undefined && { missingSinceMs }) };
  }

  keys(): readonly WorkloadKey[] {
    return [...this.#absences.keys()];
  }

  forget(key: WorkloadKey): void {
    this.#absences.delete(key);
  }
}

/** A clock that was set back makes no wait longer. */
function absenceOf(workload: PoolFacts, before: Absence, nowMs: number): Absence {
  const missing = missingPodsOf(workload);
  const ending = workload.pods.filter(({ terminating }) => terminating);
  const sinceOf = ({ uid }: PodFacts): number =>
    Math.min(before.endingSinceMs.get(uid) ?? nowMs, nowMs);
  return {
    missingSinceMs: missing > 0 ? Math.min(before.missingSinceMs ?? nowMs, nowMs) : undefined,
    endingSinceMs: new Map(ending.map((pod) => [pod.uid, sinceOf(pod)])),
  };
}
