// Every shape of pod that the admission policy may meet, created on a real API server. Whatever the
// shape, the pod must be accepted: an expression that fails can stop every pod of a namespace.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { poolSizeAnnotation } from "../../src/api/group.ts";
import {
  buildPolicy,
  deploymentPod,
  envOf,
  grantOf,
  installAdmissionPolicy,
  publishGrants,
  sizeOf,
  tryPod,
  waitUntilSized,
} from "../support/admission.ts";
import type { Entry, Grant, PodParts } from "../support/admission.ts";
import { connectRest, read } from "../support/kubernetes-rest.ts";
import type { KubernetesRest } from "../support/kubernetes-rest.ts";

const namespace = "admission";
const ours: readonly Entry[] = grantOf(12).env;
const other = { name: "OTHER", value: "kept" };
const fieldRef = { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } };
const secretRef = { secretKeyRef: { name: "sizes", key: "max" } };
const divided = {
  resourceFieldRef: { containerName: "app", resource: "limits.cpu", divisor: "1m" },
};
const web = deploymentPod("web");

const grants: Readonly<Record<string, Grant>> = {
  "Deployment/web": grantOf(12),
  "Rollout/canary": grantOf(12),
  "ReplicaSet/alone": grantOf(12),
  "StatefulSet/store": grantOf(12),
  "Job/migrate": grantOf(12),
};

let rest: KubernetesRest;

beforeAll(async () => {
  rest = await connectRest(inject("controlPlane").kubeconfigPath);
  await rest.createNamespace(namespace);
  await installAdmissionPolicy(rest);
  const policy = buildPolicy(namespace, "orders");
  expect(await rest.create(policy)).toMatchObject({ status: 201 });
  // Parameters beside the one that grants: one without a status, one with a status without grants.
  expect(await rest.create(buildPolicy(namespace, "silent"))).toMatchObject({ status: 201 });
  const waiting = buildPolicy(namespace, "waiting");
  expect(await rest.create(waiting)).toMatchObject({ status: 201 });
  await rest.merge(waiting, { status: { delivery: "Admission" } }, { subresource: "status" });
  await publishGrants(rest, policy, grants);
  await waitUntilSized(rest, namespace, { parts: web, wantAnnotation: "12" });
});

afterAll(() => {
  rest.close();
});

function webWith(env: readonly Entry[]): PodParts {
  return { ...web, containers: [{ name: "app", env }] };
}

describe("a pod of a granted workload gets its entries first and keeps its others", () => {
  it.each<{ name: string; env: readonly Entry[]; wantEnv: readonly Entry[] }>([
    { name: "env is an empty list", env: [], wantEnv: ours },
    { name: "another entry is kept", env: [other], wantEnv: [...ours, other] },
    {
      name: "an entry of our name with a value is replaced",
      env: [{ name: "DB_POOL_MAX_SIZE", value: "50" }, other],
      wantEnv: [...ours, other],
    },
    {
      name: "an entry of our name from a secret is replaced",
      env: [other, { name: "DB_POOL_MAX_SIZE", valueFrom: secretRef }],
      wantEnv: [...ours, other],
    },
    {
      name: "an entry of our name from a field is replaced",
      env: [{ name: "DB_POOL_MIN_SIZE", valueFrom: fieldRef }],
      wantEnv: ours,
    },
    {
      name: "duplicates of our name all go",
      env: [
        { name: "DB_POOL_MAX_SIZE", value: "50" },
        other,
        { name: "DB_POOL_MAX_SIZE", value: "60" },
      ],
      wantEnv: [...ours, other],
    },
    {
      name: "duplicates of another name stay, in order",
      env: [other, { name: "OTHER", value: "second" }],
      wantEnv: [...ours, other, { name: "OTHER", value: "second" }],
    },
    {
      name: "other entries keep their sources",
      env: [
        { name: "POD", valueFrom: fieldRef },
        { name: "PASSWORD", valueFrom: secretRef },
        { name: "CPU", valueFrom: divided },
        { name: "EMPTY" },
      ],
      wantEnv: [
        ...ours,
        { name: "POD", valueFrom: fieldRef },
        { name: "PASSWORD", valueFrom: secretRef },
        { name: "CPU", valueFrom: divided },
        { name: "EMPTY" },
      ],
    },
    {
      name: "an entry may refer to ours",
      env: [{ name: "URL", value: "db?pool=$(DB_POOL_MAX_SIZE)" }],
      wantEnv: [...ours, { name: "URL", value: "db?pool=$(DB_POOL_MAX_SIZE)" }],
    },
  ])("$name", async ({ env, wantEnv }) => {
    const { status, body, message } = await tryPod(rest, namespace, webWith(env));

    expect(message).toBe("");
    expect(status).toBe(201);
    expect(envOf(body)).toEqual(wantEnv);
    expect(sizeOf(body)).toBe("12");
  });

  it("a container without env gets one", async () => {
    const { status, body } = await tryPod(rest, namespace, web);

    expect(status).toBe(201);
    expect(envOf(body)).toEqual(ours);
  });

  it("envFrom is kept", async () => {
    const envFrom = [{ configMapRef: { name: "settings" } }, { secretRef: { name: "login" } }];
    const parts = { ...web, containers: [{ name: "app", env: [other], envFrom }] };

    const { status, body } = await tryPod(rest, namespace, parts);

    expect(status).toBe(201);
    expect(envOf(body)).toEqual([...ours, other]);
    expect(read(body, "spec", "containers", 0, "envFrom")).toEqual(envFrom);
  });

  it("the container is found by name, and the others are left alone", async () => {
    const containers = [{ name: "proxy", env: [{ name: "DB_POOL_MAX_SIZE", value: "9" }] }];
    const parts = { ...web, containers: [...containers, { name: "app" }, { name: "log" }] };

    const { status, body } = await tryPod(rest, namespace, parts);

    expect(status).toBe(201);
    expect(envOf(body, "proxy")).toEqual([{ name: "DB_POOL_MAX_SIZE", value: "9" }]);
    expect(envOf(body, "app")).toEqual(ours);
    expect(envOf(body, "log")).toEqual([]);
  });

  it("its annotations are kept, and a size that somebody wrote there is replaced", async () => {
    const annotations = { note: "mine", "tools.dev/owner": "team", [poolSizeAnnotation]: "1" };

    const { status, body } = await tryPod(rest, namespace, { ...web, annotations });

    expect(status).toBe(201);
    const want = { ...annotations, [poolSizeAnnotation]: "12" };
    expect(read(body, "metadata", "annotations")).toEqual(want);
  });

  it("two thousand entries of its own are no obstacle", async () => {
    const env = Array.from({ length: 2000 }, (_, at) => ({ name: `E${at}`, value: String(at) }));

    const { status, body } = await tryPod(rest, namespace, webWith(env));

    expect(status).toBe(201);
    expect(envOf(body)).toEqual([...ours, ...env]);
  });
});

const apps = "apps/v1";
const rolloutLabel = "rollouts-pod-template-hash";

describe("the workload is known by the pod's controller", () => {
  it.each<{ name: string; parts: PodParts; wantSize: string | undefined }>([
    { name: "a Deployment by its ReplicaSet and hash", parts: web, wantSize: "12" },
    {
      name: "an Argo Rollout by its own hash label",
      parts: {
        owner: { apiVersion: apps, kind: "ReplicaSet", name: "canary-77" },
        labels: { [rolloutLabel]: "77" },
      },
      wantSize: "12",
    },
    {
      name: "a ReplicaSet of its own, without labels",
      parts: { owner: { apiVersion: apps, kind: "ReplicaSet", name: "alone" } },
      wantSize: "12",
    },
    {
      name: "a StatefulSet",
      parts: { owner: { apiVersion: apps, kind: "StatefulSet", name: "store" } },
      wantSize: "12",
    },
    {
      name: "a Job that is granted",
      parts: { owner: { apiVersion: "batch/v1", kind: "Job", name: "migrate" } },
      wantSize: "12",
    },
    {
      name: "a Job that is not granted is left alone",
      parts: { owner: { apiVersion: "batch/v1", kind: "Job", name: "web" } },
      wantSize: undefined,
    },
    {
      name: "a StatefulSet of another API group is another workload",
      parts: { owner: { apiVersion: "apps.kruise.io/v1", kind: "StatefulSet", name: "store" } },
      wantSize: undefined,
    },
    {
      name: "a ReplicaSet whose name does not end in the hash is no Deployment",
      parts: { ...web, labels: { "pod-template-hash": "other" } },
      wantSize: undefined,
    },
    {
      name: "no labels: the ReplicaSet's whole name counts",
      parts: { owner: { apiVersion: apps, kind: "ReplicaSet", name: "web-5d4f8" } },
      wantSize: undefined,
    },
    { name: "a Deployment without a grant", parts: deploymentPod("stranger"), wantSize: undefined },
    { name: "a bare pod", parts: {}, wantSize: undefined },
    {
      name: "a bare pod with the labels of a Deployment's",
      parts: { labels: { app: "web", "pod-template-hash": "5d4f8" } },
      wantSize: undefined,
    },
    {
      name: "a granted Deployment without that container",
      parts: { ...web, containers: [{ name: "renamed" }] },
      wantSize: undefined,
    },
    {
      name: "a mirror pod, which only shows what a kubelet runs",
      parts: { ...web, mirrorOn: "node-1" },
      wantSize: undefined,
    },
  ])("$name", async ({ parts, wantSize }) => {
    const { status, body, message } = await tryPod(rest, namespace, parts);

    expect(message).toBe("");
    expect(status).toBe(201);
    expect(sizeOf(body)).toBe(wantSize);
    expect(envOf(body)).toEqual(wantSize === undefined ? [] : ours);
  });

  it("a bare pod keeps the annotation that its author wrote", async () => {
    const annotations = { [poolSizeAnnotation]: "1" };

    const { status, body } = await tryPod(rest, namespace, { annotations });

    expect(status).toBe(201);
    expect(sizeOf(body)).toBe("1");
    expect(envOf(body)).toEqual([]);
  });
});
