// One pod at a time: an eviction fits each limit beside what runs, takes exposure up by nothing, is
// never decided beside a roll, and never while another pod of the server is away. Counted anew
// here, from pods and sessions alone.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Eviction } from "../../src/domain/decide/evictions.ts";
import type { PodFacts, Snapshot, PoolFacts } from "../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import * as builders from "../support/builders.ts";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const { aDatabase, aGrant, aPolicy, aReading, aSnapshot, aWorkload, pods, sessions, startMs } =
  builders;
const ordinarySlots = 197;
const laterMs = startMs + 10_000;

const fleets = fc.record({
  /** Of the first workload's pods. */
  away: fc.constantFrom("nobody", "nobody", "ending", "starting", "missing"),
  rollouts: fc.constantFrom(0, 1, 1, 2),
  /** What others leave of the server beside the pods; below 0: it is refusing logins. */
  freeSlots: fc.integer({ min: -5, max: 40 }),
  owners: fc.array(
    fc.record({
      isStateful: fc.boolean(),
      poolSizes: fc.array(fc.integer({ min: 5, max: 30 }), { minLength: 1, maxLength: 5 }),
      granted: fc.integer({ min: 1, max: 12 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

type Fleet = typeof fleets extends fc.Arbitrary<infer T> ? T : never;
type Owner = Fleet["owners"][number];

function podsOf({ poolSizes }: Owner, who: string): PodFacts[] {
  const live = poolSizes.flatMap((poolSize) => pods(1, { poolSize }));
  if (who === "ending") return [...live, ...pods(1, { poolSize: 3, terminating: true })];
  if (who !== "starting") return live;
  const young = { unready: true, createdAtMs: startMs - minuteMs } as const;
  return live.map((pod, index) => (index === 0 ? { ...pod, ...young } : pod));
}

function workloadOf(owner: Owner, index: number, away: string): PoolFacts {
  const { isStateful, poolSizes, granted } = owner;
  const replicas = poolSizes.length + (away === "missing" ? 1 : 0);
  return aWorkload(`w${index}`, {
    ...{ kind: isStateful ? "StatefulSet" : "Deployment", replicas, pods: podsOf(owner, away) },
    ...{ grant: aGrant(granted), sizing: { floor: 1, ceiling: granted } },
  });
}

function heldBy({ owners }: Fleet): number {
  return owners.flatMap(({ poolSizes }) => poolSizes).reduce((sum, one) => sum + one, 0);
}

function foreignOf(fleet: Fleet): number {
  return Math.max(0, ordinarySlots - heldBy(fleet) - fleet.freeSlots);
}

function snapshotOf(fleet: Fleet): Snapshot {
  const { rollouts, owners, away } = fleet;
  const reading = aReading({ sessions: [sessions(foreignOf(fleet))] });
  return aSnapshot({
    database: aDatabase({ reading }),
    policies: [aPolicy("orders", { spec: { reserve: { connections: 10, rollouts } } })],
    workloads: owners.map((owner, index) =>
      workloadOf(owner, index, index === 0 ? away : "nobody"),
    ),
  });
}

/** Once the grants are published and have settled. */
function decide(fleet: Fleet): Plan {
  return plan(builders.published(plan(snapshotOf(fleet), startMs)), laterMs);
}

/** The same a moment later: the pod ends. */
function afterwards({ snapshot, rolls }: Plan): Plan {
  const ends = (pod: PodFacts): PodFacts =>
    pod.uid === rolls.eviction?.pod.uid ? { ...pod, terminating: true } : pod;
  const workloads = snapshot.workloads.map((one) => ({ ...one, pods: one.pods.map(ends) }));
  return plan({ ...snapshot, workloads }, laterMs);
}

test("an eviction fits, takes exposure up by nothing, and is one pod alone", () => {
  let evictions = 0;
  fc.assert(
    fc.property(fleets, (fleet) => {
      const decision = decide(fleet);
      const { roll, eviction } = decision.rolls;
      if (!eviction) return;
      evictions += 1;
      expect(roll).toBeUndefined();
      expect(fleet.away).toBe("nobody");
      const { isStateful, poolSizes } = ownerOf(fleet, eviction);
      expect(eviction.pod.own.poolSize).toBe(Math.max(...poolSizes));
      const runs = heldBy(fleet) + foreignOf(fleet);
      const adds = isStateful ? 0 : eviction.wish.poolSize;
      if (runs <= ordinarySlots) expect(runs + adds).toBeLessThanOrEqual(ordinarySlots);
      const { exposure, rolls } = afterwards(decision);
      const { budgetSlots = 0 } = decision;
      expect(exposure.slots).toBeLessThanOrEqual(Math.max(budgetSlots, decision.exposure.slots));
      expect(rolls.eviction).toBeUndefined();
    }),
    { numRuns: 1_500 },
  );
  expect(evictions).toBeGreaterThan(10);
});

function ownerOf({ owners }: Fleet, { wish }: Eviction): Owner {
  const owner = owners[Number(wish.position.workload.name.slice(1))];
  if (!owner) throw new Error("an eviction is of one of the workloads");
  return owner;
}

test("the watch may show as late as it likes that an evicted pod ends: none goes beside it", async () => {
  const runs = fc.record({
    lagMs: fc.integer({ min: 0, max: 40_000 }),
    replicas: fc.integer({ min: 4, max: 6 }),
  });
  await fc.assert(
    fc.asyncProperty(runs, async ({ lagMs, replicas }) => {
      const world = new MemoryWorld();
      world.policy("orders");
      world.deployment("web", { replicas: 3, containers: [aContainer(10)] });
      world.deployment("job", { replicas: 4, containers: [aContainer(10)] });
      await world.pass(10 * minuteMs, 15_000);
      const end = world.cluster.onEvict;
      const ending: [number, Parameters<typeof end>[0]][] = [];
      world.cluster.onEvict = (pod) => ending.push([world.nowMs + lagMs, pod]);
      world.deployment("web", { replicas });
      for (let second = 0; second < 60; second++) {
        await world.pass(1_000);
        expect(ending.length).toBeLessThanOrEqual(1);
        for (const [, pod] of ending.splice(0, dueAt(ending, world.nowMs))) end(pod);
      }
      expect(world.evictions.length).toBeGreaterThan(0);
    }),
    { numRuns: 4 },
  );
});

function dueAt(ending: readonly (readonly [number, unknown])[], nowMs: number): number {
  return ending.filter(([atMs]) => atMs <= nowMs).length;
}
