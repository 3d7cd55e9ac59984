// The StatefulSet controller with its default pod management: one pod at a time, in order, each
// waiting until the one before is ready; an update goes from the highest ordinal down, and a pod of
// an ordinal is made only after the former one is gone.

import type { Pod } from "./pod.ts";
import type { Workload } from "./workload.ts";

export interface StatefulSetActions {
  /** Does nothing where the quota forbids it, or a pod of that name still ends. */
  createOrdinal(workload: Workload, ordinal: number, revision: string): void;
  terminate(pod: Pod): void;
}

/** One reconciliation: at most one pod is made or ended. */
export function syncStatefulSet(actions: StatefulSetActions, workload: Workload): void {
  workload.revisions.set(workload.revision, workload.template);
  const isFilled = fill(actions, workload);
  if (isFilled && endSurplus(actions, workload)) update(actions, workload);
}

/** True once every ordinal that should have a pod has one that is ready. */
function fill(actions: StatefulSetActions, workload: Workload): boolean {
  for (let ordinal = 0; ordinal < workload.replicas; ordinal++) {
    const pod = workload.ordinals.get(ordinal);
    if (!pod) {
      actions.createOrdinal(workload, ordinal, revisionFor(workload, ordinal));
      return false;
    }
    if (pod.terminating || !pod.ready) return false;
  }
  return true;
}

/** Below the partition the template of the last complete update stays in force. */
function revisionFor({ spec, revision, currentRevision }: Workload, ordinal: number): string {
  return ordinal < (spec.partition ?? 0) ? currentRevision : revision;
}

/** True once no pod is beyond the replicas. */
function endSurplus(actions: StatefulSetActions, { ordinals, replicas }: Workload): boolean {
  const highest = [...ordinals.keys()].filter((ordinal) => ordinal >= replicas).sort(descending)[0];
  const pod = highest === undefined ? undefined : ordinals.get(highest);
  if (!pod) return true;
  if (!pod.terminating) actions.terminate(pod);
  return false;
}

function update(actions: StatefulSetActions, workload: Workload): void {
  if (workload.strategy === "OnDelete") return;
  const { ordinals, spec, replicas, revision } = workload;
  const { partition = 0 } = spec;
  // Every pod is ready and none terminates: see fill.
  for (let ordinal = replicas - 1; ordinal >= partition; ordinal--) {
    const pod = ordinals.get(ordinal);
    if (!pod || pod.revision === revision) continue;
    actions.terminate(pod);
    return;
  }
  if (partition === 0) workload.currentRevision = revision;
}

function descending(a: number, b: number): number {
  return b - a;
}
