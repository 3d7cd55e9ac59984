// When something is worth saying of a pool's use, and what.
import { describe, expect, it, test } from "vitest";
import {
  confidenceIn,
  isWorthSaying,
  lowerForMs,
  sayUse,
  type Used,
} from "../../../src/domain/demand/said-use.ts";
import { nothingSeen, type UseHistogram } from "../../../src/domain/demand/use-histogram.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A pool that had so many at work in all of its samples. */
function always(atWork: number, more: Partial<UseHistogram> = {}): UseHistogram {
  const weights = Array.from({ length: atWork + 1 }, () => 0).with(atWork, 1_000);
  return { ...nothingSeen, weights, samples: 10_000, seenMs: 30 * hourMs, atMs: 0, ...more };
}

function used(histogram: UseHistogram, more: Partial<Used> = {}): Used {
  return { histogram, pod: { slots: 10, extraSlots: 0 }, pods: 3, lowerMs: 0, ...more };
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
  const weights = [0, 0, 995, 0, 0, 0, 5];
  it("is the peak without the busiest half of a per cent", () => {
    expect(sayUse(used(always(2, { weights })), undefined)).toMatchObject({ peak: 2 });
    const more = always(2, { weights: weights.with(6, 6) });
    expect(sayUse(used(more), undefined)).toMatchObject({ peak: 6 });
  });

  it("is no lower peak before six hours, whatever else is said", () => {
    const said = sayUse(used(always(8)), undefined);
    const soon = used(always(5), { lowerMs: lowerForMs - 1 });
    expect(sayUse(soon, said)).toMatchObject({ peak: 8 });
    expect(sayUse({ ...soon, lowerMs: lowerForMs }, said)).toMatchObject({ peak: 5 });
  });

  test.each([
    ["not those that the pool itself may have", 10, 2, 10],
    ["what is beyond its size, as far as there are any", 11, 2, 10],
    ["no more than there are", 14, 2, 12],
    ["none where there are none", 14, 0, 14],
  ])("leaves out connections beside the pool: %s", (_, atWork, extraSlots, peak) => {
    const pod = { slots: 10, extraSlots };
    expect(sayUse(used(always(atWork), { pod }), undefined)).toMatchObject({ peak });
  });
});

describe("a pool is full", () => {
  /** One that was full in so many of a thousand samples while it had 8. */
  function fullOf8(thousandths: number): UseHistogram {
    return always(8, { weights: [0, 1_000 - thousandths, 0, 0, 0, 0, 0, 0, thousandths] });
  }
  test.each([
    { name: "from a tenth of the samples on", of: 100, slots: 8, want: true },
    { name: "but not below", of: 99, slots: 8, want: false },
    { name: "until it is a twentieth", of: 50, slots: 8, isFull: true, want: true },
    { name: "and not any more then", of: 49, slots: 8, isFull: true, want: false },
    { name: "not once it is larger", of: 1_000, slots: 9, isFull: true, want: false },
    { name: "as soon as it has what it had at work", of: 1_000, slots: 7, want: true },
    { name: "never without a size", of: 1_000, slots: 0, want: false },
  ])("$name", ({ of, slots, isFull = false, want }) => {
    const said = { peak: 8, isFull, confidence: "Medium" as const, pods: 3, kept: "" };
    const now = used(fullOf8(of), { pod: { slots, extraSlots: 0 } });
    expect(sayUse(now, said)).toMatchObject({ isFull: want });
  });

  it("with what is beside it at work as well, where that is seen", () => {
    const pod = { slots: 8, extraSlots: 2 };
    const busy = always(10, { weights: [0, 0, 0, 0, 0, 0, 0, 0, 900, 0, 100] });
    expect(sayUse(used(busy, { pod }), undefined)).toMatchObject({ isFull: true, peak: 8 });
    const lessBusy = always(10, { weights: [0, 0, 0, 0, 0, 0, 0, 0, 901, 0, 99] });
    expect(sayUse(used(lessBusy, { pod }), undefined)).toMatchObject({ isFull: false });
  });
});

describe("something is worth saying", () => {
  const said = sayUse(used(always(8)), undefined);
  const sure = { samples: 40_000 };
  const saidSurely = sayUse(used(always(8, { ...sure, seenMs: 8 * dayMs })), undefined);
  test.each([
    ["once enough was seen", used(always(8)), undefined, true],
    ["but nothing of too little", used(always(8, { samples: 5 })), undefined, false],
    ["not while nothing has changed", used(always(8)), said, false],
    ["when more is at work", used(always(9)), said, true],
    ["not when less is, for a while", used(always(5), { lowerMs: lowerForMs - 1 }), said, false],
    ["when less is for six hours", used(always(5), { lowerMs: lowerForMs }), said, true],
    ["when more is known", used(always(8, { ...sure, seenMs: 8 * dayMs })), said, true],
    ["when pods are full", used(always(8), { pod: { slots: 8, extraSlots: 0 } }), said, true],
    ["not when only pods have come or gone", used(always(8), { pods: 30 }), said, false],
    ["every four hours, for what is kept", used(always(8, { seenMs: 34 * hourMs })), said, true],
    ["and not before", used(always(8, { seenMs: 34 * hourMs - 1 })), said, false],
    ["each day at last", used(always(8, { ...sure, seenMs: 9 * dayMs })), saidSurely, true],
    ["and not before that", used(always(8, { ...sure, seenMs: 9 * dayMs - 1 })), saidSurely, false],
  ] as const)("%s", (_, now, before, want) => {
    expect(isWorthSaying(now, before)).toBe(want);
  });
});
