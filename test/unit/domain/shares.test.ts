// Who gets what, in cases that a person can work out. The laws are in test/property/allocation.

import { poolKeyOf } from "../../../src/api/keys.ts";
import { describe, expect, test } from "vitest";
import type { Sizing } from "../../../src/api/sizing.ts";
import type { PolicyFacts, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { decideShares } from "../../../src/domain/decide/share-decisions.ts";
import { type ShareRequest, totalSlots } from "../../../src/domain/demand/share-request.ts";
import { allocate } from "../../../src/domain/decide/shares.ts";
import { aPolicy, aPosition, aSizing, aWorkload, pods } from "../../support/builders.ts";

function request(
  plannedPods: number,
  more: Partial<Sizing> & { roomPods?: number } = {},
): ShareRequest {
  const { roomPods = 0, ...rest } = more;
  const sizing = aSizing({ floor: 1, ...rest });
  return {
    key: poolKeyOf(""),
    sizing,
    plannedPods,
    roomPods,
    floor: sizing.floor,
    ceiling: sizing.ceiling,
  };
}

interface Row {
  name: string;
  requests: ShareRequest[];
  budget: number;
  rollouts?: number;
  basis?: "Workload" | "Pod";
  want: number[];
  wantMissing?: number;
}

const rows: Row[] = [
  { name: "nobody", requests: [], budget: 10, want: [] },
  { name: "one takes all that it can use", requests: [request(10)], budget: 187, want: [18] },
  {
    name: "one with room for its own rollout takes half",
    requests: [request(15, { roomPods: 15 })],
    budget: 187,
    want: [6],
  },
  { name: "two alike get alike", requests: [request(5), request(5)], budget: 100, want: [10, 10] },
  {
    name: "workloads are what is equal: more pods, smaller pools",
    requests: [request(2), request(8)],
    budget: 64,
    want: [16, 4],
  },
  {
    name: "basis Pod: every pod gets the same",
    requests: [request(2), request(8)],
    budget: 60,
    basis: "Pod",
    want: [6, 6],
  },
  {
    name: "weights speak of workloads",
    requests: [request(5, { weight: 3 }), request(5)],
    budget: 100,
    want: [15, 5],
  },
  {
    name: "weights of pods under basis Pod",
    requests: [request(2, { weight: 2 }), request(6)],
    budget: 60,
    basis: "Pod",
    want: [12, 6],
  },
  {
    name: "what a capped workload cannot use flows to the others",
    requests: [request(5, { ceiling: 4 }), request(5)],
    budget: 100,
    want: [4, 16],
  },
  {
    name: "a floor above its fair part is kept, the others share the rest",
    requests: [request(5, { floor: 14 }), request(5), request(5)],
    budget: 100,
    want: [14, 3, 3],
  },
  {
    name: "leftovers go to the largest deficit, ties by name",
    requests: [request(3), request(3), request(3)],
    budget: 35,
    want: [4, 4, 3],
  },
  {
    name: "leftovers that the first cannot use go to the next",
    requests: [request(10), request(3)],
    budget: 17,
    want: [1, 2],
  },
  {
    name: "processes and extras count",
    requests: [request(2, { processesPerPod: 4, extraConnectionsPerPod: 1 })],
    budget: 50,
    want: [6],
  },
  {
    name: "room is kept for the largest rollout only",
    requests: [request(4, { roomPods: 4 }), request(4, { roomPods: 4 })],
    budget: 120,
    want: [10, 10],
  },
  {
    name: "room for two rollouts",
    requests: [request(4, { roomPods: 4 }), request(4, { roomPods: 4 })],
    budget: 112,
    rollouts: 2,
    want: [7, 7],
  },
  {
    name: "no room for rollouts",
    requests: [request(4, { roomPods: 4 }), request(4, { roomPods: 4 })],
    budget: 120,
    rollouts: 0,
    want: [15, 15],
  },
  {
    name: "floors fit exactly",
    requests: [request(5, { floor: 2 }), request(5, { floor: 2 })],
    budget: 20,
    want: [2, 2],
  },
  {
    name: "floors that do not fit: floors, and by how much",
    requests: [request(5, { floor: 2 }), request(5, { floor: 3, roomPods: 5 })],
    budget: 19,
    want: [2, 3],
    wantMissing: 21,
  },
  {
    name: "no budget at all",
    requests: [request(1)],
    budget: 0,
    want: [1],
    wantMissing: 1,
  },
  {
    name: "more than everybody can use",
    requests: [request(5), request(5, { ceiling: 7 })],
    budget: 100_000,
    want: [50, 7],
  },
  {
    name: "no planned pods costs nothing",
    requests: [request(0), request(5)],
    budget: 50,
    want: [1, 10],
  },
];

describe("allocate", () => {
  test.each(rows)(
    "$name",
    ({ requests, budget, rollouts = 1, basis = "Workload", want, wantMissing = 0 }) => {
      const terms = { budgetSlots: budget, rolloutsMax: rollouts, basis };
      expect(allocate(requests, terms)).toEqual({ poolSizes: want, missingSlots: wantMissing });
    },
  );

  test("the sum is planned pods and room", () => {
    const requests = [
      request(3, { roomPods: 3 }),
      request(2, { roomPods: 2, extraConnectionsPerPod: 1 }),
    ];
    expect(totalSlots(requests, [10, 9], { rolloutsMax: 1 })).toBe(30 + 20 + 30);
  });

  test("nine million million steps of level are searched, not walked", () => {
    const huge = request(100_000, { ceiling: 10_000, processesPerPod: 1000, weight: 999 });
    const terms = { budgetSlots: 2 ** 31, rolloutsMax: 1, basis: "Workload" as const };
    expect(allocate([huge], terms).poolSizes).toEqual([21]);
  });
});

const observe = aPolicy("watch", { spec: { mode: "Observe" } });
const terms = { budgetSlots: 60, rolloutsMax: 0, basis: "Workload" as const };

function sharesOf(...parts: [PoolFacts, PolicyFacts][]): ReturnType<typeof decideShares> {
  const positions = parts.map(([workload, policy]) => aPosition(workload, policy));
  return decideShares(positions, terms);
}

describe("decideShares", () => {
  const web = aWorkload("web", { pods: pods(3, { poolSize: 10 }) });

  test("who may be moved shares with everybody", () => {
    const { poolSizes, advised } = sharesOf([web, aPolicy()], [web, aPolicy()]);
    expect(poolSizes).toEqual([10, 10]);
    expect(advised).toEqual(poolSizes);
  });

  test("who may not be moved keeps what it has, and is told what it would get", () => {
    const { poolSizes, advised } = sharesOf([web, aPolicy()], [web, observe]);
    expect(poolSizes).toEqual([10, 10]);
    expect(advised).toEqual([10, 10]);
    const big = aWorkload("big", { pods: pods(3, { poolSize: 16 }), template: web.template });
    const mixed = sharesOf([web, aPolicy()], [big, observe]);
    // 60 - 3 x 16 held by the other one leaves 12 slots for three pods.
    expect(mixed.poolSizes).toEqual([4, 10]);
    expect(mixed.advised).toEqual([10, 10]);
  });

  test("what stands still leaves too little: floors, and how many slots they lack", () => {
    const big = aWorkload("big", { pods: pods(3, { poolSize: 30 }) });
    const { poolSizes, missingSlots } = sharesOf([web, aPolicy()], [big, observe]);
    expect(poolSizes).toEqual([2, 10]);
    expect(missingSlots).toBe(3 * 2 + 3 * 30 - 60);
  });

  test("where nobody is moved, floors are missing only if they would be", () => {
    const big = aWorkload("big", { pods: pods(3, { poolSize: 50 }) });
    expect(sharesOf([big, observe]).missingSlots).toBe(0);
    const wide = aWorkload("wide", { pods: pods(40) });
    expect(sharesOf([wide, observe]).missingSlots).toBe(20);
  });

  test("nothing is kept for a workload that is scaled to nothing: its first pods get the floor", () => {
    const idle = aWorkload("idle", { sizing: { floor: 3 } });
    expect(sharesOf([idle, aPolicy()], [web, aPolicy()]).poolSizes).toEqual([3, 20]);
  });

  test("pods of a workload that is gone take no share", () => {
    const gone = aWorkload("gone", { exists: false, pods: pods(5, { poolSize: 50 }) });
    expect(sharesOf([gone, aPolicy()], [web, aPolicy()])).toMatchObject({
      poolSizes: [10, 20],
      missingSlots: 0,
    });
  });
});
