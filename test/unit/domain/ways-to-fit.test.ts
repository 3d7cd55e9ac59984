// The ways out of what does not fit: each one that is named works for the pools that ask for it.

import { describe, expect, test } from "vitest";
import { plan } from "../../../src/domain/decide/plan.ts";
import { conditionsFor } from "../../../src/domain/explain/verdict.ts";
import { unusedEntries } from "../../../src/domain/explain/unused-entries.ts";
import type { PoolFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import { aDatabase, aPolicy, aSnapshot, aWorkload, startMs } from "../../support/builders.ts";

const policy = aPolicy();

function fixOf(workloads: readonly PoolFacts[], more: Partial<Snapshot> = {}): string {
  const given = aSnapshot({ maxConnections: 40, policies: [policy], workloads, ...more });
  const verdict = conditionsFor(plan(given, startMs), policy).find(
    ({ type }) => type === "Feasible",
  );
  expect(verdict?.reason).toBe("Infeasible");
  return /To fix: (.*)$/.exec(verdict?.message ?? "")?.[1] ?? "";
}

const many = { replicas: 20, sizing: { floor: 3 } };

describe("the ways out of floors that do not fit", () => {
  test.each<{ name: string; workloads: readonly PoolFacts[]; want: string }>([
    {
      name: "of replicas that are asked for",
      workloads: [aWorkload("web", many)],
      want: "a lower poolSize.min, fewer planned pods (replicas), or more connections",
    },
    {
      name: "of an autoscaler's maximum",
      workloads: [aWorkload("web", { ...many, replicas: 2, autoscalerMaxReplicas: 20 })],
      want: "a lower poolSize.min, fewer planned pods (maxReplicas), or more connections",
    },
    {
      name: "of an autoscaler that nobody plans by, and maxPods",
      workloads: [
        aWorkload("web", {
          ...{ ...many, replicas: 2, autoscalerMaxReplicas: 20 },
          ...{ plannedPods: "Current", maxPods: 30 },
        }),
      ],
      want: "a lower poolSize.min, fewer planned pods (maxPods), or more connections",
    },
    {
      name: "of pools of 1",
      workloads: [aWorkload("web", { replicas: 60, sizing: { floor: 1 } })],
      want: "fewer planned pods (replicas), or more connections",
    },
    {
      name: "of a pool that is only counted",
      workloads: [
        aWorkload("web", {
          ...{ replicas: 20, isCounted: true, container: undefined },
          template: { poolSize: 10, source: "literal" },
        }),
      ],
      want: "smaller pools where Poolwarden sets no size, fewer planned pods (replicas), or more connections",
    },
    {
      name: "of a minimum that stands in the template",
      workloads: [aWorkload("web", { replicas: 20, leastPoolSize: 6, sizing: { floor: 6 } })],
      want:
        "a smaller minimum in the template (MinimumInTemplate), fewer planned pods (replicas), " +
        "or more connections",
    },
    {
      name: "of several, each of which asks for something else",
      workloads: [
        aWorkload("web", many),
        aWorkload("api", { ...many, replicas: 2, autoscalerMaxReplicas: 20 }),
      ],
      want: "a lower poolSize.min, fewer planned pods (replicas, maxReplicas), or more connections",
    },
  ])("$name", ({ workloads, want }) => {
    expect(fixOf(workloads)).toBe(want);
  });

  test("of a declared maximum, which says whose it is", () => {
    const address = { address: "db.shop.svc:5432", maxConnections: 40 };
    const own = aPolicy("orders", { spec: { database: address } });
    const database = aDatabase({ reading: undefined });
    expect(fixOf([aWorkload("web", many)], { policies: [own], database })).toContain(
      "or a larger maxConnections of policy shop/orders, as far as the server has more",
    );
  });
});

describe("an entry that sizes nothing", () => {
  const noRoom = { reason: "TooManyPools", severity: "degraded", message: "" } as const;

  test.each([
    ["by name", { name: "web" }],
    ["by labels", { selector: { matchLabels: { app: "web" } } }],
  ])("because a namespace has no room for its pool is not told as unused: %s", (_, entry) => {
    const entries = [{ name: "web" }, { ...entry, pool: "reports" }];
    const own = aPolicy("orders", { spec: { workloads: entries } });
    const workloads = [aWorkload("web", { findings: [noRoom] })];
    const made = plan(aSnapshot({ policies: [own], workloads }), startMs);
    expect(unusedEntries(made, own, made.positions)).toEqual([]);
  });
});
