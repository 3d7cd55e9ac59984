// Levels by hand.
import { poolKeyOf } from "../../../src/api/keys.ts";
import { expect, test } from "vitest";
import type { ShareRequest } from "../../../src/domain/demand/share-request.ts";
import { comparePerWeight, levelsOf } from "../../../src/domain/decide/levels.ts";
import { aSizing } from "../../support/builders.ts";

function request(plannedPods: number, weight: number): ShareRequest {
  const sizing = aSizing({ weight });
  return { key: poolKeyOf("a"), sizing, plannedPods, roomPods: 0, floor: 2, ceiling: 20 };
}

test("of a workload a level is of the slots of all its pods, of a pod of its pool size", () => {
  const [small, large] = [request(2, 1), request(4, 2)];
  const byWorkload = levelsOf([small, large], "Workload");
  expect([small, large].map((one) => byWorkload.poolSizeAt(one, 40))).toEqual([10, 10]);
  const byPod = levelsOf([small, large], "Pod");
  expect([small, large].map((one) => byPod.poolSizeAt(one, 10))).toEqual([5, 10]);
});

test("nobody is below the floor or above the ceiling; at the highest level all are at it", () => {
  const requests = [request(3, 1), request(1, 7)];
  const levels = levelsOf(requests, "Workload");
  expect(requests.map((one) => levels.poolSizeAt(one, 0))).toEqual([2, 2]);
  expect(requests.map((one) => levels.poolSizeAt(one, levels.highest))).toEqual([20, 20]);
});

test("who has less per weight comes first, exactly", () => {
  const [a, b] = [request(1, 3), request(1, 1)];
  expect(comparePerWeight([a, 9], [b, 3], "Workload")).toBe(0);
  expect(comparePerWeight([a, 8], [b, 3], "Workload")).toBeLessThan(0);
});
