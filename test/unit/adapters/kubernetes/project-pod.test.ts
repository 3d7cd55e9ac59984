// What a pod is reduced to, and to which workload it is counted.

import { expect, test } from "vitest";
import { createProjections } from "../../../../src/adapters/kubernetes/project.ts";
import { rawContainer, rawPod } from "./raw-objects.ts";

const { pod: project } = createProjections();

test("a pod keeps what a decision needs and nothing else", () => {
  expect(project(rawPod())).toEqual({
    key: "shop/web-5d8f7c9b6-x2k4p",
    uid: "5b0c8f7e-0f6b-4b52-9d1b-1c8ad1f0a001",
    resourceVersion: "4711",
    workload: "shop/Deployment/web",
    addresses: ["10.1.2.3"],
    revision: "5d8f7c9b6",
    labels: { "pod-template-hash": "5d8f7c9b6" },
    createdAtMs: Date.parse("2026-09-01T10:00:00Z"),
    terminating: false,
    finished: false,
    containers: [{ name: "app", env: [{ name: "DB_POOL_MAX_SIZE", value: "50" }], envFrom: [] }],
    poolSizeAnnotation: undefined,
  });
});

test.each([
  { name: "none yet", status: { podIP: undefined }, want: [] },
  { name: "an empty one", status: { podIP: "", podIPs: [] }, want: [] },
  { name: "one", status: { podIP: "10.1.2.3", podIPs: [{ ip: "10.1.2.3" }] }, want: ["10.1.2.3"] },
  {
    name: "of both families",
    status: { podIP: "10.1.2.3", podIPs: [{ ip: "10.1.2.3" }, { ip: "fd00::7" }] },
    want: ["10.1.2.3", "fd00::7"],
  },
  { name: "garbled", status: { podIP: 7, podIPs: [{}, "x", { ip: 7 }] }, want: [] },
])("addresses: $name", ({ status, want }) => {
  expect(project(rawPod({ status }))?.addresses).toEqual(want);
});

const uid = "5b0c8f7e-0f6b-4b52-9d1b-1c8ad1f0a001";

test.each([
  { name: "with its own uid", mark: uid, isReleased: true },
  { name: "with the uid of another pod", mark: uid.replace("a001", "a002"), isReleased: undefined },
  { name: "with what a template can say", mark: "true", isReleased: undefined },
  { name: "with nothing", mark: "", isReleased: undefined },
  { name: "not at all", mark: undefined, isReleased: undefined },
])("marked as released $name", ({ mark, isReleased }) => {
  const annotations = { "poolwarden.dev/pool-size": "12", "poolwarden.dev/released": mark };
  expect(project(rawPod({ metadata: { annotations } }))?.released).toBe(isReleased);
});

test.each([
  { name: "nobody has said so yet", conditions: undefined },
  { name: "it is not", conditions: [{ type: "Ready", status: "False" }] },
  { name: "another condition is true", conditions: [{ type: "PodScheduled", status: "True" }] },
])("unready: $name", ({ conditions }) => {
  expect(project(rawPod({ status: { conditions } }))?.unready).toBe(true);
});

function owner(apiVersion: string, kind: string, name: string): object {
  return { ownerReferences: [{ apiVersion, kind, name, controller: true }] };
}

const owners = [
  {
    name: "a ReplicaSet whose name ends in the template hash stands for its Deployment",
    metadata: {},
    wantWorkload: "shop/Deployment/web",
  },
  {
    name: "a Deployment may have hyphens, even ones that look like a hash",
    metadata: owner("apps/v1", "ReplicaSet", "web-5d8f7c9b6-5d8f7c9b6"),
    wantWorkload: "shop/Deployment/web-5d8f7c9b6",
  },
  {
    name: "Argo's ReplicaSet stands for its Rollout",
    metadata: {
      ...owner("apps/v1", "ReplicaSet", "web-abc"),
      labels: { "rollouts-pod-template-hash": "abc" },
    },
    wantWorkload: "shop/Rollout/web",
  },
  {
    name: "a ReplicaSet without a hash stands for itself",
    metadata: { ...owner("apps/v1", "ReplicaSet", "web"), labels: {} },
    wantWorkload: "shop/ReplicaSet/web",
  },
  {
    name: "an empty hash is no hash",
    metadata: { ...owner("apps/v1", "ReplicaSet", "web-"), labels: { "pod-template-hash": "" } },
    wantWorkload: "shop/ReplicaSet/web-",
  },
  {
    name: "a ReplicaSet of another group is no Deployment's",
    metadata: owner("fleet.example.org/v1", "ReplicaSet", "web-5d8f7c9b6"),
    wantWorkload: "shop/ReplicaSet.fleet.example.org/web-5d8f7c9b6",
  },
  {
    name: "a StatefulSet is its own workload",
    metadata: owner("apps/v1", "StatefulSet", "db"),
    wantWorkload: "shop/StatefulSet/db",
  },
  {
    name: "a StatefulSet of another group is another kind",
    metadata: owner("apps.kruise.io/v1beta1", "StatefulSet", "db"),
    wantWorkload: "shop/StatefulSet.apps.kruise.io/db",
  },
  {
    name: "a Job is named with its kind",
    metadata: owner("batch/v1", "Job", "migrate"),
    wantWorkload: "shop/Job/migrate",
  },
  {
    name: "an owner that is no controller does not count",
    metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Service", name: "x" }] },
    wantWorkload: undefined,
  },
  {
    name: "a bare pod has no workload",
    metadata: { ownerReferences: undefined },
    wantWorkload: undefined,
  },
];

test.each(owners)("workload: $name", ({ metadata, wantWorkload }) => {
  expect(project(rawPod({ metadata: { ...metadata } }))?.workload).toBe(wantWorkload);
});

const states = [
  { name: "a deleted one", metadata: { deletionTimestamp: "2026-09-01T11:00:00Z" }, want: true },
  { name: "a living one", metadata: {}, want: false },
];

test.each(states)("$name: terminating is $want", ({ metadata, want }) => {
  expect(project(rawPod({ metadata }))?.terminating).toBe(want);
});

test.each([
  { phase: "Pending", want: false },
  { phase: "Running", want: false },
  { phase: "Unknown", want: false },
  { phase: "Succeeded", want: true },
  { phase: "Failed", want: true },
])("a pod in phase $phase: finished is $want", ({ phase, want }) => {
  expect(project(rawPod({ status: { phase } }))?.finished).toBe(want);
});

test("a pod of a StatefulSet takes its revision from the controller's label", () => {
  const labels = { "controller-revision-hash": "db-7c9" };
  expect(project(rawPod({ metadata: { labels } }))?.revision).toBe("db-7c9");
});

test("the size that was given at admission is kept", () => {
  const annotations = { "poolwarden.dev/pool-size": "12", "other/note": "x" };
  expect(project(rawPod({ metadata: { annotations } }))?.poolSizeAnnotation).toBe("12");
});

const entries = [
  { name: "a short literal", entry: { value: "50" }, want: { value: "50" } },
  { name: "a missing value is the empty string", entry: {}, want: { value: "" } },
  {
    name: "a literal of 20 characters",
    entry: { value: "x".repeat(20) },
    want: { value: "x".repeat(20) },
  },
  { name: "a longer literal keeps only its name", entry: { value: "x".repeat(21) }, want: {} },
  {
    name: "a longer reference and nothing else",
    entry: { value: "$(APP_SERVICE_PORT_OF_DATABASE)" },
    want: { value: "$(APP_SERVICE_PORT_OF_DATABASE)" },
  },
  {
    name: "a longer text with a reference in it",
    entry: { value: "app:secret-$(APP_SERVICE)" },
    want: {},
  },
  {
    name: "a ConfigMap's key",
    entry: { valueFrom: { configMapKeyRef: { name: "pool", key: "max" } } },
    want: { from: { kind: "ConfigMap", name: "pool", key: "max" } },
  },
  {
    name: "a Secret's key",
    entry: { valueFrom: { secretKeyRef: { name: "pool", key: "max" } } },
    want: { from: { kind: "Secret", name: "pool", key: "max" } },
  },
  {
    name: "a field of the pod",
    entry: { valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
    want: { otherSource: true },
  },
];

test.each(entries)("environment: $name", ({ entry, want }) => {
  const containers = [{ name: "app", env: [{ name: "X", ...entry }] }];
  expect(project(rawPod({ spec: { containers } }))?.containers[0]?.env).toEqual([
    { name: "X", ...want },
  ]);
});

test("environment from whole ConfigMaps and Secrets keeps names and prefixes", () => {
  const envFrom = [
    { configMapRef: { name: "settings" } },
    { prefix: "DB_", secretRef: { name: "login" } },
    { unknownRef: { name: "x" } },
  ];
  const pod = project(rawPod({ spec: { containers: [{ name: "app", envFrom }] } }));
  expect(pod?.containers[0]?.envFrom).toEqual([
    { kind: "ConfigMap", name: "settings", prefix: "" },
    { kind: "Secret", name: "login", prefix: "DB_" },
  ]);
});

test("of init containers those that keep running are containers", () => {
  const initContainers = [
    { ...rawContainer("migrate", "5") },
    { ...rawContainer("proxy", "5"), restartPolicy: "Always" },
  ];
  const kept = project(rawPod({ spec: { initContainers, containers: [] } }))?.containers;
  expect(kept).toMatchObject([{ name: "proxy", isSidecar: true }]);
});

test("pods that say the same share one list of containers", () => {
  const first = project(rawPod({ metadata: { name: "web-1" } }));
  const second = project(rawPod({ metadata: { name: "web-2" } }));
  expect(second?.containers).toBe(first?.containers);
});
