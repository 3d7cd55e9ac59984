// Sizes of the pods of a live pool: what the next one starts with, and who gets what is left over.

import { expect, test } from "vitest";
import {
  grantTargets,
  oneMoreAmong,
  startSizeOf,
  targetsOf,
} from "../../../src/domain/decide/live-shares.ts";
import type { Position } from "../../../src/domain/demand/position.ts";
import { aPosition, aWorkload, pods } from "../../support/builders.ts";

function positionOf(sizes: readonly number[]): Position {
  const running = sizes.flatMap((size) =>
    pods(1, { poolSize: size, live: { size, touches: 0, isResized: true } }),
  );
  return aPosition(aWorkload("web", { pods: running, live: true, sizing: { floor: 3 } }));
}

test("the next pod starts with the floor, whatever the share of those that run", () => {
  const position = positionOf([20, 20]);
  expect(startSizeOf(position)).toBe(3);
  const restarted = aPosition(aWorkload("api"));
  expect(grantTargets([position, restarted], [20, 12])).toEqual([3, 12]);
});

test("what is left over goes to those that have it already", () => {
  const targets = targetsOf(positionOf([20, 21, 3]), 20, 1);
  const byOwn = targets.map(({ pod, poolSize }) => [pod.own.poolSize, poolSize]);
  expect(byOwn).toEqual([
    [21, 21],
    [20, 20],
    [3, 20],
  ]);
});

test("no more pods get one more than their limits have slots for", () => {
  const position = positionOf([20, 20, 20]);
  const request = { key: position.pool.poolKey, sizing: position.sizing, plannedPods: 3 };
  const requests = [{ ...request, roomPods: 0, floor: 3, ceiling: 50 }];
  const limit = { slots: 62, rolloutsMax: 1, indexes: [0] };
  expect(oneMoreAmong([position], { requests, poolSizes: [20] }, [limit])).toEqual([2]);
});
