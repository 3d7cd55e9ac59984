// What requests hold of a limit, by hand.
import { poolKeyOf } from "../../../src/api/keys.ts";
import { expect, test } from "vitest";
import {
  type ShareRequest,
  slotsWithin,
  totalSlots,
} from "../../../src/domain/demand/share-request.ts";
import { aSizing } from "../../support/builders.ts";

function request(plannedPods: number, roomPods: number): ShareRequest {
  return { key: poolKeyOf("a"), sizing: aSizing(), plannedPods, roomPods, floor: 1, ceiling: 9 };
}

const requests = [request(3, 3), request(2, 2), request(4, 0)];

test.each([
  { rolloutsMax: 0, want: 30 + 10 + 4 },
  { rolloutsMax: 1, want: 30 + 10 + 4 + 30 },
  { rolloutsMax: 2, want: 30 + 10 + 4 + 30 + 10 },
])("the server's line has room for $rolloutsMax rollouts, the largest", ({ rolloutsMax, want }) => {
  expect(totalSlots(requests, [10, 5, 1], { rolloutsMax })).toBe(want);
});

test("a limit's line has its members alone", () => {
  const sizeOf = (index: number): number => [10, 5, 1][index] ?? 0;
  expect(slotsWithin(requests, { rolloutsMax: 1, indexes: [1, 2] }, sizeOf)).toBe(10 + 4 + 10);
});
