// Laws of rolls: a roll restarts somebody's pods, so each of them must be allowed, worth it, and
// not too soon after the last. Fleets are drawn that are a while after a change of their budget:
// their grants are published, and some of their pods have other sizes.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PolicyFacts, Snapshot, WorkloadFacts } from "../../src/domain/facts.ts";
import { plan, type Plan } from "../../src/domain/plan.ts";
import type { Position } from "../../src/domain/position.ts";
import type { Wish } from "../../src/domain/wishes.ts";
import * as build from "../support/builders.ts";

const minuteMs = 60_000;
const cooldownMs = 5 * minuteMs;
const dayMs = 24 * 60 * minuteMs;
const poolSize = fc.constantFrom(1, 2, 4, 5, 8, 10, 20);

function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

const workload: fc.Arbitrary<WorkloadFacts> = fc
  .record({
    replicas: fc.integer({ min: 1, max: 5 }),
    poolSize,
    /** What its pods could gain by being replaced, budget permitting. */
    gain: fc.constantFrom(0, 1, 1, 2, 5, 40),
    template: poolSize.map(build.anOwnSize),
    policy: fc.constantFrom("shop/orders", "shop/orders", "bank/ledger"),
    more: fc.constantFrom<Partial<WorkloadFacts>>(
      ...times(6, {}),
      { kind: "StatefulSet" },
      { rollingOut: true, updatedReplicas: 0 },
      { rollingOut: true, updatedReplicas: 0, stuck: "no image" },
    ),
    agoMs: fc.constantFrom(undefined, 1_000, 4 * minuteMs, 6 * minuteMs, 50 * minuteMs, dayMs * 2),
    reverts: fc.constantFrom(0, 0, 0, 1, 3),
    writtenPoolSize: fc.option(poolSize, { nil: undefined }),
    autoscalerMaxReplicas: fc.constantFrom(undefined, undefined, 5, 8),
  })
  .map(({ more, agoMs, policy, poolSize: size, gain, ...rest }) =>
    build.aWorkload("w", {
      ...rest,
      sizing: { floor: 1, ceiling: size + gain },
      policy,
      claimedBy: [policy],
      pods: build.pods(rest.replicas, { poolSize: size }),
      rolledAtMs: agoMs === undefined ? undefined : build.startMs - agoMs,
      ...more,
    }),
  );

function policy(name: string, namespace: string): fc.Arbitrary<PolicyFacts> {
  return fc
    .record({
      rebalance: fc.constantFrom("Always", "Always", "Always", "ShrinkOnly", "Never"),
      rollouts: fc.constantFrom(0, 1, 1, 2),
      tolerancePercent: fc.constantFrom(0, 10, 50),
      delivery: fc.constantFrom("Admission" as const, "Template" as const),
    })
    .map(({ rebalance, rollouts, tolerancePercent, delivery }) =>
      build.aPolicy(name, {
        namespace,
        delivery,
        spec: {
          rebalance,
          reserve: { connections: 0, rollouts },
          stability: { tolerancePercent, cooldown: "5m" },
        },
      }),
    );
}

const firstMs = build.startMs - 2 * build.settleTimeMs;

/** Its grants were published and have settled; a roll of the first plan did not come about. */
const decided: fc.Arbitrary<Plan> = fc
  .record({
    policies: fc.tuple(policy("orders", "shop"), policy("ledger", "bank")),
    workloads: fc.array(workload, { minLength: 1, maxLength: 4 }),
    maxConnections: fc.integer({ min: 30, max: 600 }),
  })
  .map(({ workloads, ...rest }) => {
    const known: Snapshot = build.aSnapshot({
      ...rest,
      workloads: workloads.map((one, index) => {
        const namespace = one.policy.split("/")[0] ?? "";
        const name = `w${index}`;
        return { ...one, name, namespace, key: `${namespace}/${one.kind}/${name}` };
      }),
    });
    const shrunk = build.published(plan(known, firstMs));
    const grown = build.published(plan(shrunk, firstMs + build.settleTimeMs));
    return plan(grown, build.startMs);
  });

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
      const { grant } = position.workload;
      expect(grant?.poolSize).toBe(target);
      expect(grant?.settledAtMs).toBeLessThanOrEqual(build.startMs);
    });
  });

  test("to grow comes after the cooldown, doubled for each time that somebody put it back", () => {
    rollsHold(({ position: { workload: one }, toShrink }) => {
      const { rolledAtMs, reverts, writtenPoolSize, template } = one;
      const isPutBack = writtenPoolSize !== undefined && writtenPoolSize !== template.poolSize;
      if (rolledAtMs === undefined || (toShrink && !(isPutBack && reverts > 0))) return;
      const waitMs = Math.min(cooldownMs * 2 ** reverts, dayMs);
      expect(build.startMs).toBeGreaterThanOrEqual(rolledAtMs + waitMs);
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
    rollsHold((roll, { positions, shares, exposure, budgetSlots = 0 }) => {
      if (!roll.toShrink) return;
      expect(roll.slots).toBeGreaterThan(0);
      const lacksItsShare = ({ published, managed }: Position, index: number): boolean =>
        managed && published < (shares.poolSizes[index] ?? 0);
      expect(exposure.slots > budgetSlots || positions.some(lacksItsShare)).toBe(true);
    });
  });
});
