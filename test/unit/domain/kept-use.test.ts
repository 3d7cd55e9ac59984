// What is kept of a histogram in a few hundred bytes.
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  believablePeak,
  keepUse,
  keptUseMax,
  usedBefore,
  withBelievableWeight,
} from "../../../src/domain/demand/kept-use.ts";
import {
  nothingSeen,
  percentile,
  totalWeight,
  withSamples,
} from "../../../src/domain/demand/use-histogram.ts";

const histograms = fc
  .array(fc.array(fc.nat(2_000), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 40 })
  .map((rounds) =>
    rounds.reduce((known, values, round) => withSamples(known, values, round * 5_000), nothingSeen),
  );

describe("what is kept", () => {
  test("tells the peak as the histogram did, or a little more", () => {
    fc.assert(
      fc.property(histograms, (histogram) => {
        const back = usedBefore(keepUse(histogram, 3))?.histogram;
        if (!back) throw new Error("it cannot be read back");
        for (const percent of [50, 90, 99.5]) {
          // Rounded weights: a hair less than was asked for is as much as is kept of it.
          expect(percentile(back, percent)).toBeGreaterThanOrEqual(
            percentile(histogram, percent - 0.5),
          );
        }
        expect(percentile(back, 100)).toBe(percentile(histogram, 100));
        expect(totalWeight(back)).toBeCloseTo(Math.round(totalWeight(histogram)), 6);
      }),
    );
  });

  test("fits the status, whatever was seen", () => {
    fc.assert(
      fc.property(histograms, (histogram) => {
        expect(keepUse(histogram, 1_000_000).length).toBeLessThan(keptUseMax);
      }),
    );
  });

  test("is the same when it was read back and kept again", () => {
    fc.assert(
      fc.property(histograms, (histogram) => {
        const kept = keepUse(histogram, 3);
        const back = usedBefore(kept);
        const again = back && keepUse(back.histogram, back.pods);
        expect(again?.split(" ").slice(0, 4)).toEqual(kept.split(" ").slice(0, 4));
      }),
    );
  });

  it("of a pool of two loads is short", () => {
    const samples = [...Array.from({ length: 99 }, () => 2), 8];
    expect(keepUse(withSamples(nothingSeen, samples, 0), 4)).toBe("0 100 100 4 2:10000 8:101");
  });
});

describe("a text that is none", () => {
  test.each([
    "",
    "1 2 3",
    "1 2 3 4",
    "1 2 3 4 5",
    "1 2 0 0 3:10000",
    "1 2 3 4 3:0",
    "1 2 3 4 999:1",
    "-1 2 3 4 3:1",
    "1 2 3 4 3:1e9",
    "1 2 3 4 3:1; DROP",
    `1 2 3 4 ${"3:1 ".repeat(200)}`,
    undefined,
    null,
    7,
    { length: 3 },
  ])("is left out: %j", (text) => {
    expect(usedBefore(text)).toBeUndefined();
  });

  test("never throws, and makes no number that is none", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9: ]{0,60}$/)), (text) => {
        const used = usedBefore(text);
        if (used) expect(Number.isFinite(totalWeight(used.histogram))).toBe(true);
      }),
    );
  });
});

describe("what somebody wrote by hand", () => {
  const histogram = withSamples(nothingSeen, [...Array.from({ length: 99 }, () => 2), 8], 0);

  test.each([
    ["is the peak that was said, within what was seen", 6, 6],
    ["is no peak below what was seen nearly always", 0, 2],
    ["is no peak above the most that was ever seen", 1_000_000, 8],
    ["is a whole number of connections", 4.2, 5],
    ["is no text", "6", 2],
    ["is a number", Number.NaN, 2],
    ["is there", undefined, 2],
  ])("%s: %j", (_, peak, want) => {
    expect(believablePeak(histogram, 2, peak)).toBe(want);
  });

  it("does not outweigh what is seen from now on", () => {
    const heavy = usedBefore("14400 999999999999 999999999999 4 2:10000")?.histogram;
    if (!heavy) throw new Error("it is read");
    let known = withBelievableWeight(heavy, 2);
    expect(percentile(known, 99.5)).toBe(2);
    for (let at = 1; at <= 720; at++) known = withSamples(known, [9, 9], at * 5_000);
    expect(percentile(known, 99.5)).toBe(9);
  });

  it("is left as it is where pods can have had as many samples", () => {
    expect(totalWeight(withBelievableWeight(histogram, 1))).toBeCloseTo(100, 6);
  });
});
