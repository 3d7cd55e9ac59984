// Slots that running pods leave free for new ones behind the gate.

import { describe, expect, test } from "vitest";
import {
  besideStartRoom,
  keptStartRoom,
  startRoomOf,
} from "../../../src/domain/decide/start-room.ts";
import type { Position } from "../../../src/domain/demand/position.ts";
import type { ShareRequest } from "../../../src/domain/demand/share-request.ts";
import type { PoolFacts } from "../../../src/domain/facts/facts.ts";
import { poolKeyOf } from "../../../src/api/keys.ts";
import { aGrant, aPosition, aSizing, aWorkload, pods, startMs } from "../../support/builders.ts";

function gated(replicas: number, over: Partial<PoolFacts> = {}): Position {
  const live = { size: 10, touches: 0, isResized: true as const };
  return aPosition(
    aWorkload("web", {
      ...{ pods: pods(replicas, { poolSize: 10, live }), replicas },
      ...{ live: true, start: "WhenSlotsAreFree", sizing: { floor: 2, ceiling: 50 } },
      grant: aGrant(2, { gatedFromMs: startMs - 1 }),
      ...over,
    }),
  );
}

describe("what is kept for new pods behind the gate", () => {
  test.each<{ name: string; slots: number; members: readonly Position[]; kept: number }>([
    { name: "5 % of the limit", slots: 1_000, members: [gated(40)], kept: 50 },
    { name: "rounded up", slots: 30, members: [gated(40)], kept: 2 },
    { name: "no more than all its pods start with", slots: 1_000, members: [gated(3)], kept: 6 },
    { name: "of all pools with the gate", slots: 1_000, members: [gated(3), gated(4)], kept: 14 },
    {
      name: "nothing while new pods may start at once",
      slots: 1_000,
      members: [gated(40, { grant: aGrant(2, { gatedFromMs: startMs + 1 }) })],
      kept: 0,
    },
    {
      name: "nothing where nobody has the gate",
      slots: 1_000,
      members: [aPosition(aWorkload("api", { pods: pods(40) }))],
      kept: 0,
    },
    { name: "nothing of a limit that is gone", slots: -5, members: [gated(40)], kept: 0 },
  ])("is $name", ({ slots, members, kept }) => {
    expect(startRoomOf(slots, members)).toBe(kept);
  });
});

test("running pods get their floors first", () => {
  const raised = { sizing: aSizing({ floor: 97, ceiling: 100 }) };
  expect(startRoomOf(1_000, [gated(10, raised)])).toBe(50);
  expect(keptStartRoom(1_000, [gated(10, raised)])).toBe(30);
  expect(keptStartRoom(1_000, [gated(40)])).toBe(50);
});

describe("what is left beside it", () => {
  const request: ShareRequest = {
    ...{ key: poolKeyOf("web"), sizing: aSizing(), plannedPods: 10, roomPods: 0 },
    ...{ floor: 2, ceiling: 50 },
  };

  test.each<{ name: string; slots: number; left: number }>([
    { name: "is the rest", slots: 40, left: 35 },
    { name: "is what the floors need, where the rest is less", slots: 22, left: 20 },
    { name: "is the limit, where the floors do not fit it", slots: 15, left: 15 },
  ])("$name", ({ slots, left }) => {
    const limit = { slots, rolloutsMax: 1, indexes: [0] };
    expect(besideStartRoom([request], limit, 5)).toBe(left);
  });
});
