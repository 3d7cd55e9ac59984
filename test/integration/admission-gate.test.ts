// The gate that the API server gives to new pods of a live pool whose grant says so, on a real API
// server, with pods of every shape: none is refused, and none gets the gate that must not have it.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { slotsGate } from "../../src/api/group.ts";
import {
  buildPod,
  buildPolicy,
  deploymentPod,
  envOf,
  grantOf,
  installGrants,
  sizeOf,
} from "../support/admission.ts";
import type { Grant, PodParts } from "../support/admission.ts";
import { admitAgain, admitPod } from "../support/admitted-pod.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import type { KubernetesRest } from "../support/kubernetes-rest.ts";

const namespace = "admission-gate";
const live = { ...grantOf(3), liveVariable: "DB_POOL_MAX_SIZE" };
const gated = { ...live, gatedFrom: "2026-11-30T09:00:00.000Z" };
const grants: Readonly<Record<string, Grant>> = {
  "Deployment/web": gated,
  "Deployment/second": { ...gated, container: "second" },
  "Deployment/sidecar": { ...gated, container: "pooler" },
  "Deployment/open": live,
  "Deployment/restart": { ...grantOf(3), gatedFrom: gated.gatedFrom },
  "StatefulSet/db": gated,
};
const ours = { name: slotsGate };
const other = { name: "example.com/wait" };

let rest: KubernetesRest;

beforeAll(async () => {
  rest = await installGrants(inject("controlPlane"), buildPolicy(namespace, "orders"), grants);
});

afterAll(() => {
  rest.close();
});

function gatesOf(pod: unknown): readonly unknown[] {
  return readList(pod, "spec", "schedulingGates");
}

function admitted(parts: PodParts): Promise<unknown> {
  return admitPod(rest, namespace, parts);
}

interface Shape {
  readonly name: string;
  readonly workload?: string;
  readonly parts?: Partial<PodParts>;
  readonly gates: readonly unknown[];
}

describe("a pod waits behind the gate, with the size to start with", () => {
  const mount = { name: "cache", mountPath: "/cache" };
  it.each<Shape>([
    { name: "without anything of its own", gates: [ours] },
    {
      name: "with a gate of somebody else",
      parts: { schedulingGates: [other] },
      gates: [other, ours],
    },
    {
      name: "with the gate in its template already",
      parts: { schedulingGates: [ours] },
      gates: [ours],
    },
    {
      name: "with the gate before that of somebody else",
      parts: { schedulingGates: [ours, other] },
      gates: [other, ours],
    },
    {
      name: "with annotations of its own, a size among them",
      parts: { annotations: { team: "shop", "poolwarden.dev/pool-size": "40" } },
      gates: [ours],
    },
    {
      name: "with volumes and mounts of its own",
      parts: {
        containers: [{ name: "app", volumeMounts: [mount] }],
        volumes: [{ name: "cache", emptyDir: {} }],
      },
      gates: [ours],
    },
    {
      name: "with its pool in the second container",
      workload: "second",
      parts: { containers: [{ name: "app" }, { name: "second" }] },
      gates: [ours],
    },
  ])("$name", async ({ workload = "web", parts, gates }) => {
    const pod = await admitted({ ...deploymentPod(workload), ...parts });
    expect(gatesOf(pod)).toEqual(gates);
    expect(sizeOf(pod)).toBe("3");
  });

  it("as a pod of a StatefulSet", async () => {
    const owner = { apiVersion: "apps/v1", kind: "StatefulSet", name: "db" };
    const pod = await admitted({ owner, labels: { app: "db" }, containers: [{ name: "app" }] });
    expect(gatesOf(pod)).toEqual([ours]);
  });

  it("and a second run of the policy changes nothing", async () => {
    const first = await admitted({ ...deploymentPod("web"), schedulingGates: [other] });
    const again = await admitAgain(rest, namespace, first);
    expect(gatesOf(again)).toEqual(gatesOf(first));
    expect(envOf(again)).toEqual(envOf(first));
  });
});

it("a pod that says of itself that it was released has another uid than it says", async () => {
  const uid = "5b0c8f7e-0f6b-4b52-9d1b-1c8ad1f0a001";
  const annotations = { "poolwarden.dev/released": uid };
  const { metadata, ...more } = buildPod(namespace, { ...deploymentPod("web"), annotations });
  const pod = { ...more, metadata: { ...metadata, uid } };
  const made = await rest.create(pod, { dryRun: true });
  expect(made.status).toBe(201);
  expect(gatesOf(made.body)).toEqual([ours]);
  expect(read(made.body, "metadata", "annotations", "poolwarden.dev/released")).toBe(uid);
  expect(read(made.body, "metadata", "uid")).not.toBe(uid);
});

describe("a pod gets no gate", () => {
  it.each<Omit<Shape, "gates">>([
    { name: "where the grant asks for none", workload: "open" },
    { name: "where its pool needs restarts", workload: "restart" },
    { name: "where no grant speaks of it", workload: "nobody" },
    { name: "where it has a node already", parts: { nodeName: "node-1" } },
    {
      name: "where something else is mounted at the path of the file",
      parts: {
        containers: [
          { name: "app", volumeMounts: [{ name: "cache", mountPath: "/etc/poolwarden" }] },
        ],
        volumes: [{ name: "cache", emptyDir: {} }],
      },
    },
    {
      name: "where the named container is missing",
      workload: "second",
      parts: { containers: [{ name: "app" }] },
    },
  ])("$name", async ({ workload = "web", parts }) => {
    const pod = await admitted({ ...deploymentPod(workload), ...parts });
    expect(gatesOf(pod)).toEqual([]);
  });

  it("where its pool is in an init container that keeps running", async () => {
    const initContainers = [{ name: "pooler", restartPolicy: "Always" }];
    const pod = await admitted({ ...deploymentPod("sidecar"), initContainers });
    expect(gatesOf(pod)).toEqual([]);
  });
});
