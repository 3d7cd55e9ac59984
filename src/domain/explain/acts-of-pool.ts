// What is done to pods while they run or as they start, by pool and by pod: thousands of pools are
// told of thousands of pods, so this is sorted once for all of them.

import type { Plan } from "../decide/plan.ts";
import type { Release } from "../decide/releases.ts";
import type { Resize } from "../decide/resizes.ts";
import { oncePer } from "../once-per.ts";

type Live = Plan["live"];

const resizesByPool = oncePer(({ resizes }: Live) => Map.groupBy(resizes, ({ index }) => index));
const releasesByPool = oncePer(({ releases }: Live) => Map.groupBy(releases, ({ index }) => index));

export function resizesOf({ live }: Pick<Plan, "live">, index: number): readonly Resize[] {
  return resizesByPool(live).get(index) ?? [];
}

export function releasesOf({ live }: Pick<Plan, "live">, index: number): readonly Release[] {
  return releasesByPool(live).get(index) ?? [];
}

/** By uid: the sizes that running pods get. */
export const sizesGiven: (live: Live) => ReadonlyMap<string, number> = oncePer(({ resizes }) => {
  return new Map(resizes.map(({ pod, poolSize }) => [pod.uid, poolSize]));
});

/** By uid: pods that start now. */
export const released: (live: Live) => ReadonlySet<string> = oncePer(({ releases }) => {
  return new Set(releases.map(({ pod }) => pod.uid));
});
