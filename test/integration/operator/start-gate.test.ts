// New pods that wait for their slots, on a real control plane: real node-postgres pools in real
// processes, real PostgreSQL, and the operator as the account that the chart makes, within its
// fence. Nothing is kept free, and what counts is what pg_stat_activity shows all the time.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { releasedAnnotation, resizedAnnotation } from "../../../src/api/group.ts";
import { read } from "../../support/kubernetes-rest.ts";
import { LiveService } from "../../support/live-service.ts";
import { waitUntil } from "../../support/processes.ts";
import { inShell } from "../../support/shell.ts";

const maxConnections = 60;
// 3 for superusers, 10 in reserve, the operator's session, and the one that looks.
const budget = maxConnections - 3 - 10 - 1 - 1;
const startSize = 2;
/** From the case on in which pods come without the gate. */
const mostPods = 10;
const fewPods = 3;

let service: LiveService;

function sizes(): Promise<number[]> {
  return service.sizes();
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

/** Nobody waits, and nearly all of the budget is told to pods and used by them. */
async function waitUntilShared(count: number): Promise<void> {
  await expect.poll(sizes, { timeout: 200_000, interval: 1_000 }).toSatisfy((found: number[]) => {
    const told = sum(found);
    return found.length === count && !found.includes(-1) && told >= 0.85 * budget && told <= budget;
  });
  await service.waitUntilUsed();
}

/** With the command of the page, in this namespace only. */
async function releaseByHand(): Promise<void> {
  const page = await readFile("docs/start-gate.md", "utf8");
  const [command = ""] = /^ {4}kubectl get pods [^]*?^ {6}done$/mu.exec(page) ?? [];
  expect(command).toContain("while read");
  const { kubectlPath: kubectl, kubeconfigPath } = inject("controlPlane");
  const here = command.replace("-A", `-n ${service.fleet.namespace}`);
  await inShell({ binaries: { kubectl }, kubeconfigPath }, here);
}

/** Its pods have a node when they are made: the API server gives such a pod no gate. */
async function onNode(nodeName: string | null): Promise<void> {
  const patch = JSON.stringify({ spec: { template: { spec: { nodeName } } } });
  await service.fleet.kubectl(`patch deployment web --type=strategic -p ${patch}`);
}

/** Clocks may differ by a minute. */
async function surelyLate(): Promise<boolean> {
  return Date.now() > Date.parse(String(read(await service.grant(), "gatedFrom"))) + 62_000;
}

async function resizedPods(): Promise<number> {
  const pods = await service.pods();
  const resized = pods.filter((pod) => read(pod, "metadata", "annotations", resizedAnnotation));
  const bound = resized.filter((pod) => read(pod, "metadata", "annotations", releasedAnnotation));
  return pods.length === fewPods && bound.length === 0 ? resized.length : 0;
}

beforeAll(async () => {
  const live = { resize: "Live", poolSize: { min: startSize, max: 100 } };
  service = await LiveService.start({
    ...{ kubectl: inject("controlPlane"), namespace: "start-gate", maxConnections },
    entry: { ...live, start: "WhenSlotsAreFree" },
    maxReplicas: 20,
  });
  await waitUntil("the gate to be in force", async () => {
    return Date.now() > Date.parse(String(read(await service.grant(), "gatedFrom")));
  });
}, 300_000);

afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

it("the first pods start at once, and may use all that there is", async () => {
  await service.fleet.kubectl("scale deployment/web --replicas=2");
  await waitUntilShared(2);
}, 300_000);

it("more pods start when the others have made room, and the server never has too many", async () => {
  await service.fleet.kubectl("scale deployment/web --replicas=5");
  await waitUntilShared(5);
  expect(service.sampler.peak()).toBeLessThanOrEqual(budget);
}, 300_000);

it("a full server is rolled out behind a new operator, which releases what the last one left", async () => {
  await service.operator.stop("SIGKILL");
  await service.fleet.kubectl("set env deployment/web VERSION=2");
  await expect.poll(sizes, { timeout: 60_000 }).toContain(-1);
  await service.startOperator();
  await service.fleet.kubectl("rollout status deployment/web --timeout=200s");
  await waitUntilShared(5);
  expect(service.sampler.peak()).toBeLessThanOrEqual(budget);
  expect(service.refused()).toBe("");
  expect(service.operator.linesWith("rollout started")).toEqual([]);
}, 400_000);

it("without an operator pods wait, and the documented patch starts them with their size", async () => {
  await service.operator.stop("SIGKILL");
  await service.fleet.kubectl("scale deployment/web --replicas=6");
  await expect.poll(sizes, { timeout: 60_000 }).toContain(-1);
  await releaseByHand();
  await expect.poll(sizes, { timeout: 60_000 }).not.toContain(-1);
  expect(await sizes()).toContain(startSize);
  await service.startOperator();
  // It keeps nothing free for pods that may come: the gate is known to be there.
  await waitUntilShared(6);
}, 300_000);

it("while pods come without the gate, what may come is kept free, whatever they are told", async () => {
  await service.fleet.kubectl(`patch hpa web --type=merge -p {"spec":{"maxReplicas":${mostPods}}}`);
  await waitUntil("pods to be surely later than the gate", surelyLate, 100_000);
  await onNode(await service.nodeName());
  await service.fleet.kubectl(`scale deployment/web --replicas=${fewPods}`);
  await service.fleet.kubectl("rollout status deployment/web --timeout=200s");
  // Each of them is told another size than it came with.
  await expect.poll(resizedPods, { timeout: 100_000, interval: 1_000 }).toBe(fewPods);
  const endMs = Date.now() + 20_000;
  while (Date.now() < endMs) {
    expect(sum(await sizes())).toBeLessThanOrEqual(budget - (mostPods - fewPods) * startSize);
  }
  const refused = service.refused();
  await service.fleet.kubectl(`scale deployment/web --replicas=${mostPods}`);
  await expect.poll(sizes, { timeout: 60_000 }).toHaveLength(mostPods);
  await service.waitUntilUsed();
  expect(service.refused()).toBe(refused);
}, 400_000);

it("when no such pod is left, all is shared out again", async () => {
  await onNode(null);
  await service.fleet.kubectl("scale deployment/web --replicas=6");
  await service.fleet.kubectl("rollout status deployment/web --timeout=200s");
  await waitUntilShared(6);
}, 400_000);

it("when the policy is deleted what waits is released", async () => {
  await service.operator.stop("SIGKILL");
  await service.fleet.kubectl("scale deployment/web --replicas=7");
  await expect.poll(sizes, { timeout: 60_000 }).toContain(-1);
  await service.fleet.kubectl("delete poolpolicy orders");
  await service.startOperator();
  await expect.poll(sizes, { timeout: 60_000 }).not.toContain(-1);
  expect(await sizes()).toContain(startSize);
}, 300_000);
