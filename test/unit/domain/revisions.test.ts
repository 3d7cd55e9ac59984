// Pods as the API server shows them in the middle of things, and which of them stay.

import { describe, expect, test } from "vitest";
import type { PodFacts, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { splitPods } from "../../../src/domain/demand/revisions.ts";
import { aWorkload, pods, startMs } from "../../support/builders.ts";

/** Pods of a revision; of a higher number they began later. */
function of(revision: number, live: number, terminating = 0, poolSize = 10): PodFacts[] {
  const createdAtMs = startMs + revision * 1000;
  const more = { revision: `r${revision}`, createdAtMs, poolSize };
  return [...pods(live, more), ...pods(terminating, { ...more, terminating: true })];
}

/** By a workload of the same name that was deleted. */
function left(list: readonly PodFacts[]): PodFacts[] {
  return list.map((pod) => ({ ...pod, isOfPredecessor: true }));
}

function countsOf(list: readonly PodFacts[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { revision, terminating } of list) {
    const key = terminating ? `-${revision}` : revision;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

function inPlaces(ordinals: readonly number[], list: readonly PodFacts[]): PodFacts[] {
  return list.map((pod, at) => ({ ...pod, ordinal: ordinals[at] ?? 0 }));
}

interface Row {
  name: string;
  facts: Partial<PoolFacts>;
  planned?: number;
  wantStaying: Record<string, number>;
  wantLeaving: Record<string, number>;
  wantRolling: boolean;
}

const rows: Row[] = [
  {
    name: "at rest everything stays",
    facts: { pods: of(1, 3) },
    wantStaying: { r1: 3 },
    wantLeaving: {},
    wantRolling: false,
  },
  {
    name: "no pod at all",
    facts: { pods: [], rollingOut: true },
    wantStaying: {},
    wantLeaving: {},
    wantRolling: true,
  },
  {
    name: "scaled down or drained: the terminating ones leave",
    facts: { pods: of(1, 3, 2) },
    wantStaying: { r1: 3 },
    wantLeaving: { "-r1": 2 },
    wantRolling: false,
  },
  {
    name: "rollout: the old ones leave, terminating or not",
    facts: { pods: [...of(1, 2, 1), ...of(2, 4)], rollingOut: true, updatedReplicas: 4 },
    wantStaying: { r2: 4 },
    wantLeaving: { r1: 2, "-r1": 1 },
    wantRolling: true,
  },
  {
    name: "a rollout just written: no pod is of the new template yet",
    facts: { pods: of(1, 3), rollingOut: true, updatedReplicas: 0 },
    wantStaying: {},
    wantLeaving: { r1: 3 },
    wantRolling: true,
  },
  {
    name: "a rollout of which the new revision is not heard of: a pod that ends stays until it is gone",
    facts: { pods: of(1, 2, 1), rollingOut: true, updatedReplicas: 0, updateRevision: "r1" },
    wantStaying: { r1: 2, "-r1": 1 },
    wantLeaving: {},
    wantRolling: true,
  },
  {
    name: "the same with its successor: what is beyond the plan leaves",
    facts: { pods: of(1, 3, 1), rollingOut: true, updatedReplicas: 0, updateRevision: "r1" },
    wantStaying: { r1: 3 - 1, "-r1": 1 },
    wantLeaving: { r1: 1 },
    wantRolling: true,
  },
  {
    name: "rolled out by the controller's account, but old pods still terminate",
    facts: { pods: [...of(1, 0, 3), ...of(2, 3)], updatedReplicas: 3 },
    wantStaying: { r2: 3 },
    wantLeaving: { "-r1": 3 },
    wantRolling: true,
  },
  {
    name: "rollover: of three revisions the one with as many pods as are updated stays",
    facts: { pods: [...of(1, 3), ...of(2, 2), ...of(3, 1)], rollingOut: true, updatedReplicas: 1 },
    wantStaying: { r3: 1 },
    wantLeaving: { r1: 3, r2: 2 },
    wantRolling: true,
  },
  {
    name: "undo in the middle: the first revision is the newest again",
    facts: { pods: [...of(1, 4), ...of(2, 2)], rollingOut: true, updatedReplicas: 4 },
    wantStaying: { r1: 4 },
    wantLeaving: { r2: 2 },
    wantRolling: true,
  },
  {
    name: "two revisions of as many pods: the one that began last",
    facts: { pods: [...of(2, 3), ...of(1, 3)], rollingOut: true, updatedReplicas: 3 },
    wantStaying: { r2: 3 },
    wantLeaving: { r1: 3 },
    wantRolling: true,
  },
  {
    name: "an account that fits no revision: the one that began last",
    facts: { pods: [...of(1, 4), ...of(2, 2)], rollingOut: true, updatedReplicas: 9 },
    wantStaying: { r2: 2 },
    wantLeaving: { r1: 4 },
    wantRolling: true,
  },
  {
    name: "known from the ReplicaSets: old pods leave before the controller says so",
    facts: { pods: [...of(1, 3), ...of(2, 3)], updateRevision: "r1", updatedReplicas: 3 },
    wantStaying: { r1: 3 },
    wantLeaving: { r2: 3 },
    wantRolling: true,
  },
  {
    name: "StatefulSet: within the plan a pod stays until it is gone",
    facts: {
      kind: "StatefulSet",
      pods: [...of(1, 1, 1), ...of(2, 1)],
      rollingOut: true,
      updateRevision: "r2",
    },
    wantStaying: { r1: 1, "-r1": 1, r2: 1 },
    wantLeaving: {},
    wantRolling: true,
  },
  {
    name: "StatefulSet scaled down: pods beyond the plan leave",
    facts: { kind: "StatefulSet", pods: of(1, 3, 2), updateRevision: "r1" },
    planned: 3,
    wantStaying: { r1: 3 - 2, "-r1": 2 },
    wantLeaving: { r1: 2 },
    wantRolling: false,
  },
  {
    name: "StatefulSet made anew: pods in places beyond the plan leave, though planned ones are missing",
    facts: {
      kind: "StatefulSet",
      pods: inPlaces([1, 3, 4, 5], of(1, 0, 4)),
      updateRevision: "r1",
    },
    planned: 2,
    wantStaying: { "-r1": 1 },
    wantLeaving: { "-r1": 3 },
    wantRolling: false,
  },
  {
    name: "StatefulSet whose first place has another number: those before it leave as well",
    facts: { kind: "StatefulSet", pods: inPlaces([-1, 0, 1], of(1, 0, 3)), updateRevision: "r1" },
    wantStaying: { "-r1": 2 },
    wantLeaving: { "-r1": 1 },
    wantRolling: false,
  },
  {
    name: "Recreate in a rollout: old pods stay until they are gone",
    facts: { strategy: "Recreate", pods: of(1, 0, 3), rollingOut: true, updatedReplicas: 0 },
    wantStaying: { "-r1": 3 },
    wantLeaving: {},
    wantRolling: true,
  },
  {
    name: "Recreate otherwise: a deleted pod leaves, its successor may be there already",
    facts: { strategy: "Recreate", pods: of(1, 3, 1) },
    wantStaying: { r1: 3 },
    wantLeaving: { "-r1": 1 },
    wantRolling: false,
  },
  {
    name: "Recreate, deleted and made anew: what the former one left leaves, nobody waits for it",
    facts: {
      strategy: "Recreate",
      pods: [...left(of(1, 0, 3)), ...of(1, 1)],
      rollingOut: true,
      updatedReplicas: 1,
    },
    wantStaying: { r1: 1 },
    wantLeaving: { "-r1": 3 },
    wantRolling: true,
  },
  {
    name: "and takes no place of the new one's own pods",
    facts: {
      waitsForTermination: true,
      pods: [...left(of(1, 1)), ...of(2, 2, 1)],
      updateRevision: "r2",
    },
    wantStaying: { r2: 2, "-r2": 1 },
    wantLeaving: { r1: 1 },
    wantRolling: true,
  },
  {
    name: "gone: its pods leave",
    facts: { exists: false, pods: of(1, 2, 1) },
    planned: 0,
    wantStaying: {},
    wantLeaving: { r1: 2, "-r1": 1 },
    wantRolling: false,
  },
];

describe("splitPods", () => {
  test.each(rows)("$name", ({ facts, planned = 3, wantStaying, wantLeaving, wantRolling }) => {
    const split = splitPods(aWorkload("web", facts), planned);
    expect(countsOf(split.staying)).toEqual(wantStaying);
    expect(countsOf(split.leaving)).toEqual(wantLeaving);
    expect(split.rolling).toBe(wantRolling);
  });

  test("TerminationComplete: as many leave as are beyond the plan, the smallest of all", () => {
    const list = [...of(1, 2, 0, 50), ...of(2, 3, 0, 6)];
    const facts = { waitsForTermination: true, rollingOut: true, updatedReplicas: 3, pods: list };
    const { staying, leaving } = splitPods(aWorkload("web", facts), 4);
    expect(leaving.map(({ own }) => own.poolSize)).toEqual([6]);
    expect(staying.map(({ own }) => own.poolSize)).toEqual([50, 50, 6, 6]);
  });
});
