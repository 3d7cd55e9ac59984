// What a person and a monitoring system get to read: kubectl get and describe, events, metrics,
// probes and JSON. Numbers are held against the server's own and the pods' own.
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { PoolPolicyStatus } from "../../../src/api/poolpolicy.ts";
import { budgetOn, openFleet, sumOfSlots } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { read, readList } from "../../support/kubernetes-rest.ts";
import { ledgerComplaints, readLedger } from "../../support/ledger-check.ts";
import { launchOperator, startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { waitUntil } from "../../support/processes.ts";
import { buildAutoscaler, buildWorkload } from "../../support/workloads.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";

const namespace = "saying";
const kubectl = inject("controlPlane");
const env = [{ name: "DB_POOL_MAX_SIZE", value: "50" }];

let postgres: Postgres;
let fleet: Fleet;
let operator: OperatorProcess;
let budget: number;

beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 200, reservedConnections: 2 });
  budget = await budgetOn(postgres);
  await ensureAdmissionWorks(kubectl);
  fleet = await openFleet({ kubectl, namespace });
  await fleet.apply(
    buildWorkload("Deployment", namespace, "web", { replicas: 3, env }),
    buildAutoscaler(namespace, "web", 6),
  );
  await fleet.waitForPods("web", 3, 50);
  await fleet.applySecret("orders-db", { uri: postgres.uri() });
  operator = await startOperator({
    kubeconfigPath: kubectl.kubeconfigPath,
    flags: ["--namespaces", namespace],
  });
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
  await postgres.stop();
});

async function applyOrders(more: object): Promise<void> {
  await fleet.applyPolicy("orders", {
    database: { secretRef: { name: "orders-db" } },
    workloads: [{ selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } }],
    ...more,
  });
}

describe("mode Observe", () => {
  it("says what would be right, and changes nothing", async () => {
    const before = await fleet.deployment("web");
    const uids = (await fleet.pods()).map(({ metadata }) => metadata.uid).sort();
    await applyOrders({ mode: "Observe" });

    await fleet.waitForCondition("orders", "WithinBudget", { status: "False" });
    await fleet.waitForCondition("orders", "Applied", { status: "Unknown", reason: "Observing" });

    const status = await fleet.statusOf("orders");
    const [row] = readList(status, "workloads");
    // Six planned pods, and six more while a new version rolls out.
    expect(read(row, "wantedPoolSize")).toBe(Math.floor(budget / 12));
    expect(read(row, "poolSize")).toBe(50);
    expect(read(status, "grants")).toBe(undefined);
    await fleet.kubectl("scale deployment/web --replicas=4");
    await fleet.waitForPods("web", 4, 50);
    const after = await fleet.deployment("web");
    expect(read(after, "spec", "template")).toEqual(read(before, "spec", "template"));
    const now = (await fleet.pods()).map(({ metadata }) => metadata.uid);
    expect(now).toEqual(expect.arrayContaining(uids));
    await fleet.kubectl("scale deployment/web --replicas=3");
    await fleet.waitForPods("web", 3, 50);
  });
});

describe("mode Enforce", () => {
  beforeAll(async () => {
    await applyOrders({});
    await fleet.waitForReady("orders");
  });

  it("kubectl get shows what is used of what, workloads and readiness", async () => {
    const [head = "", row = ""] = (await fleet.kubectl("get pp")).split("\n");
    expect(head.split(/\s+/).slice(0, 5)).toEqual(["NAME", "USED", "BUDGET", "WORKLOADS", "READY"]);
    const used = 12 * Math.floor(budget / 12);
    expect(row.split(/\s+/).slice(0, 5)).toEqual([
      "orders",
      String(used),
      String(budget),
      "1",
      "True",
    ]);
  });

  it("kubectl describe shows conditions, the ledger, and events with the arithmetic", async () => {
    const said = await fleet.kubectl("describe pp orders");

    for (const type of ["Ready", "DatabaseReachable", "WithinBudget", "Feasible", "Applied"]) {
      expect(said).toMatch(new RegExp(`Type:\\s+${type}`));
    }
    const share = Math.floor(budget / 12);
    expect(said).toMatch(/Events:/);
    expect(said).toMatch(
      new RegExp(
        `GrantChanged .*Deployment/web next pods get 50→${share}; .*the budget is ${budget}`,
      ),
    );
    expect(said).toMatch(new RegExp(`RollStarted .*Deployment/web: rollout to pool size ${share}`));
    expect(said).toMatch(/ \d+ {2}room for rollouts: web\n/);
  });

  it("the ledger adds up to what the server itself says, each slot once", async () => {
    const status = (await fleet.statusOf("orders")) as PoolPolicyStatus;
    const [row] = await postgres.query("SELECT current_setting('max_connections')::int AS n");
    expect(ledgerComplaints(status)).toEqual([]);
    const { lines, sum } = readLedger(status.ledger ?? []);
    expect(sum).toBe(row?.["n"]);
    expect(lines).toContainEqual({ text: "superuser_reserved_connections", slots: 3 });
    expect(lines).toContainEqual({ text: "reserved_connections", slots: 2 });
    const held = lines.find(({ text }) => text.startsWith("Deployment/web: 3 pods"));
    expect(held?.slots).toBe(sumOfSlots(await fleet.pods("web")));
  });

  it("the workload's owner reads the same events on the Deployment", async () => {
    const said = await fleet.kubectl("describe deployment web");
    expect(said).toMatch(/GrantChanged .*poolwarden\.dev\/poolwarden .*next pods get 50→/);
    expect(said).toMatch(/RollStarted/);
  });

  it("each change is told once", async () => {
    const events = await fleet.kubectl("get events.events.k8s.io -o json");
    const notes = readList(JSON.parse(events), "items")
      .filter((one) => read(one, "reportingController") === "poolwarden.dev/poolwarden")
      .map((one) => `${String(read(one, "regarding", "kind"))} ${String(read(one, "note"))}`);
    expect(notes.length).toBeGreaterThan(0);
    expect(new Set(notes).size).toBe(notes.length);
  });

  it("/metrics has the gauges of the ledger, with the same numbers", async () => {
    const share = Math.floor(budget / 12);
    const workload = { policy: "orders", workload: "Deployment/web" };
    const wanted: Readonly<Record<string, number>> = {
      poolwarden_max_connections: 200,
      poolwarden_capacity_slots: 195,
      poolwarden_reserve_slots: 10,
      poolwarden_budget_slots: budget,
      poolwarden_used_slots: 12 * share,
      poolwarden_room_slots: 6 * share,
      poolwarden_over_budget_slots: 0,
      poolwarden_foreign_sessions: 0,
      poolwarden_database_up: 1,
    };
    for (const [name, value] of Object.entries(wanted)) {
      expect([name, await operator.metric(name)]).toEqual([name, value]);
    }
    expect(await operator.metric("poolwarden_workload_pool_size", workload)).toBe(share);
    expect(await operator.metric("poolwarden_workload_pods", workload)).toBe(3);
    expect(await operator.metric("poolwarden_workload_planned_pods", workload)).toBe(6);
    expect(await operator.metric("poolwarden_cache_objects", { kind: "Pod" })).toBe(3);
    const ready = { policy: "orders", type: "Ready", status: "True" };
    expect(await operator.metric("poolwarden_policy_condition", ready)).toBe(1);
    expect(await operator.metric("poolwarden_grants_total")).toBe(1);
    expect(await operator.metric("poolwarden_rolls_total")).toBe(1);
  });

  it("sessions of others are foreign: named, counted, and taken from the budget", async () => {
    await using sessions = new AsyncDisposableStack();
    for (let session = 0; session < 3; session++) {
      const client = new pg.Client({ connectionString: postgres.uri(), application_name: "psql" });
      await client.connect();
      sessions.defer(() => client.end());
    }

    await waitUntil("the foreign sessions", async () => {
      return (await operator.metric("poolwarden_foreign_sessions")) === 3;
    });

    expect(await operator.metric("poolwarden_budget_slots")).toBe(budget - 3);
    const findings = JSON.stringify(read(await fleet.statusOf("orders"), "findings"));
    expect(findings).toContain("psql by postgres from 127.0.0.1 (3)");
  });

  it("/metrics/db-pool and /health give the fleet's pools in the form of a service's own", async () => {
    const share = Math.floor((budget - 3) / 12);
    await fleet.waitForReady("orders");
    const key = `${namespace}/orders/Deployment/web`;

    const pools = JSON.parse((await operator.get("/metrics/db-pool")).body) as object;
    expect(pools).toMatchObject({
      [key]: { size: 6 * share, max_size: share, min_size: Math.floor(share / 5) },
    });

    const health = JSON.parse((await operator.get("/health")).body) as object;
    expect(health).toMatchObject({
      status: "healthy",
      services: {
        database: { healthy: true, servers: { [`127.0.0.1:${postgres.port}`]: { healthy: true } } },
      },
    });
  });

  it("probes answer, and what is no page is a 404", async () => {
    for (const path of ["/livez", "/healthz", "/readyz"]) {
      expect(await operator.get(path)).toEqual({ status: 200, body: "ok\n" });
    }
    expect((await operator.get("/nowhere")).status).toBe(404);
  });
});

it("a policy that goes leaves no gauge behind", async () => {
  await fleet.kubectl("delete pp orders");

  await waitUntil("the gauges to be gone", async () => {
    const { body } = await operator.get("/metrics");
    return !body.includes('policy="orders"') && !body.includes("poolwarden_budget_slots{");
  });
});

it("another operator that may see one namespace leaves the others alone", async () => {
  await applyOrders({});
  await fleet.waitForReady("orders");
  await operator.stop();
  const before = await fleet.kubectl("get pp orders -o yaml");
  operator = await launchOperator({
    kubeconfigPath: kubectl.kubeconfigPath,
    flags: ["--namespaces", "default,elsewhere"],
  });
  await operator.waitUntilReady();

  await fleet.kubectl("scale deployment/web --replicas=6");
  await fleet.waitForPods("web", 6);
  for (const kind of ["PoolPolicy", "Deployment", "Pod"]) {
    expect(await operator.metric("poolwarden_cache_objects", { kind })).toBe(0);
  }
  expect(await operator.metric("poolwarden_writes_total")).toBe(0);
  expect(await fleet.kubectl("get pp orders -o yaml")).toBe(before);
});
