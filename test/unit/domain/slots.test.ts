// The arithmetic between pool sizes, slots and pods, and how it rounds.

import { describe, expect, test } from "vitest";
import { MinHeap } from "../../../src/domain/decide/min-heap.ts";
import * as slots from "../../../src/domain/demand/slots.ts";
import { aSizing } from "../../support/builders.ts";

const workers = aSizing({ processesPerPod: 4, extraConnectionsPerPod: 1 });

describe("slots", () => {
  test("a pod holds its pool in each process, and its extras once", () => {
    expect(slots.slotsPerPod(workers, 10)).toBe(41);
  });

  test("rounding is named: down, up, and a percentage up", () => {
    expect(slots.divideFloor(-1, 4)).toBe(-1);
    expect(slots.divideCeil(7, 2)).toBe(4);
    expect(slots.percentCeil(197, 5)).toBe(10);
    expect(slots.percentCeil(200, 5)).toBe(10);
  });

  test("dividing by nothing is an error of ours", () => {
    expect(() => slots.divideFloor(1, 0)).toThrow("dividing by a positive number");
    expect(() => slots.divideCeil(1, 0)).toThrow("dividing by a positive number");
  });
});

test("a heap gives its items back in order, also between pushes", () => {
  const heap = new MinHeap<number>((a, b) => a - b);
  for (const item of [5, 1, 4, 1]) heap.push(item);
  expect([heap.pop(), heap.pop()]).toEqual([1, 1]);
  for (const item of [3, 0, 9]) heap.push(item);
  const rest = Array.from({ length: 6 }, () => heap.pop());
  expect(rest).toEqual([0, 3, 4, 5, 9, undefined]);
});
