// What a rollout that somebody starts adds, by how the workload replaces its pods.

import { expect, test } from "vitest";
import { plan } from "../../../src/domain/decide/plan.ts";
import { surgeSlots } from "../../../src/domain/demand/rollout-surge.ts";
import type { WorkloadFacts } from "../../../src/domain/facts/facts.ts";
import { aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

function surgeOf(workload: Partial<WorkloadFacts>): number {
  const running = [...pods(3, { poolSize: 5 }), ...pods(1, { poolSize: 8 })];
  const workloads = [aWorkload("web", { pods: running, replicas: 4, ...workload })];
  const [position] = plan(aSnapshot({ workloads }), startMs).positions;
  return position ? surgeSlots(position) : 0;
}

test.each<readonly [string, Partial<WorkloadFacts>, number]>([
  ["every pod once more, at the largest size that runs", {}, 32],
  ["one pod where all are stopped first", { strategy: "Recreate" }, 8],
  ["the surge where new pods wait for old ones", { waitsForTermination: true, surgePods: 2 }, 16],
  ["nothing for a StatefulSet", { kind: "StatefulSet" }, 0],
])("a rollout adds %s", (_, workload, want) => {
  expect(surgeOf(workload)).toBe(want);
});
