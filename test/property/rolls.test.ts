// Laws of rolls: a roll restarts somebody's pods, so each of them must be allowed, worth it, and
// not too soon after the last. Fleets are drawn that are a while after a change of their budget:
// their grants are published, and some of their pods have other sizes.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../src/domain/decide/plan.ts";
import type { PoolPlan } from "../../src/domain/decide/pool-plan.ts";
import type { Position } from "../../src/domain/demand/position.ts";
import type { Wish } from "../../src/domain/decide/wishes.ts";
import { startMs } from "../support/builders.ts";
import { cooldownMs, dayMs, decided } from "./settled-fleets.ts";

/** What is drawn without a roll tells nothing. */
function rollsHold(law: (roll: Wish, decided: Plan) => void): void {
  fc.assert(
    fc.property(decided, (one) => {
      const { roll } = one.rolls;
      if (roll) law(roll, one);
      else fc.pre(false);
    }),
    { numRuns: 500, maxSkipsPerRun: 1000 },
  );
}

function getsOn({ rolling, workload: { kind, stuck, paused } }: Position): boolean {
  return rolling && kind === "Deployment" && stuck === undefined && !paused;
}

/**
 * Of one roll: what it takes away from pods that are larger, and gives to those that are smaller.
 */
function gainOf({ position, poolSize: target }: Wish): number {
  return position.workload.pods.reduce(
    (sum, { own }) => sum + Math.max(0, target - own.poolSize),
    0,
  );
}

describe("a roll", () => {
  test("is of a workload that is at rest and ours to roll, within the policy's word", () => {
    rollsHold(({ position, toShrink }) => {
      const { managed, rolling, workload: one, policy: owner } = position;
      expect({ managed, rolling, paused: one.paused }).toEqual({
        managed: true,
        rolling: false,
        paused: false,
      });
      const { rebalance } = owner.spec;
      expect(rebalance === "Always" || (rebalance === "ShrinkOnly" && toShrink)).toBe(true);
    });
  });

  test("is never one more than there is room for", () => {
    rollsHold((_, { positions, capacity }) => {
      const most = Math.max(1, capacity?.rolloutsMax ?? 0);
      expect(positions.filter(getsOn).length).toBeLessThan(most);
    });
  });

  test("keeps exposure within the budget, or where it is if it gives slots back", () => {
    rollsHold(({ index, poolSize: target, toShrink }, { exposure, budgetSlots = 0 }) => {
      const slots = exposure.slotsWhileRolling(index, target);
      const most = toShrink ? Math.max(budgetSlots, exposure.slots) : budgetSlots;
      expect(slots).toBeLessThanOrEqual(most);
    });
  });

  test("comes when every API server hands its size out", () => {
    rollsHold(({ position, poolSize: target }) => {
      if (position.policy.delivery === "Template") return;
      const { grant } = position.pool;
      expect(grant?.poolSize).toBe(target);
      expect(grant?.settledAtMs).toBeLessThanOrEqual(startMs);
    });
  });

  test("to grow comes after the cooldown, doubled for each time that somebody put it back", () => {
    rollsHold(({ position: { pool: one }, toShrink }) => {
      const { rolledAtMs, reverts, writtenPoolSize, template } = one;
      const isPutBack = writtenPoolSize !== undefined && writtenPoolSize !== template.poolSize;
      if (rolledAtMs === undefined || (toShrink && !(isPutBack && reverts > 0))) return;
      const waitMs = Math.min(cooldownMs * 2 ** reverts, dayMs);
      expect(startMs).toBeGreaterThanOrEqual(rolledAtMs + waitMs);
    });
  });

  test("to grow comes while the line holds, and gains more than the tolerance", () => {
    rollsHold((roll, { exposure, budgetSlots = 0 }) => {
      if (roll.toShrink) return;
      expect(exposure.slots).toBeLessThanOrEqual(budgetSlots);
      const { workload: one, policy: owner } = roll.position;
      if (owner.delivery === "Template") return;
      const held = one.pods.reduce((sum, { own }) => sum + own.poolSize, 0);
      const { tolerancePercent } = owner.spec.stability;
      expect(gainOf(roll) * 100).toBeGreaterThan(held * tolerancePercent);
    });
  });

  test("to shrink gives slots back, and comes only where they are missing", () => {
    rollsHold((roll, { pools, exposure, budgetSlots = 0 }) => {
      if (!roll.toShrink) return;
      expect(roll.slots).toBeGreaterThan(0);
      const lacksItsShare = ({ position, share }: PoolPlan): boolean =>
        position.managed && position.published < share;
      expect(exposure.slots > budgetSlots || pools.some(lacksItsShare)).toBe(true);
    });
  });
});
