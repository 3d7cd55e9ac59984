// Pods of a workload with several pools, on a real API server: each pool's variables and annotation
// are written, in whichever container they are.
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { poolSizeAnnotation, poolSizeAnnotationOf } from "../../src/api/group.ts";
import {
  buildPolicy,
  deploymentPod,
  envOf,
  grantOf,
  installGrants,
  tryPod,
  type Grant,
  type PodParts,
} from "../support/admission.ts";
import { type KubernetesRest, read } from "../support/kubernetes-rest.ts";

const namespace = "admission-pools";
const size = (name: string, value: string): { name: string; value: string } => ({ name, value });
const replica: Grant = grantOf(7, [
  size("REPLICA_POOL_MIN_SIZE", "1"),
  size("REPLICA_POOL_MAX_SIZE", "7"),
]);
const jobs: Grant = { ...grantOf(3, [size("JOBS_POOL_SIZE", "3")]), container: "jobs" };
const pooler: Grant = { ...grantOf(4, [size("DB_POOL_MAX_SIZE", "4")]), container: "pooler" };
const underPrefix = "SPRING_SECONDDATASOURCE_HIKARI_MAXIMUMPOOLSIZE";
const prefixed: Grant = grantOf(6, [
  size("SPRING_SECONDDATASOURCE_HIKARI_MINIMUMIDLE", "1"),
  size(underPrefix, "6"),
]);
const other = size("OTHER", "kept");
const web = deploymentPod("web");

const grants: Readonly<Record<string, Grant>> = {
  "Deployment/web": grantOf(12),
  "Deployment/web/replica": replica,
  "Deployment/web/jobs": jobs,
  "Deployment/web/pooler": pooler,
  "Deployment/web/unnamed": grantOf(9, [size("UNNAMED_POOL_SIZE", "9")]),
  "Deployment/half/replica": replica,
  "Deployment/prefixed/reports": prefixed,
  "Deployment/strange/reports": grantOf(6, [size("SPRING_THIRD_HIKARI_MAXIMUMIDLE", "6")]),
  "Deployment/unsafe/reports": grantOf(6, [size("LD_MAXIMUMPOOLSIZE", "6")]),
  "Deployment/twice": grantOf(12),
  "Deployment/twice/same": grantOf(5),
};
const names = { replica: "REPLICA_POOL_MAX_SIZE", jobs: "JOBS_POOL_SIZE", pooler: "A_POOL_SIZE" };

let rest: KubernetesRest;

beforeAll(async () => {
  const entries = Object.entries(names).map(([pool, maxSize]) => ({
    ...{ name: "web", pool },
    env: { maxSize, ...(pool === "replica" && { minSize: "REPLICA_POOL_MIN_SIZE" }) },
  }));
  const workloads = [
    { name: "web" },
    ...entries,
    { name: "api", pool: "replica" },
    { name: "web", pool: "same" },
    { name: "b", pool: "reports", preset: "hikari", prefix: "spring.second-datasource.hikari" },
  ];
  const policy = buildPolicy(namespace, "orders", { workloads });
  rest = await installGrants(inject("controlPlane"), policy, grants);
});

afterAll(() => {
  rest.close();
});

function sizesIn(body: unknown): Record<string, unknown> {
  const annotations = Object(read(body, "metadata", "annotations")) as Record<string, unknown>;
  const all = Object.entries(annotations).filter(([name]) => name.startsWith(poolSizeAnnotation));
  return Object.fromEntries(all);
}

const parts: PodParts = {
  ...web,
  containers: [{ name: "log" }, { name: "app", env: [size("REPLICA_POOL_MAX_SIZE", "50"), other] }],
};

it("both pools of a container are written into it, and what else stands there is kept", async () => {
  const { status, body } = await tryPod(rest, namespace, parts);
  expect(status).toBe(201);
  expect(envOf(body)).toEqual([...grantOf(12).env, ...replica.env, other]);
  expect(envOf(body, "log")).toEqual([]);
  expect(sizesIn(body)).toEqual({
    [poolSizeAnnotation]: "12",
    [poolSizeAnnotationOf("replica")]: "7",
  });
});

it("pools of other containers and of a sidecar are written there, beside annotations", async () => {
  const { status, body } = await tryPod(rest, namespace, {
    ...parts,
    annotations: { note: "mine" },
    containers: [...(parts.containers ?? []), { name: "jobs", env: [other] }],
    initContainers: [{ name: "pooler", restartPolicy: "Always" }],
  });
  expect(status).toBe(201);
  expect(envOf(body, "jobs")).toEqual([...jobs.env, other]);
  expect(read(body, "spec", "initContainers", 0, "env")).toEqual(pooler.env);
  expect(read(body, "metadata", "annotations", "note")).toBe("mine");
  expect(Object.keys(sizesIn(body))).toHaveLength(4);
});

it("a pool without a main one beside it is written alone", async () => {
  const { body } = await tryPod(rest, namespace, { ...deploymentPod("half") });
  expect(envOf(body)).toEqual(replica.env);
  expect(sizesIn(body)).toEqual({ [poolSizeAnnotationOf("replica")]: "7" });
});

it("variables under the prefix of an entry are written, with the endings of presets alone", async () => {
  const env = [size(underPrefix, "40"), other];
  const parts = { ...deploymentPod("prefixed"), containers: [{ name: "app", env }] };
  const { body } = await tryPod(rest, namespace, parts);
  expect(envOf(body)).toEqual([...prefixed.env, other]);
  for (const name of ["strange", "unsafe"]) {
    const unsized = await tryPod(rest, namespace, deploymentPod(name));
    expect([unsized.status, envOf(unsized.body)]).toEqual([201, []]);
  }
});

it("one whose variable holds no number is left out, and the others are written", async () => {
  const env = [size("REPLICA_POOL_MAX_SIZE", "postgres://db"), other];
  const { body } = await tryPod(rest, namespace, { ...web, containers: [{ name: "app", env }] });
  expect(envOf(body)).toEqual([...grantOf(12).env, ...env]);
  expect(sizesIn(body)).toEqual({ [poolSizeAnnotation]: "12" });
});

it("of two that would write one variable the first is written", async () => {
  const { body } = await tryPod(rest, namespace, deploymentPod("twice"));
  expect(envOf(body)).toEqual(grantOf(12).env);
  expect(sizesIn(body)).toEqual({ [poolSizeAnnotation]: "12" });
});
