// What keeps a pool from being larger, in a few words.

import { expect, test } from "vitest";
import { plan } from "../../../src/domain/decide/plan.ts";
import { boundBy } from "../../../src/domain/explain/bound-by.ts";
import type { Snapshot } from "../../../src/domain/facts/facts.ts";
import { aDatabase, aPolicy, aSizing, aSnapshot, aWorkload } from "../../support/builders.ts";

const web = aWorkload("web", { replicas: 4 });

test.each<{ name: string; snapshot: Partial<Snapshot>; want: string }>([
  { name: "the server's budget", snapshot: {}, want: "the server" },
  {
    name: "its own poolSize.max",
    snapshot: {
      policies: [
        aPolicy("orders", { spec: { workloads: [{ name: "web", poolSize: { max: 5 } }] } }),
      ],
      workloads: [{ ...web, sizing: aSizing({ ceiling: 5 }) }],
    },
    want: "poolSize.max 5",
  },
  {
    name: "the ceiling of its profile",
    snapshot: { workloads: [{ ...web, sizing: aSizing({ ceiling: 5 }) }] },
    want: "the usual ceiling 5",
  },
  {
    name: "a server that has room for no more than floors",
    snapshot: { workloads: [aWorkload("web", { replicas: 46 })] },
    want: "the server: it has its floor",
  },
  {
    name: "floors that do not fit",
    snapshot: { workloads: [aWorkload("web", { replicas: 90 })] },
    want: "the server, where the floors do not fit",
  },
  {
    name: "nothing that is known",
    snapshot: { database: aDatabase({ reading: undefined }) },
    want: "the limit is not known",
  },
  {
    name: "pods that nobody plans",
    snapshot: { workloads: [aWorkload("web", { replicas: 0 })] },
    want: "no pods are planned",
  },
  {
    name: "the quota of its namespace",
    snapshot: {
      workloads: [web],
      namespaceQuotas: [{ namespace: "shop", amount: 40, unit: "slots" }],
    },
    want: "the quota of namespace shop (--namespace-quotas)",
  },
])("it is bound by $name", ({ snapshot, want }) => {
  const decided = plan(aSnapshot({ workloads: [web], ...snapshot }), 0);
  const [pool] = decided.pools;
  expect(pool && boundBy(decided, pool)).toBe(want);
});
