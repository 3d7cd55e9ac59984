// When the workload controllers act: once for whatever has happened, after a delay of their own,
// and again while something changes. What they have not looked at yet, their status does not say:
// that is the lag that everybody who reads a workload's status lives with.

import type { Clock } from "../../../src/ports.ts";
import { type DeploymentActions, newestSetOf, syncDeployment } from "./deployment-controller.ts";
import { type ReplicaSetActions, syncReplicaSet } from "./replica-set-controller.ts";
import { type StatefulSetActions, syncStatefulSet } from "./stateful-set-controller.ts";
import type { Progress, ReplicaSet, Workload, WorkloadStatus } from "./workload.ts";

export interface ControllersParts {
  readonly clock: Clock;
  readonly lagMs: () => number;
  readonly actions: DeploymentActions & ReplicaSetActions & StatefulSetActions;
  /** The workload's object has changed. */
  readonly show: (workload: Workload) => void;
}

const progressDeadlineDefaultMs = 600_000;

export class Controllers {
  readonly #parts: ControllersParts;

  constructor(parts: ControllersParts) {
    this.#parts = parts;
  }

  /** Something about it, or its pods, has changed. */
  wake(workload: Workload): void {
    if (workload.isSyncPending || workload.isGone) return;
    workload.isSyncPending = true;
    this.#parts.clock.after(this.#parts.lagMs(), () => {
      workload.isSyncPending = false;
      if (!workload.isGone) this.#sync(workload);
    });
  }

  /** A pod of this ReplicaSet has changed, or how many it should have. */
  wakeSet(workload: Workload, set: ReplicaSet): void {
    if (set.isSyncPending || workload.isGone) return;
    set.isSyncPending = true;
    const { clock, lagMs, actions } = this.#parts;
    clock.after(lagMs(), () => {
      set.isSyncPending = false;
      if (workload.isGone) return;
      const isNews = syncReplicaSet(actions, workload, { set, nowMs: clock.nowMs() });
      if (isNews) this.wake(workload);
    });
  }

  /** Time out of a rollout does not pass while it is paused. */
  resume(workload: Workload): void {
    workload.progress.atMs = this.#parts.clock.nowMs();
    this.wake(workload);
  }

  #sync(workload: Workload): void {
    const { actions } = this.#parts;
    if (workload.spec.kind === "StatefulSet") {
      syncStatefulSet(actions, workload);
      this.#say(workload, statefulSetStatus(workload));
      return;
    }
    const isChanged = syncDeployment(actions, workload);
    for (const set of workload.sets) {
      if (set.replicas !== set.active.length) this.wakeSet(workload, set);
    }
    this.#followProgress(workload);
    this.#say(workload, deploymentStatus(workload));
    if (isChanged) this.wake(workload);
  }

  #say(workload: Workload, status: WorkloadStatus): void {
    if (isSame(workload.status, status)) return;
    workload.status = status;
    this.#parts.show(workload);
  }

  #followProgress(workload: Workload): void {
    const { progress } = workload;
    this.#noteRollout(workload);
    const seen = lookAt(workload);
    const isBetter =
      seen.updated > progress.updated || seen.old < progress.old || seen.ready > progress.ready;
    Object.assign(progress, seen);
    if (progress.isComplete && seen.old === 0) return;
    progress.isComplete = isComplete(workload, seen);
    if (progress.isComplete || isBetter) {
      progress.atMs = this.#parts.clock.nowMs();
      progress.isLate = false;
    }
    if (!progress.isComplete) this.#watchDeadline(workload);
  }

  /** A new rollout has its whole time. */
  #noteRollout(workload: Workload): void {
    const { progress } = workload;
    const rollout = newestSetOf(workload)?.revisionNumber ?? progress.rollout;
    if (rollout === progress.rollout) return;
    const atMs = this.#parts.clock.nowMs();
    Object.assign(progress, { rollout, atMs, isComplete: false, isLate: false });
  }

  #watchDeadline(workload: Workload): void {
    const { progress, spec } = workload;
    if (progress.cancelDeadline) return;
    const { clock } = this.#parts;
    const deadlineMs = spec.progressDeadlineMs ?? progressDeadlineDefaultMs;
    const leftMs = Math.max(1, progress.atMs + deadlineMs - clock.nowMs());
    progress.cancelDeadline = clock.after(leftMs, () => {
      progress.cancelDeadline = undefined;
      if (workload.isGone || workload.paused || progress.isComplete || progress.isLate) return;
      if (clock.nowMs() - progress.atMs >= deadlineMs) {
        progress.isLate = true;
        this.wake(workload);
      } else this.#watchDeadline(workload);
    });
  }
}

type Look = Pick<Progress, "updated" | "old" | "ready">;

function lookAt(workload: Workload): Look {
  const { sets } = workload;
  const updated = newestSetOf(workload)?.said.replicas ?? 0;
  const all = sets.reduce((sum, { said }) => sum + said.replicas, 0);
  const ready = sets.reduce((sum, { available }) => sum + available, 0);
  return { updated, old: all - updated, ready };
}

function isComplete({ replicas }: Workload, { updated, old, ready }: Look): boolean {
  return updated === replicas && old === 0 && ready === replicas;
}

function deploymentStatus(workload: Workload): WorkloadStatus {
  const { updated, old } = lookAt(workload);
  return {
    observedGeneration: workload.generation,
    updatedReplicas: updated,
    statusReplicas: updated + old,
    updateRevision: undefined,
    revisionNumber: Math.max(0, ...workload.sets.map((set) => set.revisionNumber)),
    stuck: stuckMessage(workload),
  };
}

function stuckMessage(workload: Workload): string | undefined {
  const { progress, sets, spec } = workload;
  if (!progress.isLate) return sets.find(({ said }) => said.failure)?.said.failure;
  const name = newestSetOf(workload)?.name ?? spec.name;
  return `ReplicaSet "${name}" has timed out progressing.`;
}

function statefulSetStatus(workload: Workload): WorkloadStatus {
  const pods = [...workload.ordinals.values()];
  const isUpdated = ({ terminating, revision }: (typeof pods)[number]): boolean =>
    !terminating && revision === workload.revision;
  return {
    observedGeneration: workload.generation,
    updatedReplicas: pods.filter(isUpdated).length,
    statusReplicas: pods.length,
    updateRevision: workload.revision,
    stuck: undefined,
  };
}

function isSame(a: WorkloadStatus, b: WorkloadStatus): boolean {
  return (
    a.observedGeneration === b.observedGeneration &&
    a.updatedReplicas === b.updatedReplicas &&
    a.statusReplicas === b.statusReplicas &&
    a.updateRevision === b.updateRevision &&
    a.stuck === b.stuck
  );
}
