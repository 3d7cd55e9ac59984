// The account keeps running sums; these laws hold it to the sums from scratch.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Snapshot } from "../../src/domain/facts/facts.ts";
import { Exposure, slotsAtRest } from "../../src/domain/demand/exposure.ts";
import { type Position, unstartedSlotsOf } from "../../src/domain/demand/position.ts";
import { plan } from "../../src/domain/decide/plan.ts";
import { Room, rolloutWaitsForOldPods } from "../../src/domain/demand/room.ts";
import { aPosition, startMs } from "../support/builders.ts";
import { snapshot } from "./arbitraries.ts";

function positionsOf(one: Snapshot): readonly Position[] {
  return plan(one, startMs).positions;
}

/** Positions, how many rollouts there may be, slots of ghosts, one of the positions, a raise. */
const scene = fc
  .record({
    positions: snapshot.map(positionsOf).filter((list) => list.length > 0),
    rolloutsMax: fc.nat(3),
    ghostSlots: fc.nat(30),
    pick: fc.nat(),
    raise: fc.nat(20),
  })
  .map(({ pick, ...rest }) => ({ ...rest, index: pick % rest.positions.length }));

function raised(positions: readonly Position[], index: number, inForce: number): Position[] {
  return positions.map((position, i) => (i === index ? { ...position, inForce } : position));
}

describe("what if a grant were raised", () => {
  test("is what the account is from scratch with that grant in force", () => {
    fc.assert(
      fc.property(scene, ({ positions, rolloutsMax, ghostSlots, index, raise }) => {
        const exposure = new Exposure(positions, rolloutsMax, ghostSlots);
        const poolSize = exposure.grantOf(index) + raise;
        const after = new Exposure(raised(positions, index, poolSize), rolloutsMax, ghostSlots);
        expect(exposure.slotsWithGrant(index, poolSize)).toBe(after.slots);
        exposure.raiseGrant(index, poolSize);
        expect(exposure.slots).toBe(after.slots);
        expect(exposure.roomIndexes).toEqual(after.roomIndexes);
      }),
    );
  });

  test("holds after many raises too", () => {
    const raises = fc.array(fc.record({ at: fc.nat(), by: fc.nat(9) }), { maxLength: 12 });
    fc.assert(
      fc.property(scene, raises, ({ positions, rolloutsMax, ghostSlots }, list) => {
        const exposure = new Exposure(positions, rolloutsMax, ghostSlots);
        for (const { at, by } of list) {
          const index = at % positions.length;
          exposure.raiseGrant(index, exposure.grantOf(index) + by);
        }
        const after = positions.map((p, index) => ({ ...p, inForce: exposure.grantOf(index) }));
        expect(exposure.slots).toBe(new Exposure(after, rolloutsMax, ghostSlots).slots);
      }),
    );
  });
});

/**
 * The same workload in the middle of a rollout: all its pods are old, the new ones expected. Pods
 * of the former template that had not started may still do so.
 */
function inRollout(position: Position): Position {
  const pods = position.pool.pods.map((pod) => ({ ...pod, revision: "old" }));
  const pool = { ...position.pool, pods, rollingOut: true, updatedReplicas: 0 };
  const rolling = aPosition(pool, position.policy);
  const pendingSlots = rolling.pendingSlots + unstartedSlotsOf(position);
  return { ...rolling, heldOnly: position.heldOnly, pendingSlots };
}

describe("what if a workload rolled to what it is granted", () => {
  test("is what the account is from scratch in the middle of the rollout", () => {
    fc.assert(
      fc.property(scene, ({ positions, rolloutsMax, ghostSlots, index }) => {
        const position = positions[index] as Position;
        const { workload, rolling, heldOnly } = position;
        fc.pre(!heldOnly);
        fc.pre(!rolloutWaitsForOldPods(workload) && workload.exists && !rolling);
        const exposure = new Exposure(positions, rolloutsMax, ghostSlots);
        const after = positions.map((one, i) => (i === index ? inRollout(one) : one));
        const wanted = new Exposure(after, rolloutsMax, ghostSlots).slots;
        expect(exposure.slotsWhileRolling(index, position.inForce)).toBe(wanted);
      }),
    );
  });

  test("where nobody leaves, such a roll adds no more than pods that have not started", () => {
    fc.assert(
      fc.property(scene, ({ positions, rolloutsMax, index }) => {
        const still = positions.map((one) => ({
          ...one,
          leavingSlots: 0,
          leavingPods: 0,
          pendingSlots: 0,
        }));
        const exposure = new Exposure(still, Math.max(1, rolloutsMax), 0);
        const position = still[index] as Position;
        const { plannedPods, stayingPods, inForce, heldOnly } = position;
        fc.pre(stayingPods <= plannedPods && !heldOnly);
        const most = exposure.slots + unstartedSlotsOf(position);
        expect(exposure.slotsWhileRolling(index, inForce)).toBeLessThanOrEqual(most);
      }),
    );
  });
});

test("at rest with the grants in force, exposure is what it is once nobody leaves", () => {
  fc.assert(
    fc.property(scene, ({ positions, rolloutsMax }) => {
      const still = positions.map((one) => ({ ...one, leavingSlots: 0, pendingSlots: 0 }));
      const poolSizes = still.map(({ inForce }) => inForce);
      const wanted = new Exposure(still, rolloutsMax, 0).slots;
      expect(slotsAtRest(positions, poolSizes, rolloutsMax)).toBe(wanted);
    }),
  );
});

describe("Room", () => {
  const additions = fc.array(fc.nat(20), { minLength: 1, maxLength: 7 });
  const largest = (list: readonly number[], count: number): number =>
    list
      .toSorted((a, b) => b - a)
      .slice(0, count)
      .reduce((sum, one) => sum + one, 0);

  test("is the sum of the largest additions, asked or raised", () => {
    fc.assert(
      fc.property(additions, fc.nat(9), fc.nat(), fc.nat(30), (list, count, pick, raise) => {
        const index = pick % list.length;
        const more = list.with(index, (list[index] ?? 0) + raise);
        const room = new Room(list, count);
        expect(room.slots).toBe(largest(list, count));
        expect(room.slotsWith(index, more[index] ?? 0)).toBe(largest(more, count));
        room.raise(index, more[index] ?? 0);
        expect(room.slots).toBe(largest(more, count));
        expect(room.indexes).toEqual(new Room(more, count).indexes);
      }),
    );
  });
});
