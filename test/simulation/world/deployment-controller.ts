// The Deployment controller, step for step as kube-controller-manager takes them: each
// reconciliation makes at most one change to the sizes of ReplicaSets, and the next one follows
// after the controller's own delay. Of pods it knows what their ReplicaSets have said last.

import {
  fenceposts,
  newSetReplicas,
  oldSetReplicas,
  proportionalReplicas,
  type Sized,
} from "./rollout-rules.ts";
import type { ReplicaSet, Workload } from "./workload.ts";

/** What the controller does to the cluster. */
export interface DeploymentActions {
  createSet(workload: Workload): ReplicaSet;
  /** Its revision number has changed. */
  showSet(workload: Workload, set: ReplicaSet): void;
  deleteSet(workload: Workload, set: ReplicaSet): void;
}

/** One reconciliation. True if it changed a size, so that another one follows. */
export function syncDeployment(actions: DeploymentActions, workload: Workload): boolean {
  if (workload.paused || isScaling(workload)) return scale(actions, workload);
  return workload.strategy === "Recreate" ? recreate(actions, workload) : roll(actions, workload);
}

export function newestSetOf({ sets, template }: Workload): ReplicaSet | undefined {
  return sets.find((set) => set.template.hash === template.hash);
}

function isScaling({ sets, replicas }: Workload): boolean {
  return sets.some((set) => set.replicas > 0 && set.desired !== replicas);
}

function sizedOf({ replicas, strategy, maxSurge, maxUnavailable }: Workload): Sized {
  return { replicas, strategy, maxSurge, maxUnavailable };
}

/** The newest ReplicaSet, made if it has to be; an old one of the same template is used again. */
function ensureNewest(actions: DeploymentActions, workload: Workload): ReplicaSet {
  const found = newestSetOf(workload);
  const numbers = workload.sets.filter((set) => set !== found).map((set) => set.revisionNumber);
  const number = Math.max(0, ...numbers) + 1;
  const newest = found ?? actions.createSet(workload);
  if (number > newest.revisionNumber) {
    newest.revisionNumber = number;
    actions.showSet(workload, newest);
  }
  return newest;
}

function roll(actions: DeploymentActions, workload: Workload): boolean {
  const isNew = newestSetOf(workload) === undefined;
  const newest = ensureNewest(actions, workload);
  const sized = sizedOf(workload);
  const total = sum(workload.sets, ({ replicas }) => replicas);
  const extra = workload.isTerminationAwaited ? terminatingOf(workload) : 0;
  const wanted = newSetReplicas(sized, newest, { total, extra });
  // A ReplicaSet is made with its size, and the old ones are looked at in the same go.
  if (resize(workload, newest, wanted) && !isNew) return true;
  const old = workload.sets.filter((set) => set !== newest && set.replicas > 0);
  const sizes = oldSetReplicas(sized, old, newest);
  const isResized = resizeAll(workload, old, sizes);
  if (!isResized) dropOldSets(actions, workload, newest);
  return isResized || isNew;
}

function recreate(actions: DeploymentActions, workload: Workload): boolean {
  const found = newestSetOf(workload);
  const old = workload.sets.filter((set) => set !== found);
  const isEnded = resizeAll(workload, old, new Array<number>(old.length).fill(0));
  if (isEnded || old.some(({ pods }) => pods.size > 0)) return isEnded;
  const newest = ensureNewest(actions, workload);
  const isGrown = resize(workload, newest, workload.replicas);
  if (!isGrown) dropOldSets(actions, workload, newest);
  return isGrown;
}

/** No rollout, just as many pods as are asked for: while it is paused, or was scaled. */
function scale(actions: DeploymentActions, workload: Workload): boolean {
  const newest = newestSetOf(workload);
  if (newest) ensureNewest(actions, workload);
  const active = workload.sets.filter(({ replicas }) => replicas > 0);
  const single = active.length > 1 ? undefined : (active[0] ?? newest ?? workload.sets.at(-1));
  if (single) return resize(workload, single, workload.replicas);
  if (newest && isSaturated(workload, newest)) {
    const old = active.filter((set) => set !== newest);
    return resizeAll(workload, old, new Array<number>(old.length).fill(0));
  }
  if (workload.strategy !== "RollingUpdate") return false;
  const sized = sizedOf(workload);
  const isGrowing = workload.replicas + fenceposts(sized).surge > sum(active, (s) => s.replicas);
  const ranked = active
    .map((set, age) => ({ set, age }))
    .sort((a, b) => b.set.replicas - a.set.replicas || (isGrowing ? b.age - a.age : a.age - b.age))
    .map(({ set }) => set);
  return resizeAll(workload, ranked, proportionalReplicas(sized, ranked));
}

function isSaturated({ replicas }: Workload, newest: ReplicaSet): boolean {
  return (
    newest.replicas === replicas && newest.desired === replicas && newest.available === replicas
  );
}

function resizeAll(
  workload: Workload,
  sets: readonly ReplicaSet[],
  sizes: readonly number[],
): boolean {
  const changes = sets.map((set, at) => resize(workload, set, sizes[at] ?? set.replicas));
  return changes.some(Boolean);
}

function resize(workload: Workload, set: ReplicaSet, replicas: number): boolean {
  set.desired = workload.replicas;
  set.maxReplicas = workload.replicas + fenceposts(sizedOf(workload)).surge;
  if (set.replicas === replicas) return false;
  set.replicas = replicas;
  return true;
}

/** Revisions beyond the history limit, once a rollout is complete. */
function dropOldSets(actions: DeploymentActions, workload: Workload, newest: ReplicaSet): void {
  const { revisionHistoryLimit = 10 } = workload.spec;
  const empty = workload.sets.filter((set) => set !== newest && set.pods.size === 0);
  const ranked = empty.sort((a, b) => a.revisionNumber - b.revisionNumber);
  const surplus = Math.max(0, ranked.length - revisionHistoryLimit);
  for (const set of ranked.slice(0, surplus)) actions.deleteSet(workload, set);
}

function terminatingOf({ sets }: Workload): number {
  return sum(sets, ({ pods, active }) => pods.size - active.length);
}

function sum<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0);
}
