// Live pools on a real control plane: real node-postgres pools in real processes, real PostgreSQL,
// and the operator as the account that the chart makes, within its fence. Pods come and go, a new
// version is deployed in the middle, and what counts is what pg_stat_activity shows all the time.
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { liveAnnotation } from "../../../src/api/group.ts";
import { read } from "../../support/kubernetes-rest.ts";
import { LiveService } from "../../support/live-service.ts";
import { waitUntil } from "../../support/processes.ts";

const maxConnections = 100;
// 3 for superusers, 10 in reserve, the operator's session, and the one that looks.
const budget = maxConnections - 3 - 10 - 1 - 1;
const plannedPods = 8;
const startSize = 2;

let service: LiveService;

/** Of the pods that are there, with room for those that may come and for a rollout of all. */
function shareOf(count: number): number {
  const kept = (plannedPods - count) * startSize + plannedPods * startSize;
  return Math.floor((budget - kept) / count);
}

/** Sizes and sessions, once nothing is left to do. */
async function waitUntilShared(count: number): Promise<void> {
  const share = shareOf(count);
  await expect
    .poll(() => service.sizes(), { timeout: 150_000, interval: 500 })
    .toSatisfy((found: number[]) => {
      const least = Math.min(...found);
      return found.length === count && least >= share * 0.9 && Math.max(...found) <= share + 1;
    });
  await service.waitUntilUsed();
}

beforeAll(async () => {
  service = await LiveService.start({
    ...{ kubectl: inject("controlPlane"), namespace: "live-pools", maxConnections },
    entry: { resize: "Live", poolSize: { min: startSize, max: 100 } },
    maxReplicas: plannedPods,
  });
  await waitUntil("the grant", async () => {
    return read(await service.grant(), "liveVariable") === "DB_POOL_MAX_SIZE";
  });
}, 240_000);

afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

it("new pods start small and take within seconds what nobody else has", async () => {
  await service.fleet.kubectl("scale deployment/web --replicas=2");
  await waitUntilShared(2);
  const [first] = await service.pods();
  expect(read(first, "metadata", "annotations", liveAnnotation)).toBe("true");
}, 240_000);

it("when more pods come the others give way, and the server never has more than the budget", async () => {
  await service.fleet.kubectl("scale deployment/web --replicas=6");
  await waitUntilShared(6);
  expect(service.sampler.peak()).toBeLessThanOrEqual(budget);
}, 240_000);

it("a new operator goes on where the last one was killed, in the middle of a deploy", async () => {
  await service.fleet.kubectl("set env deployment/web VERSION=2");
  await service.operator.stop("SIGKILL");
  await service.startOperator();
  await service.fleet.kubectl("rollout status deployment/web --timeout=120s");
  await waitUntilShared(6);
  expect(service.sampler.peak()).toBeLessThanOrEqual(budget);
}, 240_000);

it("what is left grows again when pods go, nobody was refused, and nobody restarted", async () => {
  await service.fleet.kubectl("scale deployment/web --replicas=3");
  await waitUntilShared(3);
  expect(service.sampler.peak()).toBeLessThanOrEqual(budget);
  expect(service.refused()).toBe("");
  expect(service.operator.linesWith("rollout started")).toEqual([]);
}, 240_000);
