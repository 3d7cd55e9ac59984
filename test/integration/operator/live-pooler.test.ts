// A live pool of PgBouncer pods on a real control plane: each pod is a real PgBouncer in front of a
// real PostgreSQL, with more clients than connections, and the operator is its follower. What
// counts is what pg_stat_activity shows all the time.
import { delimiter, dirname } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it, test } from "vitest";
import { poolSizeAnnotation } from "../../../src/api/group.ts";
import type { PoolPolicyStatus } from "../../../src/api/poolpolicy.ts";
import { type Looker, type Sampler, startSampler } from "../../support/engine-fleet.ts";
import { type Fleet, openFleet } from "../../support/fleet.ts";
import { createProcessRuntime } from "../../support/kubelet/process-runtime.ts";
import { type KubernetesObject, read, readList } from "../../support/kubernetes-rest.ts";
import { type OperatorProcess, startOperator } from "../../support/operator.ts";
import { findPgBouncer, noPgBouncer } from "../../support/pgbouncer.ts";
import { type Postgres, startPostgres } from "../../support/postgres.ts";
import { findFreePort, waitUntil } from "../../support/processes.ts";
import { buildAutoscaler, buildWorkload } from "../../support/workloads.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";

const namespace = "live-pooler";
const kubectl = inject("controlPlane");
const program = await findPgBouncer();

const maxConnections = 70;
// 3 for superusers, 10 in reserve, the operator's session, and the one that looks.
const budget = maxConnections - 3 - 10 - 1 - 1;
const plannedPods = 3;
/** A start size of 2, and one more while connections are made anew. */
const startSlots = 3;
const timeout = 150_000;

let postgres: Postgres;
let fleet: Fleet;
let operator: OperatorProcess;
let sessions: Sampler;
let port = 0;
const failures: string[] = [];

/** Of the pods that are there, with room for those that may come and for a rollout of all. */
function shareOf(count: number): number {
  const kept = (2 * plannedPods - count) * startSlots;
  return Math.floor((budget - kept) / count) - 1;
}

async function lookAtServer(): Promise<Looker> {
  const client = new pg.Client({ connectionString: postgres.uri() });
  await client.connect();
  const sql = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'app'";
  return {
    count: async () => (await client.query<{ n: number }>(sql)).rows[0]?.n ?? 0,
    end: () => client.end(),
  };
}

function pooler(): KubernetesObject {
  const variables = {
    ...{ POOL_MODE: "transaction", MAX_CLIENT_CONN: "100", CLIENTS: "60", LISTEN_PORT: `${port}` },
    ...{ DB_PORT: String(postgres.port), DB_NAME: "orders", DB_USER: "app" },
    DEFAULT_POOL_SIZE: "5",
  };
  const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
  const workload = buildWorkload("Deployment", namespace, "pgbouncer", { replicas: 0, env });
  const { template } = workload["spec"] as { template: { spec: { containers: object[] } } };
  const command = ["node", "test/support/pgbouncer-live-service.ts"];
  Object.assign(template.spec.containers[0] ?? {}, { command });
  return workload;
}

async function start(): Promise<void> {
  process.env["PATH"] = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
  postgres = await startPostgres({ maxConnections });
  await postgres.query("CREATE ROLE app LOGIN PASSWORD 'app'");
  await postgres.query("CREATE DATABASE orders");
  port = await findFreePort();
  await ensureAdmissionWorks(kubectl);
  const onOutput = (_pod: unknown, text: string): void => {
    if (/a query failed|too many clients/.test(text)) failures.push(text);
  };
  const runtime = await createProcessRuntime({ readyWhenPrinted: "ready", onOutput });
  fleet = await openFleet({ kubectl, namespace, runtime });
  await fleet.applySecret("server", { uri: postgres.uri() });
  const uri = `postgresql://administrator:administrator@pgbouncer.${namespace}.svc:${port}/`;
  await fleet.applySecret("console", { uri });
  sessions = startSampler(await lookAtServer());
  const { kubeconfigPath } = kubectl;
  const flags = ["--namespaces", namespace, "--live-pools=true"];
  operator = await startOperator({ kubeconfigPath, flags });
  await applyPolicy({ console: { secretRef: { name: "console" } } });
  await fleet.apply(pooler(), buildAutoscaler(namespace, "pgbouncer", plannedPods));
  await waitUntil("the grant", async () => {
    const grant = read(await fleet.statusOf("pooler"), "grants", "Deployment/pgbouncer");
    return read(grant, "liveVariable") === "DEFAULT_POOL_SIZE";
  });
}

async function applyPolicy(entry: object): Promise<void> {
  const poolSize = { min: 2, max: 50 };
  await fleet.applyPolicy("pooler", {
    database: { secretRef: { name: "server" }, role: "app" },
    workloads: [{ name: "pgbouncer", preset: "pgbouncer", resize: "Live", poolSize, ...entry }],
  });
}

async function pods(): Promise<readonly unknown[]> {
  const all = readList(JSON.parse(await fleet.kubectl("get pods -o json")), "items");
  return all.filter((pod) => read(pod, "metadata", "deletionTimestamp") === undefined);
}

async function sizes(): Promise<number[]> {
  const found = (await pods()).map((pod) => {
    return Number(read(pod, "metadata", "annotations", poolSizeAnnotation));
  });
  return found.sort((a, b) => a - b);
}

/** Every pod has its share, and uses it. */
async function waitUntilShared(count: number): Promise<void> {
  const share = shareOf(count);
  await expect.poll(sizes, { timeout: 90_000, interval: 500 }).toSatisfy((found: number[]) => {
    const least = Math.min(...found);
    return found.length === count && least >= share * 0.9 && Math.max(...found) <= share + 1;
  });
  const told = (await sizes()).reduce((sum, size) => sum + size, 0);
  await expect.poll(() => sessions.now(), { timeout: 30_000 }).toBe(told);
}

async function findings(): Promise<string> {
  const { findings: found = [] } = (await fleet.statusOf("pooler")) as PoolPolicyStatus;
  return found.map(({ reason, message }) => `${reason}: ${message}`).join("\n");
}

async function onConsole(command: string): Promise<void> {
  const [pod] = await pods();
  const host = String(read(pod, "status", "podIP"));
  const client = new pg.Client(
    `postgresql://administrator:administrator@${host}:${port}/pgbouncer`,
  );
  await client.connect();
  await client.query(command);
  await client.end();
}

function describePooler(): void {
  describe("a live pool of PgBouncer", () => {
    beforeAll(start, 120_000);

    afterAll(async () => {
      await operator[Symbol.asyncDispose]();
      await sessions.stop();
      await fleet[Symbol.asyncDispose]();
      await postgres.stop();
    });

    it("a pod grows to what nobody else has", { timeout }, async () => {
      await fleet.kubectl("scale deployment/pgbouncer --replicas=1");
      await waitUntilShared(1);
    });

    it("gives way to new pods, within the budget, and no query fails", { timeout }, async () => {
      await fleet.kubectl("scale deployment/pgbouncer --replicas=3");
      await waitUntilShared(3);
      expect(sessions.peak()).toBeLessThanOrEqual(budget);
      expect(failures).toEqual([]);
      expect(operator.linesWith("rollout started")).toEqual([]);
    });

    it(
      "notices what a RELOAD puts back, sets it again, and says so once",
      { timeout },
      async () => {
        const before = await sizes();
        await onConsole("RELOAD");
        await expect.poll(findings, { timeout: 30_000 }).toContain("ResizeUndone");
        await waitUntilShared(3);
        expect(await sizes()).toEqual(before);
        const events = await fleet.kubectl("get events -o json");
        const undone = readList(JSON.parse(events), "items").filter(
          (event) => read(event, "reason") === "ResizeUndone",
        );
        expect(undone).toHaveLength(1);
        expect(sessions.peak()).toBeLessThanOrEqual(budget);
      },
    );

    it("what is left grows when pods go", { timeout }, async () => {
      await fleet.kubectl("scale deployment/pgbouncer --replicas=2");
      await waitUntilShared(2);
      expect(sessions.peak()).toBeLessThanOrEqual(budget);
      expect(failures).toEqual([]);
    });

    it(
      "without a login for the consoles it cannot be live, and is told so",
      { timeout },
      async () => {
        await applyPolicy({});
        await expect.poll(findings, { timeout: 30_000 }).toMatch(/CannotBeLive.*console.secretRef/);
      },
    );
  });
}

if (program !== undefined && process.platform === "linux") describePooler();
else {
  test("a live pool of PgBouncer", (context) => {
    context.skip(program === undefined, noPgBouncer);
    context.skip("pods have addresses of their own on Linux alone");
  });
}
