// What several servers that are decided together have in common: nothing grows on any of them for
// what is unknown of one, and turns of namespaces are those of the latest act on any.
import { describe, expect, test } from "vitest";
import type { Snapshot } from "../../../src/domain/facts/facts.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
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
    name: "nobody waits for a policy of another namespace that was waited for long enough",
    onReplica: { awaitedPolicies: [{ key: "bank/new", namespace: "bank", isHold: false }] },
    want: "other Grow,web Grow",
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

describe("beside a grant that shrank from 80 to 10 and has yet to settle, 100 slots", () => {
  const unsettledUntilMs = build.startMs + 1;
  const shrunk = (replicas: number, more: object = {}): ReturnType<typeof build.aWorkload> =>
    build.aWorkload("shrunk", {
      policy: "bank/ledger",
      namespace: "bank",
      replicas,
      pods: build.pods(replicas, { poolSize: 10 }),
      grant: build.aGrant(10, { settlingPoolSize: 80, unsettledUntilMs, ...more }),
    });
  const sizeBeside = (one: ReturnType<typeof build.aWorkload>): number => {
    const policies = [policy, build.aPolicy("ledger", { namespace: "bank" })].map((each) => ({
      ...each,
      spec: { ...each.spec, reserve: { connections: 0, rollouts: 0 } },
    }));
    const workloads = [{ ...web, replicas: 2 }, one];
    const snapshot = build.aSnapshot({ policies, workloads, maxConnections: 103 });
    const { pools } = plan(snapshot, build.startMs);
    return pools.find(({ position }) => position.workload.name === "web")?.grant.poolSize ?? 0;
  };

  test.each([
    { name: "grows whoever likes, if it holds nothing", other: shrunk(0), want: 50 },
    { name: "nobody grows into what it may still hold", other: shrunk(1), want: 10 },
    {
      name: "nobody grows into what the grant before it was",
      other: shrunk(1, { unsettledPoolSize: 90 }),
      want: 5,
    },
    {
      name: "everybody grows once it has settled",
      other: shrunk(1, { unsettledUntilMs: build.startMs }),
      want: 25,
    },
  ])("$name", ({ other: one, want }) => {
    expect(sizeBeside(one)).toBe(want);
  });
});
