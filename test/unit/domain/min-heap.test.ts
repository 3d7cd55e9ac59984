// The heap behind the water filling takes out the least, whatever went in and when.

import fc from "fast-check";
import { expect, test } from "vitest";
import { MinHeap } from "../../../src/domain/decide/min-heap.ts";

test("an empty heap has nothing to take", () => {
  expect(new MinHeap<number>((a, b) => a - b).pop()).toBeUndefined();
});

test("it takes out in order, with pushes in between", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), (steps) => {
      const heap = new MinHeap<number>((a, b) => a - b);
      const model: number[] = [];
      for (const step of steps) {
        if (step === undefined) expect(heap.pop()).toBe(model.shift());
        else {
          heap.push(step);
          model.push(step);
          model.sort((a, b) => a - b);
        }
      }
    }),
  );
});
