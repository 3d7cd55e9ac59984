// The expression of the admission policy is the most dangerous line of the project: an error in it
// is found when somebody's pod does not start. So beside the shapes that we thought of, random pods
// go through a real API server, and each must come out as this file's plain model of it says.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { buildPolicy, envOf, grantOf, installGrants, sizeOf } from "../support/admission.ts";
import type { Entry, PodParts } from "../support/admission.ts";
import { admitPod } from "../support/admitted-pod.ts";
import type { KubernetesRest } from "../support/kubernetes-rest.ts";

const namespace = "admission-shapes";
const grant = grantOf(12);
const granted = new Set(["Deployment/web", "StatefulSet/web"]);

let rest: KubernetesRest;

beforeAll(async () => {
  const grants = Object.fromEntries([...granted].map((one) => [one, grant]));
  rest = await installGrants(inject("controlPlane"), buildPolicy(namespace, "orders"), grants);
});

afterAll(() => {
  rest.close();
});

const names = fc.constantFrom("DB_POOL_MAX_SIZE", "DB_POOL_MIN_SIZE", "OTHER", "db.pool-size", "_");
const sources = fc.constantFrom<object>(
  {},
  { value: "50" },
  { value: "$(OTHER) \"quoted\" 'text'\nü😀" },
  { valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } },
  { valueFrom: { secretKeyRef: { name: "sizes", key: "max", optional: true } } },
  { valueFrom: { configMapKeyRef: { name: "sizes", key: "max" } } },
  {
    valueFrom: {
      resourceFieldRef: { containerName: "x", resource: "limits.memory", divisor: "1Mi" },
    },
  },
);
const entry = fc.tuple(names, sources).map(([name, source]): Entry => ({ name, ...source }));
const env = fc.option(fc.array(entry, { maxLength: 6 }), { nil: undefined });
const containers = fc
  .uniqueArray(fc.tuple(fc.constantFrom("app", "proxy", "log"), env), {
    minLength: 1,
    selector: ([name]) => name,
  })
  .map((list) =>
    list.map(([name, entries]) => ({ name, ...(entries === undefined ? {} : { env: entries }) })),
  );
const labels = fc.constantFrom(undefined, {}, { app: "web" }, { "pod-template-hash": "5d4f8" });
const annotations = fc.constantFrom(undefined, {}, { note: "mine" });
const owners = fc.constantFrom(
  undefined,
  { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web-5d4f8" },
  { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web" },
  { apiVersion: "apps/v1", kind: "StatefulSet", name: "web" },
  { apiVersion: "batch/v1", kind: "Job", name: "web" },
);
const pods = fc
  .record({ owner: owners, labels, annotations, containers })
  .map((parts) => Object.fromEntries(Object.entries(parts).filter(([, part]) => part)) as PodParts);

function workloadOf({ owner, labels: given }: PodParts): string | undefined {
  if (owner?.kind !== "ReplicaSet") return owner && `${owner.kind}/${owner.name}`;
  const suffix = `-${given?.["pod-template-hash"] ?? "none"}`;
  const stem = owner.name.slice(0, -suffix.length);
  return owner.name === stem + suffix ? `Deployment/${stem}` : `ReplicaSet/${owner.name}`;
}

function isSized(parts: PodParts): boolean {
  const pooled = parts.containers?.find((one) => one.name === grant.container);
  return granted.has(workloadOf(parts) ?? "") && pooled !== undefined && !holdsText(pooled.env);
}

/** A text that is no number, under a name of the grant, is never written over. */
function holdsText(entries: readonly Entry[] = []): boolean {
  return entries.some(({ name, value }) => {
    return grant.env.some((one) => one.name === name) && value !== undefined && value !== "50";
  });
}

function wantEnv(parts: PodParts, container: string): readonly Entry[] {
  const own = parts.containers?.find((one) => one.name === container)?.env ?? [];
  if (container !== grant.container || !isSized(parts)) return own;
  return [...grant.env, ...own.filter(({ name }) => !grant.env.some((one) => one.name === name))];
}

describe("random pods", () => {
  it("are all accepted, and come out as the model says", async () => {
    await fc.assert(
      fc.asyncProperty(pods, async (parts) => {
        const pod = await admitPod(rest, namespace, parts);

        expect(sizeOf(pod)).toBe(isSized(parts) ? "12" : undefined);
        for (const { name } of parts.containers ?? []) {
          expect(envOf(pod, name)).toEqual(wantEnv(parts, name));
        }
      }),
      { numRuns: 400 },
    );
  });
});
