// Pools without a limit. What such a pod is counted as is a guess that it may leave at any moment,
// so it is replaced before anybody else's, whether or not somebody needs its slots.

import type { PodFacts } from "../facts/facts.ts";
import type { Position } from "./position.ts";

/** Pods that go on, with a pool that opens what it likes. */
export function unlimitedPodsOf(pods: readonly PodFacts[]): number {
  return pods.filter(({ own, terminating }) => own.unlimited === true && !terminating).length;
}

export function mustBeBounded({ managed, workload }: Position): boolean {
  return managed && unlimitedPodsOf(workload.pods) > 0;
}
