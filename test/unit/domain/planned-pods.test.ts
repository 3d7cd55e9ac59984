// How many pods a share is worked out for: what may come counts, not only what is there.

import { describe, expect, test } from "vitest";
import { plannedPodsOf, recentPodsOf } from "../../../src/domain/demand/planned-pods.ts";
import { aWorkload, startMs } from "../../support/builders.ts";

test.each([
  { name: "an autoscaler's maximum", facts: { autoscalerMaxReplicas: 15 }, want: 15 },
  {
    name: "more replicas than the autoscaler allows are planned for",
    facts: { autoscalerMaxReplicas: 2 },
    want: 3,
  },
  {
    name: "Current: the replicas, whatever the autoscaler may do",
    facts: { autoscalerMaxReplicas: 15, plannedPods: "Current" as const },
    want: 3,
  },
  { name: "without an autoscaler: the replicas", facts: {}, want: 3 },
  { name: "maxPods where it is larger", facts: { maxPods: 20 }, want: 20 },
  { name: "maxPods where it is smaller counts for nothing", facts: { maxPods: 1 }, want: 3 },
  { name: "a workload that is gone: none", facts: { exists: false }, want: 0 },
])("$name", ({ facts, want }) => {
  expect(plannedPodsOf(aWorkload("web", { replicas: 3, ...facts }))).toBe(want);
});

describe("planned pods of late", () => {
  const minuteMs = 60_000;
  test.each([
    {
      name: "no status has spoken of it: as many as now",
      planned: undefined,
      since: undefined,
      want: 3,
    },
    { name: "more than lately: as many as now", planned: 2, since: undefined, want: 3 },
    { name: "fewer as of now: as many as lately", planned: 15, since: undefined, want: 15 },
    {
      name: "fewer for less than the cooldown: as many as lately",
      planned: 15,
      since: 4,
      want: 15,
    },
    { name: "fewer for the cooldown: as many as now", planned: 15, since: 5, want: 3 },
    {
      name: "fewer since a time to come: the clock was set back",
      planned: 15,
      since: -9,
      want: 15,
    },
  ])("$name", ({ planned, since, want }) => {
    const fewerSinceMs = since === undefined ? undefined : startMs - since * minuteMs;
    const recentPlan =
      planned === undefined ? {} : { recentPlan: { plannedPods: planned, fewerSinceMs } };
    const terms = { cooldownMs: 5 * minuteMs, nowMs: startMs };
    const { pods, fewerSinceMs: told } = recentPodsOf(recentPlan, 3, terms);
    expect(pods).toBe(want);
    expect(told !== undefined && told <= startMs).toBe(want > 3);
  });

  test("without a cooldown nothing is waited for", () => {
    const recentPlan = { plannedPods: 15, fewerSinceMs: undefined };
    expect(recentPodsOf({ recentPlan }, 3, { cooldownMs: 0, nowMs: startMs }).pods).toBe(3);
  });
});
