// How much of a server a live pool takes whose floor does not fit the quota of its namespace: its
// next pods start with the floor, and that is counted for all that may come.

import { expect, test } from "vitest";
import { plan } from "../../../src/domain/decide/plan.ts";
import type { Snapshot } from "../../../src/domain/facts/facts.ts";
import { poolKeyOf } from "../../../src/api/keys.ts";
import { startSizeWithin } from "../../../src/domain/supply/start-sizes.ts";
import {
  aGrant,
  aPolicy,
  aPosition,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../../support/builders.ts";

const both = poolKeyOf("shop/Deployment/both", "jobs");
const guest = aPolicy("app", {
  ...{ namespace: "guest", role: undefined, database: undefined },
  spec: { database: { address: "db:5432", maxConnections: 1000 } },
});
/** Of a budget of 187. */
const namespaceQuotas = [{ namespace: "guest", amount: 60, unit: "slots" }] as const;

function sizes(
  more: Parameters<typeof aWorkload>[1],
  quotas: Snapshot["namespaceQuotas"] = namespaceQuotas,
): readonly number[] {
  const own = { namespace: "guest", policy: "guest/app", maxPods: 6, replicas: 0, surgePods: 0 };
  const app = aWorkload("app", { ...own, sizing: { floor: 50, ceiling: 100 }, ...more });
  const running = { pods: pods(2, { poolSize: 2 }), replicas: 2, grant: aGrant(2) };
  const web = aWorkload("web", { ...running, sizing: { floor: 2, ceiling: 100 } });
  const snapshot = aSnapshot({
    policies: [aPolicy(), guest],
    workloads: [app, web],
    namespaceQuotas: quotas,
  });
  return plan(snapshot, startMs).pools.map(({ grant }) => grant.poolSize);
}

const one = {
  pods: pods(1, { poolSize: 5, live: { size: 5, touches: 0, isResized: true } }),
  replicas: 1,
};
const atLeast = (floor: number): object => ({ sizing: { floor, ceiling: 100 } });

test.each([
  { name: "restarts", more: {}, want: 5 },
  { name: "resizes", more: { live: true }, want: 5 },
  { name: "resizes, of which a pod runs", more: { live: true, ...one }, want: 5 },
  { name: "resizes, at least 4", more: { live: true, ...atLeast(4) }, want: 4 },
] as const)("with $name, six pods and a rollout of them fit its quota of 60", ({ more, want }) => {
  const [own, other] = sizes({ grant: aGrant(1), ...more });
  expect(own).toBe(want);
  expect(other).toBeGreaterThanOrEqual(39);
});

test("a live pool without a quota starts its pods with its floor", () => {
  expect(sizes({ live: true, grant: aGrant(50) }, [])[0]).toBe(50);
});

test("pools of one workload roll together, which takes room for both", () => {
  const positions = [
    aPosition(aWorkload("both", { pods: pods(4), replicas: 4 })),
    aPosition(aWorkload("both", { pods: pods(4), replicas: 4, poolKey: both, sizing: {} })),
    aPosition(aWorkload("live", { live: true, replicas: 2, pods: [], sizing: { floor: 5 } })),
  ];
  // 8 of both and as much for a rollout of it leave 4: two pods of 2.
  expect(startSizeWithin(positions, { slots: 20, rolloutsMax: 1 })).toBe(2);
});
