// What the API server adds to pods of a live pool: the variable by reference to the pod's own
// annotation, and the file that follows it. On a real API server, with pods of every shape.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { liveAnnotation, liveVolumeName } from "../../src/api/group.ts";
import {
  buildPolicy,
  deploymentPod,
  envOf,
  grantOf,
  installGrants,
  sizeOf,
} from "../support/admission.ts";
import type { Entry, Grant, PodParts } from "../support/admission.ts";
import { admitAgain, admitPod } from "../support/admitted-pod.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import type { KubernetesRest } from "../support/kubernetes-rest.ts";

const namespace = "admission-live";
const live = { ...grantOf(3), liveVariable: "DB_POOL_MAX_SIZE" };
const grants: Readonly<Record<string, Grant>> = {
  "Deployment/web": live,
  "Deployment/second": { ...live, container: "second" },
  "Deployment/sidecar": { ...live, container: "pooler" },
  "Deployment/restart": grantOf(3),
};
const fromAnnotation = {
  name: "DB_POOL_MAX_SIZE",
  valueFrom: {
    fieldRef: { apiVersion: "v1", fieldPath: "metadata.annotations['poolwarden.dev/pool-size']" },
  },
};
const minimum = { name: "DB_POOL_MIN_SIZE", value: "1" };
const mount = { name: liveVolumeName, readOnly: true, mountPath: "/etc/poolwarden" };
const otherMount = { name: "cache", mountPath: "/cache" };
const otherVolume = { name: "cache", emptyDir: {} };
/** At the path of the file, below it, or above it, where a read-only volume has no place for it. */
const mountsInTheWay = [
  ...["/etc/poolwarden", "/etc/poolwarden/", "/etc//poolwarden", "/etc/poolwarden/more"],
  ...["/etc", "/etc/", "//etc", "/./etc/.", "etc", "/"],
];

let rest: KubernetesRest;

beforeAll(async () => {
  rest = await installGrants(inject("controlPlane"), buildPolicy(namespace, "orders"), grants);
});

afterAll(() => {
  rest.close();
});

function mountsOf(pod: unknown, name = "app"): readonly unknown[] {
  const container = readList(pod, "spec", "containers").find((one) => read(one, "name") === name);
  const isOurs = (one: unknown): boolean => read(one, "name") === liveVolumeName;
  return readList(container, "volumeMounts").filter((one) => isOurs(one));
}

function volumesOf(pod: unknown): readonly unknown[] {
  return readList(pod, "spec", "volumes").filter((one) => read(one, "name") === liveVolumeName);
}

function admitted(name: string, parts: Partial<PodParts> = {}): Promise<unknown> {
  return admitPod(rest, namespace, { ...deploymentPod(name), ...parts });
}

interface Shape {
  readonly name: string;
  readonly workload?: string;
  readonly parts?: Partial<PodParts>;
  readonly container?: string;
  readonly kept?: readonly Entry[];
}

describe("a pod of a live pool follows its annotation", () => {
  const word = { name: "LOG", value: "debug" };
  it.each<Shape>([
    { name: "without anything of its own" },
    {
      name: "with other variables",
      parts: { containers: [{ name: "app", env: [word] }] },
      kept: [word],
    },
    {
      name: "with a size in its template",
      parts: { containers: [{ name: "app", env: [{ name: "DB_POOL_MAX_SIZE", value: "50" }] }] },
    },
    {
      name: "with the reference in its template already",
      parts: { containers: [{ name: "app", env: [fromAnnotation] }] },
    },
    {
      name: "with annotations of its own, ours among them",
      parts: { annotations: { team: "shop", "poolwarden.dev/pool-size": "40" } },
    },
    ...["/etc/app", "/etc/poolwarden-more", "/etcetera"].map((mountPath) => ({
      name: `with a mount at ${mountPath}`,
      parts: {
        containers: [{ name: "app", volumeMounts: [{ name: "cache", mountPath }] }],
        volumes: [otherVolume],
      },
    })),
    {
      name: "with volumes and mounts of its own",
      parts: {
        containers: [{ name: "app", volumeMounts: [otherMount] }],
        volumes: [otherVolume],
      },
    },
    {
      name: "with a read-only root",
      parts: { containers: [{ name: "app", securityContext: { readOnlyRootFilesystem: true } }] },
    },
    {
      name: "in its second container",
      workload: "second",
      container: "second",
      parts: { containers: [{ name: "app" }, { name: "second" }] },
    },
  ])("$name", async ({ workload = "web", parts, container = "app", kept = [] }) => {
    const pod = await admitted(workload, parts);

    expect(envOf(pod, container)).toEqual([minimum, fromAnnotation, ...kept]);
    expect(sizeOf(pod)).toBe("3");
    expect(read(pod, "metadata", "annotations", liveAnnotation)).toBe("true");
    expect(mountsOf(pod, container)).toEqual([mount]);
    expect(volumesOf(pod)).toHaveLength(1);
    expect(read(volumesOf(pod)[0], "downwardAPI", "items")).toEqual([
      { path: "pool-size", fieldRef: fromAnnotation.valueFrom.fieldRef },
    ]);
  });

  it("and keeps what else it has", async () => {
    const pod = await admitted("web", {
      containers: [{ name: "app", volumeMounts: [otherMount] }, { name: "log" }],
      volumes: [otherVolume],
    });
    const names = readList(pod, "spec", "volumes").map((one) => read(one, "name"));
    expect(names).toContain("cache");
    expect(mountsOf(pod, "log")).toEqual([]);
    const mounts = readList(readList(pod, "spec", "containers")[0], "volumeMounts");
    expect(mounts.map((one) => read(one, "name"))).toContain("cache");
  });

  it("and a second run of the policy changes nothing", async () => {
    const first = await admitted("web", {
      containers: [{ name: "app", volumeMounts: [otherMount] }],
      volumes: [otherVolume],
    });
    const again = await admitAgain(rest, namespace, first);
    expect(read(again, "spec", "volumes")).toEqual(read(first, "spec", "volumes"));
    expect(envOf(again)).toEqual(envOf(first));
    expect(mountsOf(again)).toEqual(mountsOf(first));
  });
});

describe("a pod gets its size at its start alone", () => {
  it.each<Shape>([
    { name: "where its pool needs restarts", workload: "restart" },
    ...mountsInTheWay.map((mountPath) => ({
      name: `where something else is mounted at ${mountPath}`,
      parts: {
        containers: [{ name: "app", volumeMounts: [{ name: "cache", mountPath }] }],
        volumes: [otherVolume],
      },
    })),
  ])("$name", async ({ workload = "web", parts }) => {
    const pod = await admitted(workload, parts);

    expect(envOf(pod)).toEqual([minimum, { name: "DB_POOL_MAX_SIZE", value: "3" }]);
    expect(sizeOf(pod)).toBe("3");
    expect(read(pod, "metadata", "annotations", liveAnnotation)).toBeUndefined();
    expect(volumesOf(pod)).toEqual([]);
  });

  it("where its pool is in an init container that keeps running", async () => {
    const initContainers = [{ name: "pooler", restartPolicy: "Always" }];
    const pod = await admitted("sidecar", { initContainers });
    expect(sizeOf(pod)).toBe("3");
    expect(volumesOf(pod)).toEqual([]);
  });
});
