// The arithmetic of rollouts where a whole cluster would need long to come to the point. What it
// adds up to is held to the real controllers by test/contract/plane.

import { expect, test } from "vitest";
import {
  fenceposts,
  newSetReplicas,
  oldSetReplicas,
  proportionalReplicas,
  type SetSize,
  type Sized,
} from "./rollout-rules.ts";

function deployment(replicas: number, more: Partial<Sized> = {}): Sized {
  const defaults = { strategy: "RollingUpdate", maxSurge: "25%", maxUnavailable: "25%" } as const;
  return { ...defaults, replicas, ...more };
}

function set(replicas: number, available: number, maxReplicas = 0): SetSize {
  return { replicas, available, maxReplicas };
}

test.each([
  { of: deployment(10), want: { surge: 3, unavailable: 2 } },
  { of: deployment(1), want: { surge: 1, unavailable: 0 } },
  { of: deployment(0), want: { surge: 0, unavailable: 0 } },
  { of: deployment(3, { maxSurge: 5, maxUnavailable: 7 }), want: { surge: 5, unavailable: 3 } },
  { of: deployment(5, { maxSurge: 0, maxUnavailable: "10%" }), want: { surge: 0, unavailable: 1 } },
  { of: deployment(5, { strategy: "Recreate" }), want: { surge: 0, unavailable: 0 } },
])("$of.replicas with $of.maxSurge and $of.maxUnavailable", ({ of, want }) => {
  expect(fenceposts(of)).toEqual(want);
});

test.each([
  { says: "as many as surge lets", newest: 0, total: 10, extra: 0, want: 3 },
  { says: "none while there is no room", newest: 5, total: 13, extra: 0, want: 5 },
  { says: "never more than the replicas", newest: 9, total: 10, extra: 0, want: 10 },
  { says: "terminating ones take room where they count", newest: 3, total: 11, extra: 1, want: 4 },
  { says: "down to the replicas", newest: 12, total: 12, extra: 0, want: 10 },
])("the newest set grows: $says", ({ newest, total, extra, want }) => {
  const replicas = newSetReplicas(deployment(10), { replicas: newest }, { total, extra });
  expect(replicas).toBe(want);
});

test.each([
  { says: "by what may be missing", old: [set(10, 10)], newest: set(3, 0), want: [8] },
  { says: "no further until new ones are ready", old: [set(8, 8)], newest: set(5, 0), want: [8] },
  { says: "by as many as are ready", old: [set(8, 8)], newest: set(5, 3), want: [5] },
  { says: "unhealthy ones first", old: [set(8, 8), set(5, 0)], newest: set(0, 0), want: [8, 0] },
  {
    ...{ says: "the oldest first", old: [set(4, 4), set(4, 4)] },
    ...{ newest: set(5, 5), want: [0, 3] },
  },
])("old sets shrink: $says", ({ old, newest, want }) => {
  expect(oldSetReplicas(deployment(10), old, newest)).toEqual(want);
});

test.each([
  { says: "by size", replicas: 20, sets: [set(8, 8, 13), set(5, 0, 13)], want: [15, 10] },
  {
    ...{ says: "what rounding leaves goes to the first", replicas: 10 },
    ...{ sets: [set(4, 4, 12), set(4, 4, 12), set(4, 4, 12)], want: [5, 4, 4] },
  },
  {
    ...{ says: "no more goes than has to", replicas: 8 },
    ...{ sets: [set(4, 4, 12), set(4, 4, 12), set(4, 4, 12)], want: [3, 3, 4] },
  },
  { says: "to nothing", replicas: 0, sets: [set(8, 8, 13), set(5, 0, 13)], want: [0, 0] },
])("scaling in the middle of a rollout: $says", ({ replicas, sets, want }) => {
  expect(proportionalReplicas(deployment(replicas), sets)).toEqual(want);
});
