// When the pods of a pool have all at work that is recommended, and for how long it counts.
import { describe, expect, it, test } from "vitest";
import {
  type Bursts,
  burstUntil,
  calmForMs,
  burstIn,
  hotForMs,
  noBursts,
  withLook,
} from "../../../src/domain/demand/bursts.ts";
import type { PodSample } from "../../../src/domain/demand/clients-at-work.ts";

const everyMs = 5_000;
const minuteMs = 60_000;
const full = [8, 2, 3, 1];
const calm = [7, 2, 3, 1];

/** What each pod has at work, of so many connections. */
function samplesOf(atWork: readonly number[], slots: number | readonly number[] = 20): PodSample[] {
  return atWork.map((one, at) => ({
    ...{ pod: `pod-${at}`, atWork: one },
    slots: typeof slots === "number" ? slots : (slots[at] ?? 0),
  }));
}

interface Given {
  readonly slots?: number | readonly number[];
  readonly isLive?: boolean;
  readonly everyMs?: number;
}

function seenOf(
  looks: readonly (readonly number[])[],
  { slots, isLive = false, everyMs: betweenMs = everyMs }: Given = {},
): Bursts {
  return looks.reduce((known, atWork, at) => {
    const samples = samplesOf(atWork, slots);
    return withLook(known, { samples, recommendedSlots: 8, isLive, nowMs: at * betweenMs });
  }, noBursts);
}

function seen(...looks: readonly (readonly number[])[]): Bursts {
  return seenOf(looks);
}

describe("a burst", () => {
  test.each([
    ["is a quarter of the pods in two looks in a row", [full, full], true],
    ["is no single look", [calm, full, calm], false],
    ["is not two looks with a calm one between", [full, calm, full], false],
    [
      "is not fewer pods than a quarter",
      [
        [8, 1, 1, 1, 1],
        [8, 1, 1, 1, 1],
      ],
      false,
    ],
    ["is what only pod there is has", [[8], [9]], true],
    ["is nothing without samples", [[], []], false],
  ])("%s", (_, looks, want) => {
    expect(burstIn(seen(...looks), looks.length * everyMs) !== undefined).toBe(want);
  });

  it("is over when none was seen for ten minutes", () => {
    const burst = seen(full, full);
    expect(burstIn(burst, everyMs + calmForMs - 1)).toBe("Short");
    expect(burstIn(burst, everyMs + calmForMs)).toBeUndefined();
  });

  it("is long after ten minutes of it", () => {
    const looks = Array.from({ length: (10 * minuteMs) / everyMs + 2 }, () => full);
    expect(burstIn(seen(...looks.slice(0, -1)), 10 * minuteMs)).toBe("Short");
    expect(burstIn(seen(...looks), 10 * minuteMs + everyMs)).toBe("Long");
  });

  it("begins anew after a calm", () => {
    const later = 3 * calmForMs;
    const again = [later, later + everyMs].reduce(
      (known, nowMs) =>
        withLook(known, { samples: samplesOf(full), recommendedSlots: 8, isLive: false, nowMs }),
      seen(full, full, calm),
    );
    expect(again.spanMs).toEqual([later + everyMs, later + everyMs]);
  });

  it("that an earlier process has seen goes on as a long one", () => {
    const nowMs = 1_000;
    expect(burstIn(burstUntil(nowMs), nowMs + calmForMs - 1)).toBe("Long");
    expect(burstIn(burstUntil(nowMs), nowMs + calmForMs)).toBeUndefined();
  });
});

describe("a pod is full", () => {
  const isBurst = (atWork: readonly number[], given: Given): boolean =>
    burstIn(seenOf([atWork, atWork], given), 2 * everyMs) !== undefined;

  test.each([
    ["with all that is recommended", [8, 1, 1, 1], { slots: 20 }, true],
    ["with all that it has, where that is less", [6, 1, 1, 1], { slots: [6, 20, 20, 20] }, true],
    [
      "by its own size, and not by that of a smaller one",
      [6, 6, 6, 6, 1],
      { slots: [9, 9, 9, 9, 1] },
      false,
    ],
    ["not with less", [7, 7, 7, 7], { slots: 20 }, false],
  ])("%s", (_, atWork, given, want) => {
    expect(isBurst(atWork, given)).toBe(want);
  });

  test.each([
    ["a new live pod with less than the others is not", [2, 1, 1], { slots: [2, 8, 8] }, false],
    ["live pods are, of which all have less than is recommended", [5, 1, 1], { slots: 5 }, true],
  ])("%s", (_, atWork, given, want) => {
    expect(isBurst(atWork, { ...given, isLive: true })).toBe(want);
  });
});

describe("one hot pod among hundreds", () => {
  const pods = 300;
  const hot = (place: number): number[] =>
    Array.from({ length: pods }, (_, at) => (at === place ? 9 : 2));
  const count = hotForMs / everyMs + 1;
  const looks = Array.from({ length: count }, () => hot(7));
  const atMs = (count - 1) * everyMs;

  it("is a burst after five minutes in which it was full in every look", () => {
    expect(burstIn(seen(...looks.slice(0, -1)), atMs)).toBeUndefined();
    expect(burstIn(seen(...looks), atMs)).toBe("Short");
  });

  it("is none where others take turns with it", () => {
    const turns = looks.map((_, at) => hot(at % 9));
    expect(burstIn(seen(...turns), atMs)).toBeUndefined();
  });

  it("is none where nobody has looked in between", () => {
    const few = seenOf([hot(7), hot(7)], { everyMs: 2 * hotForMs });
    expect(burstIn(few, 2 * hotForMs)).toBeUndefined();
  });

  it("is followed among others that come and go, and takes little memory", () => {
    const crowd = looks.map((_, at) => hot(7).map((one, pod) => (pod % 10 === at % 7 ? 9 : one)));
    const found = seen(...crowd);
    expect(found.fullSinceMs.size).toBeLessThanOrEqual(16);
    expect(burstIn(found, atMs)).toBe("Short");
  });
});
