// The small kinds, and the law that holds for all: a projection never throws and keeps no raw
// object.

import fc from "fast-check";
import { expect, test } from "vitest";
import { createProjections } from "../../../../src/adapters/kubernetes/project.ts";
import type { Projection } from "../../../../src/adapters/kubernetes/project.ts";
import type { ObservedObject } from "../../../../src/observed.ts";
import { rawPod, rawWorkload } from "./raw-objects.ts";

const projections = createProjections();
const all: readonly Projection<ObservedObject>[] = Object.values({ ...projections });

test("an autoscaler says what it targets and how far it may go", () => {
  const raw = {
    metadata: { name: "web", namespace: "shop", uid: "u", resourceVersion: "1" },
    spec: { scaleTargetRef: { kind: "Deployment", name: "web" }, maxReplicas: 15 },
  };
  expect(projections.autoscaler(raw)).toEqual({
    key: "shop/web",
    uid: "u",
    resourceVersion: "1",
    namespace: "shop",
    targetKind: "Deployment",
    targetName: "web",
    maxReplicas: 15,
  });
});

test.each([
  { apiVersion: "example.io/v1", want: "example.io" },
  { apiVersion: "v1", want: "" },
  { apiVersion: undefined, want: undefined },
])("an autoscaler of something of $apiVersion", ({ apiVersion, want }) => {
  const scaleTargetRef = { apiVersion, kind: "Identity", name: "sso" };
  const raw = { metadata: { name: "sso", namespace: "shop" }, spec: { scaleTargetRef } };
  expect(projections.autoscaler(raw)?.targetGroup).toBe(want);
});

test.each([
  { said: 2 ** 31 - 1, want: 100_000 },
  { said: 1e308, want: 0 },
  { said: -1, want: 0 },
  { said: 1.5, want: 0 },
  { said: "15", want: 0 },
])("an autoscaler that may go to $said goes to $want", ({ said, want }) => {
  const raw = { metadata: { name: "web", namespace: "shop" }, spec: { maxReplicas: said } };
  expect(projections.autoscaler(raw)?.maxReplicas).toBe(want);
});

test("a policy keeps its spec and status as they are", () => {
  const metadata = { name: "orders", namespace: "shop", uid: "u", generation: 2 };
  const deletionTimestamp = "2026-09-01T10:00:00Z";
  expect(
    projections.policy({
      metadata: { ...metadata, deletionTimestamp },
      spec: { mode: 7 },
      status: [],
    }),
  ).toMatchObject({ name: "orders", generation: 2, spec: { mode: 7 }, status: [], deleting: true });
});

test("an object without a namespace is known by its name", () => {
  expect(projections.presence({ metadata: { name: "poolwarden", uid: "u" } })?.key).toBe(
    "poolwarden",
  );
});

test("the admission policy says since when it is there", () => {
  const metadata = { name: "poolwarden", creationTimestamp: "2026-09-01T10:00:00Z" };
  expect(projections.presence({ metadata })?.createdAtMs).toBe(Date.UTC(2026, 8, 1, 10));
});

const byName = (...values: unknown[]): object => ({
  key: "kubernetes.io/metadata.name",
  operator: "In",
  values,
});

test.each<{ name: string; spec: unknown; want: readonly string[] | undefined }>([
  { name: "no selector: all", spec: { policyName: "poolwarden" }, want: undefined },
  {
    name: "what the API server makes of it: all",
    spec: { matchResources: { namespaceSelector: {}, objectSelector: {} } },
    want: undefined,
  },
  {
    name: "the namespaces that the chart names",
    spec: { matchResources: { namespaceSelector: { matchExpressions: [byName("a", "b")] } } },
    want: ["a", "b"],
  },
  {
    name: "one namespace by its label",
    spec: {
      matchResources: {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "a", team: "x" } },
      },
    },
    want: ["a"],
  },
  {
    name: "the policy's own constraints",
    spec: { matchConstraints: { namespaceSelector: { matchExpressions: [byName("a")] } } },
    want: ["a"],
  },
  {
    name: "two requirements: what both allow",
    spec: {
      matchResources: { namespaceSelector: { matchExpressions: [byName("a", "b"), byName("b")] } },
    },
    want: ["b"],
  },
  {
    name: "another requirement beside it can only take some of them away",
    spec: {
      matchResources: {
        namespaceSelector: { matchExpressions: [byName("a"), { key: "x", operator: "Exists" }] },
      },
    },
    want: ["a"],
  },
  {
    name: "another label, another operator, no values: not understood, so all",
    spec: {
      matchResources: {
        namespaceSelector: {
          matchLabels: { team: "x" },
          matchExpressions: [
            { ...byName("a"), key: "team" },
            { ...byName("a"), operator: "NotIn" },
            byName(),
            byName(7),
            7,
          ],
        },
      },
    },
    want: undefined,
  },
  { name: "something that is no spec: all", spec: 7, want: undefined },
])("namespaces that admission reaches: $name", ({ spec, want }) => {
  expect(projections.presence({ metadata: { name: "poolwarden" }, spec })?.namespaces).toEqual(
    want,
  );
});

const owner = { kind: "Deployment", name: "web", uid: "web-1", controller: true };

test.each([
  {
    name: "a Deployment's ReplicaSet says whose pods it makes, and how new it is",
    metadata: {
      labels: { "pod-template-hash": "5c9f" },
      annotations: { "deployment.kubernetes.io/revision": "12" },
      ownerReferences: [owner],
    },
    want: {
      ...{ workload: "shop/Deployment/web", workloadUid: "web-1" },
      ...{ revision: "5c9f", revisionNumber: 12 },
    },
  },
  {
    name: "a ReplicaSet of its own belongs to no workload",
    metadata: { labels: {} },
    want: { workload: undefined, revision: "", revisionNumber: 0 },
  },
  {
    name: "an annotation that is no number counts as the oldest",
    metadata: {
      ownerReferences: [owner],
      annotations: { "deployment.kubernetes.io/revision": "new" },
    },
    want: { revisionNumber: 0 },
  },
  {
    name: "an annotation of 400 digits counts as the oldest too",
    metadata: {
      ownerReferences: [owner],
      annotations: { "deployment.kubernetes.io/revision": "9".repeat(400) },
    },
    want: { revisionNumber: 0 },
  },
])("$name", ({ metadata, want }) => {
  const raw = { metadata: { name: "web-5c9f", namespace: "shop", uid: "u", ...metadata } };
  expect(projections.replicaSet(raw)).toMatchObject({ key: "shop/web-5c9f", ...want });
});

test.each([
  { name: "says the number of its newest ReplicaSet", said: "12", want: 12 },
  { name: "of which nothing is said, or no number, has none", said: "new", want: 0 },
])("a Deployment $name", ({ said, want }) => {
  const annotations = { "deployment.kubernetes.io/revision": said };
  const raw = { metadata: { name: "web", namespace: "shop", uid: "u", annotations } };
  expect(projections.Deployment(raw)).toMatchObject({ revisionNumber: want });
});

test("an alert rule says whether all fields that we wrote are still ours", () => {
  const entry = (manager: string, fieldsV1: object, time: string): object => ({
    ...{ manager, fieldsV1, time, operation: "Apply" },
  });
  const printOf = (...managedFields: readonly object[]): string | undefined => {
    const metadata = { name: "poolpolicy-orders", namespace: "shop", uid: "u", managedFields };
    return projections.alertRule({ metadata })?.ownFields;
  };
  const ours = printOf(entry("poolwarden", { "f:spec": {} }, "1"));
  const other = entry("kubectl-edit", { "f:spec": {} }, "2");
  expect(printOf(entry("poolwarden", { "f:spec": {} }, "3"), other)).toBe(ours);
  expect(printOf(entry("poolwarden", {}, "1"), other)).not.toBe(ours);
  expect(printOf(other)).not.toBe(ours);
});

// Any JSON, and real objects in which any one thing was replaced by any JSON.
const garbled = fc
  .tuple(fc.constantFrom(rawPod(), rawWorkload()), fc.nat(), fc.jsonValue())
  .map(([object, position, junk]) => replaceNth(object, position, junk));

test("no projection throws, whatever the API server sends", () => {
  fc.assert(
    fc.property(fc.oneof(garbled, fc.jsonValue()), (raw) => {
      for (const project of all) project(raw);
    }),
    { numRuns: 2_000 },
  );
});

test("numbers stay counts: never negative, never a fraction, never not a number", () => {
  fc.assert(
    fc.property(fc.oneof(fc.double(), fc.jsonValue()), (replicas) => {
      const workload = projections.Deployment(rawWorkload({ spec: { replicas } }));
      expect(Number.isSafeInteger(workload?.replicas)).toBe(true);
      expect(workload?.replicas).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("a label named like a property of every object stays a label", () => {
  const labels = JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, unknown>;
  const workload = projections.Deployment(rawWorkload({ metadata: { labels } }));
  expect(Object.entries(workload?.labels ?? {})).toEqual([
    ["__proto__", "x"],
    ["constructor", "y"],
  ]);
});

function replaceNth(object: object, position: number, junk: unknown): unknown {
  let paths = 0;
  JSON.stringify(object, (_, value: unknown) => (paths++, value));
  let seen = 0;
  const target = position % paths;
  const text = JSON.stringify(object, (_, value: unknown) => (seen++ === target ? junk : value));
  return JSON.parse(text);
}
