// What a rollout that somebody starts adds while it runs: every pod is started anew while the old
// ones still hold their sessions (room.ts). A plan keeps room for as many at once as
// reserve.rollouts says; whoever applies several templates at once starts as many as they are.

import type { Position } from "./position.ts";
import { roomPodsOf } from "./room.ts";
import { slotsPerPod } from "./slots.ts";

/** Slots that new pods of all that run may hold beside the old ones, with the sizes of these. */
export function surgeSlots({ workload, sizing, staying, stayingPods }: Position): number {
  const largest = staying.reduce((most, { poolSize }) => Math.max(most, poolSize), 0);
  return roomPodsOf(workload, stayingPods) * slotsPerPod(sizing, largest);
}
