// How much a rollout adds, for each kind of workload, and the sum of the largest of them.

import { describe, expect, test } from "vitest";
import type { PoolFacts } from "../../../src/domain/facts/facts.ts";
import { plannedPodsOf } from "../../../src/domain/demand/planned-pods.ts";
import {
  leadersOf,
  Room,
  roomPodsOf,
  rolloutWaitsForOldPods,
} from "../../../src/domain/demand/room.ts";
import { aWorkload } from "../../support/builders.ts";

describe("plannedPodsOf", () => {
  test.each([
    { name: "no autoscaler: the replicas", facts: { replicas: 3 }, want: 3 },
    {
      name: "an autoscaler: its maximum",
      facts: { replicas: 3, autoscalerMaxReplicas: 15 },
      want: 15,
    },
    {
      name: "more replicas than the autoscaler's maximum: the replicas",
      facts: { replicas: 20, autoscalerMaxReplicas: 15 },
      want: 20,
    },
    {
      name: "Current: the replicas in spite of an autoscaler",
      facts: { replicas: 3, autoscalerMaxReplicas: 15, plannedPods: "Current" as const },
      want: 3,
    },
    {
      name: "Autoscaler where there is none: the replicas",
      facts: { replicas: 3, plannedPods: "Autoscaler" as const },
      want: 3,
    },
    { name: "maxPods above the replicas", facts: { replicas: 3, maxPods: 8 }, want: 8 },
    { name: "maxPods below the replicas", facts: { replicas: 9, maxPods: 8 }, want: 9 },
    {
      name: "an autoscaler wins over maxPods",
      facts: { replicas: 3, autoscalerMaxReplicas: 5, maxPods: 8 },
      want: 5,
    },
    {
      name: "Current with maxPods",
      facts: { replicas: 3, autoscalerMaxReplicas: 5, maxPods: 8, plannedPods: "Current" as const },
      want: 8,
    },
    { name: "scaled to nothing", facts: { replicas: 0 }, want: 0 },
    { name: "gone", facts: { replicas: 3, exists: false }, want: 0 },
  ])("$name", ({ facts, want }) => {
    expect(plannedPodsOf(aWorkload("web", facts))).toBe(want);
  });
});

const kinds: {
  name: string;
  facts: Partial<PoolFacts>;
  wantRoom: number;
  wantWaits: boolean;
}[] = [
  {
    name: "a rolling update starts every planned pod anew, whatever its surge",
    facts: { surgePods: 0 },
    wantRoom: 10,
    wantWaits: false,
  },
  {
    name: "a StatefulSet replaces a pod when it is gone",
    facts: { kind: "StatefulSet" },
    wantRoom: 0,
    wantWaits: true,
  },
  {
    name: "an OnDelete StatefulSet as well",
    facts: { kind: "StatefulSet", strategy: "OnDelete" },
    wantRoom: 0,
    wantWaits: true,
  },
  {
    name: "Recreate waits, but a deleted pod is replaced at once",
    facts: { strategy: "Recreate" },
    wantRoom: 1,
    wantWaits: true,
  },
  {
    name: "TerminationComplete adds just its surge",
    facts: { waitsForTermination: true, surgePods: 3 },
    wantRoom: 3,
    wantWaits: true,
  },
  {
    name: "TerminationComplete never adds more than every pod",
    facts: { waitsForTermination: true, surgePods: 30 },
    wantRoom: 10,
    wantWaits: true,
  },
];

describe("room of a workload", () => {
  test.each(kinds)("$name", ({ facts, wantRoom, wantWaits }) => {
    const workload = aWorkload("web", facts);
    expect(roomPodsOf(workload, 10)).toBe(wantRoom);
    expect(rolloutWaitsForOldPods(workload)).toBe(wantWaits);
  });

  test("Recreate without planned pods needs none", () => {
    expect(roomPodsOf(aWorkload("web", { strategy: "Recreate" }), 0)).toBe(0);
  });
});

describe("Room", () => {
  test("for no rollout there is none", () => {
    const room = new Room([5, 9], 0);
    room.raise(0, 50);
    expect([room.slots, room.slotsWith(1, 100), room.indexes]).toEqual([0, 0, []]);
  });

  test("for one rollout it is the largest", () => {
    const room = new Room([5, 9, 7], 1);
    expect([room.slots, room.indexes]).toEqual([9, [1]]);
    expect(room.slotsWith(0, 8)).toBe(9);
    expect(room.slotsWith(0, 12)).toBe(12);
    expect(room.slotsWith(1, 12)).toBe(12);
  });

  test("for two rollouts it is the two largest", () => {
    const room = new Room([5, 9, 7], 2);
    expect([room.slots, room.indexes]).toEqual([16, [1, 2]]);
    expect(room.slotsWith(0, 8)).toBe(17);
    room.raise(0, 10);
    expect([room.slots, room.indexes]).toEqual([19, [0, 1]]);
  });

  test("more rollouts than workloads", () => {
    expect(new Room([5, 9], 7).slots).toBe(14);
    expect(new Room([], 1).slots).toBe(0);
  });

  test("of two equal additions it is for the first", () => {
    const room = new Room([4, 6, 6], 1);
    expect(room.indexes).toEqual([1]);
    room.raise(0, 6);
    expect(room.indexes).toEqual([0]);
  });
});

describe("pools of one workload roll out together", () => {
  const workloads = ["web", "db", "web"];

  test("the first pool stands for those that come after it", () => {
    expect(leadersOf(workloads)).toEqual([0, 1, 0]);
    expect(leadersOf(["web", "db"])).toBeUndefined();
  });

  test("what they add is one addition", () => {
    const room = new Room([5, 9, 7], 1, leadersOf(workloads));
    expect(room.slots).toBe(12);
    expect(room.indexes).toEqual([0]);
    expect(room.slotsWith(1, 11)).toBe(12);
    expect(room.slotsWith(2, 8)).toBe(13);
    expect(room.slotsWithWhole(2, 20)).toBe(20);
    room.raise(1, 14);
    expect(room.slots).toBe(14);
    room.raise(2, 10);
    expect(room.slots).toBe(15);
    expect(room.indexes).toEqual([0]);
  });
});
