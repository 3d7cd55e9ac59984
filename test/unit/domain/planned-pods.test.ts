// How many pods a share is worked out for: what may come counts, not only what is there.

import { expect, test } from "vitest";
import { plannedPodsOf } from "../../../src/domain/planned-pods.ts";
import { aWorkload } from "../../support/builders.ts";

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
