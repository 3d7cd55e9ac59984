// How long things take that kubelets and nodes do. A scenario draws them anew for each pod.

import type { WorldPod } from "./pod.ts";

/** How long things take; asked at the moment of use, so they may be changed at any time. */
export interface PodTimes {
  /** From its creation until its process runs and is ready. */
  startMs(pod: WorldPod): number;
  /** From its deletion until it is gone; cut to the grace period. */
  stopMs(pod: WorldPod): number;
  /** From a crash until its process runs again. */
  restartMs(pod: WorldPod): number;
  /** From when the process runs until the API server shows its address, and that it is ready. */
  readyMs(pod: WorldPod): number;
  /** From a change of its annotations until its process has followed; infinite: it does not. */
  followMs(pod: WorldPod): number;
  /** How long the server keeps sessions of a machine that is lost. */
  keepaliveMs(pod: WorldPod): number;
}

/** Lost nodes: from their loss until the pods are evicted, and from then until they vanish. */
export interface NodeTimes {
  notReadyMs: number;
  evictMs: number;
  vanishMs: number;
}

export const usualPodTimes: PodTimes = {
  startMs: () => 10_000,
  stopMs: () => 2_000,
  restartMs: () => 10_000,
  readyMs: () => 0,
  followMs: () => 1_000,
  keepaliveMs: () => 2 * 3_600_000,
};

export const usualNodeTimes: NodeTimes = {
  notReadyMs: 40_000,
  evictMs: 300_000,
  vanishMs: 300_000,
};
