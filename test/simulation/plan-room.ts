// What people may do without going beyond the plan: use the room for rollouts only while it is
// free. Told from the world as it is, as a careful person would tell it from kubectl.

import { leaversOf, roomOf, sum, type TrueWorkload } from "./oracle.ts";
import type { Stage } from "./stage.ts";
import { isRolling } from "./true-workload.ts";

/** A deploy may begin: nothing of this workload leaves, and there is room beside the others. */
export function mayDeploy(stage: Stage, key: string): boolean {
  const { owns, others, rollouts } = around(stage, key);
  if (owns.some(isGated)) return true;
  return owns.length > 0 && !owns.some(isBusy) && others.filter(isBusy).length < rollouts;
}

/** So many pods of it may end at once. */
export function mayEnd(stage: Stage, key: string, pods: number): boolean {
  const { owns, others, rollouts } = around(stage, key);
  if (owns.some(isGated)) return true;
  const areFew = others.filter(isBusy).length < rollouts;
  return owns.length > 0 && owns.every((own) => mayEndOn(own, pods, areFew));
}

/** On one of its servers; `areFew`: others that use the room. */
function mayEndOn(own: TrueWorkload, pods: number, areFew: boolean): boolean {
  if (isRolling(own)) return false;
  if (own.replacement === "AfterOld" && own.pods.length - pods <= own.plannedPods) return true;
  const ending = own.pods.toSorted((a, b) => b.slots - a.slots).slice(0, pods);
  const leaving = sum([...leaversOf(own), ...ending].map(({ slots }) => slots));
  return leaving <= roomOf(own) && areFew;
}

/**
 * In the middle of a rollout a Deployment that is paused, or scaled to `replicas`, is filled up to
 * its surge again (a Recreate one to its replicas), beside pods that it has ended before.
 */
export function mayFillUp(stage: Stage, key: string, replicas: number): boolean {
  return around(stage, key).owns.every((own) => mayFillUpOn(own, replicas));
}

function mayFillUpOn(own: TrueWorkload, replicas: number): boolean {
  if (isGated(own) || !isRolling(own)) return true;
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
  /** As it counts on each of its servers. */
  readonly owns: readonly TrueWorkload[];
  readonly others: readonly TrueWorkload[];
  readonly rollouts: number;
} {
  const servers = truth.serversOf(key);
  const workloads = workloadsOn(truth, servers);
  return {
    owns: servers.flatMap((server) => truth.workloadOf(key, server) ?? []),
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
  return !isGated(workload) && (isRolling(workload) || leaversOf(workload).length > 0);
}

/** Nothing starts in place of its pods before their slots are there. */
function isGated(workload: TrueWorkload): boolean {
  return workload.isGated === true;
}
