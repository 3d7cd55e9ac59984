// What is said of a pool's use, and when it is worth saying anew. The histogram moves with every
// sample, and a status must not: what is said stands until it is wrong. More at work than was said
// is said soon; less only when it has been less for six hours, so that no number swings between
// two neighbours. Once in a day it is said again, for what is kept with it.

import type { Confidence, SaidUse } from "../facts/use-facts.ts";
import { keepUse, usedBefore } from "./kept-use.ts";
import { fullPercent, percentile, type UseHistogram } from "./use-histogram.ts";

const hourMs = 3_600_000;

/** The busiest 7 minutes of a day are left out: a single slow minute is no reason for a size. */
const peakPercent = 99.5;

const leastSeenMs = 10 * 60_000;
const leastSamples = 60;

/** By how long it was seen, and how often. */
const levels: readonly {
  readonly confidence: Confidence;
  readonly seenMs: number;
  readonly samples: number;
}[] = [
  { confidence: "High", seenMs: 7 * 24 * hourMs, samples: 35_000 },
  { confidence: "Medium", seenMs: 24 * hourMs, samples: 5_000 },
  { confidence: "Low", seenMs: leastSeenMs, samples: leastSamples },
];

/** Undefined: too little was seen to say anything. */
export function confidenceIn({
  seenMs,
  samples,
}: Pick<UseHistogram, "seenMs" | "samples">): Confidence | undefined {
  const level = levels.find((one) => seenMs >= one.seenMs && samples >= one.samples);
  return level?.confidence;
}

export function peakIn(histogram: UseHistogram): number {
  return percentile(histogram, peakPercent);
}

/** From a tenth on; once that was said, until it is a twentieth. */
const [fullFrom, fullUntil] = [10, 5];

/** As it is now. */
export function sayUse(histogram: UseHistogram, said: SaidUse | undefined): SaidUse | undefined {
  const confidence = confidenceIn(histogram);
  if (!confidence) return undefined;
  const isFull = fullPercent(histogram) >= (said?.isFull === true ? fullUntil : fullFrom);
  return { peak: peakIn(histogram), isFull, confidence, kept: keepUse(histogram) };
}

/** Less at work than was said counts after this. */
export const lowerForMs = 6 * hourMs;
/** What is kept is not older. */
const keptForMs = 24 * hourMs;

/** `lowerMs`: for how long less than that has been at work. */
export function isWorthSaying(
  histogram: UseHistogram,
  said: SaidUse | undefined,
  lowerMs: number,
): boolean {
  const now = sayUse(histogram, said);
  if (!now || !said) return now !== undefined;
  if (now.peak > said.peak || lowerMs >= lowerForMs) return true;
  if (now.confidence !== said.confidence || now.isFull !== said.isFull) return true;
  return histogram.seenMs >= (usedBefore(said.kept)?.seenMs ?? 0) + keptForMs;
}
