// Servers that are decided together: a policy whose pods connect to a primary and to a replica,
// beside policies that count on one of them alone.
import { describe, expect, test } from "vitest";
import type { PolicyFacts, PoolFacts, Snapshot } from "../../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../../src/domain/decide/plan.ts";
import { planUnit } from "../../../src/domain/decide/plan-unit.ts";
import { rowOf } from "../../../src/domain/explain/rows.ts";
import { conditionsFor } from "../../../src/domain/explain/verdict.ts";
import * as build from "../../support/builders.ts";

const primary = "db.shop.svc:5432";
const replica = "db-ro.shop.svc:5432";

const orders = build.aPolicy("orders");
const onReplica: PolicyFacts = { ...orders, isReplica: true };
const reports = build.aPolicy("reports");

/** Rolls at most one pod beside the planned ones, which hold `poolSize` each by a grant. */
function aFleet(name: string, pods: number, poolSize: number, policy = "shop/orders"): PoolFacts {
  return build.aWorkload(name, {
    policy,
    pods: build.pods(pods, { poolSize }),
    waitsForTermination: true,
    grant: build.aGrant(poolSize),
  });
}

function aServer(server: string, maxConnections: number, more: Partial<Snapshot>): Snapshot {
  return build.aSnapshot({
    server,
    database: build.aDatabase({ reading: build.aReading({ maxConnections }) }),
    ...more,
  });
}

interface Fleets {
  readonly primaryMax: number;
  readonly replicaMax: number;
  readonly web: PoolFacts;
  readonly ofReports?: readonly PoolFacts[];
  readonly ofPrimary?: readonly PoolFacts[];
}

/** Capacity is 3 less than each maximum, and 10 of it are kept as the reserve. */
function decide({ primaryMax, replicaMax, web, ofReports = [], ofPrimary = [] }: Fleets): Plan[] {
  const onPrimary = aServer(primary, primaryMax, {
    policies: [orders],
    workloads: [web, ...ofPrimary],
  });
  const policies = [onReplica, reports];
  const onOther = aServer(replica, replicaMax, { policies, workloads: [web, ...ofReports] });
  return [...planUnit([onOther, onPrimary], build.startMs)].reverse();
}

function sharesOf({ pools }: Plan): Record<string, number> {
  return Object.fromEntries(pools.map(({ position, share }) => [position.workload.name, share]));
}

describe("a unit of a primary and a replica", () => {
  test("of one server is the plan of that server", () => {
    const snapshot = aServer(primary, 200, {
      policies: [orders],
      workloads: [aFleet("web", 3, 9)],
    });
    const [one] = planUnit([snapshot], build.startMs);
    const { limits, rolls, ...alone } = plan(snapshot, build.startMs);
    expect(one).toMatchObject(JSON.parse(JSON.stringify({ pools: alone.pools })) as object);
    expect(rolls.roll).toEqual(one?.rolls.roll);
    expect(limits.narrow).toEqual([]);
  });

  test.each([
    { name: "the replica is tighter", primaryMax: 200, replicaMax: 60, want: 9 },
    { name: "the primary is tighter", primaryMax: 50, replicaMax: 200, want: 7 },
    { name: "both are alike", primaryMax: 60, replicaMax: 60, want: 9 },
  ])("gives what both have room for: $name", ({ primaryMax, replicaMax, want }) => {
    // 4 planned pods, and 1 in a rollout.
    const plans = decide({ primaryMax, replicaMax, web: aFleet("web", 4, 1) });
    expect(plans.map((one) => sharesOf(one)["web"])).toEqual([want, want]);
    for (const { exposure, budgetSlots } of plans) {
      expect(exposure.slots).toBeLessThanOrEqual(budgetSlots ?? 0);
    }
  });

  test("says in the row, and in WithinBudget, that the replica binds", () => {
    const [ofPrimary] = decide({ primaryMax: 200, replicaMax: 60, web: aFleet("web", 4, 9) });
    const [pool] = ofPrimary?.pools ?? [];
    if (!ofPrimary || !pool) throw new Error("nothing was decided");
    expect(rowOf(ofPrimary, pool).message).toContain(`limited by server ${replica}`);
    const within = conditionsFor(ofPrimary, orders).find(({ type }) => type === "WithinBudget");
    expect(within?.status).toBe("True");
    expect(within?.message).toContain(`server ${replica} may use up to 45 slots`);
  });

  test("shares the replica with those that count there alone", () => {
    const daily = aFleet("daily", 4, 1, "shop/reports");
    const web = aFleet("web", 4, 1);
    const plans = decide({ primaryMax: 300, replicaMax: 113, web, ofReports: [daily] });
    // 99 slots for 4 pods of each, and one more of the larger.
    const [onPrimary, onOther] = plans.map(sharesOf);
    expect(onOther).toEqual({ daily: 11, web: 11 });
    expect(onPrimary).toEqual({ web: 11 });
  });

  test("leaves what the replica keeps from a pool to those that count on the primary alone", () => {
    const batch = aFleet("batch", 4, 1);
    const plans = decide({
      ...{ primaryMax: 114, replicaMax: 34, web: aFleet("web", 4, 1) },
      ofPrimary: [batch],
    });
    // Replica: 20 slots / 5 pods. Primary: 100 - 4 x 4 for 4 pods and one in a rollout.
    expect(sharesOf(plans[0] as Plan)).toEqual({ batch: 17, web: 4 });
  });

  test("starts a roll once, by the server on which its policy counts", () => {
    const web = { ...aFleet("web", 4, 30), grant: build.aGrant(9) };
    const plans = decide({ primaryMax: 400, replicaMax: 60, web });
    expect(plans.map(({ rolls }) => rolls.roll?.position.workload.name)).toEqual([
      "web",
      undefined,
    ]);
  });

  test("keeps the size of a pool while nobody knows a server of it, and decides for others", () => {
    const web = aFleet("web", 4, 5);
    const batch = aFleet("batch", 4, 1, "shop/reports");
    const policies = [orders, reports];
    const known = aServer(primary, 114, { policies, workloads: [web, batch] });
    const unknown = build.aSnapshot({
      server: replica,
      database: build.aDatabase({ reading: undefined }),
      policies: [onReplica],
      workloads: [web],
    });
    const [onPrimary, onOther] = planUnit([known, unknown], build.startMs);
    expect(onOther?.budgetSlots).toBeUndefined();
    expect(sharesOf(onPrimary as Plan)).toEqual({ batch: 16, web: 5 });
  });

  test("lets nothing grow whose replica does not answer", () => {
    const web = aFleet("web", 4, 5);
    const onPrimary = aServer(primary, 300, { policies: [orders], workloads: [web] });
    const silent = aServer(replica, 300, { policies: [onReplica], workloads: [web] });
    const failure = { reason: "DatabaseUnreachable", message: "no route" } as const;
    const away = { ...silent, database: { ...silent.database, failure } };
    const [decided] = planUnit([onPrimary, away], build.startMs);
    expect(decided?.pools.map(({ grant }) => grant.decision)).toEqual(["Wait"]);
    const [answered] = planUnit([onPrimary, silent], build.startMs);
    expect(answered?.pools.map(({ grant }) => grant.decision)).toEqual(["Grow"]);
  });
});

test("a repair waits for the reading of each server that shows sessions of pods that are gone", () => {
  const web = { ...aFleet("web", 4, 12), grant: build.aGrant(9) };
  const onPrimary = aServer(primary, 400, { policies: [orders], workloads: [web] });
  // Its whole fleet may run twice, so that there is room for the sessions as well.
  const daily = { ...aFleet("daily", 4, 12, "shop/reports"), waitsForTermination: false };
  const onOther = aServer(replica, 150, {
    policies: [onReplica, reports],
    workloads: [web, daily],
  });
  const gone = {
    user: "app",
    database: "orders",
    applicationName: "",
    address: "10.0.0.9",
    count: 3,
  };
  const spans = new Map([["10.0.0.9", [{ fromMs: -1e6, untilMs: 1e15 }]]]);
  const { reading } = onOther.database;
  const database = {
    ...build.aDatabase({ reading: reading && { ...reading, sessions: [gone] }, isOld: true }),
    fleetAddresses: spans,
  };
  const [rolled] = planUnit([onPrimary, onOther], build.startMs);
  expect(rolled?.rolls.roll?.poolSize).toBe(9);
  const [decided] = planUnit([onPrimary, { ...onOther, database }], build.startMs);
  expect(decided?.rolls.roll).toBeUndefined();
  expect(decided?.rolls.waiting.map(({ obstacle }) => obstacle.needsReading)).toEqual([true]);
});

test("an eviction on one server is waited for, although the other served the namespace later", () => {
  const web = build.aWorkload("web", {
    ...{ pods: build.pods(3, { poolSize: 55 }), grant: build.aGrant(8), replicas: 3 },
    policy: "shop/orders",
  });
  const evictedOf = "shop/Deployment/no-longer-selected";
  const evicted = { evictedAtMs: build.startMs - 60_000, evictedOf };
  const actsWith = (onPrimary: Snapshot["served"], onOther: Snapshot["served"]): number => {
    const servers = [
      aServer(primary, 100, { policies: [orders], workloads: [web], served: onPrimary ?? {} }),
      aServer(replica, 100, { policies: [onReplica], workloads: [web], served: onOther ?? {} }),
    ];
    return planUnit(servers, build.startMs).filter(({ rolls }) => rolls.eviction ?? rolls.roll)
      .length;
  };

  const rolled = { rolledAtMs: build.startMs - 30_000 };
  expect(actsWith({}, { shop: rolled })).toBeGreaterThan(0);
  expect(actsWith({ shop: evicted }, {})).toBe(0);
  expect(actsWith({ shop: evicted }, { shop: rolled })).toBe(0);
});
