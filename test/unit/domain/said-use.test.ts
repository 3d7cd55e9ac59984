// When something is worth saying of a pool's use, and what.
import { describe, expect, it, test } from "vitest";
import {
  confidenceIn,
  isWorthSaying,
  lowerForMs,
  sayUse,
} from "../../../src/domain/demand/said-use.ts";
import { nothingSeen, type UseHistogram } from "../../../src/domain/demand/use-histogram.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A pool that had so many at work in all of its samples. */
function always(atWork: number, more: Partial<UseHistogram> = {}): UseHistogram {
  const weights = Array.from({ length: atWork + 1 }, () => 0).with(atWork, 1_000);
  return { ...nothingSeen, weights, samples: 10_000, seenMs: 30 * hourMs, atMs: 0, ...more };
}

describe("confidence", () => {
  test.each([
    ["nothing is said at first", 9 * 60_000, 1_000, undefined],
    ["nothing is said of a few samples", dayMs, 59, undefined],
    ["is low for a day", 23 * hourMs, 99_999, "Low"],
    ["is low where a day brought few samples", dayMs, 4_999, "Low"],
    ["is medium for a week", 6 * dayMs, 99_999, "Medium"],
    ["is high after it", 7 * dayMs, 35_000, "High"],
  ] as const)("%s", (_, seenMs, samples, want) => {
    expect(confidenceIn({ seenMs, samples })).toBe(want);
  });
});

describe("what is said", () => {
  it("is the peak without the busiest half of a per cent", () => {
    const weights = [0, 0, 995, 0, 0, 0, 5];
    expect(sayUse(always(2, { weights }), undefined)).toMatchObject({ peak: 2 });
    expect(sayUse(always(2, { weights: weights.with(6, 6) }), undefined)).toMatchObject({
      peak: 6,
    });
  });

  test.each([
    ["is full from a tenth of the samples on", 100, undefined, true],
    ["is not full below", 99, undefined, false],
    ["stays full until it is a twentieth", 50, true, true],
    ["is not full any more then", 49, true, false],
  ] as const)("%s", (_, fullWeight, isFull, want) => {
    const said = isFull && { peak: 2, isFull, confidence: "Medium" as const, kept: "" };
    expect(sayUse(always(2, { fullWeight }), said)).toMatchObject({ isFull: want });
  });
});

describe("something is worth saying", () => {
  const said = sayUse(always(8), undefined);
  test.each([
    ["once enough was seen", always(8), [undefined, 0], true],
    ["but nothing of too little", always(8, { samples: 5 }), [undefined, 0], false],
    ["not while nothing has changed", always(8), [said, 0], false],
    ["when more is at work", always(9), [said, 0], true],
    ["not when less is, for a while", always(5), [said, lowerForMs - 1], false],
    ["when less is for six hours", always(5), [said, lowerForMs], true],
    ["when more is known", always(8, { seenMs: 8 * dayMs, samples: 40_000 }), [said, 0], true],
    ["when pods are full", always(8, { fullWeight: 200 }), [said, 0], true],
    ["once in a day, for what is kept", always(8, { seenMs: 54 * hourMs }), [said, 0], true],
    ["and not before", always(8, { seenMs: 53 * hourMs }), [said, 0], false],
  ] as const)("%s", (_, histogram, [before, lowerMs], want) => {
    expect(isWorthSaying(histogram, before, lowerMs)).toBe(want);
  });
});
