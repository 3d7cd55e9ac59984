// On a real API server: a Deployment with pools of two entries. Its pods carry both sizes, the
// status has a row for each, and a scale-up keeps the limit.
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { poolSizeAnnotation, poolSizeAnnotationOf } from "../../src/api/group.ts";
import type { Fleet } from "../support/fleet.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import { openManagedFleet, type ManagedFleet } from "../support/managed-fleet.ts";
import { waitUntil } from "../support/processes.ts";
import { buildAutoscaler, buildWorkload } from "../support/workloads.ts";

const namespace = "several-pools";
const env = [
  { name: "DB_POOL_MAX_SIZE", value: "50" },
  { name: "REPORTS_POOL_MAX_SIZE", value: "50" },
];
const main = { name: "web" };
const reports = { name: "web", pool: "reports", env: { maxSize: "REPORTS_POOL_MAX_SIZE" } };

let managed: ManagedFleet;
let fleet: Fleet;

beforeAll(async () => {
  managed = await openManagedFleet(inject("controlPlane"), namespace);
  ({ fleet } = managed);
});

afterAll(async () => {
  await managed[Symbol.asyncDispose]();
});

/** Both sizes of each pod. */
async function sizesOf(name: string): Promise<readonly (readonly number[])[]> {
  const list: unknown = JSON.parse(await fleet.kubectl("get pods -o json"));
  const own = readList(list, "items").filter((pod) => {
    const pods = String(read(pod, "metadata", "name"));
    return pods.startsWith(`${name}-`) && read(pod, "metadata", "deletionTimestamp") === undefined;
  });
  const annotations = [poolSizeAnnotation, poolSizeAnnotationOf("reports")];
  return own.map((pod) =>
    annotations.map((one) => Number(read(pod, "metadata", "annotations", one) ?? 0)),
  );
}

async function waitForPods(name: string, pods: number, sizes: readonly number[]): Promise<void> {
  await waitUntil(`${pods} pods of ${name} with ${sizes.join(" and ")}`, async () => {
    const found = await sizesOf(name);
    return found.length === pods && found.every((one) => String(one) === String(sizes));
  });
}

it(
  "each pod has both sizes after one rollout, and keeps the limit when it is scaled",
  { timeout: 170_000 },
  async () => {
    const web = buildWorkload("Deployment", namespace, "web", { replicas: 2, env });
    const target = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
    await fleet.apply(web, buildAutoscaler(namespace, target.name, 4));
    await fleet.waitForPods("web", 2, 50);
    await fleet.applyPolicy("orders", {
      database: { address: "orders.db.invalid:5432", maxConnections: 130 },
      reserve: { connections: 10 },
      alerts: { enabled: false },
      workloads: [main, reports],
    });
    // 117 slots / (4 planned pods + 4 in a rollout) = 14 a pod.
    await fleet.waitForReady("orders");
    await waitForPods("web", 2, [7, 7]);
    const status = await fleet.statusOf("orders");
    expect(readList(status, "workloads").map((row) => read(row, "workload"))).toEqual([
      "Deployment/web",
      "Deployment/web/reports",
    ]);
    expect(read(status, "workloadCount")).toBe(1);
    const deployment = await fleet.deployment("web");
    expect(read(deployment, "metadata", "annotations", "deployment.kubernetes.io/revision")).toBe(
      "2",
    );

    await fleet.apply({ ...web, spec: { ...(Object(read(web, "spec")) as object), replicas: 4 } });

    await waitForPods("web", 4, [7, 7]);
    expect(read(await fleet.statusOf("orders"), "used")).toBeLessThanOrEqual(120);
  },
);

it("the API server takes no pool name that could not be in an annotation", async () => {
  for (const pool of ["Reports", "a/b", "a".repeat(31), "ends-", "-a", ""]) {
    const spec = {
      database: { address: "orders.db.invalid:5432", maxConnections: 130 },
      workloads: [{ ...reports, pool }],
    };
    await expect(fleet.applyPolicy("bad", spec)).rejects.toThrow(/pool/);
  }
});

it("two pools of one variable are refused in the status, and no pod is changed", async () => {
  const twice = buildWorkload("Deployment", namespace, "twice", { replicas: 1, env });
  await fleet.apply(twice);
  await fleet.applyPolicy("twice", {
    database: { address: "twice.db.invalid:5432", maxConnections: 100 },
    alerts: { enabled: false },
    workloads: [{ name: "twice" }, { name: "twice", pool: "reports" }],
  });
  await waitUntil("the conflict to be told", async () => {
    const findings = readList(await fleet.statusOf("twice"), "findings");
    return findings.some((one) => read(one, "reason") === "ClaimedTwice");
  });
  expect(read(await fleet.statusOf("twice"), "grants")).toEqual({});
  expect(await fleet.sizesOf("twice")).toEqual([50]);
});
