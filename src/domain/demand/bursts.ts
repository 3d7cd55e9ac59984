// Bursts: the pods of a pool have all connections at work that they have, or that are recommended.
// What a histogram says of that takes ten minutes and more, and no more than a fifth at a time: a
// pool that is held to its recommended size must neither wait for so long nor be replaced so often.
// A moment is no burst: a quarter of the pods in two looks in a row is. So is one pod that is full
// in every look for five minutes: among hundreds it is too few samples for the peak. It is over
// when none was seen for ten minutes.

import type { Burst } from "../facts/use-facts.ts";
import type { PodSample } from "./clients-at-work.ts";

export interface Bursts {
  /** The latest look showed it. */
  readonly isShown: boolean;
  /** The first and the last look of the latest burst; undefined: none was seen. */
  readonly spanMs: readonly [from: number, until: number] | undefined;
  /** By pods that were full in the latest look: since when in every look. */
  readonly fullSinceMs: ReadonlyMap<string, number>;
  /** Of the latest look. */
  readonly atMs: number;
}

export const noBursts: Bursts = {
  ...{ isShown: false, spanMs: undefined },
  ...{ fullSinceMs: new Map(), atMs: -Infinity },
};

const podsPerFull = 4;
export const calmForMs = 10 * 60_000;
const longMs = 10 * 60_000;

export const hotForMs = 5 * 60_000;
/** After a longer time without a look nobody knows what was between. */
const gapMsMax = 60_000;
/** Where more are full it is a burst anyway, or some of these are among them. */
const followedMax = 16;

export interface BurstLook {
  readonly samples: readonly PodSample[];
  /** Of a pod of the recommended size. */
  readonly recommendedSlots: number;
  readonly isLive: boolean;
  readonly nowMs: number;
}

export function withLook(before: Bursts, look: BurstLook): Bursts {
  const { samples, nowMs } = look;
  const full = fullPods(look);
  const fullSinceMs = followed(full, before, nowMs);
  const seen = { fullSinceMs, atMs: nowMs };
  const isHot = [...fullSinceMs.values()].some((sinceMs) => nowMs - sinceMs >= hotForMs);
  const areMany = full.length > 0 && full.length * podsPerFull >= samples.length;
  if (!isHot && !areMany) return { ...seen, isShown: false, spanMs: before.spanMs };
  if (!isHot && !before.isShown) return { ...seen, isShown: true, spanMs: before.spanMs };
  return { ...seen, isShown: true, spanMs: spanWith(before.spanMs, nowMs) };
}

function spanWith(spanMs: Bursts["spanMs"], nowMs: number): Bursts["spanMs"] {
  const isSame = spanMs !== undefined && nowMs < spanMs[1] + calmForMs;
  return [isSame ? spanMs[0] : nowMs, nowMs];
}

/**
 * A live pod that has just started has less than the others, until its slots are there: it is full
 * when it has at work what they have.
 */
function fullPods({ samples, recommendedSlots, isLive }: BurstLook): readonly string[] {
  const most = samples.reduce((largest, { slots }) => Math.max(largest, slots), 0);
  return samples
    .filter(({ atWork, slots }) => atWork >= Math.min(recommendedSlots, isLive ? most : slots))
    .map(({ pod }) => pod);
}

/** Those that were full before come first. */
function followed(full: readonly string[], before: Bursts, nowMs: number): Map<string, number> {
  const known = nowMs - before.atMs <= gapMsMax ? before.fullSinceMs : noBursts.fullSinceMs;
  const since = full.map((pod) => [pod, known.get(pod) ?? nowMs] as const);
  return new Map(since.toSorted(([, a], [, b]) => a - b).slice(0, followedMax));
}

export function burstIn({ spanMs }: Bursts, nowMs: number): Burst | undefined {
  if (!spanMs || nowMs >= spanMs[1] + calmForMs) return undefined;
  return spanMs[1] - spanMs[0] >= longMs ? "Long" : "Short";
}

/** Of a pool that an earlier process has seen bursting. */
export function burstUntil(nowMs: number): Bursts {
  return { ...noBursts, spanMs: [nowMs - longMs, nowMs] };
}
