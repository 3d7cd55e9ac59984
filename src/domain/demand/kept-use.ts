// A histogram as the text that stands in a policy's status, so that the next process goes on where
// this one was: `minutes seen, samples, weight, pods`, then the buckets with their weights.
// A text that is none is no error: the pool is seen anew. What stands there still holds, or it
// would have been written again, so it has not aged: whoever reads it back takes up its whole
// weight, and a night after a restart makes no pool look idle.

import {
  bucketMax,
  halfLifeMs,
  nothingSeen,
  percentile,
  totalWeight,
  type UseHistogram,
} from "./use-histogram.ts";

/** Of the heaviest; others are a part of it. */
const heaviestPart = 10_000;
/** What has less weight counts in the next larger bucket: never fewer at work than were seen. */
const bucketsKept = 24;
/** Of a text that we write. */
export const keptUseMax = 400;

const minuteMs = 60_000;

/** `pods`: that were seen. */
export function keepUse(histogram: UseHistogram, pods: number): string {
  const { seenMs, samples } = histogram;
  const total = totalWeight(histogram);
  const head = [seenMs / minuteMs, samples, total, pods].map((one) => String(Math.round(one)));
  const kept = fewBuckets(histogram.weights);
  const most = kept.reduce((heaviest, { weight }) => Math.max(heaviest, weight), 0);
  const buckets = kept.flatMap(({ bucket, weight }) => {
    const part = Math.round((heaviestPart * weight) / most);
    return part > 0 ? [`${bucket}:${part}`] : [];
  });
  return [...head, ...buckets].join(" ");
}

interface Bucket {
  readonly bucket: number;
  readonly weight: number;
}

/** The heaviest ones and the last; the weight of each other one moves up to the next of them. */
function fewBuckets(weights: readonly number[]): Bucket[] {
  const all = weights.flatMap((weight, bucket) => (weight > 0 ? [{ bucket, weight }] : []));
  const last = all.at(-1);
  const byWeight = all.toSorted((a, b) => b.weight - a.weight);
  const kept = new Set([...byWeight.slice(0, bucketsKept - 1), ...(last ? [last] : [])]);
  const found: Bucket[] = [];
  let moved = 0;
  for (const one of all) {
    moved += one.weight;
    if (!kept.has(one)) continue;
    found.push({ bucket: one.bucket, weight: moved });
    moved = 0;
  }
  return found;
}

const form = /^\d{1,9}(?: \d{1,12}){3}(?: \d{1,3}:\d{1,5})+$/;

export interface KeptUse {
  readonly histogram: UseHistogram;
  readonly pods: number;
}

function isKept(text: unknown): text is string {
  return typeof text === "string" && text.length <= keptUseMax && form.test(text);
}

/** Undefined for what is no such text. */
export function usedBefore(text: unknown): KeptUse | undefined {
  if (!isKept(text)) return undefined;
  const numbers = text.split(" ");
  const parts = numbers.splice(4).map(bucketIn);
  const [minutes = 0, samples = 0, total = 0, pods = 0] = numbers.map(Number);
  const sum = parts.reduce((all, { weight }) => all + weight, 0);
  if (sum === 0 || total === 0 || parts.some(({ bucket }) => bucket > bucketMax)) return undefined;
  const weights = weightsOf(parts, total / sum);
  const seenMs = minutes * minuteMs;
  return { histogram: { ...nothingSeen, weights, samples, seenMs }, pods };
}

/**
 * For a pool with so many pods. Somebody may have written the text, and what weighs more than all
 * samples that pods can have could not be outweighed by what is seen from now on.
 */
export function withBelievableWeight(histogram: UseHistogram, pods: number): UseHistogram {
  const most = weightOfPodMax * Math.max(1, pods);
  const scale = Math.min(1, most / totalWeight(histogram));
  return { ...histogram, weights: histogram.weights.map((weight) => weight * scale) };
}

/** The samples of one pod that is looked at every 5 s come to this weight, and to no more. */
const weightOfPodMax = halfLifeMs / (5_000 * Math.LN2);

/** A peak that was said is no less than the histogram has it, and no more than was ever seen. */
export function believablePeak(histogram: UseHistogram, least: number, peak: unknown): number {
  const most = percentile(histogram, 100);
  return typeof peak === "number" && peak >= least
    ? Math.min(most, Math.ceil(peak))
    : Math.min(most, least);
}

function weightsOf(parts: readonly Bucket[], scale: number): number[] {
  const last = parts.reduce((most, { bucket }) => Math.max(most, bucket), 0);
  const weights = Array.from({ length: last + 1 }, () => 0);
  for (const { bucket, weight } of parts) weights[bucket] = (weights[bucket] ?? 0) + weight * scale;
  return weights;
}

function bucketIn(text: string): Bucket {
  const [bucket = 0, weight = 0] = text.split(":").map(Number);
  return { bucket, weight };
}
