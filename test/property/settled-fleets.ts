// Fleets a while after a change of their budget: grants are published and have settled, and some of
// the pods have other sizes, so that there is something to roll.

import fc from "fast-check";
import type { PolicyFacts, Snapshot, PoolFacts } from "../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import * as build from "../support/builders.ts";

export const minuteMs = 60_000;
export const cooldownMs = 5 * minuteMs;
export const dayMs = 24 * 60 * minuteMs;
const poolSize = fc.constantFrom(1, 2, 4, 5, 8, 10, 20);

function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

const workload: fc.Arbitrary<PoolFacts> = fc
  .record({
    replicas: fc.integer({ min: 1, max: 5 }),
    poolSize,
    /** What its pods could gain by being replaced, budget permitting. */
    gain: fc.constantFrom(0, 1, 1, 2, 5, 40),
    template: poolSize.map(build.anOwnSize),
    policy: fc.constantFrom("shop/orders", "shop/orders", "bank/ledger"),
    more: fc.constantFrom<Partial<PoolFacts>>(
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
export const decided: fc.Arbitrary<Plan> = fc
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
        return { ...one, name, namespace, ...build.keysOf({ ...one, name, namespace }) };
      }),
    });
    const shrunk = build.published(plan(known, firstMs));
    const grown = build.published(plan(shrunk, firstMs + build.settleTimeMs));
    return plan(grown, build.startMs);
  });
