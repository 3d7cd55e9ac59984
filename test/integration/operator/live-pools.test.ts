// Live pools on a real control plane: real node-postgres pools in real processes, real PostgreSQL,
// and the operator as the account that the chart makes, within its fence. Pods come and go, a new
// version is deployed in the middle, and what counts is what pg_stat_activity shows all the time.
import { dirname, delimiter } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { liveAnnotation, poolSizeAnnotation } from "../../../src/api/group.ts";
import { openFleet } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { createProcessRuntime } from "../../support/kubelet/process-runtime.ts";
import { read, readList } from "../../support/kubernetes-rest.ts";
import type { KubernetesObject } from "../../support/kubernetes-rest.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { waitUntil } from "../../support/processes.ts";
import { buildService, startSampler } from "../../support/service-pools.ts";
import type { Sampler } from "../../support/service-pools.ts";
import { buildAutoscaler } from "../../support/workloads.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";

const namespace = "live-pools";
const kubectl = inject("controlPlane");
const maxConnections = 100;
// 3 for superusers, 10 in reserve, the operator's session, and the one that looks.
const budget = maxConnections - 3 - 10 - 1 - 1;
const plannedPods = 8;
const startSize = 2;

let postgres: Postgres;
let fleet: Fleet;
let operator: OperatorProcess;
let sampler: Sampler;
let refused = "";

function manifest(replicas: number): KubernetesObject {
  const uri = postgres.uri("app", "postgres", "app");
  return buildService({ namespace, replicas, uri, poolSize: 2, env: { REQUESTS: "90" } });
}

async function pods(): Promise<readonly unknown[]> {
  const answer = await fleet.kubectl("get pods -o json");
  return readList(JSON.parse(answer), "items").filter(
    (pod) => read(pod, "metadata", "deletionTimestamp") === undefined,
  );
}

async function sizes(): Promise<number[]> {
  const found = (await pods()).map((pod) =>
    Number(read(pod, "metadata", "annotations", poolSizeAnnotation)),
  );
  return found.sort((a, b) => a - b);
}

/** Of the pods that are there, with room for those that may come and for a rollout of all. */
function shareOf(count: number): number {
  const kept = (plannedPods - count) * startSize + plannedPods * startSize;
  return Math.floor((budget - kept) / count);
}

/** Sizes and sessions, once nothing is left to do. */
async function waitUntilShared(count: number): Promise<void> {
  const share = shareOf(count);
  await expect.poll(sizes, { timeout: 150_000, interval: 500 }).toSatisfy((found: number[]) => {
    const least = Math.min(...found);
    return found.length === count && least >= share * 0.9 && Math.max(...found) <= share + 1;
  });
  const told = (await sizes()).reduce((sum, size) => sum + size, 0);
  await expect.poll(() => sampler.now(), { timeout: 60_000 }).toBe(told);
}

beforeAll(async () => {
  process.env["PATH"] = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
  postgres = await startPostgres({ maxConnections });
  await postgres.query("CREATE ROLE app LOGIN PASSWORD 'app'");
  await ensureAdmissionWorks(kubectl);
  const onOutput = (_: unknown, text: string): void => {
    if (text.includes("too many clients")) refused += text;
  };
  const runtime = await createProcessRuntime({ readyWhenPrinted: "ready", onOutput });
  fleet = await openFleet({ kubectl, namespace, runtime });
  await fleet.applySecret("orders-db", { uri: postgres.uri() });
  sampler = await startSampler(postgres.uri());
  operator = await startOperator({
    kubeconfigPath: kubectl.kubeconfigPath,
    flags: ["--namespaces", namespace, "--live-pools=true"],
  });
  await fleet.applyPolicy("orders", {
    database: { secretRef: { name: "orders-db" }, role: "app" },
    workloads: [{ name: "web", resize: "Live", poolSize: { min: startSize, max: 100 } }],
  });
  await fleet.apply(manifest(0), buildAutoscaler(namespace, "web", plannedPods));
  await waitUntil("the grant", async () => {
    const grant = read(await fleet.statusOf("orders"), "grants", "Deployment/web");
    return read(grant, "liveVariable") === "DB_POOL_MAX_SIZE";
  });
}, 240_000);

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await sampler.stop();
  await fleet[Symbol.asyncDispose]();
  await postgres.stop();
});

it("new pods start small and take within seconds what nobody else has", async () => {
  await fleet.kubectl("scale deployment/web --replicas=2");
  await waitUntilShared(2);
  const [first] = await pods();
  expect(read(first, "metadata", "annotations", liveAnnotation)).toBe("true");
}, 240_000);

it("when more pods come the others give way, and the server never has more than the budget", async () => {
  await fleet.kubectl("scale deployment/web --replicas=6");
  await waitUntilShared(6);
  expect(sampler.peak()).toBeLessThanOrEqual(budget);
}, 240_000);

it("a new operator goes on where the last one was killed, in the middle of a deploy", async () => {
  await fleet.kubectl("set env deployment/web VERSION=2");
  await operator.stop("SIGKILL");
  operator = await startOperator({
    kubeconfigPath: kubectl.kubeconfigPath,
    flags: ["--namespaces", namespace, "--live-pools=true"],
  });
  await fleet.kubectl("rollout status deployment/web --timeout=120s");
  await waitUntilShared(6);
  expect(sampler.peak()).toBeLessThanOrEqual(budget);
}, 240_000);

it("what is left grows again when pods go, nobody was refused, and nobody restarted", async () => {
  await fleet.kubectl("scale deployment/web --replicas=3");
  await waitUntilShared(3);
  expect(sampler.peak()).toBeLessThanOrEqual(budget);
  expect(refused).toBe("");
  expect(operator.linesWith("rollout started")).toEqual([]);
}, 240_000);
