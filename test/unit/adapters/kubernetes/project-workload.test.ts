// What a Deployment and a StatefulSet are reduced to.

import { expect, test } from "vitest";
import { createProjections } from "../../../../src/adapters/kubernetes/project.ts";
import { rawContainer, rawWorkload } from "./raw-objects.ts";

const { Deployment: deployment, StatefulSet: statefulSet } = createProjections();

test("a Deployment keeps what a decision needs, with the API's defaults", () => {
  expect(deployment(rawWorkload())).toEqual({
    key: "shop/web",
    uid: "uid-web",
    resourceVersion: "12",
    kind: "Deployment",
    namespace: "shop",
    name: "web",
    generation: 3,
    observedGeneration: 3,
    labels: { app: "web" },
    annotations: {},
    replicas: 3,
    updatedReplicas: 2,
    statusReplicas: 4,
    readyReplicas: 3,
    updateRevision: undefined,
    revisionNumber: 0,
    strategy: "RollingUpdate",
    maxSurge: "25%",
    waitsForTermination: false,
    paused: false,
    stuck: undefined,
    containers: [{ name: "app", env: [{ name: "DB_POOL_MAX_SIZE", value: "50" }], envFrom: [] }],
    defaultContainer: undefined,
    templateAnnotations: {},
    envManagers: {},
  });
});

const rollouts = [
  {
    name: "no surge",
    spec: { strategy: { rollingUpdate: { maxSurge: 0 } } },
    want: { maxSurge: 0 },
  },
  {
    name: "a percentage",
    spec: { strategy: { rollingUpdate: { maxSurge: "100%" } } },
    want: { maxSurge: "100%" },
  },
  {
    name: "nonsense is the default",
    spec: { strategy: { rollingUpdate: { maxSurge: -3 } } },
    want: { maxSurge: "25%" },
  },
  {
    name: "Recreate has no surge",
    spec: { strategy: { type: "Recreate" } },
    want: { strategy: "Recreate", maxSurge: 0 },
  },
  {
    name: "a pod that waits for the old one",
    spec: { podReplacementPolicy: "TerminationComplete" },
    want: { waitsForTermination: true },
  },
  { name: "paused", spec: { paused: true }, want: { paused: true } },
  { name: "replicas left out", spec: { replicas: undefined }, want: { replicas: 1 } },
  { name: "scaled to nothing", spec: { replicas: 0 }, want: { replicas: 0 } },
];

test.each(rollouts)("Deployment: $name", ({ spec, want }) => {
  expect(deployment(rawWorkload({ spec }))).toMatchObject(want);
});

test.each<[said: unknown, surge: number | string]>([
  ["100%", "100%"],
  ["00025%", "25%"],
  ["1000%", "1000%"],
  ["1001%", "1000%"],
  ["99999999999999999%", "1000%"],
  [`${"9".repeat(400)}%`, "1000%"],
  [`${"0".repeat(400)}5%`, "1000%"],
  ["7", "25%"],
  ["-5%", "25%"],
  ["1e9%", "25%"],
  ["%", "25%"],
  [5_000_000_000, 100_000],
  [1.5, "25%"],
  [Number.NaN, "25%"],
])("a surge of %s counts as %s", (maxSurge, want) => {
  const spec = { strategy: { rollingUpdate: { maxSurge } } };
  expect(deployment(rawWorkload({ spec }))?.maxSurge).toBe(want);
});

test("numbers of pods are none that no cluster has", () => {
  const most = 2 ** 31 - 1;
  const status = { replicas: most, updatedReplicas: most, readyReplicas: most };
  const workload = deployment(rawWorkload({ spec: { replicas: most }, status }));
  expect(workload).toMatchObject({
    ...{ replicas: 100_000, statusReplicas: 100_000 },
    ...{ updatedReplicas: 100_000, readyReplicas: 100_000 },
  });
});

test("the first pod of a StatefulSet has number 0, or the one that it says", () => {
  const said = (start: unknown): unknown =>
    statefulSet(rawWorkload({ spec: { ordinals: { start } } }))?.firstOrdinal;
  expect([said(5), said(0), said("x"), said(undefined)]).toEqual([
    5,
    undefined,
    undefined,
    undefined,
  ]);
});

test("a StatefulSet has no surge and waits for each pod to be gone", () => {
  const raw = rawWorkload({
    spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } },
    status: { updateRevision: "web-7c9" },
  });
  expect(statefulSet(raw)).toMatchObject({
    kind: "StatefulSet",
    strategy: "RollingUpdate",
    maxSurge: 0,
    waitsForTermination: true,
    updateRevision: "web-7c9",
  });
});

test("a StatefulSet that is updated by hand says so", () => {
  const raw = rawWorkload({ spec: { updateStrategy: { type: "OnDelete" } } });
  expect(statefulSet(raw)?.strategy).toBe("OnDelete");
});

const conditions = [
  {
    name: "a deadline that has passed",
    condition: { type: "Progressing", status: "False", message: "has timed out progressing" },
    want: "has timed out progressing",
  },
  {
    name: "a quota that forbids pods",
    condition: { type: "ReplicaFailure", status: "True", message: "exceeded quota" },
    want: "exceeded quota",
  },
  {
    name: "a condition without a message",
    condition: { type: "ReplicaFailure", status: "True", reason: "FailedCreate" },
    want: "FailedCreate",
  },
  { name: "progress", condition: { type: "Progressing", status: "True", message: "ok" } },
];

test.each(conditions)("stuck: $name", ({ condition, want }) => {
  expect(deployment(rawWorkload({ status: { conditions: [condition] } }))?.stuck).toBe(want);
});

test("of annotations only ours and the default container are kept", () => {
  const metadata = {
    annotations: {
      "poolwarden.dev/rolled-at": "2026-09-01T10:00:00Z",
      "kubectl.kubernetes.io/default-container": "app",
      note: "x",
    },
  };
  const template = { metadata, spec: { containers: [rawContainer("app", "5")] } };
  const raw = rawWorkload({
    template,
    metadata: { annotations: { "poolwarden.dev/reverts": "1", a: "b" } },
  });
  expect(deployment(raw)).toMatchObject({
    defaultContainer: "app",
    templateAnnotations: { "poolwarden.dev/rolled-at": "2026-09-01T10:00:00Z" },
    annotations: { "poolwarden.dev/reverts": "1" },
  });
});

function owning(manager: string, ...names: readonly string[]): object {
  const env = Object.fromEntries(
    names.map((name) => [`k:${JSON.stringify({ name })}`, { ".": {} }]),
  );
  const containers = { 'k:{"name":"app"}': { ".": {}, "f:env": { ".": {}, ...env } } };
  const template = { "f:spec": { "f:containers": containers } };
  return { manager, operation: "Apply", fieldsV1: { "f:spec": { "f:template": template } } };
}

/** A key that no API server writes: a projection must survive anything. */
function owningKey(manager: string, key: string): object {
  const containers = { 'k:{"name":"app"}': { "f:env": { [key]: {} } } };
  const template = { "f:spec": { "f:containers": containers } };
  return { manager, fieldsV1: { "f:spec": { "f:template": template } } };
}

test("every manager of an environment entry that the template has is named, once", () => {
  const managedFields = [
    owning("helm", "DB_POOL_MAX_SIZE", "GONE"),
    owning("poolwarden", "DB_POOL_MAX_SIZE"),
    owning("helm", "DB_POOL_MAX_SIZE"),
    { manager: "kube-controller-manager", fieldsV1: { "f:status": {} } },
    owningKey("poolwarden", "k:{garbled"),
    {
      manager: "odd",
      fieldsV1: { "f:spec": { "f:template": { "f:spec": { "f:containers": 7 } } } },
    },
  ];
  expect(deployment(rawWorkload({ metadata: { managedFields } }))?.envManagers).toEqual({
    "app/DB_POOL_MAX_SIZE": ["helm", "poolwarden"],
  });
});

test.each([
  { name: "an entry", managedFields: [owning("poolwarden", "A")], want: true },
  {
    name: "an annotation alone",
    managedFields: [{ manager: "poolwarden", fieldsV1: {} }],
    want: true,
  },
  { name: "nothing", managedFields: [owning("helm", "A")], want: undefined },
])("whether something is ours: $name", ({ managedFields, want }) => {
  expect(deployment(rawWorkload({ metadata: { managedFields } }))?.ownedByUs).toBe(want);
});

test("whoever writes the pods' spec of the template is named, once and without us", () => {
  const managedFields = [
    owning("lake-operator", "A"),
    owning("lake-operator", "B"),
    owning("poolwarden", "A"),
    { manager: "kubectl-rollout", fieldsV1: { "f:spec": { "f:template": { "f:metadata": {} } } } },
    { manager: "kube-controller-manager", fieldsV1: { "f:status": {} } },
    ...["argocd", "kubectl", "zeal"].map((manager) => owning(manager, "A")),
  ];
  const projected = deployment(rawWorkload({ metadata: { managedFields } }));
  expect(projected?.templateManagers).toEqual(["argocd", "kubectl", "lake-operator"]);
});

test("what controls it is kept, by group, kind and name", () => {
  const reference = { apiVersion: "lake.example/v1", kind: "Lake", name: "main", uid: "u" };
  const metadata = { ownerReferences: [{ ...reference, controller: true }] };
  const owner = { group: "lake.example", kind: "Lake", name: "main" };
  expect(deployment(rawWorkload({ metadata }))?.owner).toEqual(owner);
});

test.each([
  { replicas: 0, manager: "rollouts-controller", want: { isScaledByRollouts: true } },
  { replicas: 0, manager: "kubectl-scale", want: {} },
  { replicas: 1, manager: "rollouts-controller", want: undefined },
])("a Deployment of $replicas pods, scaled by $manager", ({ replicas, manager, want }) => {
  const managedFields = [{ manager, fieldsV1: { "f:spec": { "f:replicas": {} } } }];
  const labels = { app: "web" };
  const raw = rawWorkload({
    ...{ metadata: { managedFields }, spec: { replicas } },
    template: { metadata: { labels } },
  });
  const { podLabels, isScaledByRollouts } = deployment(raw) ?? {};
  expect(podLabels).toEqual(want && labels);
  expect(isScaledByRollouts).toBe(want?.isScaledByRollouts);
  expect(statefulSet(raw)?.podLabels).toBeUndefined();
});
