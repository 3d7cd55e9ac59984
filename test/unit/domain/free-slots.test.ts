// Single steps by hand: two pods and the room for both in a rollout cost four slots.
import { poolKeyOf } from "../../../src/api/keys.ts";
import { expect, test } from "vitest";
import type { ShareRequest } from "../../../src/domain/demand/share-request.ts";
import { FreeSlots } from "../../../src/domain/decide/free-slots.ts";
import { aSizing } from "../../support/builders.ts";

const web: ShareRequest = {
  ...{ key: poolKeyOf("web"), sizing: aSizing(), plannedPods: 2, roomPods: 2 },
  ...{ floor: 1, ceiling: 9 },
};

test("a step is taken where each limit has what it costs, room included", () => {
  const server = { slots: 12, rolloutsMax: 1, indexes: [0] };
  const free = new FreeSlots([web], [server], [1]);
  expect([free.take(0, 2), free.take(0, 3), free.take(0, 4)]).toEqual([true, true, false]);
});

test("the tightest limit decides, and a refused step costs nothing", () => {
  const limits = [12, 8].map((slots) => ({ slots, rolloutsMax: 1, indexes: [0, 1] }));
  const free = new FreeSlots([web, { ...web, roomPods: 0 }], limits, [1, 0]);
  expect([free.take(0, 2), free.take(1, 1)]).toEqual([true, false]);
});

test("a request that no limit counts is free, and one that is not there is a fault", () => {
  const free = new FreeSlots([web], [], [1]);
  expect(free.take(0, 2)).toBe(true);
  const missing = { slots: 12, rolloutsMax: 1, indexes: [1] };
  expect(() => new FreeSlots([web], [missing], [1])).toThrow("no request at 1");
});
