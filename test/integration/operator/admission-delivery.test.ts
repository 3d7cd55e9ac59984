// The main job with admission delivery, on a real API server and a real PostgreSQL: a fleet that
// promised too much is brought within the budget, and stays there whatever its owners do next. What
// is asserted comes from the pods' own environment, not from what the operator says of itself.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { budgetOn, openFleet, poolSizeOf, sumOfSlots } from "../../support/fleet.ts";
import type { Fleet } from "../../support/fleet.ts";
import { read } from "../../support/kubernetes-rest.ts";
import { startOperator } from "../../support/operator.ts";
import type { OperatorProcess } from "../../support/operator.ts";
import { startPostgres } from "../../support/postgres.ts";
import type { Postgres } from "../../support/postgres.ts";
import { watchSlots } from "../../support/slot-watch.ts";
import type { SlotWatch } from "../../support/slot-watch.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";
import { buildAutoscaler, buildWorkload } from "../../support/workloads.ts";

const namespace = "operator-admission";
const { kubeconfigPath } = inject("controlPlane");
const env = (size: number): { name: string; value: string }[] => [
  { name: "OTHER", value: "kept" },
  { name: "DB_POOL_MAX_SIZE", value: String(size) },
];

let postgres: Postgres;
let fleet: Fleet;
let operator: OperatorProcess;
let watch: SlotWatch;
let budget: number;

beforeAll(async () => {
  const kubectl = inject("controlPlane");
  postgres = await startPostgres({ maxConnections: 200 });
  budget = await budgetOn(postgres);
  await ensureAdmissionWorks(kubectl);
  fleet = await openFleet({ kubectl, namespace });
  await fleet.apply(
    buildWorkload("Deployment", namespace, "web", { replicas: 3, env: env(50) }),
    buildAutoscaler(namespace, "web", 15),
  );
  await fleet.waitForPods("web", 3, 50);
  await fleet.applySecret("orders-db", { uri: postgres.uri() });
  watch = await watchSlots(kubeconfigPath, namespace);
  operator = await startOperator({ kubeconfigPath });
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await watch[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
  await postgres.stop();
});

async function envOfDeployment(name: string): Promise<unknown> {
  const spec = read(await fleet.deployment(name), "spec", "template", "spec");
  return read(spec, "containers", 0, "env");
}

describe("a fleet with an autoscaler", () => {
  it("that promised 750 of 200 connections becomes Ready within the budget", async () => {
    await fleet.applyPolicy("orders", {
      database: { secretRef: { name: "orders-db" } },
      workloads: [{ selector: { matchExpressions: [{ key: "app", operator: "Exists" }] } }],
    });

    await fleet.waitForReady("orders");

    // 15 planned pods, and 15 more while a new version rolls out.
    const share = Math.floor(budget / 30);
    expect(await fleet.sizesOf("web")).toEqual([share, share, share]);
    expect(watch.peakSlots()).toBeLessThanOrEqual(budget);
  });

  it("gives pods of a scaling the same size, and restarts nobody", async () => {
    const before = await fleet.pods("web");
    const [size] = await fleet.sizesOf("web");

    await fleet.kubectl("scale deployment/web --replicas=15");
    await fleet.waitForPods("web", 15, size);

    const after = new Set((await fleet.pods("web")).map(({ metadata }) => metadata.uid));
    expect(before.map(({ metadata }) => after.has(metadata.uid))).toEqual([true, true, true]);
    expect(sumOfSlots(await fleet.pods())).toBeLessThanOrEqual(budget);
  });

  it("stays within the budget while a new version rolls out at full size", async () => {
    watch.restart();
    const old = new Set((await fleet.pods("web")).map(({ metadata }) => metadata.uid));

    await fleet.kubectl("set env deployment/web VERSION=2");
    await fleet.kubectl("rollout status deployment/web --timeout=60s");
    await fleet.waitForPods("web", 15);

    const pods = await fleet.pods("web");
    expect(pods.filter(({ metadata }) => old.has(metadata.uid))).toEqual([]);
    // Old and new ones at once: otherwise this has shown nothing.
    expect(watch.peakPods()).toBeGreaterThan(19);
    expect(watch.peakSlots()).toBeLessThanOrEqual(budget);
  });

  it("keeps the environment that the Deployment says", async () => {
    expect(await envOfDeployment("web")).toEqual([...env(50), { name: "VERSION", value: "2" }]);
    const [pod] = await fleet.pods("web");
    expect(pod?.spec.containers[0]?.env).toContainEqual({ name: "OTHER", value: "kept" });
  });

  it("shares the budget anew when a second workload arrives", async () => {
    const [before = 0] = await fleet.sizesOf("web");
    watch.restart();

    await fleet.apply(
      buildWorkload("Deployment", namespace, "worker", { replicas: 4, env: env(1) }),
    );
    await fleet.waitForPods("worker", 4);
    await fleet.waitForCondition("orders", "Applied", { status: "False" });
    await fleet.waitForReady("orders");

    const [web = 0] = await fleet.sizesOf("web");
    expect(web).toBeLessThan(before);
    expect(watch.peakSlots()).toBeLessThanOrEqual(budget);
    expect(sumOfSlots(await fleet.pods())).toBeLessThanOrEqual(budget);
  });
});

describe("a workload whose present pods are planned for", () => {
  it("gets other sizes by kubectl scale", async () => {
    await fleet.kubectl("delete deployment worker");
    await fleet.waitForPods("worker", 0);
    await fleet.kubectl("scale deployment/web --replicas=3");
    await fleet.waitForPods("web", 3);
    // The reserve has room for a roll beside what runs: 70 slots instead of the usual 10.
    const slots = budget - 60;
    await fleet.applyPolicy("orders", {
      database: { secretRef: { name: "orders-db" } },
      reserve: { connections: 70 },
      stability: { cooldown: "1s" },
      workloads: [{ name: "web", plannedPods: "Current" }],
    });
    await fleet.waitForCondition("orders", "Applied", { status: "True" });
    await fleet.waitForPods("web", 3, Math.floor(slots / 6));
    const [three = 0] = await fleet.sizesOf("web");
    watch.restart();

    await fleet.kubectl("scale deployment/web --replicas=6");
    await fleet.waitForPods("web", 6, Math.floor(slots / 12));

    const six = (await fleet.pods("web")).map((pod) => poolSizeOf(pod));
    expect(six.every((size) => size < three)).toBe(true);
    expect(sumOfSlots(await fleet.pods())).toBeLessThanOrEqual(slots);
  });
});
