// Workloads of which one pool is of a policy on one server and another of a policy elsewhere: a
// rollout of any of them replaces the pods on both, so it must fit on each, as each alone counts.

import fc from "fast-check";
import { expect, test } from "vitest";
import { poolKeyOf } from "../../src/api/keys.ts";
import { partsOf } from "../../src/domain/decide/pool-parts.ts";
import { plan } from "../../src/domain/decide/plan.ts";
import { planUnit } from "../../src/domain/decide/plan-unit.ts";
import type { PoolFacts, Snapshot } from "../../src/domain/facts/facts.ts";
import {
  aDatabase,
  aGrant,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../support/builders.ts";

type Server = "first" | "second";

const service = fc.record({
  count: fc.integer({ min: 1, max: 5 }),
  planned: fc.integer({ min: 1, max: 6 }),
  waits: fc.boolean(),
  /** Of the main pool, on the first server, and of one on the second: own size, and grant. */
  main: fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 })),
  other: fc.option(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))),
});

type Service = typeof service extends fc.Arbitrary<infer T> ? T : never;

function poolsOf({ count, planned, waits, main, other }: Service, place: number): PoolFacts[] {
  const made = pods(count);
  const sizes = [
    { server: "first", pool: "main", size: main },
    ...(other ? [{ server: "second", pool: "reports", size: other }] : []),
  ] as const;
  return sizes.map(({ server, pool, size: [own, grant] }) => {
    const facts = aWorkload(`w${place}`, {
      ...{ maxPods: planned, grant: aGrant(grant), waitsForTermination: waits, replicas: count },
      ...{ policy: `shop/${server}`, claimedBy: [`shop/${server}`] },
      sizing: { processesPerPod: 1, extraConnectionsPerPod: 0 },
      pods: made.map((pod) => ({ ...pod, own: { ...pod.own, poolSize: own } })),
    });
    return { ...facts, poolKey: poolKeyOf(facts.key, pool) };
  });
}

function snapshotOf(server: Server, pools: readonly PoolFacts[], max: number): Snapshot {
  return aSnapshot({
    server,
    database: aDatabase({ reading: aReading({ maxConnections: max, atMs: startMs }) }),
    policies: [aPolicy(server)],
    workloads: pools.filter(({ policy }) => policy === `shop/${server}`),
  });
}

const maximum = fc.integer({ min: 20, max: 200 });

test("a rollout is of all pools of its pods, on both servers, and fits on each", () => {
  fc.assert(
    fc.property(
      fc.array(service, { minLength: 1, maxLength: 4 }),
      maximum,
      maximum,
      (services, onFirst, onSecond) => {
        const pools = services.flatMap(poolsOf);
        const snapshots = [
          snapshotOf("first", pools, onFirst),
          snapshotOf("second", pools, onSecond),
        ];
        const plans = planUnit(snapshots, startMs);
        const rolls = plans.flatMap(({ rolls: { roll } }) => (roll ? [roll] : []));
        expect(rolls.length).toBeLessThan(2);
        for (const { position, ...roll } of rolls) {
          const parts = partsOf({ position, ...roll });
          const own = pools.filter(({ key }) => key === position.workload.key);
          expect(parts.map((part) => part.position.pool.poolKey).sort()).toEqual(
            own.map(({ poolKey }) => poolKey).sort(),
          );
        }
        for (const [at, decided] of plans.entries()) {
          const snapshot = snapshots[at];
          if (!snapshot) continue;
          // As the server alone counts, with what is published now and nothing new.
          const alone = plan({ ...snapshot, synced: false }, startMs);
          const budgetSlots = alone.budgetSlots ?? 0;
          const before = alone.limits.server.exposure.slots;
          expect(decided.exposure.slots).toBeLessThanOrEqual(Math.max(budgetSlots, before));
          for (const part of rolls.flatMap(partsOf)) {
            const { poolKey } = part.position.pool;
            const index = alone.pools.findIndex((one) => one.position.pool.poolKey === poolKey);
            if (index < 0) continue;
            const { poolSize } = part;
            for (const { slots } of alone.limits.whileRolling({ index, poolSize })) {
              expect(slots).toBeLessThanOrEqual(Math.max(budgetSlots, before));
            }
          }
        }
      },
    ),
    { numRuns: 400 },
  );
});
