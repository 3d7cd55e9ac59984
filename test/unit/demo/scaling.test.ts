// Kubernetes scales up by 4 pods or 100 % a step, whichever is more.
import { expect, test } from "vitest";
import { scaleUpSteps } from "../../demo/scaling.ts";

test.each([
  { name: "first by four, then doubling", from: 3, to: 15, wantSteps: [7, 14, 15] },
  { name: "one step where it is near", from: 3, to: 5, wantSteps: [5] },
  { name: "nowhere when it is there", from: 15, to: 15, wantSteps: [] },
  { name: "from nothing", from: 0, to: 9, wantSteps: [4, 8, 9] },
])("an autoscaler goes $name", ({ from, to, wantSteps }) => {
  expect(scaleUpSteps(from, to)).toEqual(wantSteps);
});
