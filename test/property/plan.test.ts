// Laws of plan(): they hold for any snapshot, however strange.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Exposure } from "../../src/domain/demand/exposure.ts";
import type { PodFacts, Snapshot, PoolFacts } from "../../src/domain/facts/facts.ts";
import { isGranted } from "../../src/domain/decide/grants.ts";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import type { PoolPlan } from "../../src/domain/decide/pool-plan.ts";
import { expectedPodsOf, type Position } from "../../src/domain/demand/position.ts";
import { noRolls } from "../../src/domain/decide/rolls.ts";
import { poolSizeWithin } from "../../src/domain/demand/slots.ts";
import { statusOf } from "../../src/domain/explain/status.ts";
import { pods, published, startMs } from "../support/builders.ts";
import { ledgerComplaints } from "../support/ledger-check.ts";
import { snapshot } from "./arbitraries.ts";

function exposureOf(one: Snapshot): Exposure {
  const { positions, capacity, foreign } = plan(one, startMs);
  return new Exposure(positions, capacity?.rolloutsMax ?? 1, foreign.ghostSlots);
}

function decisionsOf({ pools }: Plan): string[] {
  return pools.map(({ grant }) => grant.decision);
}

describe("G2", () => {
  test("publishing grants never raises exposure past the budget", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        const decided = plan(one, startMs);
        const limit = Math.max(decided.budgetSlots ?? 0, exposureOf(one).slots);
        const after = exposureOf(published(decided));
        expect(after.slots).toBeLessThanOrEqual(limit);
        expect(after.slots).toBe(decided.exposure.slots);
      }),
      { numRuns: 1000 },
    );
  });

  test("nor does any pod that starts with the old or the new size within the settle time", () => {
    fc.assert(
      fc.property(snapshot, fc.array(fc.boolean(), { minLength: 60 }), (one, coins) => {
        const decided = plan(one, startMs);
        const after = published(decided);
        const limit = exposureOf(after).slots;
        const started = { ...after, workloads: withStarted(decided, after.workloads, coins) };
        expect(exposureOf(started).slots).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 500 },
    );
  });

  test("no repair rests on old sessions of pods that are gone, and a reading is wished for", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        const decided = plan({ ...one, database: { ...one.database, isOld: true } }, startMs);
        const { budgetSlots = Infinity, databaseFailure } = decided;
        if (decided.foreign.ghostSlots === 0 || databaseFailure) return;
        expect(decided.readAgain).toBeDefined();
        if (decided.exposure.slots > budgetSlots) expect(decided.rolls.roll).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  test("a roll is within the budget, or not above what exposure was and gives slots back", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        const { rolls, exposure, budgetSlots = 0 } = plan(one, startMs);
        const { roll } = rolls;
        if (!roll) return;
        const slots = exposure.slotsWhileRolling(roll.index, roll.poolSize);
        expect(slots).toBeLessThanOrEqual(
          roll.toShrink ? Math.max(budgetSlots, exposure.slots) : budgetSlots,
        );
        expect(roll.position.managed).toBe(true);
        expect(roll.position.workload.paused || roll.position.rolling).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

function sharesOf(planned: readonly PoolPlan[]): number[] {
  return planned.map(({ share }) => share);
}

/** All expected pods are there, each with the size in force before the plan or after it. */
function withStarted(
  { pools: planned }: Plan,
  workloads: readonly PoolFacts[],
  coins: readonly boolean[],
): PoolFacts[] {
  let toss = 0;
  return workloads.map((workload) => {
    const of = ({ position }: PoolPlan): boolean => position.workload.key === workload.key;
    const { position, grant } = planned.find(of) as PoolPlan;
    // Which pods of a rollout are new is told from their number; leave those as they are.
    if (!isGranted(position) || workload.rollingOut || workload.updateRevision) return workload;
    const sizes = [position.inForce, grant.poolSize];
    const more = Array.from({ length: expectedPodsOf(position) }, (): PodFacts[] =>
      pods(1, { poolSize: sizes[coins[(toss += 1)] === true ? 1 : 0] ?? 0 }),
    );
    return { ...workload, pods: [...workload.pods, ...more.flat()] };
  });
}

describe("G4", () => {
  test("without fresh caches or the database nothing grows", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        fc.pre(!one.synced || one.database.failure !== undefined);
        const decided = plan(one, startMs);
        expect(decisionsOf(decided)).not.toContain("Grow");
        expect(decided.rolls.roll?.toShrink ?? true).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test("without any limit nothing changes at all", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        const unread = { ...one, database: { ...one.database, reading: undefined } };
        const decided = plan(unread, startMs);
        expect(decisionsOf(decided).filter((one) => one !== "Unchanged")).toEqual([]);
        expect(decided.pools.map(({ grant }) => grant.poolSize)).toEqual(
          decided.positions.map((position) => position.published),
        );
        expect(decided.rolls).toEqual(noRolls);
      }),
    );
  });
});

describe("plan", () => {
  test("once its grants are published, decides on none of them again", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        const first = plan(one, startMs);
        const second = plan(published(first), startMs);
        expect(second.pools.map(({ grant }) => grant.poolSize)).toEqual(
          first.pools.map(({ grant }) => grant.poolSize),
        );
        expect(decisionsOf(second)).not.toContain("Grow");
        expect(decisionsOf(second)).not.toContain("Shrink");
        expect(published(second)).toEqual(published(first));
      }),
      { numRuns: 1000 },
    );
  });

  test("does not depend on the order in which facts arrive", () => {
    const orders = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 });
    fc.assert(
      fc.property(snapshot, orders, (one, order) => {
        const turned = {
          ...one,
          policies: one.policies.toReversed(),
          workloads: order.flatMap((index) => one.workloads[index] ?? []),
        };
        const wanted = plan(one, startMs);
        expect({ ...plan(turned, startMs), snapshot: one }).toEqual(wanted);
      }),
    );
  });

  test("shares are within floors and ceilings, and fit the budget or floors are missing", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        const { positions, pools: planned, floors, capacity, budgetSlots = 0 } = plan(one, startMs);
        for (const { position, share } of planned) {
          const { sizing, managed, plannedPods } = position;
          if (!managed) continue;
          // Nobody pays for a floor where no pod is planned.
          const ofOnePod = Math.max(1, poolSizeWithin(sizing, budgetSlots));
          const floor = plannedPods > 0 ? sizing.floor : Math.min(sizing.floor, ofOnePod);
          expect(share).toBeGreaterThanOrEqual(floor);
          expect(share).toBeLessThanOrEqual(sizing.ceiling);
        }
        if (!positions.some(({ managed }) => managed) || floors.missingSlots > 0) return;
        // Pods of policies without a place take nothing from the shares: neighbours.test.ts.
        if (positions.some(({ heldOnly }) => heldOnly)) return;
        const asked = slotsOfShares(positions, sharesOf(planned), capacity?.rolloutsMax ?? 1);
        expect(asked).toBeLessThanOrEqual(budgetSlots);
      }),
      { numRuns: 500 },
    );
  });
});

/**
 * What shares ask for: planned pods of each, or what it holds if we may not move it, and the room.
 */
function slotsOfShares(
  positions: readonly Position[],
  shares: readonly number[],
  rolloutsMax: number,
): number {
  const accounts = positions.map((position, index) => {
    const { sizing, plannedPods, roomPods, staying, stayingPods, managed } = position;
    const { processesPerPod, extraConnectionsPerPod } = sizing;
    const perPod = (poolSize: number): number =>
      poolSize * processesPerPod + extraConnectionsPerPod;
    const next = perPod(shares[index] ?? 0);
    const held = staying.map(({ pods, poolSize }) => pods * Math.max(perPod(poolSize), next));
    const expected = Math.max(0, plannedPods - stayingPods) * next;
    return {
      rest: managed ? plannedPods * next : held.reduce((sum, slots) => sum + slots, expected),
      room: roomPods * next,
    };
  });
  const rooms = accounts.map(({ room }) => room).sort((a, b) => b - a);
  const parts = [...accounts.map(({ rest }) => rest), ...rooms.slice(0, rolloutsMax)];
  return parts.reduce((sum, slots) => sum + slots, 0);
}

describe("status", () => {
  test("the ledger holds every slot of max_connections once, for every policy", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        const decided = plan(one, startMs);
        for (const policy of one.policies) {
          expect(ledgerComplaints(statusOf(decided, policy))).toEqual([]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("is equal to the stored one when nothing changed, however long ago that was", () => {
    fc.assert(
      fc.property(snapshot, (one) => {
        const lastTransitionTime = "2020-01-01T00:00:00Z";
        const first = plan(one, startMs);
        const policies = one.policies.map((policy) => {
          const { conditions = [], ...rest } = statusOf(first, policy);
          const old = conditions.map((condition) => ({ ...condition, lastTransitionTime }));
          return { ...policy, status: { ...rest, conditions: old } };
        });
        const second = plan({ ...one, policies }, startMs);
        for (const policy of policies) expect(statusOf(second, policy)).toEqual(policy.status);
      }),
    );
  });
});
