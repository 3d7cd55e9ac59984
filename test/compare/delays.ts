// How long the parts between a decision and a pool take, for every way the same: what was measured
// on a real API server and on a node with two busy cores, so rather too long. Now and then a
// kubelet does not write the file of a pod before its next periodic sync, or before the pod is
// touched once more.

import type { Random } from "../../src/ports.ts";
import { seededRandom } from "../support/prng.ts";
import { calm, type Conditions } from "../simulation/network.ts";

/** Requests to the API server and readings of the database server; events of a watch. */
export const conditions: Conditions = { ...calm, latencyMs: [5, 50], watchLagMs: [10, 250] };

/** From a pod's new annotation until its file says so. */
const fileMs = [100, 1_300] as const;
/** One file in so many is left to the kubelet's periodic sync. */
const missedOneIn = 100;
const periodicSyncMs = [60_000, 90_000] as const;
/** From the file until the application has followed: busy connections end when returned. */
const followerMs = [400, 3_100] as const;
const lot = 0xf011;

/** From a pod's new annotation until its pool has the size. */
export function followTimes(seed: number): () => number {
  const random = seededRandom(seed ^ lot);
  return () => {
    const isMissed = random.next() * missedOneIn < 1;
    return between(random, isMissed ? periodicSyncMs : fileMs) + between(random, followerMs);
  };
}

function between(random: Random, [least, most]: readonly [number, number]): number {
  return least + (most - least) * random.next();
}
