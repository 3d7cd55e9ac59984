// Several pools of one workload: its pods have all of them, and a rollout replaces them all at
// once. So the account must be that of one pool that is as large as they are together.

import { expect, test } from "vitest";
import fc from "fast-check";
import { poolKeyOf } from "../../src/api/keys.ts";
import { partsOf } from "../../src/domain/decide/pool-parts.ts";
import { plan } from "../../src/domain/decide/plan.ts";
import { allocate } from "../../src/domain/decide/shares.ts";
import { Exposure, slotsAtRest } from "../../src/domain/demand/exposure.ts";
import type { Position } from "../../src/domain/demand/position.ts";
import { totalSlots } from "../../src/domain/demand/share-request.ts";
import {
  aGrant,
  aPosition,
  aSizing,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../support/builders.ts";

/** Pools of one workload have grown or shrunk alike, so that sizes add up pod by pod. */
const service = fc.record({
  count: fc.integer({ min: 1, max: 4 }),
  planned: fc.integer({ min: 1, max: 6 }),
  sizes: fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(4)), {
    minLength: 1,
    maxLength: 3,
  }),
  isGrowing: fc.boolean(),
});

type Service = typeof service extends fc.Arbitrary<infer T> ? T : never;

function poolOf(
  { count, planned }: Service,
  place: number,
  { own, granted, pool }: { readonly own: number; readonly granted: number; readonly pool: string },
): Position {
  const facts = aWorkload(`w${place}`, {
    ...{ maxPods: planned, pods: pods(count, { poolSize: own }), grant: aGrant(granted) },
    sizing: { processesPerPod: 1, extraConnectionsPerPod: 0 },
  });
  return aPosition({ ...facts, poolKey: poolKeyOf(facts.key, pool) });
}

function sizesOf({
  sizes,
  isGrowing,
}: Service): { readonly own: number; readonly granted: number }[] {
  return sizes.map(([size, more]) =>
    isGrowing ? { own: size, granted: size + more } : { own: size + more, granted: size },
  );
}

function apart(services: readonly Service[]): Position[] {
  return services.flatMap((one, place) =>
    sizesOf(one).map((sizes, index) =>
      poolOf(one, place, { ...sizes, pool: index === 0 ? "main" : `pool-${index}` }),
    ),
  );
}

function together(services: readonly Service[]): Position[] {
  return services.map((one, place) => {
    const sizes = sizesOf(one);
    const own = sizes.reduce((sum, each) => sum + each.own, 0);
    const granted = sizes.reduce((sum, each) => sum + each.granted, 0);
    return poolOf(one, place, { own, granted, pool: "main" });
  });
}

const fleets = fc.array(service, { minLength: 1, maxLength: 4 });

test("the account is that of one pool as large as all of a workload together", () => {
  fc.assert(
    fc.property(fleets, fc.integer({ min: 0, max: 3 }), (services, rolloutsMax) => {
      const [many, one] = [apart(services), together(services)];
      const [account, wanted] = [many, one].map((all) => new Exposure(all, rolloutsMax, 0));
      expect(account?.slots).toBe(wanted?.slots);
      const rest = (all: readonly Position[]): number =>
        slotsAtRest(
          all,
          all.map(({ published }) => published),
          rolloutsMax,
        );
      expect(rest(many)).toBe(rest(one));
    }),
  );
});

test("a roll replaces the pods of all pools, whichever of them asks for it", () => {
  fc.assert(
    fc.property(fleets, fc.integer({ min: 0, max: 3 }), (services, rolloutsMax) => {
      const [many, one] = [apart(services), together(services)];
      const account = new Exposure(many, rolloutsMax, 0);
      const wanted = new Exposure(one, rolloutsMax, 0);
      for (const [index, { workload, published }] of many.entries()) {
        const place = one.findIndex((other) => other.workload.key === workload.key);
        const slots = wanted.slotsWhileRolling(place, one[place]?.published ?? 0);
        expect(account.slotsWhileRolling(index, published)).toBe(slots);
      }
    }),
  );
});

test("shares keep room for a rollout of all pools of a workload", () => {
  fc.assert(
    fc.property(fleets, fc.integer({ min: 10, max: 300 }), (services, budgetSlots) => {
      const requests = apart(services).map(({ pool, plannedPods, roomPods }) => ({
        ...{ key: pool.poolKey, ...(pool.poolKey !== pool.key && { workload: pool.key }) },
        ...{ plannedPods, roomPods, floor: 1, ceiling: 9 },
        sizing: aSizing({ processesPerPod: 1, extraConnectionsPerPod: 0, floor: 1, ceiling: 9 }),
      }));
      const terms = { budgetSlots, rolloutsMax: 1, basis: "Workload" } as const;
      const { poolSizes, missingSlots } = allocate(requests, terms);
      if (missingSlots > 0) return;
      const held = requests.map(({ plannedPods }, index) => plannedPods * (poolSizes[index] ?? 0));
      const ofWorkload = Map.groupBy(held.keys(), (index) => {
        return requests[index]?.workload ?? requests[index]?.key;
      });
      const sums = [...ofWorkload.values()].map((all) =>
        all.reduce((sum, index) => sum + (held[index] ?? 0), 0),
      );
      const total = sums.reduce((sum, slots) => sum + slots, 0) + Math.max(...sums);
      expect(totalSlots(requests, poolSizes, terms)).toBe(total);
      expect(total).toBeLessThanOrEqual(budgetSlots);
    }),
  );
});

test("a workload is rolled once for all of its pools, and within the line", () => {
  fc.assert(
    fc.property(fleets, fc.integer({ min: 20, max: 200 }), (services, maxConnections) => {
      const workloads = apart(services).map(({ pool }) => pool);
      const { rolls, limits, pools } = plan(aSnapshot({ maxConnections, workloads }), startMs);
      const wishes = [
        ...rolls.waiting.map(({ wish }) => wish),
        ...(rolls.roll ? [rolls.roll] : []),
      ];
      const rolled = wishes.map(({ position }) => position.workload.key);
      expect(new Set(rolled).size).toBe(rolled.length);
      for (const wish of wishes) {
        const own = pools.filter(({ position }) => {
          return position.workload.key === wish.position.workload.key;
        });
        const parts = partsOf(wish).map(({ index }) => index);
        expect(parts.toSorted((a, b) => a - b)).toEqual(own.map(({ index }) => index));
      }
      const { limit, exposure } = limits.server;
      if (!rolls.roll || exposure.slots > limit.slots) return;
      for (const { slots } of limits.whileRolling(rolls.roll)) {
        expect(slots).toBeLessThanOrEqual(limit.slots);
      }
    }),
  );
});
