// Real pools in real processes: what counts in the end is not what pods are promised but what
// pg_stat_activity shows. Looked at all the time, through adoption, a scaling, a new version, and
// an operator that is killed in the middle of it.
import { dirname, delimiter } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openFleet, sumOfSlots } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { createProcessRuntime } from "../../support/kubelet/process-runtime.ts";
import type { KubernetesObject } from "../../support/kubernetes-rest.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { buildAutoscaler, buildWorkload } from "../../support/workloads.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";

const namespace = "real-pools";
const kubectl = inject("controlPlane");
const maxConnections = 100;
// 3 for superusers, 10 in reserve, the operator's session, and the one that looks.
const budget = maxConnections - 3 - 10 - 1 - 1;
const plannedPods = 6;
const share = Math.floor(budget / (2 * plannedPods));

let postgres: Postgres;
let fleet: Fleet;
let operator: OperatorProcess;
let sampler: Sampler;

interface Sampler {
  /** Most sessions of the pods at any look since `restart`. */
  peak(): number;
  restart(): void;
  /** Sessions of the pods now. */
  now(): number;
  stop(): Promise<void>;
}

/** Looks at pg_stat_activity some twenty times a second, over one session of its own. */
async function startSampler(uri: string): Promise<Sampler> {
  const client = new pg.Client({ connectionString: uri, application_name: "sampler" });
  await client.connect();
  let [peak, now, isWanted] = [0, 0, true];
  const sampling = (async () => {
    while (isWanted) {
      const { rows } = await client.query<{ sessions: number }>(
        "SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE application_name = 'web'",
      );
      now = rows[0]?.sessions ?? 0;
      peak = Math.max(peak, now);
      await delay(50);
    }
  })();
  return {
    peak: () => peak,
    now: () => now,
    restart: () => {
      peak = 0;
    },
    stop: async () => {
      isWanted = false;
      await sampling;
      await client.end();
    },
  };
}

/** The demo's service: it fills its pool, and drains for a while when it is asked to end. */
function manifest(replicas: number): KubernetesObject {
  const env = [
    { name: "DATABASE_URL", value: postgres.uri("app", "postgres", "app") },
    { name: "PGAPPNAME", value: "web" },
    { name: "DB_POOL_MAX_SIZE", value: "20" },
    { name: "DRAIN_MS", value: "1000" },
  ];
  const workload = buildWorkload("Deployment", namespace, "web", { replicas, env });
  const { template } = workload["spec"] as { template: { spec: { containers: object[] } } };
  const [container] = template.spec.containers;
  Object.assign(container ?? {}, { command: ["node", "test/demo/sample-service.ts"] });
  return workload;
}

beforeAll(async () => {
  process.env["PATH"] = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
  postgres = await startPostgres({ maxConnections });
  await postgres.query("CREATE ROLE app LOGIN PASSWORD 'app'");
  await ensureAdmissionWorks(kubectl);
  const runtime = await createProcessRuntime({ readyWhenPrinted: "ready" });
  fleet = await openFleet({ kubectl, namespace, runtime });
  await fleet.apply(manifest(2), buildAutoscaler(namespace, "web", plannedPods));
  await fleet.waitForPods("web", 2, 20);
  await fleet.applySecret("orders-db", { uri: postgres.uri() });
  sampler = await startSampler(postgres.uri());
  operator = await startOperator({
    kubeconfigPath: kubectl.kubeconfigPath,
    flags: ["--namespaces", namespace],
  });
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await sampler.stop();
  await fleet[Symbol.asyncDispose]();
  await postgres.stop();
});

/** Waits until the pools are as full as they may be: a look before that would show nothing. */
async function waitUntilFull(pods: number): Promise<void> {
  await fleet.kubectl(`rollout status deployment/web --timeout=60s`);
  await fleet.waitForPods("web", pods, share);
  await expect.poll(() => sampler.now(), { timeout: 30_000 }).toBe(pods * share);
}

describe("sessions on the server", () => {
  it("come down to the share when the fleet is adopted", async () => {
    await fleet.applyPolicy("orders", {
      database: { secretRef: { name: "orders-db" } },
      workloads: [{ name: "web" }],
    });

    await fleet.waitForReady("orders");

    await waitUntilFull(2);
    expect(sampler.peak()).toBeLessThanOrEqual(budget);
  });

  it("grow with a scaling to the planned maximum, and stay within the budget", async () => {
    await fleet.kubectl(`scale deployment/web --replicas=${plannedPods}`);

    await waitUntilFull(plannedPods);

    expect(sampler.peak()).toBeLessThanOrEqual(budget);
    expect(sumOfSlots(await fleet.pods())).toBeLessThanOrEqual(budget);
  });

  it("stay within it while a new version is deployed and the operator is killed", async () => {
    sampler.restart();

    await fleet.kubectl("set env deployment/web VERSION=2");
    await operator.stop("SIGKILL");
    await waitUntilFull(plannedPods);

    expect(sampler.peak()).toBeGreaterThan(plannedPods * share);
    expect(sampler.peak()).toBeLessThanOrEqual(budget);
  });

  it("are nobody's that the operator counts as foreign once it is back", async () => {
    operator = await startOperator({
      kubeconfigPath: kubectl.kubeconfigPath,
      flags: ["--namespaces", namespace],
    });
    await fleet.kubectl("annotate poolpolicy orders looked=again");

    await fleet.waitForReady("orders");

    // The page of metrics may be a second old.
    const up = expect.poll(() => operator.metric("poolwarden_database_up"), { timeout: 10_000 });
    await up.toBe(1);
    // The one that looks is, where pods have addresses of their own.
    expect(await operator.metric("poolwarden_foreign_sessions")).toBeLessThanOrEqual(1);
    await fleet.waitForPods("web", plannedPods, share);
  });
});
