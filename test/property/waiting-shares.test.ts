// A law of room for pods that wait behind the gate: what live pools are told never comes, together
// with what other pools have, to more than a limit leaves them, unless live pools are at their
// floors already. A share above that is one that no pod ever gets.

import fc from "fast-check";
import { expect, test } from "vitest";
import { allocateWithin, type LimitTerms } from "../../src/domain/decide/limit-shares.ts";
import { besideWaiting } from "../../src/domain/decide/waiting-shares.ts";
import type { Position } from "../../src/domain/demand/position.ts";
import { type ShareRequest, slotsWithin } from "../../src/domain/demand/share-request.ts";
import { aGrant, aPosition, aWorkload, pods, startMs } from "../support/builders.ts";

interface Drawn {
  readonly isLive: boolean;
  readonly runs: number;
  readonly waits: number;
  readonly floor: number;
  readonly more: number;
  readonly isInLimit: boolean;
}

const drawn = fc.record<Drawn>({
  isLive: fc.boolean(),
  runs: fc.integer({ min: 0, max: 6 }),
  waits: fc.integer({ min: 0, max: 6 }),
  floor: fc.integer({ min: 1, max: 5 }),
  more: fc.integer({ min: 0, max: 20 }),
  isInLimit: fc.boolean(),
});
const kinds = fc.constantFrom<Exclude<LimitTerms["kind"], "namespace">>("login", "linked");

function positionOf({ isLive, runs, waits, floor, more }: Drawn, place: number): Position {
  const sizing = { floor, ceiling: floor + more };
  const live = { size: 10, touches: 0, isResized: true as const };
  const gated = {
    ...{ pods: pods(runs, { poolSize: 10, live }), waitingPods: pods(waits), replicas: runs },
    ...{ live: true as const, start: "WhenSlotsAreFree" as const, sizing },
    grant: aGrant(2, { gatedFromMs: startMs - 1 }),
  };
  return aPosition(aWorkload(`web-${place}`, isLive ? gated : { pods: pods(runs), sizing }));
}

function requestOf({ pool, sizing }: Position, plannedPods: number): ShareRequest {
  const { poolKey: key } = pool;
  return { key, sizing, plannedPods, roomPods: 0, floor: sizing.floor, ceiling: sizing.ceiling };
}

test("live pools are told no more than what is left for them in each limit", () => {
  const sizes = fc.tuple(fc.integer({ min: 5, max: 120 }), fc.integer({ min: 3, max: 100 }));
  const fleets = fc.array(drawn, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fleets, sizes, kinds, (fleet, [budgetSlots, slots], kind) => {
      const positions = fleet.map(positionOf);
      const requests = positions.map((one, place) => requestOf(one, fleet[place]?.runs ?? 0));
      const terms = { budgetSlots, rolloutsMax: 1, basis: "Pod" } as const;
      const own = [...fleet.keys()].filter((place) => fleet[place]?.isInLimit);
      const poolKeys = own.flatMap((place) => positions[place]?.pool.poolKey ?? []);
      const left = [{ kind, name: "shop", rolloutsMax: 1, slots, pools: new Set(poolKeys) }];
      const before = allocateWithin(requests, terms, left);
      const found = besideWaiting(positions, { ...before, requests }, { terms, left });
      const sizeAt = (place: number): number => found.poolSizes[place] ?? 0;
      const leastAt = (place: number): number =>
        fleet[place]?.isLive === true ? Math.min(fleet[place].floor, sizeAt(place)) : sizeAt(place);
      const limits = [
        { rolloutsMax: 1, slots: found.terms.budgetSlots, indexes: [...fleet.keys()] },
        { rolloutsMax: 1, slots: found.left[0]?.slots ?? 0, indexes: own },
      ];
      for (const limit of limits) {
        const leastSlots = slotsWithin(found.requests, limit, leastAt);
        const told = slotsWithin(found.requests, limit, sizeAt);
        expect(told).toBeLessThanOrEqual(Math.max(limit.slots, leastSlots));
      }
    }),
    { numRuns: 2_000 },
  );
});
