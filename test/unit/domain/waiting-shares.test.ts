// Room for pods that wait behind the gate, and for those that will: live pools make it, and nobody
// else does.

import { expect, test } from "vitest";
import { besideWaiting } from "../../../src/domain/decide/waiting-shares.ts";
import type { Position } from "../../../src/domain/demand/position.ts";
import type { ShareRequest } from "../../../src/domain/demand/share-request.ts";
import { aGrant, aPosition, aWorkload, pods, startMs } from "../../support/builders.ts";

const sizing = { floor: 2, ceiling: 50 };
const grant = aGrant(2, { gatedFromMs: startMs - 1 });

function gated(runs: number, waits: number, name = "web"): Position {
  const live = { size: 10, touches: 0, isResized: true as const };
  return aPosition(
    aWorkload(name, {
      ...{ pods: pods(runs, { poolSize: 10, live }), waitingPods: pods(waits), replicas: runs },
      ...{ live: true, start: "WhenSlotsAreFree", sizing, grant },
    }),
  );
}

function requestOf({ pool, sizing: own }: Position, plannedPods: number): ShareRequest {
  const { poolKey: key } = pool;
  return { key, sizing: own, plannedPods, roomPods: 0, floor: own.floor, ceiling: own.ceiling };
}

function found(
  positions: readonly Position[],
  sizes: readonly number[],
  slots: number,
): ReturnType<typeof besideWaiting> {
  const requests = positions.map((one) => requestOf(one, one.workload.pods.length));
  const terms = { budgetSlots: slots, rolloutsMax: 1, basis: "Pod" } as const;
  return besideWaiting(positions, { requests, poolSizes: sizes }, { terms, left: [] });
}

function shared(...given: Parameters<typeof found>): readonly number[] {
  return found(...given).poolSizes;
}

test("where no pool has the gate everything stays as it is", () => {
  const other = aPosition(aWorkload("api", { pods: pods(4) }));
  expect(shared([other], [10], 40)).toEqual([10]);
  expect(found([other], [10], 40).terms.budgetSlots).toBe(40);
});

test("live pools leave a part of the limit free for pods that will wait, and others nothing", () => {
  const other = aPosition(aWorkload("api", { pods: pods(2) }));
  expect(shared([gated(4, 0), other], [10, 10], 60)).toEqual([9, 10]);
  expect(found([gated(4, 0), other], [10, 10], 60).terms.budgetSlots).toBe(57);
});

test("in a limit of some of them as well", () => {
  const position = gated(4, 0);
  const request = requestOf(position, 4);
  const terms = { budgetSlots: 1_000, rolloutsMax: 1, basis: "Pod" } as const;
  const role = { kind: "login", name: "role web", rolloutsMax: 1, slots: 40 } as const;
  const left = [{ ...role, pools: new Set([position.pool.poolKey]) }];
  const { poolSizes, left: limits } = besideWaiting(
    [position],
    { requests: [request], poolSizes: [10] },
    { terms, left },
  );
  expect(poolSizes).toEqual([9]);
  expect(limits.map(({ slots }) => slots)).toEqual([38]);
});

test("those that run make room for new ones of a rollout, and pools of restarts do not", () => {
  const other = aPosition(aWorkload("api", { pods: pods(2) }));
  expect(shared([gated(4, 4), other], [10, 10], 60)).toEqual([4, 10]);
});

test("down to their floors, where there is no room for all", () => {
  expect(shared([gated(4, 40)], [10], 40)).toEqual([2]);
});

test("down to their floors, also where a floor was raised to the fair share by use", () => {
  const position = gated(4, 4);
  const request = { ...requestOf(position, 4), floor: 10, ceiling: 10 };
  const terms = { budgetSlots: 42, rolloutsMax: 1, basis: "Pod" } as const;
  const { poolSizes } = besideWaiting(
    [position],
    { requests: [request], poolSizes: [10] },
    { terms, left: [] },
  );
  expect(poolSizes).toEqual([4]);
});

test("pools of restarts that fill a limit keep their sizes, and live pools are told what is left", () => {
  const other = aPosition(aWorkload("api", { pods: pods(2) }));
  const positions = [gated(0, 1, "new"), other, gated(3, 5)];
  const requests = positions.map((one) => requestOf(one, one.workload.pods.length));
  const terms = { budgetSlots: 115, rolloutsMax: 1, basis: "Pod" } as const;
  const role = { kind: "login", name: "role web", rolloutsMax: 1, slots: 30 } as const;
  const left = [{ ...role, pools: new Set(positions.slice(0, 2).map((one) => one.pool.poolKey)) }];
  const shared = { requests, poolSizes: [2, 15, 28] };
  const { poolSizes } = besideWaiting(positions, shared, { terms, left });
  // 109 beside the room for new pods: 1 for the one that waits, 30 for api, and 78 for 8 pods.
  expect(poolSizes).toEqual([1, 15, 9]);
});
