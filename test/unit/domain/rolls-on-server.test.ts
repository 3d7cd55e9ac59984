// What one of several servers tells of rolls that were decided for all of them.
import { expect, test } from "vitest";
import type { RollDecisions } from "../../../src/domain/decide/rolls.ts";
import { rollsOn } from "../../../src/domain/decide/rolls-on-server.ts";
import * as build from "../../support/builders.ts";

const position = build.aPosition(build.aWorkload("web"));
const wish = { index: 4, position, poolSize: 3, toShrink: true, slots: 6, addedSlots: 0 };
const obstacle = { reason: "RollsWaiting", message: "waits" } as const;
const none: RollDecisions = {
  ...{ roll: undefined, eviction: undefined },
  ...{ waiting: [], obstacles: new Map() },
};
const orders = new Set(["shop/orders"]);
const places = new Map([
  [4, 1],
  [6, 2],
]);

test("a roll is the server's on which its policy counts, by the pool's place there", () => {
  const rolls = { ...none, roll: wish };
  expect(rollsOn(rolls, places, orders).roll?.index).toBe(1);
  expect(rollsOn(rolls, places, new Set()).roll).toBeUndefined();
});

test("so is an eviction", () => {
  const [pod] = build.pods(1);
  if (!pod) throw new Error("no pod was built");
  const rolls = { ...none, eviction: { wish, pod, slots: 2 } };
  expect(rollsOn(rolls, places, orders).eviction?.wish.index).toBe(1);
  expect(rollsOn(rolls, places, new Set()).eviction).toBeUndefined();
});

test("other pools of its pods come along, those too that connect to another server", () => {
  const beside = [
    { index: 6, position, poolSize: 2 },
    { index: 9, position, poolSize: 2 },
  ];
  const rolls = { ...none, roll: { ...wish, beside } };
  expect(rollsOn(rolls, places, orders).roll?.beside?.map(({ index }) => index)).toEqual([2, -1]);
});

test("what waits is told by each server that the pool connects to", () => {
  const rolls = { ...none, waiting: [{ wish, obstacle }], obstacles: new Map([[4, obstacle]]) };
  const told = rollsOn(rolls, places, new Set());
  expect(told.waiting.map((one) => one.wish.index)).toEqual([1]);
  expect([...told.obstacles.keys()]).toEqual([1]);
  expect(rollsOn(rolls, new Map(), orders)).toEqual(none);
});
