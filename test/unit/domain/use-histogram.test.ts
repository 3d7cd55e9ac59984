// What a histogram of use tells, held to an exact computation over all samples.
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  bucketMax,
  bucketOf,
  halfLifeMs,
  nothingSeen,
  percentFrom,
  percentile,
  topOf,
  totalWeight,
  type UseHistogram,
  withSamples,
} from "../../../src/domain/demand/use-histogram.ts";

const everyMs = 5_000;

function seen(rounds: readonly (readonly number[])[]): UseHistogram {
  return rounds.reduce(
    (histogram, values, round) => withSamples(histogram, values, round * everyMs),
    nothingSeen,
  );
}

const rounds = fc.array(fc.array(fc.nat(400), { maxLength: 5 }), { maxLength: 40 });

describe("buckets", () => {
  test("hold each number up to 20 alone, and are 5 % wide above", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (value) => {
        const top = topOf(bucketOf(value));
        expect(top).toBeGreaterThanOrEqual(value);
        expect(top).toBeLessThanOrEqual(value <= 20 ? value : value * 1.05);
      }),
    );
  });

  test.each([-1, 0, 2_000_000, Infinity])("take %s for one of theirs", (value) => {
    expect(bucketOf(value)).toBeGreaterThanOrEqual(0);
    expect(bucketOf(value)).toBeLessThanOrEqual(bucketMax);
  });
});

describe("a percentile", () => {
  test("is within a bucket of the exact one, computed over all samples with their weights", () => {
    fc.assert(
      fc.property(rounds, fc.integer({ min: 1, max: 100 }), (all, percent) => {
        const told = percentile(seen(all), percent);
        const exact = exactPercentile(all, percent);
        expect(told).toBeGreaterThanOrEqual(exact.least);
        expect(told).toBeLessThanOrEqual(topOf(bucketOf(exact.most)));
      }),
    );
  });

  test("never falls by a sample that is larger, nor rises by one that is smaller", () => {
    fc.assert(
      fc.property(rounds, fc.nat(400), (all, value) => {
        const before = percentile(seen(all), 99.5);
        const after = percentile(seen([...all, [value]]), 99.5);
        if (value >= before) expect(after).toBeGreaterThanOrEqual(before);
        else expect(after).toBeLessThanOrEqual(before);
      }),
    );
  });

  it("is 0 where nothing was seen", () => {
    expect(percentile(nothingSeen, 99.5)).toBe(0);
    expect(percentFrom(nothingSeen, 0)).toBe(0);
  });
});

/** Sums of weights are not exact: the samples just before and after the place that is asked for. */
function exactPercentile(
  all: readonly (readonly number[])[],
  percent: number,
): { readonly least: number; readonly most: number } {
  const last = all.findLastIndex((values) => values.length > 0);
  const samples = all.flatMap((values, round) =>
    values.map((value) => ({ value, weight: 2 ** (-((last - round) * everyMs) / halfLifeMs) })),
  );
  const sorted = samples.toSorted((a, b) => a.value - b.value);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  const at = (place: number): number => {
    let sum = 0;
    for (const { value, weight } of sorted) if ((sum += weight) >= place) return value;
    return sorted.at(-1)?.value ?? 0;
  };
  const place = (total * percent) / 100;
  return { least: at(place - 1e-6), most: at(place + 1e-6) };
}

describe("time", () => {
  it("makes a sample half as heavy in a day in which the pool was seen", () => {
    let histogram = withSamples(nothingSeen, [8], 0);
    for (let at = 60_000; at <= halfLifeMs; at += 60_000) {
      histogram = withSamples(histogram, [2], at);
    }
    expect(histogram.weights[8]).toBeCloseTo(0.5, 6);
    expect(histogram.seenMs).toBe(halfLifeMs);
  });

  it("in which nothing was seen says nothing", () => {
    const before = withSamples(nothingSeen, [8], 0);
    const after = withSamples(before, [1], 30 * halfLifeMs);
    expect(after.seenMs).toBe(60_000);
    expect(after.weights[8]).toBeGreaterThan(0.999);
  });

  it("that goes back changes nothing that was seen", () => {
    const before = withSamples(nothingSeen, [8], 1_000_000);
    const after = withSamples(before, [1], 0);
    expect(after).toMatchObject({ seenMs: 0, atMs: 1_000_000 });
    expect(totalWeight(after)).toBe(2);
  });
});

it("tells how often so many were at work", () => {
  const histogram = seen([[8, 3, 8, 1]]);
  expect([0, 2, 8, 9].map((atWork) => percentFrom(histogram, atWork))).toEqual([100, 75, 50, 0]);
});

it("stays small, whatever is seen for however long", () => {
  const histogram = seen([Array.from({ length: 5_000 }, (_, n) => n * 300)]);
  expect(histogram.weights.length).toBeLessThanOrEqual(bucketMax + 1);
  expect(bucketMax).toBeLessThan(300);
});
