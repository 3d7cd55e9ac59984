// When the pods of a pool have all at work that is recommended, and for how long it counts.
import { describe, expect, it, test } from "vitest";
import {
  type Bursts,
  burstUntil,
  calmForMs,
  burstIn,
  fullFrom,
  noBursts,
  withLook,
} from "../../../src/domain/demand/bursts.ts";
import { aSizing } from "../../support/builders.ts";

const everyMs = 5_000;
const minuteMs = 60_000;
const full = [8, 2, 3, 1];
const calm = [7, 2, 3, 1];

function seen(...looks: readonly (readonly number[])[]): Bursts {
  return looks.reduce(
    (known, samples, at) => withLook(known, { samples, slots: 8, nowMs: at * everyMs }),
    noBursts,
  );
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
      (known, nowMs) => withLook(known, { samples: full, slots: 8, nowMs }),
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

test("all that a pod has, or that is recommended, is at work: the smaller of the two", () => {
  const sizing = aSizing({ processesPerPod: 2 });
  expect(fullFrom(sizing, 4, { slots: 20, extraSlots: 0 })).toBe(8);
  expect(fullFrom(sizing, 4, { slots: 6, extraSlots: 0 })).toBe(6);
});
