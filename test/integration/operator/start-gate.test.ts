// New pods that wait for their slots, on a real control plane: real node-postgres pools in real
// processes, real PostgreSQL, and the operator as the account that the chart makes, within its
// fence. Nothing is kept free, and what counts is what pg_stat_activity shows all the time.
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { slotsGate } from "../../../src/api/group.ts";
import { read } from "../../support/kubernetes-rest.ts";
import { isGated, LiveService } from "../../support/live-service.ts";
import { waitUntil } from "../../support/processes.ts";

const maxConnections = 60;
// 3 for superusers, 10 in reserve, the operator's session, and the one that looks.
const budget = maxConnections - 3 - 10 - 1 - 1;
const startSize = 2;

let service: LiveService;

function sizes(): Promise<number[]> {
  return service.sizes();
}

/** Nobody waits, and nearly all of the budget is told to pods and used by them. */
async function waitUntilShared(count: number): Promise<void> {
  await expect.poll(sizes, { timeout: 200_000, interval: 1_000 }).toSatisfy((found: number[]) => {
    const sum = found.reduce((all, size) => all + size, 0);
    return found.length === count && !found.includes(-1) && sum >= 0.85 * budget && sum <= budget;
  });
  await service.waitUntilUsed();
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
  const waiting = (await service.pods()).find((pod) => isGated(pod));
  const name = String(read(waiting, "metadata", "name"));
  const patch = `{"spec":{"schedulingGates":[{"$patch":"delete","name":"${slotsGate}"}]}}`;
  await service.fleet.kubectl(`patch pod ${name} --type=strategic -p ${patch}`);
  await expect.poll(sizes, { timeout: 60_000 }).not.toContain(-1);
  expect(await sizes()).toContain(startSize);
  await service.startOperator();
  await waitUntilShared(6);
}, 300_000);

it("when the policy is deleted what waits is released", async () => {
  await service.operator.stop("SIGKILL");
  await service.fleet.kubectl("scale deployment/web --replicas=7");
  await expect.poll(sizes, { timeout: 60_000 }).toContain(-1);
  await service.fleet.kubectl("delete poolpolicy orders");
  await service.startOperator();
  await expect.poll(sizes, { timeout: 60_000 }).not.toContain(-1);
  expect(await sizes()).toContain(startSize);
}, 300_000);
