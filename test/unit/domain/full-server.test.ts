// While the line is broken a roll has to fit beside what really runs.

import { expect, test } from "vitest";
import type { PoolFacts } from "../../../src/domain/facts/facts.ts";
import { type Obstacle, obstacleTo, type RollTerms } from "../../../src/domain/decide/obstacles.ts";
import { aGrant, aPosition, aWorkload, limitsOf, pods, startMs } from "../../support/builders.ts";

interface Row {
  readonly name: string;
  readonly workload?: Partial<PoolFacts>;
  /** Another pool of its pods. */
  readonly beside?: Partial<PoolFacts>;
  readonly terms: Pick<RollTerms, "running" | "isEvictionOff"> & { readonly budgetSlots: number };
  readonly want?: Partial<Obstacle>;
}

const aLimit = { limitSlots: 197, stayingSlots: 0, endingSlots: 0 };

/** The line is broken, and as much runs. */
function full(slots: number, stayingSlots = slots): Row["terms"] {
  const endingSlots = slots - stayingSlots;
  return { budgetSlots: 20, running: [{ limitSlots: 197, slots, stayingSlots, endingSlots }] };
}

const half = [...pods(1, { poolSize: 6 }), ...pods(1, { poolSize: 9 })];

const repairs: Row[] = [
  { name: "its rollout fits beside all that runs", terms: full(179) },
  {
    name: "one slot too few: its pods can be replaced one at a time",
    terms: full(180),
    want: {
      reason: "RollsWaiting",
      message: "waits, because 180 of 197 slots are taken, and its rollout would add 18",
      isOneByOne: true,
    },
  },
  {
    name: "pods are about to end",
    terms: full(210, 160),
    want: {
      message:
        "waits, because 210 of 197 slots are taken, 50 of them by pods that are ending, being replaced, giving slots back, or gone, " +
        "and its rollout would add 18",
    },
  },
  {
    name: "the line is kept, as far as logins are known: some may be of others",
    terms: { budgetSlots: 197, running: [{ ...aLimit, slots: 180, possibleSlots: 1 }] },
    want: {
      message:
        "waits, because 180 of 197 slots are taken, 1 of them possibly by pods whose login is not " +
        "known, and its rollout would add 18",
    },
  },
  {
    name: "the line is kept, and all logins are known",
    terms: { budgetSlots: 197, running: [{ ...aLimit, slots: 180 }] },
  },
  {
    name: "what stays does not fit by itself: its pods are replaced one at a time",
    terms: full(210),
    want: { isOneByOne: true },
  },
  {
    name: "what stays does not fit by itself, and evictions are off: waiting would help nobody",
    terms: { ...full(210), isEvictionOff: true },
  },
  {
    name: "what stays does not fit by itself, and it has one pod",
    workload: { pods: pods(1, { poolSize: 6 }) },
    terms: { ...full(210) },
  },
  {
    name: "what stays does not fit by itself, and a rollout adds no more than one pod",
    workload: { strategy: "Recreate" },
    terms: full(210),
  },
  {
    name: "a fleet of which no pod is of our size is replaced all the same",
    workload: { pods: pods(3, { sizedByOthers: true }) },
    terms: full(190),
  },
  {
    name: "one pod whose size is not ours lifts the rule for none of the others",
    workload: { pods: [...pods(2, { poolSize: 6 }), ...pods(1, { sizedByOthers: true })] },
    terms: full(190),
    want: { isOneByOne: true },
  },
  {
    name: "a fleet of which no pod is of our size in any pool is replaced all the same",
    workload: { pods: pods(3, { sizedByOthers: true }) },
    beside: { pods: pods(3, { sizedByOthers: true }) },
    terms: full(190),
  },
  {
    name: "a pool whose size is not ours lifts the rule for no pods that have ours for another pool",
    workload: { pods: pods(3, { sizedByOthers: true }) },
    beside: { pods: pods(3, { poolSize: 6 }) },
    terms: full(190),
    want: { isOneByOne: true },
  },
  {
    name: "most of its pods were replaced one at a time: a rollout would restart those again",
    workload: { lastEviction: { atMs: 0, poolSize: 6, timesInVain: 0 }, pods: half },
    terms: full(100),
    want: { message: "waits, because 1 of its 2 pods have yet to be replaced", isOneByOne: true },
  },
  {
    name: "the same where evictions are off by now",
    workload: { lastEviction: { atMs: 0, poolSize: 6, timesInVain: 0 }, pods: half },
    terms: { ...full(100), isEvictionOff: true },
  },
  {
    name: "the same where its rollout would keep the line",
    workload: { lastEviction: { atMs: 0, poolSize: 6, timesInVain: 0 }, pods: half },
    terms: { ...full(100), budgetSlots: 197 },
    want: { message: "waits, because 1 of its 2 pods have yet to be replaced", isOneByOne: true },
  },
  {
    name: "the same where evicting the next one was refused just now",
    workload: {
      ...{ lastEviction: { atMs: 0, poolSize: 6, timesInVain: 0 }, pods: half },
      refusedEviction: { untilMs: startMs + 1, message: "" },
    },
    terms: full(100),
    want: { isOneByOne: true },
  },
  {
    name: "they were replaced by pods of another size than it is for now",
    workload: { lastEviction: { atMs: 0, poolSize: 7, timesInVain: 0 }, pods: half },
    terms: full(100),
  },
  {
    name: "a StatefulSet replaces each pod when it is gone",
    workload: { kind: "StatefulSet" },
    terms: full(197),
  },
  {
    name: "what adds nothing fits even where pods that end have all slots",
    workload: { kind: "StatefulSet" },
    terms: full(210, 160),
  },
  {
    name: "Recreate ends the old pods first",
    workload: { strategy: "Recreate" },
    terms: full(197),
  },
  {
    name: "a surge of one pod comes on top",
    workload: { waitsForTermination: true, surgePods: 1 },
    terms: full(192),
    want: { reason: "RollsWaiting" },
  },
];

/** Of a roll of three pods to pools of 6. */
function obstacleOf({ workload, beside, terms }: Row): Obstacle | undefined {
  const own = { pods: pods(3, { poolSize: 6 }), grant: aGrant(6) };
  const position = aPosition(aWorkload("web", { ...own, ...workload }));
  const other = beside && aPosition(aWorkload("web", { ...own, ...beside }));
  const wish = {
    ...{ index: 0, position, toShrink: true, poolSize: 6, slots: 9, addedSlots: -1 },
    ...(other && { beside: [{ index: 1, position: other, poolSize: 6 }] }),
  };
  const limits = limitsOf([aPosition(aWorkload("web", own))], terms.budgetSlots);
  return obstacleTo(wish, {
    rolling: [],
    terms: { limits, leastSizes: [], mayGrow: () => true, nowMs: startMs, ...terms },
    shrinkNeeded: true,
  });
}

test.each(repairs)("$name", (row) => {
  const obstacle = obstacleOf(row);
  if (row.want === undefined) expect(obstacle).toBeUndefined();
  else expect(obstacle).toMatchObject(row.want);
});
