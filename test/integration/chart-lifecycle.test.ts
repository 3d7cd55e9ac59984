// A release from its installation to its end, on a real API server, with Helm 4: as a new user
// would, then upgraded, rolled back and uninstalled beside a fleet that must not notice. Pods are
// created all the time, and none may be refused. The operator runs with the chart's own flags and
// rights.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import {
  buildPolicy,
  deploymentPod,
  grantOf,
  publishGrants,
  sizeOf,
} from "../support/admission.ts";
import { tryPod, waitUntilSized } from "../support/admission.ts";
import { startControlPlane } from "../support/control-plane/control-plane.ts";
import type { ControlPlane } from "../support/control-plane/control-plane.ts";
import { type Fleet, isStaying, openFleet, poolSizeOf } from "../support/fleet.ts";
import { useHelm } from "../support/helm/found-helm.ts";
import {
  installMonitoringKinds,
  leftovers,
  missingFrom,
  watchPodStarts,
} from "../support/helm/cluster-checks.ts";
import type { PodStarts } from "../support/helm/cluster-checks.ts";
import type { Helm } from "../support/helm/helm.ts";
import {
  objectsOfRelease,
  onRelease,
  putRelease,
  release,
  startReleasedOperator,
} from "../support/helm/release.ts";
import { kubectlOf } from "../support/installed-plane.ts";
import { read, readList } from "../support/kubernetes-rest.ts";
import type { KubernetesObject } from "../support/kubernetes-rest.ts";
import type { OperatorProcess } from "../support/operator.ts";
import type { Pod } from "../support/kubelet/pod.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { buildWorkload } from "../support/workloads.ts";
import { openWorkspace, waitUntil, type Workspace } from "../support/processes.ts";

const examples = join(import.meta.dirname, "..", "..", "examples");
const findHelm4 = useHelm(4);
const secrets = { database: { secretNames: { shop: ["orders-db"] } } };
const crd = "customresourcedefinition.apiextensions.k8s.io/poolpolicies.poolwarden.dev";
const larger = {
  ...secrets,
  replicaCount: 2,
  podDisruptionBudget: { enabled: true },
  networkPolicy: { enabled: true },
  metrics: { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } },
};

let plane: ControlPlane;
let workspace: Workspace;
let postgres: Postgres;
let shop: Fleet;
let starts: PodStarts;
let operator: OperatorProcess | undefined;

const helm = (): Helm => ({ ...findHelm4(), kubeconfigPath: plane.kubeconfigPath });

beforeAll(async () => {
  workspace = await openWorkspace("poolwarden-chart-");
  [plane, postgres] = await Promise.all([
    startControlPlane(),
    startPostgres({ maxConnections: 200 }),
  ]);
  await installMonitoringKinds(plane);
  shop = await openFleet({ kubectl: kubectlOf(plane), namespace: "shop" });
  await shop.rest.createNamespace("billing");
  await shop.rest.createNamespace("elsewhere");
  await shop.applySecret("orders-db", { uri: postgres.uri() });
  await applyExample("demo/services.yaml");
  await waitUntil("the fleet of before", async () => (await podsOf("web")).length === 3);
  starts = watchPodStarts(shop.rest, "shop");
});

afterAll(async () => {
  await operator?.[Symbol.asyncDispose]();
  await starts.stop();
  await shop[Symbol.asyncDispose]();
  await Promise.all([postgres.stop(), plane.stop(), workspace.close()]);
});

async function applyExample(path: string): Promise<void> {
  const documents = parseAllDocuments(await readFile(join(examples, path), "utf8"));
  await shop.apply(...documents.map((document) => document.toJS() as object));
}

async function podsOf(workload: string): Promise<readonly Pod[]> {
  const pods = await shop.pods();
  const label = "app.kubernetes.io/name";
  return pods.filter((pod) => isStaying(pod) && pod.metadata.labels?.[label] === workload);
}

async function restartOperator(): Promise<void> {
  await operator?.[Symbol.asyncDispose]();
  operator = await startReleasedOperator(plane, workspace.directory);
}

async function released(kind: string, name: string): Promise<KubernetesObject | undefined> {
  const objects = await objectsOfRelease(helm());
  return objects.find((object) => object.kind === kind && object.metadata.name === name);
}

/** Each object of the release as the API server has it. */
async function expectInstalled(): Promise<void> {
  const objects = await objectsOfRelease(helm());
  expect(objects.length).toBeGreaterThan(10);
  expect(await missingFrom(plane, objects)).toBe("");
}

function sayReady(startedMs: number): void {
  console.log(`Ready ${((performance.now() - startedMs) / 1000).toFixed(1)} s after the policy`);
}

const ofRelease = `app.kubernetes.io/instance=${release.name}`;

async function leaseHolder(): Promise<unknown> {
  const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: release };
  return read((await shop.rest.get(lease)).body, "spec", "holderIdentity");
}

describe("a new user", () => {
  let policyAppliedMs: number;

  it("installs it: every object is there, and the notes say what to do next", async () => {
    const notes = await putRelease(helm(), "install", secrets);
    await expectInstalled();
    expect(notes).toContain("namespace shop: orders-db");
    expect(notes).not.toContain("kubectl create role");
    expect(notes).toContain("New pods get their pool size from the API server");
    expect(await released("MutatingAdmissionPolicy", "poolwarden")).toBeDefined();
    await restartOperator();
    policyAppliedMs = performance.now();
    await applyExample("minimal.yaml");
  });

  // Meanwhile the API server learns of the new kind, which takes it up to 35 s.
  it("upgrades to more of everything: that is there too, and the Lease is still its leader's", async () => {
    const holder = await leaseHolder();
    await putRelease(helm(), "upgrade", larger);
    await expectInstalled();
    expect(holder).toMatch(/^poolwarden-0_/);
    expect(await leaseHolder()).toBe(holder);
    expect(read(await released("Deployment", release.name), "spec", "replicas")).toBe(2);
    expect(await released("PodDisruptionBudget", release.name)).toBeDefined();
  });

  it("rolls that back: what was there before is there, and nothing more", async () => {
    await onRelease(helm(), "rollback", "1");
    await expectInstalled();
    const kinds = "PodDisruptionBudget,NetworkPolicy,ServiceMonitor,PrometheusRule";
    const { stdout } = await plane.kubectl(["get", kinds, "-A", "-o", "name", "-l", ofRelease]);
    expect(stdout).toBe("");
  });

  it("has a policy that is Ready", async () => {
    await shop.waitForReady("orders");
    sayReady(policyAppliedMs);
  });

  it("scales, and everybody's new pods get the sizes of the new plan", async () => {
    const before = poolSizeOf((await podsOf("worker"))[0] as Pod);
    await shop.kubectl("scale deployment/worker --replicas=9");
    await waitUntil("smaller pools", async () => {
      const sizes = (await podsOf("worker")).map(poolSizeOf);
      return sizes.length === 9 && sizes.every((size) => size < before);
    });
    await shop.waitForReady("orders");
  });

  it("brings another namespace under a policy, which is Ready soon", async () => {
    await using later = await openFleet({ kubectl: kubectlOf(plane), namespace: "later" });
    const env = [{ name: "DB_POOL_MAX_SIZE", value: "50" }];
    await later.apply(buildWorkload("Deployment", "later", "web", { replicas: 3, env }));
    await later.waitForPods("web", 3, 50);
    const database = { address: "db.later.svc:5432", maxConnections: 100 };
    const started = performance.now();
    await later.applyPolicy("orders", { database, workloads: [{ name: "web" }] });
    await later.waitForReady("orders");
    sayReady(started);
    const sizes = await later.sizesOf("web");
    expect(sizes).toHaveLength(3);
    for (const size of sizes) expect(2 * 3 * size).toBeLessThanOrEqual(100);
  });

  it("is not asked for a right that it has not given", () => {
    expect(operator?.linesWith("a permission is missing")).toEqual([]);
    expect(operator?.linesWith("Forbidden")).toEqual([]);
  });
});

describe("for some namespaces", () => {
  it("the operator does with its Roles, and pods elsewhere are left alone", async () => {
    await putRelease(helm(), "upgrade", { ...secrets, watchNamespaces: ["shop", "billing"] });
    await expectInstalled();
    await restartOperator();
    await shop.waitForReady("orders");
    expect(operator?.linesWith("a permission is missing")).toEqual([]);
    await operator?.stop();
    for (const namespace of ["billing", "elsewhere"]) {
      const policy = buildPolicy(namespace, "orders");
      await shop.rest.apply(policy);
      await publishGrants(shop.rest, policy, { "Deployment/web": grantOf(7) });
    }
    const parts = deploymentPod("web");
    await waitUntilSized(shop.rest, "billing", { parts, wantAnnotation: "7" });
    expect(sizeOf((await tryPod(shop.rest, "elsewhere", parts)).body)).toBeUndefined();
  });

  it("and back to all of them: the Roles are gone, and pods everywhere are sized", async () => {
    await onRelease(helm(), "rollback", "1");
    const { stdout } = await plane.kubectl(["get", "role", "-n", "billing", "-o", "name"]);
    expect(stdout).toBe("");
    const parts = deploymentPod("web");
    await waitUntilSized(shop.rest, "elsewhere", { parts, wantAnnotation: "7" });
  });
});

describe("the end", () => {
  it("of the admission policy, which somebody breaks: pods start without a size", async () => {
    const broken = [
      {
        op: "replace",
        path: "/spec/variables/0/expression",
        value: "object.spec.nodeName.nothing",
      },
    ];
    const patch = ["patch", "mutatingadmissionpolicy", "poolwarden", "--type=json"];
    const { stderr } = await plane.kubectl([...patch, "-p", JSON.stringify(broken)]);
    expect(stderr).toBe("");
    await waitUntilSized(shop.rest, "billing", {
      parts: deploymentPod("web"),
      wantAnnotation: undefined,
    });
  });

  it("of the release: workloads run on with their last sizes, policies and CRD stay, nothing else", async () => {
    const fleetBefore = await podsAndSizes();
    await onRelease(helm(), "uninstall");
    await waitUntil("nothing to be left", async () => {
      const left = await leftovers(plane, ofRelease);
      return left.join() === crd;
    });
    expect(await podsAndSizes()).toEqual(fleetBefore);
    const policies = await shop.kubectl("get poolpolicies -A -o json");
    const kept = readList(JSON.parse(policies), "items");
    expect(kept.map((one) => read(one, "metadata", "namespace"))).toEqual([
      "billing",
      "elsewhere",
      "shop",
    ]);
    for (const policy of kept) expect(read(policy, "metadata", "finalizers")).toBeUndefined();
  });

  it("of a policy, afterwards: it goes at once", async () => {
    await shop.kubectl("delete poolpolicy orders --timeout=10s");
  });

  it("and through all of this no pod was refused", () => {
    expect(starts.refused()).toEqual([]);
    expect(starts.accepted()).toBeGreaterThan(50);
  });
});

async function podsAndSizes(): Promise<readonly string[]> {
  const pods = (await shop.pods()).filter(isStaying);
  return pods.map((pod) => `${pod.metadata.uid} ${poolSizeOf(pod)}`).sort();
}
