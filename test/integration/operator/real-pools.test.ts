// Real pools in real processes: what counts in the end is not what pods are promised but what
// pg_stat_activity shows. Looked at all the time, through adoption, a scaling, a new version, and
// an operator that is killed in the middle of it.
import { dirname, delimiter } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openFleet, sumOfSlots } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { createProcessRuntime } from "../../support/kubelet/process-runtime.ts";
import type { KubernetesObject } from "../../support/kubernetes-rest.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { buildService, startSampler } from "../../support/service-pools.ts";
import type { Sampler } from "../../support/service-pools.ts";
import { buildAutoscaler } from "../../support/workloads.ts";
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

function manifest(replicas: number): KubernetesObject {
  const uri = postgres.uri("app", "postgres", "app");
  return buildService({ namespace, replicas, uri, poolSize: 20 });
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
