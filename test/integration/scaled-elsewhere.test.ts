// On a real API server: a StatefulSet whose custom resource is scaled, and a Deployment that only
// gives an Argo Rollout its template.
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import type { Fleet } from "../support/fleet.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import type { KubernetesObject } from "../support/kubernetes-rest.ts";
import { openManagedFleet, type ManagedFleet } from "../support/managed-fleet.ts";
import { waitUntil } from "../support/processes.ts";
import { buildAutoscaler, buildWorkload } from "../support/workloads.ts";

const namespace = "scaled-elsewhere";
const kubectl = inject("controlPlane");
const identity = { apiVersion: "example.io/v1", kind: "Identity", name: "sso" };
const rollout = { apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", name: "web" };

let managed: ManagedFleet;
let fleet: Fleet;

beforeAll(async () => {
  managed = await openManagedFleet(kubectl, namespace);
  ({ fleet } = managed);
});

afterAll(async () => {
  await managed[Symbol.asyncDispose]();
});

function autoscalerOf(scaleTargetRef: typeof identity, maxReplicas: number): object {
  const autoscaler = buildAutoscaler(namespace, scaleTargetRef.name, maxReplicas);
  const { spec } = autoscaler as unknown as { spec: object };
  return { ...autoscaler, spec: { ...spec, scaleTargetRef } };
}

function ownedBy(owner: typeof identity, object: KubernetesObject): KubernetesObject {
  const ownerReferences = [
    { ...owner, uid: "0b8b5f0e-1111-4222-8333-abcdefabcdef", controller: true },
  ];
  return { ...object, metadata: { ...object.metadata, ownerReferences } };
}

async function waitForRow(policy: string, plannedPods: number, poolSize: number): Promise<void> {
  await waitUntil(`${policy} to plan for ${plannedPods} pods`, async () => {
    const [row] = readList(await fleet.statusOf(policy), "workloads");
    return read(row, "plannedPods") === plannedPods && read(row, "poolSize") === poolSize;
  });
}

async function waitForFinding(policy: string, reason: string, message: string): Promise<void> {
  await waitUntil(`${reason} of ${policy}`, async () => {
    const findings = readList(await fleet.statusOf(policy), "findings");
    const found = findings.find((one) => read(one, "reason") === reason);
    return String(read(found, "message")).includes(message);
  });
}

it("an autoscaler of a custom resource counts for the StatefulSet that it owns", async () => {
  const env = [{ name: "DB_POOL_MAX_SIZE", value: "50" }];
  const sso = buildWorkload("StatefulSet", namespace, "sso", { replicas: 2, env });
  await fleet.apply(sso, autoscalerOf(identity, 6));
  await fleet.applyPolicy("sso", {
    database: { address: "sso.db.invalid:5432", maxConnections: 200 },
    alerts: { enabled: false },
    workloads: [{ name: "sso", kind: "StatefulSet", poolSize: { min: 4, max: 100 } }],
  });
  await waitForFinding("sso", "ScaledElsewhere", "scales Identity/sso up to 6");

  await fleet.apply(ownedBy(identity, sso));

  await waitForRow("sso", 6, 31);
  await fleet.waitForReady("sso");
  expect(await fleet.sizesOf("sso")).toEqual([31, 31]);
});

it("a Deployment at 0 whose template a Rollout runs is not Ready, and says what may run", async () => {
  const env = [{ name: "DB_POOL_MAX_SIZE", value: "20" }];
  const web = buildWorkload("Deployment", namespace, "web", { env });
  const labels = { app: "web", "rollouts-pod-template-hash": "5d9c7b7f6" };
  const { spec } = web as unknown as { spec: { template: object } };
  const replicaSet = ownedBy(rollout, {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { namespace, name: "web-5d9c7b7f6", labels },
    spec: {
      replicas: 5,
      selector: { matchLabels: labels },
      template: { ...spec.template, metadata: { labels } },
    },
  });
  await fleet.apply(web, replicaSet, autoscalerOf(rollout, 10));
  await fleet.waitForPods("web", 5, 20);
  await fleet.applyPolicy("web", {
    database: { address: "web.db.invalid:5432", maxConnections: 150 },
    alerts: { enabled: false },
    workloads: [{ name: "web" }],
  });

  await waitForFinding("web", "TemplateOfRollout", "Rollout/web runs 5 pods, up to 10");
  const says = ["may hold 200 slots", "pods.matchLabels"];
  await fleet.waitForCondition("web", "Ready", { status: "False", says });
  expect(await fleet.sizesOf("web")).toEqual([20, 20, 20, 20, 20]);
});

it("a Deployment that the controller of Rollouts has scaled down says so, and then which Rollout runs its pods", async () => {
  const env = [{ name: "DB_POOL_MAX_SIZE", value: "20" }];
  const api = buildWorkload("Deployment", namespace, "api", { replicas: 1, env });
  await fleet.apply(api);
  await fleet.applyPolicy("api", {
    database: { address: "api.db.invalid:5432", maxConnections: 150 },
    alerts: { enabled: false },
    workloads: [{ name: "api" }],
  });
  const toNone = `patch deployment api --type merge -p {"spec":{"replicas":0}}`;
  await fleet.kubectl(`${toNone} --field-manager rollouts-controller`);
  await waitForFinding("api", "TemplateOfRollout", "the controller of Argo Rollouts has scaled it");

  const labels = { app: "api", "rollouts-pod-template-hash": "5d9c7b7f6" };
  const { spec } = api as unknown as { spec: { template: object } };
  const owner = { ...rollout, name: "api-canary" };
  await fleet.apply(
    ownedBy(owner, {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: { namespace, name: "api-canary-5d9c7b7f6", labels },
      spec: {
        replicas: 3,
        selector: { matchLabels: labels },
        template: { ...spec.template, metadata: { labels } },
      },
    }),
  );
  await waitForFinding("api", "TemplateOfRollout", "Rollout/api-canary runs 3 pods");
});
