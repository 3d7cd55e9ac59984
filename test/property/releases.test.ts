// Laws of pods that wait for their slots, on fleets drawn at random and followed until nothing is
// left to do: no decision lets pods hold more than there is, and nobody waits for ever where the
// floors fit: neither in a full server, nor in the middle of rollouts that keep every old pod until
// a new one runs.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PodFacts, PoolFacts } from "../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import { aGrant, aSnapshot, aWorkload, pods, startMs } from "../support/builders.ts";

/** Of the default server. */
const budget = 187;

interface Drawn {
  readonly floor: number;
  readonly weight: number;
  readonly replicas: number;
  /** It is rolled out: its pods are of an old template, and each waits for a new one. */
  readonly isRolling: boolean;
}

/** A workload as it goes on: sizes of pods that run, and how many wait. */
interface Running extends Drawn {
  readonly name: string;
  old: PodFacts[];
  fresh: PodFacts[];
  waiting: PodFacts[];
}

const drawn = fc.record<Drawn>({
  floor: fc.integer({ min: 1, max: 9 }),
  weight: fc.integer({ min: 1, max: 3 }),
  replicas: fc.integer({ min: 1, max: 8 }),
  isRolling: fc.boolean(),
});
const fleets = fc.array(drawn, { minLength: 1, maxLength: 4 });

function runningPod(poolSize: number, revision: string): PodFacts[] {
  return pods(1, { poolSize, revision, live: { size: poolSize, touches: 0, isResized: true } });
}

function waitingPod(): PodFacts[] {
  return pods(1, { revision: "new", createdAtMs: startMs - 1_000, gate: { place: 0 } });
}

/** All slots are taken by what runs, as evenly as their number allows. */
function begun(fleet: readonly Drawn[]): Running[] {
  const present = fleet.reduce((sum, one) => sum + (one.isRolling ? one.replicas : 1), 0);
  return fleet.map((one, place): Running => {
    const count = one.isRolling ? one.replicas : 1;
    const size = Math.max(one.floor, Math.floor(budget / present));
    const pod = (): PodFacts[] => runningPod(size, one.isRolling ? "old" : "new");
    const there = Array.from({ length: count }, pod).flat();
    return {
      ...{ ...one, name: `web-${place}` },
      old: one.isRolling ? there : [],
      fresh: one.isRolling ? [] : there,
      waiting: Array.from({ length: one.isRolling ? 1 : one.replicas - 1 }, waitingPod).flat(),
    };
  });
}

function factsOf({ name, floor, weight, replicas, old, fresh, waiting }: Running): PoolFacts {
  return aWorkload(name, {
    ...{ pods: [...old, ...fresh], replicas, live: true, start: "WhenSlotsAreFree" },
    ...(waiting.length > 0 && { waitingPods: waiting }),
    ...{ rollingOut: old.length > 0, updatedReplicas: fresh.length, updateRevision: "new" },
    ...{ sizing: { floor, ceiling: 100, weight } },
    grant: aGrant(floor, { gatedFromMs: startMs - 60_000 }),
  });
}

/** Everything decided is done, shrinks are proven at once, and each new pod ends an old one. */
function carriedOut(fleet: readonly Running[], { live }: Plan): void {
  const sizes = new Map(live.resizes.map(({ pod, poolSize }) => [pod.uid, poolSize]));
  const started = new Map(live.releases.map(({ pod, poolSize }) => [pod.uid, poolSize]));
  const resized = (pod: PodFacts): PodFacts[] => {
    const poolSize = sizes.get(pod.uid) ?? pod.own.poolSize;
    return [
      { ...pod, own: { ...pod.own, poolSize }, live: { ...pod.live, size: poolSize, touches: 0 } },
    ];
  };
  for (const one of fleet) {
    const released = one.waiting.filter(({ uid }) => started.has(uid));
    one.old = one.old.flatMap(resized).slice(released.length);
    one.fresh = [
      ...one.fresh.flatMap(resized),
      ...released.flatMap(({ uid }) => runningPod(started.get(uid) ?? 0, "new")),
    ];
    one.waiting = one.waiting.filter(({ uid }) => !started.has(uid));
    const isNext = one.isRolling && one.waiting.length === 0 && one.fresh.length < one.replicas;
    if (isNext) one.waiting = waitingPod();
  }
}

function heldBy(fleet: readonly Running[]): number {
  const all = fleet.flatMap(({ old, fresh }) => [...old, ...fresh]);
  return all.reduce((sum, { own }) => sum + own.poolSize, 0);
}

/** What all pods need at their floors, old ones and the next new one of each rollout included. */
function leastOf(fleet: readonly Drawn[]): number {
  return fleet.reduce((sum, one) => sum + one.floor * (one.replicas + (one.isRolling ? 1 : 0)), 0);
}

function decided(fleet: readonly Running[]): Plan {
  return plan(aSnapshot({ workloads: fleet.map(factsOf) }), startMs);
}

/** Shrink, start and grow take a decision each, and each new pod of a rollout takes these. */
const decisionsMax = 60;

describe("of pods that wait for their slots", () => {
  test("no decision lets running ones have more than there is", () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const running = begun(fleet);
        if (heldBy(running) > budget) return;
        for (let step = 0; step < 8; step++) {
          const found = decided(running);
          expect(found.exposure.slots).toBeLessThanOrEqual(budget);
          carriedOut(running, found);
          expect(heldBy(running)).toBeLessThanOrEqual(budget);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("none waits for ever where the floors fit", () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const running = begun(fleet);
        fc.pre(heldBy(running) <= budget && leastOf(fleet) <= budget);
        for (let step = 0; step < decisionsMax; step++) carriedOut(running, decided(running));
        expect(running.map(({ waiting, old }) => [waiting.length, old.length])).toEqual(
          running.map(() => [0, 0]),
        );
      }),
      { numRuns: 100 },
    );
  });

  test("each starts with its floor at least, and with no more than its share", () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const { live, pools } = decided(begun(fleet));
        for (const { index, position, poolSize } of live.releases) {
          const share = pools[index]?.share ?? 0;
          expect(poolSize).toBeGreaterThanOrEqual(position.sizing.floor);
          expect(poolSize).toBeLessThanOrEqual(Math.max(share, position.sizing.floor));
        }
      }),
      { numRuns: 150 },
    );
  });

  test("the same facts give the same decision, in whatever order they come", () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const workloads = begun(fleet).map(factsOf);
        const names = (given: readonly PoolFacts[]): string[] => {
          const { live } = plan(aSnapshot({ workloads: given }), startMs);
          return live.releases.map(({ pod, poolSize }) => `${pod.name} ${poolSize}`);
        };
        expect(names(workloads.toReversed())).toEqual(names(workloads));
      }),
      { numRuns: 100 },
    );
  });
});

interface Waiting {
  readonly floor: number;
  readonly weight: number;
  readonly running: number;
  /** Seconds since each pod was made, the oldest first. */
  readonly ages: readonly number[];
}

const waitings = fc.array(
  fc.record<Waiting>({
    floor: fc.integer({ min: 1, max: 5 }),
    weight: fc.integer({ min: 1, max: 3 }),
    running: fc.integer({ min: 0, max: 3 }),
    ages: fc
      .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 })
      .map((ages) => ages.toSorted((a, b) => b - a)),
  }),
  { minLength: 1, maxLength: 6 },
);

function ofWaiting({ floor, weight, running, ages }: Waiting, place: number): PoolFacts {
  const gate = { place: 0 };
  return aWorkload(`web-${place}`, {
    ...{ live: true, start: "WhenSlotsAreFree", replicas: running + ages.length },
    ...{ sizing: { floor, ceiling: floor, weight }, maxPods: 8 },
    pods: Array.from({ length: running }, () => runningPod(floor, "new")).flat(),
    waitingPods: ages.flatMap((age) => pods(1, { createdAtMs: startMs - age * 1_000, gate })),
    grant: aGrant(floor, { gatedFromMs: startMs - 60_000 }),
  });
}

/** All who wait are compared for each pod: the fewest slots for the weight, then the oldest. */
function onceMoreInTurns(fleet: readonly Waiting[]): string[] {
  const queues = fleet.map(({ ages, ...one }, place) => ({
    ...{ ...one, place, left: [...ages], held: one.running * one.floor },
  }));
  return fleet
    .flatMap(({ ages }) => ages)
    .flatMap(() => {
      const open = queues.filter(({ left }) => left.length > 0);
      const [next] = open.sort(
        (a, b) =>
          a.held / a.weight - b.held / b.weight ||
          (b.left[0] ?? 0) - (a.left[0] ?? 0) ||
          a.place - b.place,
      );
      if (!next) return [];
      next.left.shift();
      next.held += next.floor;
      return [`web-${next.place}`];
    });
}

test("pods start in the order in which comparing everybody anew for each of them puts them", () => {
  fc.assert(
    fc.property(waitings, (fleet) => {
      const workloads = fleet.map(ofWaiting);
      const { live } = plan(aSnapshot({ workloads, maxConnections: 1_000 }), startMs);
      const started = live.releases.map(({ position }) => position.workload.name);
      expect(started).toEqual(onceMoreInTurns(fleet));
    }),
  );
});
