// What one of several servers tells of pods that start, or are resized, by a decision for all.
import { expect, test } from "vitest";
import { liveOn } from "../../../src/domain/decide/live-on-server.ts";
import { noResizes, type ResizeDecisions } from "../../../src/domain/decide/resizes.ts";
import * as build from "../../support/builders.ts";

const position = build.aPosition(build.aWorkload("web"));
const [pod] = build.pods(1);
if (!pod) throw new Error("no pod was built");
const act = { index: 4, position, pod, poolSize: 3 };
const decided: ResizeDecisions = {
  ...{ resizes: [{ ...act, why: "Shrink" }], releases: [act], areMoreRefused: true },
  lackingSlots: new Map([[4, 3]]),
  unfitting: new Set([4]),
  excessSlots: new Map([[6, 5]]),
};
const orders = new Set(["shop/orders"]);
const places = new Map([
  [4, 1],
  [6, 2],
]);

test("a pod starts once: by the server on which the policy of its pool counts", () => {
  expect(liveOn(decided, places, orders).releases).toEqual([{ ...act, index: 1 }]);
  expect(liveOn(decided, places, new Set()).releases).toEqual([]);
});

test("a pod is resized once as well", () => {
  expect(liveOn(decided, places, orders).resizes.map(({ index }) => index)).toEqual([1]);
  expect(liveOn(decided, places, new Set()).resizes).toEqual([]);
});

test("what lacks and what is too much is told of the pools of the server, by their places", () => {
  const told = liveOn(decided, places, new Set());
  expect([...told.lackingSlots, ...told.excessSlots]).toEqual([
    [1, 3],
    [2, 5],
  ]);
});

test("nothing is told of pools of other servers", () => {
  expect(liveOn(decided, new Map(), orders)).toEqual({ ...noResizes, areMoreRefused: true });
});
