// What is said of a pool's use, and when it is worth saying anew. The histogram moves with every
// sample, and a status must not: what is said stands until it is wrong. More at work than was said
// is said soon; less only when it has been less for six hours, so that no number swings between
// two neighbours. From time to time it is said again, for what is kept with it: every four hours
// until the confidence is High, so that operators that change daily get there, and daily then.

import type { Confidence, SaidUse } from "../facts/use-facts.ts";
import { keepUse, usedBefore } from "./kept-use.ts";
import { percentFrom, percentile, type UseHistogram } from "./use-histogram.ts";

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

/** A pod as it is now. */
export interface PodSlots {
  /** Of its pools. */
  readonly slots: number;
  /** That it may open outside of them. */
  readonly extraSlots: number;
}

/** What pools have at work. What is beyond their size is surely of the connections beside them. */
export function peakIn(histogram: UseHistogram, pod: PodSlots): number {
  return percentile(histogram, peakPercent) - extrasIn(histogram, pod);
}

/**
 * A peak that was said is hardly less than what is kept beside it shows: rounding moves the peak a
 * little, a twentieth of the samples no further.
 */
export function leastPeakIn(histogram: UseHistogram, pod: PodSlots): number {
  return Math.max(0, percentile(histogram, 95) - extrasIn(histogram, pod));
}

function extrasIn(histogram: UseHistogram, { slots, extraSlots }: PodSlots): number {
  const beyond = percentile(histogram, peakPercent) - slots;
  return Math.min(extraSlots, Math.max(0, beyond));
}

/** From a tenth on; once that was said, until it is a twentieth. */
const [fullFrom, fullUntil] = [10, 5];

/** A pool as it is now. */
export interface Used {
  readonly histogram: UseHistogram;
  readonly pod: PodSlots;
  /** How many of its pods were seen. */
  readonly pods: number;
  /** For how long less than what is said has been at work. */
  readonly lowerMs: number;
}

/** With the peak that was said, until less has been at work for long enough. */
export function sayUse(used: Used, said: SaidUse | undefined): SaidUse | undefined {
  const { histogram, pod, pods, lowerMs } = used;
  const confidence = confidenceIn(histogram);
  if (!confidence) return undefined;
  const peak = peakIn(histogram, pod);
  const isPatient = said !== undefined && lowerMs < lowerForMs;
  return {
    ...{ peak: isPatient ? Math.max(peak, said.peak) : peak, isFull: isFullIn(used, said) },
    ...{ pods, confidence, kept: keepUse(histogram, pods) },
  };
}

/** By the size of now: what was full before a pool was raised is no longer. */
function isFullIn({ histogram, pod }: Used, said: SaidUse | undefined): boolean {
  const full = percentFrom(histogram, pod.slots + extrasIn(histogram, pod));
  return pod.slots > 0 && full >= (said?.isFull === true ? fullUntil : fullFrom);
}

/** Less at work than was said counts after this. */
export const lowerForMs = 6 * hourMs;
/** What is kept is not older; while the confidence still rises, and after. */
const [keptWhileRisingMs, keptForMs] = [4 * hourMs, 24 * hourMs];

export function isWorthSaying(used: Used, said: SaidUse | undefined): boolean {
  const now = sayUse(used, said);
  if (!now || !said) return now !== undefined;
  if (now.peak !== said.peak || now.isFull !== said.isFull) return true;
  if (now.confidence !== said.confidence) return true;
  const keptMs = now.confidence === "High" ? keptForMs : keptWhileRisingMs;
  const seenMs = usedBefore(said.kept)?.histogram.seenMs ?? 0;
  return used.histogram.seenMs >= seenMs + keptMs;
}
