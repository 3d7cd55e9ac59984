// How many connections one pod has at work, as a histogram that forgets: the samples of a pool's
// pods, each half as heavy a day later. It tells the peak without keeping a sample, and a restart
// of the operator needs only its few buckets (kept-use.ts). Kubernetes' Vertical Pod Autoscaler
// works the same way. Time in which nothing was seen says nothing: it neither ages the histogram
// nor makes it more certain, so a pool that was scaled to zero over a weekend keeps what it was.

/** A sample counts half as much after this. */
export const halfLifeMs = 24 * 3_600_000;

/** Longer gaps between two samples count as this. */
const gapMsMax = 60_000;

/** Buckets of one number each up to here; above, each is 5 % wider than the one before. */
const exactMax = 20;
const growth = 1.05;
const valueMax = 1_000_000;

export interface UseHistogram {
  /** By bucket. */
  readonly weights: readonly number[];
  /** All that were ever taken. */
  readonly samples: number;
  /** For how long the pool was seen. */
  readonly seenMs: number;
  /** Of the latest sample, by a clock that never jumps; -Infinity: none since the start. */
  readonly atMs: number;
}

export const nothingSeen: UseHistogram = {
  weights: [],
  samples: 0,
  seenMs: 0,
  atMs: -Infinity,
};

/** With what each pod of the pool had at work at one moment. */
export function withSamples(
  histogram: UseHistogram,
  samples: readonly number[],
  atMs: number,
): UseHistogram {
  if (samples.length === 0) return histogram;
  const gapMs = Number.isFinite(histogram.atMs) ? atMs - histogram.atMs : 0;
  const passedMs = Math.min(Math.max(0, gapMs), gapMsMax);
  const decay = 2 ** (-passedMs / halfLifeMs);
  const weights = histogram.weights.map((weight) => weight * decay);
  for (const atWork of samples) addTo(weights, bucketOf(atWork));
  return {
    weights,
    samples: histogram.samples + samples.length,
    seenMs: histogram.seenMs + passedMs,
    atMs: Math.max(atMs, histogram.atMs),
  };
}

function addTo(weights: number[], bucket: number): void {
  while (weights.length <= bucket) weights.push(0);
  weights[bucket] = (weights[bucket] ?? 0) + 1;
}

export function totalWeight({ weights }: Pick<UseHistogram, "weights">): number {
  return weights.reduce((sum, weight) => sum + weight, 0);
}

/** The least that so many per cent of the weight does not exceed; 0 where nothing was seen. */
export function percentile(histogram: Pick<UseHistogram, "weights">, percent: number): number {
  const wanted = (totalWeight(histogram) * percent) / 100;
  let sum = 0;
  let last = 0;
  for (const [bucket, weight] of histogram.weights.entries()) {
    if (weight === 0) continue;
    sum += weight;
    last = bucket;
    if (sum >= wanted) break;
  }
  return topOf(last);
}

/** Of samples in which a pod had so many at work or more, in per cent. */
export function percentFrom({ weights }: Pick<UseHistogram, "weights">, atWork: number): number {
  const total = totalWeight({ weights });
  const above = totalWeight({ weights: weights.slice(bucketOf(atWork)) });
  return total === 0 ? 0 : (100 * above) / total;
}

/** 0 to 20 are their own buckets; 21 is one, and 100 is in that of 95 to 99 … 104. */
export function bucketOf(value: number): number {
  const counted = Math.min(Math.max(0, Math.ceil(value)), valueMax);
  if (counted <= exactMax) return counted;
  const bucket = exactMax + Math.ceil(Math.log(counted / exactMax) / Math.log(growth));
  return topOf(bucket) >= counted ? bucket : bucket + 1;
}

/** The largest number in it. */
export function topOf(bucket: number): number {
  if (bucket <= exactMax) return bucket;
  return Math.floor(exactMax * growth ** (bucket - exactMax));
}

export const bucketMax = bucketOf(valueMax);
