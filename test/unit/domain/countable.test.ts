// Whatever a workload's numbers are, those that are added up are counts within bounds.

import fc from "fast-check";
import { expect, test } from "vitest";
import { countable } from "../../../src/domain/demand/countable.ts";
import type { PoolFacts } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import {
  aGrant,
  anOwnSize,
  aPolicy,
  aSizing,
  aSnapshot,
  aWorkload,
} from "../../support/builders.ts";
import { pods, startMs } from "../../support/builders.ts";

const odd = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, -1, 0.5, 2 ** 31 - 1, 2 ** 60, 1e308),
);
const numbers = fc.array(odd, { minLength: 14, maxLength: 14 });

function oddWorkload(name: string, said: readonly number[]): PoolFacts {
  let place = 0;
  const next = (): number => said[place++ % said.length] ?? 0;
  const counting = { unmanagedPoolSize: next(), processesPerPod: next() };
  const workload = aWorkload(name, {
    ...{ replicas: next(), updatedReplicas: next(), surgePods: next(), maxPods: next() },
    ...{ autoscalerMaxReplicas: next(), waitsForTermination: true },
    recentPlan: { plannedPods: next(), fewerSinceMs: startMs },
    template: anOwnSize(next()),
    grant: aGrant(next(), { settlingPoolSize: next() }),
    pods: pods(2, { poolSize: next() }),
    ...{ otherGrantPoolSize: next(), replacedPoolSize: next() },
  });
  const sizing = { ...aSizing(), ...counting, extraConnectionsPerPod: next() };
  return { ...workload, sizing };
}

test("a workload with sound numbers stays as it is", () => {
  const workload = aWorkload("web", {
    ...{ replicas: 3, maxPods: 7, autoscalerMaxReplicas: 9, otherGrantPoolSize: 4 },
    ...{ recentPlan: { plannedPods: 5, fewerSinceMs: startMs }, pods: pods(3) },
    ...{ grant: aGrant(6), replacedPoolSize: 8 },
  });
  expect(countable(workload)).toEqual(workload);
});

test("what is no number counts as the most, a fraction as the next count, less than nothing as none", () => {
  const said = [Number.NaN, Infinity, 2 ** 31 - 1, 100_001, 99_999.5, 0.2, 0, -1, -Infinity];
  const replicas = said.map((count) => countable({ ...aWorkload(), replicas: count }).replicas);
  expect(replicas).toEqual([...Array.from({ length: 5 }, () => 100_000), 1, 0, 0, 0]);
});

test("no number of one workload makes the account of a server something else than a number", () => {
  const policies = [aPolicy("orders"), aPolicy("odd")];
  fc.assert(
    fc.property(numbers, (said) => {
      const workloads = [aWorkload("web"), countable(oddWorkload("odd", said))];
      const { exposure, pools } = plan(aSnapshot({ policies, workloads }), startMs);
      expect(Number.isFinite(exposure.slots)).toBe(true);
      expect(Number.isFinite(exposure.roomLineSlots)).toBe(true);
      for (const { grant } of pools) expect(Number.isSafeInteger(grant.poolSize)).toBe(true);
    }),
  );
});
