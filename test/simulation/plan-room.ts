// What people may do without going beyond the plan: use the room for rollouts only while it is
// free. Told from the world as it is, as a careful person would tell it from kubectl.

import { leaversOf, roomOf, sum, type TrueWorkload } from "./oracle.ts";
import type { Stage } from "./stage.ts";
import { isRolling } from "./true-workload.ts";

/** A deploy may begin: nothing of this workload leaves, and there is room beside the others. */
export function mayDeploy(stage: Stage, key: string): boolean {
  const { own, others, rollouts } = around(stage, key);
  if (own?.isGated === true) return true;
  return own !== undefined && !isBusy(own) && others.filter(isBusy).length < rollouts;
}

/** So many pods of it may end at once. */
export function mayEnd(stage: Stage, key: string, pods: number): boolean {
  const { own, others, rollouts } = around(stage, key);
  if (own?.isGated === true) return true;
  if (!own || isRolling(own)) return false;
  if (own.replacement === "AfterOld" && own.pods.length - pods <= own.plannedPods) return true;
  const ending = own.pods.toSorted((a, b) => b.slots - a.slots).slice(0, pods);
  const leaving = sum([...leaversOf(own), ...ending].map(({ slots }) => slots));
  return leaving <= roomOf(own) && others.filter(isBusy).length < rollouts;
}

/**
 * In the middle of a rollout a Deployment that is paused, or scaled to `replicas`, is filled up to
 * its surge again (a Recreate one to its replicas), beside pods that it has ended before.
 */
export function mayFillUp(stage: Stage, key: string, replicas: number): boolean {
  const { own } = around(stage, key);
  if (!own || own.isGated === true || !isRolling(own)) return true;
  const ending = own.pods.filter(({ terminating }) => terminating);
  const live = replicas + (own.replacement === "Recreate" ? 0 : own.surgePods);
  const largest = Math.max(own.nextSlots, ...own.pods.map(({ slots }) => slots));
  const filled = sum(ending.map(({ slots }) => slots)) + live * largest;
  return filled <= own.plannedPods * own.nextSlots + roomOf(own);
}

function around(
  { truth }: Pick<Stage, "truth">,
  key: string,
): {
  readonly own: TrueWorkload | undefined;
  readonly others: readonly TrueWorkload[];
  readonly rollouts: number;
} {
  const workloads = workloadsOn(truth, truth.serversOf(key));
  return {
    own: workloads.find((one) => one.key === key),
    others: workloads.filter((one) => one.key !== key),
    rollouts: truth.rolloutsOf(key),
  };
}

/** Each once: it may be on several servers. */
export function workloadsOn(
  truth: Stage["truth"],
  servers: readonly string[],
): readonly TrueWorkload[] {
  const all = servers.flatMap((server) => truth.stateOf(server).workloads);
  return [...new Map(all.map((one) => [one.key, one])).values()];
}

function isBusy(workload: TrueWorkload): boolean {
  // Nothing starts in place of its pods before their slots are there.
  if (workload.isGated === true) return false;
  return isRolling(workload) || leaversOf(workload).length > 0;
}
