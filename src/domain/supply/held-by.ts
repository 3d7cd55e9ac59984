// What the fleet's pods can hold, by the policy that they are of and by the node that they run on:
// where a session's address is no pod's, that is what can be said of whose it is.

import type { PoolFacts } from "../facts/facts.ts";
import type { HeldBy } from "../facts/session-facts.ts";
import { oncePer } from "../once-per.ts";
import { slotsPerPod } from "../demand/slots.ts";

/** By their own sizes, leaving ones included. */
export const heldBy = oncePer((workloads: readonly PoolFacts[]): HeldBy => heldBefore(workloads));

/** The same without pods that were created later. */
export function heldByOlder(workloads: readonly PoolFacts[], createdAtMs: number): HeldBy {
  return createdAtMs < newestPodMs(workloads)
    ? heldBefore(workloads, createdAtMs)
    : heldBy(workloads);
}

/** When the youngest pod was created; -Infinity: there is none. */
export const newestPodMs = oncePer((workloads: readonly PoolFacts[]): number => {
  let newest = -Infinity;
  for (const { pods } of workloads) {
    for (const { createdAtMs } of pods) newest = Math.max(newest, createdAtMs);
  }
  return newest;
});

function heldBefore(workloads: readonly PoolFacts[], untilMs = Infinity): HeldBy {
  const held = { policy: new Map<string, number>(), node: new Map<string, number>() };
  for (const { policy, sizing, pods } of workloads) {
    for (const { own, nodeAddresses = [], createdAtMs } of pods) {
      if (createdAtMs > untilMs) continue;
      const slots = slotsPerPod(sizing, own.poolSize);
      add(held.policy, policy, slots);
      for (const address of nodeAddresses) add(held.node, address, slots);
    }
  }
  return held;
}

export function add(sums: Map<string, number>, key: string, slots: number): void {
  sums.set(key, (sums.get(key) ?? 0) + slots);
}
