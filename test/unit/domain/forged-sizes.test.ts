// A pod of a bounded namespace that says of itself that it holds a million: what runs counts as it
// stands, and makes nobody's share smaller than what the namespace's part leaves, in no limit.

import { expect, test } from "vitest";
import type { PoolFacts } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import * as builders from "../../support/builders.ts";

const { aDatabase, aGrant, aPolicy, aReading, aSnapshot, aWorkload, pods, startMs } = builders;
const namespaceQuotas = [{ namespace: "*", amount: 50, unit: "percent" }] as const;
const sights = [
  { namespace: "shop", role: "app", seesAllSessions: true },
  { namespace: "guest", role: "guest", seesAllSessions: false },
];

/** Share of web of shop beside a guest whose own role logs in to the same database. */
function shareOfWeb(guest: Partial<PoolFacts>, databaseLimit: number): number | undefined {
  const policies = [
    aPolicy("orders"),
    aPolicy("app", { namespace: "guest", role: "guest", database: "orders" }),
  ];
  const web = aWorkload("web", { pods: pods(4, { poolSize: 11 }), grant: aGrant(11) });
  const app = aWorkload("app", {
    ...{ namespace: "guest", policy: "guest/app", grant: aGrant(1), replicas: 1 },
    ...guest,
  });
  const limits = { roleLimits: { app: -1, guest: -1 }, databaseLimits: { orders: databaseLimit } };
  const database = aDatabase({ reading: aReading(limits), sights });
  const snapshot = aSnapshot({ policies, workloads: [web, app], namespaceQuotas, database });
  const { pools } = plan(snapshot, startMs);
  return pools.find(({ position }) => position.workload.name === "web")?.share;
}

test.each([
  { name: "of the server", databaseLimit: -1 },
  { name: "of a database that both log in to", databaseLimit: 150 },
])("within the limit $name", ({ databaseLimit }) => {
  const claimedBy = ["guest/app", "guest/other"];
  const honest = { claimedBy, pods: pods(1, { poolSize: 20 }) };
  const forged = { claimedBy, pods: pods(1, { poolSize: 1_000_000 }) };
  const usual = shareOfWeb({ pods: pods(1, { poolSize: 1 }) }, databaseLimit);
  expect(shareOfWeb(honest, databaseLimit)).toBeGreaterThanOrEqual(usual ?? 0);
  expect(shareOfWeb(forged, databaseLimit)).toBeGreaterThanOrEqual(usual ?? 0);
});
