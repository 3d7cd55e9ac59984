// What is kept of an object is bounded, whatever is in it and wherever it stands: each text, each
// name of a field and each list of an object with everything in it is made as large as an API
// server takes, one at a time and all at once.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import {
  createProjections,
  type Projections,
} from "../../../../src/adapters/kubernetes/project.ts";
import { expectCpuBelow } from "../../../support/cpu-time.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const metadata = {
  ...{ name: "web", namespace: "shop", uid: "u", resourceVersion: "1", generation: 1 },
  ...{ creationTimestamp: "2026-09-01T10:00:00Z", deletionTimestamp: "2026-09-01T10:00:00Z" },
  labels: { "pod-template-hash": "5c9f", "controller-revision-hash": "5c9f", app: "web" },
  annotations: {
    "poolwarden.dev/pool-size": "7",
    "poolwarden.dev/rolled-at": "2026-09-01T10:00:00Z",
    "poolwarden.dev/reverts": "1",
    "kubectl.kubernetes.io/default-container": "app",
    "deployment.kubernetes.io/revision": "12",
  },
  ownerReferences: [
    { apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "o", controller: true },
  ],
  managedFields: ["poolwarden", "helm"].map((manager) => ({ manager, fieldsV1: fieldsOfSizes() })),
};

function fieldsOfSizes(): object {
  const entry = { 'k:{"name":"DB_POOL_SIZE"}': { ".": {} } };
  const containers = { 'k:{"name":"app"}': { "f:env": entry } };
  return { "f:spec": { "f:template": { "f:spec": { "f:containers": containers } } } };
}

const container = {
  name: "app",
  command: ["java", "-Dspring.datasource.hikari.maximum-pool-size=5", "-jar", "app.jar"],
  args: ["--spring.datasource.hikari.maximum-pool-size=5"],
  env: [
    { name: "DB_POOL_SIZE", value: "5" },
    { name: "DATABASE_URL", value: "postgresql://db/app?pool=$(DB_POOL_SIZE)" },
    { name: "SPRING_APPLICATION_JSON", value: '{"db":{"pool":{"size":5}}}' },
    { name: "DB_MAX", valueFrom: { configMapKeyRef: { name: "sizes", key: "max" } } },
    { name: "DB_MIN", valueFrom: { secretKeyRef: { name: "sizes", key: "min" } } },
  ],
  envFrom: [
    { prefix: "DB_", configMapRef: { name: "sizes" } },
    { prefix: "DB_", secretRef: { name: "sizes" } },
  ],
};
const template = { metadata, spec: { containers: [container] } };
const condition = { type: "ReplicaFailure", status: "True", reason: "Failed", message: "quota" };
const selector = {
  matchLabels: { "kubernetes.io/metadata.name": "shop" },
  matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["shop"] }],
};
const strategies = {
  strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%" } },
  updateStrategy: { type: "RollingUpdate" },
};
const workload = {
  metadata,
  spec: { replicas: 1, template, ...strategies },
  status: { replicas: 1, updateRevision: "web-1", conditions: [condition] },
};

/** Of policies spec and status are kept as they are: their schema bounds each text and list. */
const objects: Readonly<Record<keyof Projections, object>> = {
  pod: {
    ...{ metadata, spec: { containers: [container] } },
    status: {
      ...{ phase: "Running", podIP: "10.1.2.3", podIPs: [{ ip: "10.1.2.3" }] },
      conditions: [{ type: "Ready", status: "True" }],
    },
  },
  Deployment: workload,
  StatefulSet: workload,
  replicaSet: { metadata },
  autoscaler: {
    metadata,
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" } },
  },
  policy: { metadata },
  presence: {
    metadata,
    spec: {
      matchResources: { namespaceSelector: selector },
      matchConstraints: { namespaceSelector: selector },
    },
  },
  alertRule: { metadata },
};
const kinds = Object.keys(objects) as (keyof Projections)[];

const megabyte = 1_000_000;
const words = ["MAX", "x"].map((word) => word.repeat(megabyte / word.length));

/** Every copy in which one text, one name of a field or one list is as large as may be. */
function* enlarged(object: unknown): Iterable<unknown> {
  if (typeof object === "string") yield* words.map((word) => `${word}${object}`);
  if (typeof object !== "object" || object === null) return;
  if (Array.isArray(object)) yield manyOf((object as readonly unknown[])[0]);
  for (const [name, value] of Object.entries<unknown>({ ...object })) {
    if (!Array.isArray(object)) yield* words.map((word) => ({ ...object, [word + name]: value }));
    for (const large of enlarged(value)) yield replaced(object, name, large);
  }
}

function replaced(object: object, name: string, value: unknown): unknown {
  if (!Array.isArray(object)) return { ...object, [name]: value };
  return object.map((element: unknown, place) => (String(place) === name ? value : element));
}

/** As many as have room in an object, all of them different where they have names. */
function manyOf(element: unknown): unknown[] {
  const count = Math.ceil((1.3 * megabyte) / (JSON.stringify(element).length + 10));
  return Array.from({ length: count }, (_, place) => {
    if (typeof element === "string") return `${element}${place}`;
    const named = element as { name?: string; manager?: string };
    return {
      ...named,
      ...(named.name !== undefined && { name: `${named.name}${place}` }),
      ...(named.manager !== undefined && { manager: `${named.manager}${place}` }),
    };
  });
}

const project = createProjections();

test.each(kinds)("no text, name or list of a %s makes what is kept of it large", (kind) => {
  let sizes = 0;
  for (const large of enlarged(objects[kind])) {
    let kept: unknown;
    expectCpuBelow(200, () => (kept = project[kind](large)));
    expect(JSON.stringify(kept ?? null).length).toBeLessThan(70_000);
    sizes += 1;
  }
  expect(sizes).toBeGreaterThan(20);
});

const many = (count: number): number[] => Array.from({ length: count }, (_, place) => place);
/** As long as may be, and no two alike. */
const long = (place: number, characters: number): string =>
  `DB_SIZE_${place}_`.padEnd(characters, "x");

/** All that is kept of a template, each as long as it may be and as often as an object has room. */
function fullest(seed: number, containers: number): object {
  const each = (count: number): number[] => many(Math.ceil(count / containers));
  const place = seed * 10_000;
  const env = each(700).map((entry) => ({
    name: long(place + entry, 128),
    valueFrom: { secretKeyRef: { name: long(place + entry, 253), key: long(entry, 253) } },
  }));
  const envFrom = each(600).map((source) => ({
    ...{ prefix: long(place, 128), configMapRef: { name: long(place + source, 253) } },
  }));
  const labels = Object.fromEntries(many(600).map((l) => [long(place + l, 317), long(l, 63)]));
  const spec = { containers: many(containers).map((c) => ({ name: `c${c}`, env, envFrom })) };
  const conditions = [{ ...condition, message: `${place}`.repeat(60_000) }];
  const raw = {
    metadata: { ...metadata, name: `web${seed}`, labels },
    spec: { template: { spec } },
  };
  return { ...raw, status: { conditions } };
}

test.each([1, 20, 100])("of the fullest template of %i containers a sixth is kept", (count) => {
  const kept = project.Deployment(fullest(1, count));
  expect(kept?.containers.at(-1)?.isCut).toBe(true);
  expect(JSON.stringify(kept).length).toBeLessThan(210_000);
});

test("what is kept of large objects holds on to no more of them than it shows", () => {
  const memoryBytes = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const fresh = createProjections();
  const before = memoryBytes();
  const kept = many(60).map((seed) => {
    const parsed: unknown = JSON.parse(JSON.stringify(fullest(seed, 1)));
    return fresh.Deployment(parsed);
  });
  expect(kept.every((one) => one !== undefined)).toBe(true);
  expect((memoryBytes() - before) / kept.length).toBeLessThan(350_000);
});
