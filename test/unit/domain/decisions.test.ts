// What several servers that are decided together have in common: nothing grows on any of them for
// what is unknown of one, and turns of namespaces are those of the latest act on any.
import { expect, test } from "vitest";
import type { Snapshot } from "../../../src/domain/facts/facts.ts";
import { planUnit } from "../../../src/domain/decide/plan-unit.ts";
import * as build from "../../support/builders.ts";

const policy = build.aPolicy("orders");
const web = build.aWorkload("web", {
  pods: build.pods(2, { poolSize: 2 }),
  grant: build.aGrant(2),
});
const other = build.aWorkload("other", {
  policy: "bank/ledger",
  namespace: "bank",
  pods: build.pods(2, { poolSize: 2 }),
  grant: build.aGrant(2),
});

function growthOf(onReplica: Partial<Snapshot>): readonly string[] {
  const primary = build.aSnapshot({
    server: "db:5432",
    policies: [policy, build.aPolicy("ledger", { namespace: "bank" })],
    workloads: [web, other],
  });
  const replica = build.aSnapshot({
    server: "db-ro:5432",
    policies: [{ ...policy, isReplica: true }],
    workloads: [web],
    ...onReplica,
  });
  const [first] = planUnit([primary, replica], build.startMs);
  return (first?.pools ?? []).map(({ position, grant }) => {
    return `${position.workload.name} ${grant.decision}`;
  });
}

test.each<{ readonly name: string; readonly onReplica: Partial<Snapshot>; readonly want: string }>([
  { name: "all grow where everything is known", onReplica: {}, want: "other Grow,web Grow" },
  {
    name: "what connects to a server that does not answer waits",
    onReplica: {
      database: build.aDatabase({ failure: { reason: "DatabaseTimeout", message: "silent" } }),
    },
    want: "other Grow,web Wait",
  },
  {
    name: "what connects to a server on which a policy is awaited waits",
    onReplica: { awaitedPolicies: [{ key: "shop/new", namespace: "shop", isHold: true }] },
    want: "other Grow,web Wait",
  },
  {
    name: "all wait while the caches are not filled",
    onReplica: { synced: false },
    want: "other Wait,web Wait",
  },
])("$name", ({ onReplica, want }) => {
  expect(growthOf(onReplica).join()).toBe(want);
});

test("a pool that may not grow beside what is in doubt on one server does not", () => {
  const doubted = build.aDatabase({ reading: build.aReading({ maxConnections: 200 }) });
  const sessions = [
    { user: "app", database: "orders", applicationName: "", address: "10.0.0.9", count: 60 },
  ];
  const sessionSamples = [{ atMs: 0, sessions, newForMs: 3_000 }];
  expect(growthOf({ database: { ...doubted, sessionSamples } })).not.toContain("web Unchanged");
});
