// The arithmetic of a recommended pool size.
import { expect, test } from "vitest";
import {
  isFarTooLarge,
  recommendedSize,
  usedPercent,
} from "../../../src/domain/demand/recommended-size.ts";
import { aSizing } from "../../support/builders.ts";

test.each([
  ["a fifth more, rounded up", 6, {}, [8, "6 x 1.2, rounded up"]],
  ["no more where that is whole", 5, {}, [6, "5 x 1.2, rounded up"]],
  ["at least the minimum", 1, { floor: 3 }, [3, "1 x 1.2, rounded up: 2, and poolSize.min is 3"]],
  ["for each pool", 10, { processesPerPod: 4 }, [3, "10 of 4 pools x 1.2 / 4, rounded up"]],
  ["the minimum of nothing", 0, { floor: 2 }, [2, "0 x 1.2, rounded up: 0, and poolSize.min is 2"]],
] as const)("is %s", (_, peak, sizing, [poolSize, words]) => {
  expect(recommendedSize({ peak }, aSizing(sizing))).toEqual({ poolSize, words });
});

test.each([
  ["of the size", {}, 8, 75],
  ["of all pools of a pod", { processesPerPod: 2 }, 6, 50],
  ["without what the pod opens beside them", { extraConnectionsPerPod: 4 }, 8, 75],
  ["of nothing", {}, 0, 0],
] as const)("the peak is a part %s", (_, sizing, size, want) => {
  expect(usedPercent({ peak: 6 }, aSizing(sizing), size)).toBe(want);
});

test.each([
  [20, 10, true],
  [20, 11, false],
  [2, 1, false],
  [4, 2, true],
])("a pool of %i where %i are enough is far too large: %s", (size, enough, want) => {
  expect(isFarTooLarge(size, enough)).toBe(want);
});
