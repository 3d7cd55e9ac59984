// New pods that wait for their slots, on a real control plane: real node-postgres pools in real
// processes, real PostgreSQL, and the operator as the account that the chart makes, within its
// fence. Nothing is kept free, and what counts is what pg_stat_activity shows all the time.
import { dirname, delimiter } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { poolSizeAnnotation, slotsGate } from "../../../src/api/group.ts";
import { openFleet } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { createProcessRuntime } from "../../support/kubelet/process-runtime.ts";
import { read, readList } from "../../support/kubernetes-rest.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { waitUntil } from "../../support/processes.ts";
import { buildService, startSampler } from "../../support/service-pools.ts";
import type { Sampler } from "../../support/service-pools.ts";
import { buildAutoscaler } from "../../support/workloads.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";

const namespace = "start-gate";
const kubectl = inject("controlPlane");
const maxConnections = 60;
// 3 for superusers, 10 in reserve, the operator's session, and the one that looks.
const budget = maxConnections - 3 - 10 - 1 - 1;
const startSize = 2;
const flags = ["--namespaces", namespace, "--live-pools=true"];

let postgres: Postgres;
let fleet: Fleet;
let operator: OperatorProcess;
let sampler: Sampler;
let refused = "";

async function pods(): Promise<readonly unknown[]> {
  const answer = await fleet.kubectl("get pods -o json");
  return readList(JSON.parse(answer), "items").filter(
    (pod) => read(pod, "metadata", "deletionTimestamp") === undefined,
  );
}

function isGated(pod: unknown): boolean {
  return readList(pod, "spec", "schedulingGates").some((gate) => read(gate, "name") === slotsGate);
}

/** Of pods that run; -1 of one that waits. */
async function sizes(): Promise<number[]> {
  const found = (await pods()).map((pod) =>
    isGated(pod) ? -1 : Number(read(pod, "metadata", "annotations", poolSizeAnnotation)),
  );
  return found.sort((a, b) => a - b);
}

/** Nobody waits, and nearly all of the budget is told to pods and used by them. */
async function waitUntilShared(count: number): Promise<void> {
  await expect.poll(sizes, { timeout: 200_000, interval: 1_000 }).toSatisfy((found: number[]) => {
    const sum = found.reduce((all, size) => all + size, 0);
    return found.length === count && !found.includes(-1) && sum >= 0.85 * budget && sum <= budget;
  });
  const told = (await sizes()).reduce((sum, size) => sum + size, 0);
  await expect.poll(() => sampler.now(), { timeout: 60_000 }).toBe(told);
}

function policyWith(entry: object): Promise<unknown> {
  return fleet.applyPolicy("orders", {
    database: { secretRef: { name: "orders-db" }, role: "app" },
    workloads: [{ name: "web", poolSize: { min: startSize, max: 100 }, ...entry }],
  });
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
  operator = await startOperator({ kubeconfigPath: kubectl.kubeconfigPath, flags });
  await policyWith({ resize: "Live", start: "WhenSlotsAreFree" });
  const uri = postgres.uri("app", "postgres", "app");
  const env = { REQUESTS: "90" };
  const service = buildService({ namespace, replicas: 0, uri, poolSize: 2, env });
  await fleet.apply(service, buildAutoscaler(namespace, "web", 20));
  await waitUntil("the gate to be in force", async () => {
    const grant = read(await fleet.statusOf("orders"), "grants", "Deployment/web");
    return Date.now() > Date.parse(String(read(grant, "gatedFrom")));
  });
}, 300_000);

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await sampler.stop();
  await fleet[Symbol.asyncDispose]();
  await postgres.stop();
});

it("the first pods start at once, and may use all that there is", async () => {
  await fleet.kubectl("scale deployment/web --replicas=2");
  await waitUntilShared(2);
}, 300_000);

it("more pods start when the others have made room, and the server never has too many", async () => {
  await fleet.kubectl("scale deployment/web --replicas=5");
  await waitUntilShared(5);
  expect(sampler.peak()).toBeLessThanOrEqual(budget);
}, 300_000);

it("a full server is rolled out behind a new operator, which releases what the last one left", async () => {
  await operator.stop("SIGKILL");
  await fleet.kubectl("set env deployment/web VERSION=2");
  await expect.poll(sizes, { timeout: 60_000 }).toContain(-1);
  operator = await startOperator({ kubeconfigPath: kubectl.kubeconfigPath, flags });
  await fleet.kubectl("rollout status deployment/web --timeout=200s");
  await waitUntilShared(5);
  expect(sampler.peak()).toBeLessThanOrEqual(budget);
  expect(refused).toBe("");
  expect(operator.linesWith("rollout started")).toEqual([]);
}, 400_000);

it("without an operator pods wait, and the documented patch starts them with their size", async () => {
  await operator.stop("SIGKILL");
  await fleet.kubectl("scale deployment/web --replicas=6");
  await expect.poll(sizes, { timeout: 60_000 }).toContain(-1);
  const waiting = (await pods()).find((pod) => isGated(pod));
  const name = String(read(waiting, "metadata", "name"));
  const patch = `{"spec":{"schedulingGates":[{"$patch":"delete","name":"${slotsGate}"}]}}`;
  await fleet.kubectl(`patch pod ${name} --type=strategic -p ${patch}`);
  await expect.poll(sizes, { timeout: 60_000 }).not.toContain(-1);
  expect(await sizes()).toContain(startSize);
  operator = await startOperator({ kubeconfigPath: kubectl.kubeconfigPath, flags });
  await waitUntilShared(6);
}, 300_000);

it("when the policy is deleted what waits is released", async () => {
  await operator.stop("SIGKILL");
  await fleet.kubectl("scale deployment/web --replicas=7");
  await expect.poll(sizes, { timeout: 60_000 }).toContain(-1);
  await fleet.kubectl("delete poolpolicy orders");
  operator = await startOperator({ kubeconfigPath: kubectl.kubeconfigPath, flags });
  await expect.poll(sizes, { timeout: 60_000 }).not.toContain(-1);
  expect(await sizes()).toContain(startSize);
}, 300_000);
