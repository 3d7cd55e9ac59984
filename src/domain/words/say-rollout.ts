// What is said of pods that are on their way out: old pods are those that a rollout replaces and
// that run until it does, terminating pods are those that end already.

import { pickedKinds } from "../../api/workload-kinds.ts";
import type { Position } from "../demand/position.ts";
import { sayCount } from "./say-count.ts";

/** `, 3 old pods hold 15, 2 terminating pods hold 36`; empty where there are none. */
export function sayLeaving(position: Position): string {
  const { oldPods, oldSlots } = position;
  const old = oldPods > 0 ? `, ${sayHolding(oldPods, "old pod")} ${oldSlots}` : "";
  return `${old}${sayEnding(position)}`;
}

/** `, 2 terminating pods hold 36` */
export function sayEnding({ leavingPods, leavingSlots, oldPods, oldSlots }: Position): string {
  const count = leavingPods - oldPods;
  return count > 0 ? `, ${sayHolding(count, "terminating pod")} ${leavingSlots - oldSlots}` : "";
}

/** `rollout is blocked: quota; 3 old pods still run and hold 15 slots, 0 of 3 new pods exist`. */
export function sayBlocked(position: Position, stuck: string): string {
  const { oldPods, oldSlots } = position;
  const run = `${sayCount(oldPods, "old pod")} still ${oldPods === 1 ? "runs and holds" : "run and hold"}`;
  const old = oldPods > 0 ? `; ${run} ${sayCount(oldSlots, "slot")}, ${sayNewPods(position)}` : "";
  return `rollout is blocked: ${stuck}${old}${wayOut(position, stuck)}`;
}

/** `rollout in progress: 1 of 3 new pods exists, 2 old pods hold 36`. */
export function sayProgress(position: Position): string {
  return `rollout in progress: ${sayNewPods(position)}${sayLeaving(position)}`;
}

/** `2 terminating pods are gone` */
export function sayGone(pods: number): string {
  return `${sayCount(pods, "terminating pod")} ${pods === 1 ? "is" : "are"} gone`;
}

function sayNewPods({ workload: { updatedReplicas, replicas } }: Position): string {
  const exist = updatedReplicas === 1 ? "exists" : "exist";
  return `${updatedReplicas} of ${sayCount(replicas, "new pod")} ${exist}`;
}

function sayHolding(count: number, singular: string): string {
  return `${sayCount(count, singular)} ${count === 1 ? "holds" : "hold"}`;
}

/** A surge needs pods beside those that run, and a quota may have none left. */
function wayOut({ workload: { kind, strategy } }: Position, stuck: string): string {
  if (!stuck.includes("exceeded quota")) return "";
  const hasSurge = pickedKinds[kind].hasSurge && strategy === "RollingUpdate";
  return `. To fix: raise the quota${hasSurge ? ", or set maxSurge: 0" : ""}`;
}
