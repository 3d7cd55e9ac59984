// Room for the new pods of a rollout behind the gate: live pools make it, and no other.

import { expect, test } from "vitest";
import { besideRollouts } from "../../../src/domain/decide/waiting-shares.ts";
import type { Position } from "../../../src/domain/demand/position.ts";
import type { ShareRequest } from "../../../src/domain/demand/share-request.ts";
import { aGrant, aPosition, aWorkload, pods, startMs } from "../../support/builders.ts";

const sizing = { floor: 2, ceiling: 50 };
const grant = aGrant(2, { gatedFromMs: startMs - 1 });

function gated(runs: number, waits: number): Position {
  const live = { size: 10, touches: 0, isResized: true as const };
  return aPosition(
    aWorkload("web", {
      ...{ pods: pods(runs, { poolSize: 10, live }), waitingPods: pods(waits), replicas: runs },
      ...{ live: true, start: "WhenSlotsAreFree", sizing, grant },
    }),
  );
}

function requestOf({ pool, sizing: own }: Position, plannedPods: number): ShareRequest {
  const { poolKey: key } = pool;
  return { key, sizing: own, plannedPods, roomPods: 0, floor: own.floor, ceiling: own.ceiling };
}

function shared(positions: readonly Position[], sizes: readonly number[], slots: number): number[] {
  const requests = positions.map((one) => requestOf(one, one.workload.pods.length));
  const terms = { budgetSlots: slots, rolloutsMax: 1, basis: "Pod" } as const;
  const found = besideRollouts(positions, { requests, poolSizes: sizes }, { terms, left: [] });
  return [...found.poolSizes];
}

test("without pods of a rollout that wait everything stays as it is", () => {
  expect(shared([gated(4, 0)], [10], 40)).toEqual([10]);
});

test("those that run make room for them, and pools of restarts do not", () => {
  const other = aPosition(aWorkload("api", { pods: pods(2) }));
  expect(shared([gated(4, 4), other], [10, 10], 60)).toEqual([5, 10]);
});

test("down to their floors, where there is no room for all", () => {
  expect(shared([gated(4, 40)], [10], 40)).toEqual([2]);
});

test("down to their floors, also where a floor was raised to the fair share by use", () => {
  const position = gated(4, 4);
  const request = { ...requestOf(position, 4), floor: 10, ceiling: 10 };
  const terms = { budgetSlots: 40, rolloutsMax: 1, basis: "Pod" } as const;
  const found = besideRollouts(
    [position],
    { requests: [request], poolSizes: [10] },
    { terms, left: [] },
  );
  expect(found.poolSizes).toEqual([5]);
});
