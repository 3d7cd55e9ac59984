// The fleet's pools as JSON, from statuses that a real plan yields.
import { describe, expect, it } from "vitest";
import type { PoolPolicyStatus } from "../../../src/api/poolpolicy.ts";
import { plan } from "../../../src/domain/decide/plan.ts";
import { statusOf } from "../../../src/domain/explain/status.ts";
import { buildHealth, buildPoolReport } from "../../../src/render/pool-report.ts";
import type { PolicyReport } from "../../../src/render/pool-report.ts";
import { aGrant, aPolicy, aSnapshot, aWorkload, pods, startMs } from "../../support/builders.ts";

const web = aWorkload("web", {
  pods: pods(3, { poolSize: 6 }),
  autoscalerMaxReplicas: 15,
  grant: aGrant(6),
});

/** The example of the design: 3 of 15 planned pods run, each with a pool of 6. */
function exampleStatus(): PoolPolicyStatus {
  const policy = aPolicy();
  const status = statusOf(
    plan(aSnapshot({ policies: [policy], workloads: [web] }), startMs),
    policy,
  );
  const env = [
    { name: "DB_POOL_MIN_SIZE", value: "1" },
    { name: "DB_POOL_MAX_SIZE", value: "6" },
  ];
  return { ...status, grants: { "Deployment/web": { container: "app", poolSize: 6, env } } };
}

function reportOf(status: PoolPolicyStatus): PolicyReport {
  return { namespace: "shop", name: "orders", status };
}

describe("/metrics/db-pool", () => {
  it("has the numbers of the ledger, and the bounds of one pool", () => {
    const report = buildPoolReport([reportOf(exampleStatus())]);

    expect(report).toEqual({
      "shop/orders/Deployment/web": { size: 90, free: 72, used: 18, min_size: 1, max_size: 6 },
    });
  });

  it("in another delivery the numbers are the same", () => {
    const report = buildPoolReport([reportOf({ ...exampleStatus(), grants: {} })]);

    expect(report["shop/orders/Deployment/web"]).toMatchObject({ min_size: 1, max_size: 6 });
  });

  it("a workload whose name begins like another's has its own numbers", () => {
    const api = aWorkload("web-api", { pods: pods(2, { poolSize: 3 }), grant: aGrant(3) });
    const policy = aPolicy();
    const snapshot = aSnapshot({ policies: [policy], workloads: [web, api] });

    const report = buildPoolReport([reportOf(statusOf(plan(snapshot, startMs), policy))]);

    for (const { size, free, used } of Object.values(report)) expect(free + used).toBe(size);
    expect(report["shop/orders/Deployment/web"]?.used).not.toBe(
      report["shop/orders/Deployment/web-api"]?.used,
    );
  });

  it("a policy that was never decided on has no pools", () => {
    expect(buildPoolReport([reportOf({})])).toEqual({});
    expect(buildPoolReport([])).toEqual({});
  });
});

function conditionsWith(type: string, status: string): PoolPolicyStatus {
  const example = exampleStatus();
  const conditions = example.conditions?.map((condition) =>
    condition.type === type ? { ...condition, status } : condition,
  );
  return { ...example, conditions } as PoolPolicyStatus;
}

/** DatabaseReachable has this reason. */
function saying(reason: string, status = "True"): PoolPolicyStatus {
  const example = conditionsWith("WithinBudget", "True");
  const conditions = example.conditions?.map((condition) =>
    condition.type === "DatabaseReachable" ? { ...condition, status, reason } : condition,
  );
  return { ...example, conditions } as PoolPolicyStatus;
}

function failing(reason: string): PoolPolicyStatus {
  return saying(reason, "False");
}

describe("/health", () => {
  it("says which server and which pools are well", () => {
    expect(buildHealth([reportOf(conditionsWith("WithinBudget", "True"))])).toEqual({
      status: "healthy",
      services: {
        database: {
          status: "healthy",
          healthy: true,
          servers: { "db.shop.svc:5432": { healthy: true } },
          pools: { "shop/orders/Deployment/web": { status: "healthy", size: 90, free: 72 } },
        },
      },
    });
  });

  it("has a service of its own for each kind of server, and says which is not well", () => {
    const engine = { server: "redis.shop.svc:6379", engine: "Redis" };
    const cache = { ...reportOf({ ...failing("DatabaseTimeout"), ...engine }), name: "cache" };
    const mysql = { ...reportOf({ ...exampleStatus(), engine: "MySQL" }), name: "mysql" };
    const { status, services } = buildHealth([
      reportOf(conditionsWith("WithinBudget", "True")),
      cache,
      mysql,
    ]);

    expect(status).toBe("unhealthy");
    expect(Object.keys(services)).toEqual(["database", "redis"]);
    expect(services.database).toMatchObject({ status: "healthy", healthy: true });
    expect(Object.keys(services.database.pools)).toHaveLength(2);
    expect(services["redis"]).toMatchObject({
      status: "unhealthy",
      healthy: false,
      servers: { "redis.shop.svc:6379": { healthy: false } },
      pools: { "shop/cache/Deployment/web": { status: "unhealthy" } },
    });
  });

  it("takes a kind of server that it does not know for a database", () => {
    const { services } = buildHealth([reportOf({ ...exampleStatus(), engine: "Next" })]);
    expect(Object.keys(services)).toEqual(["database"]);
  });

  it.each<{ type: string; status: string; wantStatus: string; wantDatabase: boolean }>([
    { type: "DatabaseReachable", status: "False", wantStatus: "unhealthy", wantDatabase: false },
    { type: "DatabaseReachable", status: "Unknown", wantStatus: "healthy", wantDatabase: true },
    { type: "WithinBudget", status: "False", wantStatus: "unhealthy", wantDatabase: true },
    { type: "Feasible", status: "False", wantStatus: "unhealthy", wantDatabase: true },
    { type: "Applied", status: "False", wantStatus: "healthy", wantDatabase: true },
  ])("$type $status: $wantStatus", ({ type, status, wantStatus, wantDatabase }) => {
    const reason = status === "True" ? "Connected" : "AnyOther";
    const { conditions } = conditionsWith(type, status);
    const told = conditions?.map((one) => (one.type === type ? { ...one, reason } : one));
    const health = buildHealth([reportOf({ ...exampleStatus(), conditions: told ?? [] })]);

    expect(health.status).toBe(wantStatus);
    expect(health.services.database.healthy).toBe(wantDatabase);
  });

  const well = reportOf(conditionsWith("WithinBudget", "True"));
  const refused = { ...reportOf(failing("AuthenticationFailed")), namespace: "tenant" };
  const declared = { ...reportOf(saying("DeclaredOnly")), namespace: "tenant" };

  it.each([
    { name: "whose login reads it, and one whose login is refused", reports: [well, refused] },
    { name: "whose login is refused, and one whose login reads it", reports: [refused, well] },
    { name: "that declare its limit", reports: [declared, declared] },
  ])("a server is well for policies $name", ({ reports }) => {
    const { database } = buildHealth(reports).services;
    expect(database.servers).toEqual({ "db.shop.svc:5432": { healthy: true } });
    expect(database.healthy).toBe(true);
  });

  it("a login that is refused makes its own policy unhealthy, and so the whole", () => {
    const { status, services } = buildHealth([well, refused]);
    const words = Object.entries(services.database.pools).map(([key, pool]) => [key, pool.status]);
    expect(Object.fromEntries(words)).toEqual({
      "shop/orders/Deployment/web": "healthy",
      "tenant/orders/Deployment/web": "unhealthy",
    });
    expect(status).toBe("unhealthy");
  });

  it.each([
    { name: "all of whose logins are refused", reports: [refused, refused] },
    { name: "that a refused login asks for, and others declare", reports: [declared, refused] },
  ])("a server is unhealthy $name", ({ reports }) => {
    const { database } = buildHealth(reports).services;
    expect(database.servers).toEqual({ "db.shop.svc:5432": { healthy: false } });
    expect(database.healthy).toBe(false);
  });

  it("without policies there is nothing unhealthy", () => {
    expect(buildHealth([]).status).toBe("healthy");
  });
});
