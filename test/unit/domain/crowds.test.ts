// What one decision costs, with all that is told of it, where a tenant makes as many policies,
// workloads and logins as he likes: nothing else is done meanwhile, for anybody. The bounds are far
// above what it takes, and far below what it took where each policy looked at everything.

import { expect, test } from "vitest";
import type { PolicyFacts, Snapshot, WorkloadFacts } from "../../../src/domain/facts.ts";
import { plan } from "../../../src/domain/plan.ts";
import { statusOf } from "../../../src/domain/status.ts";
import * as build from "../../support/builders.ts";
import { cpuMsOf } from "../../support/cpu-time.ts";

const { aGrant, aPolicy, aSnapshot, aWorkload, pods, startMs } = build;

function many<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** Names that sort as they are counted. */
function named(letter: string, index: number): string {
  return `${letter}${String(index).padStart(5, "0")}`;
}

type Make = (policies: readonly PolicyFacts[], index: number) => Partial<WorkloadFacts>;

function crowdOf(
  [policyCount, workloadCount]: readonly [number, number],
  make: Make,
  more: Parameters<typeof aSnapshot>[0] = {},
): Snapshot {
  const policies = many(policyCount, (index) => aPolicy(named("p", index)));
  const workloads = many(workloadCount, (index) => {
    const policy = policies[index % policyCount]?.key ?? "";
    return aWorkload(named("w", index), { policy, ...make(policies, index) });
  });
  return aSnapshot({ policies, workloads, maxConnections: 5_000, ...more });
}

/** Of the decision, with the status of every policy. */
function decisionMsOf(snapshot: Snapshot): number {
  return cpuMsOf(() => {
    const decided = plan(snapshot, startMs);
    for (const policy of snapshot.policies) statusOf(decided, policy);
  });
}

test("all policies select the same workloads", () => {
  const claimedByAll: Make = (policies) => ({ claimedBy: policies.map(({ key }) => key) });
  expect(decisionMsOf(crowdOf([200, 2_000], claimedByAll))).toBeLessThan(2_500);
});

test("there are many policies, each with a few workloads", () => {
  const small: Make = () => ({ pods: pods(1, { poolSize: 2 }), grant: aGrant(2) });
  expect(decisionMsOf(crowdOf([2_000, 4_000], small))).toBeLessThan(2_500);
});

test("half of the workloads are in a rollout, and all others wait for that", () => {
  const busy: Make = (_, index) =>
    index % 2 === 0
      ? { pods: pods(2, { poolSize: 1 }), rollingOut: true, updatedReplicas: 0 }
      : { pods: pods(2, { poolSize: 40 }), grant: aGrant(1) };
  expect(decisionMsOf(crowdOf([50, 3_000], busy))).toBeLessThan(2_500);
});
