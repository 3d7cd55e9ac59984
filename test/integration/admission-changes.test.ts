// What the admission policy does while things change: the user's word, a grant, the controllers'
// own pods, and other admission policies that run beside it. On a real API server with the real
// Deployment and StatefulSet controllers.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
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
import { buildWorkload } from "../support/workloads.ts";
import { connectRest, read } from "../support/kubernetes-rest.ts";
import type { KubernetesObject, KubernetesRest } from "../support/kubernetes-rest.ts";
import { waitUntil } from "../support/processes.ts";

let rest: KubernetesRest;

beforeAll(async () => {
  rest = await connectRest(inject("controlPlane").kubeconfigPath);
  await installAdmissionPolicy(rest);
});

afterAll(async () => {
  await rest.remove(envWriter("MutatingAdmissionPolicyBinding", {}));
  await rest.remove(envWriter("MutatingAdmissionPolicy", {}));
  rest.close();
});

/** A namespace with a policy that grants Deployment/web and StatefulSet/store this size. */
async function namespaceWithGrants(name: string, poolSize: number): Promise<KubernetesObject> {
  await rest.createNamespace(name);
  const policy = buildPolicy(name, "orders");
  expect(await rest.create(policy)).toMatchObject({ status: 201 });
  await publish(policy, poolSize);
  return policy;
}

async function publish(policy: KubernetesObject, poolSize: number): Promise<void> {
  const grant = grantOf(poolSize);
  await publishGrants(rest, policy, { "Deployment/web": grant, "StatefulSet/store": grant });
  const namespace = policy.metadata.namespace ?? "";
  const want = { parts: deploymentPod("web"), wantAnnotation: String(poolSize) };
  await waitUntilSized(rest, namespace, want);
}

describe("a policy that does not enforce here grants nothing, whatever its status still says", () => {
  it.each<{ name: string; namespace: string; patch: object; subresource?: "status" }>([
    { name: "mode Observe", namespace: "admission-observe", patch: { spec: { mode: "Observe" } } },
    {
      name: "delivery Template",
      namespace: "admission-template",
      patch: { status: { delivery: "Template" } },
      subresource: "status",
    },
    {
      name: "no delivery decided",
      namespace: "admission-undecided",
      patch: { status: { delivery: null } },
      subresource: "status",
    },
    {
      name: "the grant withdrawn",
      namespace: "admission-withdrawn",
      patch: { status: { grants: { "Deployment/web": null } } },
      subresource: "status",
    },
    {
      name: "the status gone",
      namespace: "admission-statusless",
      patch: { status: null },
      subresource: "status",
    },
  ])("$name", async ({ namespace, patch, subresource }) => {
    const policy = await namespaceWithGrants(namespace, 12);

    await rest.merge(policy, patch, subresource === undefined ? {} : { subresource });

    await waitUntilSized(rest, namespace, {
      parts: deploymentPod("web"),
      wantAnnotation: undefined,
    });
  });

  it("a policy that is being deleted, held by somebody's finalizer", async () => {
    const namespace = "admission-deleting";
    const policy = await namespaceWithGrants(namespace, 12);
    await rest.merge(policy, { metadata: { finalizers: ["test.dev/hold"] } });

    await rest.remove(policy);

    const parts = deploymentPod("web");
    await waitUntilSized(rest, namespace, { parts, wantAnnotation: undefined });
    expect((await rest.get(policy)).status).toBe(200);
    await rest.merge(policy, { metadata: { finalizers: null } });
  });

  it("a grant reaches no pod of another namespace", async () => {
    await namespaceWithGrants("admission-granting", 12);
    await rest.createNamespace("admission-neighbour");

    const { status, body } = await tryPod(rest, "admission-neighbour", deploymentPod("web"));

    expect(status).toBe(201);
    expect(sizeOf(body)).toBeUndefined();
  });
});

describe("pods that the controllers create", () => {
  it("scaling after a changed grant gives new pods the new size and leaves the old alone", async () => {
    const namespace = "admission-scaling";
    const policy = await namespaceWithGrants(namespace, 12);
    const workload = buildWorkload("Deployment", namespace, "web", {
      replicas: 2,
      env: [{ name: "DB_POOL_MAX_SIZE", value: "50" }],
    });
    expect(await rest.create(workload)).toMatchObject({ status: 201 });
    await waitUntil("2 pods", async () => (await sizesOfPods(namespace)).length === 2);
    expect(await sizesOfPods(namespace)).toEqual(["12", "12"]);

    await publish(policy, 6);
    await rest.merge(workload, { spec: { replicas: 4 } });

    await waitUntil("4 pods", async () => (await sizesOfPods(namespace)).length === 4);
    expect(await sizesOfPods(namespace)).toEqual(["12", "12", "6", "6"]);
    const template = read((await rest.get(workload)).body, "spec", "template");
    expect(envOf(template)).toEqual([{ name: "DB_POOL_MAX_SIZE", value: "50" }]);
    expect(read(template, "metadata", "annotations")).toBeUndefined();
  });

  it("a StatefulSet's pods are sized as well", async () => {
    const namespace = "admission-stateful";
    await namespaceWithGrants(namespace, 12);

    await rest.create(buildWorkload("StatefulSet", namespace, "store", { replicas: 1 }));

    await waitUntil("a pod", async () => (await sizesOfPods(namespace)).length === 1);
    const [pod] = await podsOf(namespace);
    expect(sizeOf(pod)).toBe("12");
    expect(envOf(pod)).toEqual(grantOf(12).env);
  });
});

describe("other admission policies beside ours", () => {
  it("one that changes the same pod makes ours run again, which changes nothing more", async () => {
    const namespace = "admission-reinvoked";
    await namespaceWithGrants(namespace, 12);
    await installEnvWriter(namespace);
    const labels = { ...deploymentPod("web").labels, "test.dev/write": "env" };
    const parts = { ...deploymentPod("web"), labels };

    await waitUntil("the other policy", async () => {
      const { body } = await tryPod(rest, namespace, parts);
      return envOf(body).some((entry) => entry.name === "WRITTEN");
    });

    const { status, body } = await tryPod(rest, namespace, parts);
    expect(status).toBe(201);
    expect(sizeOf(body)).toBe("12");
    expect(envOf(body)).toEqual([...grantOf(12).env, { name: "WRITTEN", value: "later" }]);
  });
});

async function podsOf(namespace: string): Promise<readonly unknown[]> {
  return rest.list({ apiVersion: "v1", kind: "Pod", metadata: { namespace } });
}

async function sizesOfPods(namespace: string): Promise<string[]> {
  return (await podsOf(namespace)).map((pod) => sizeOf(pod) ?? "none").sort();
}

/** Runs after ours (by name), puts another size in its place and adds an entry. */
async function installEnvWriter(namespace: string): Promise<void> {
  const entries =
    '[{"name": "DB_POOL_MAX_SIZE", "value": "99"}, {"name": "WRITTEN", "value": "later"}]';
  const expression = `[JSONPatch{op: "replace", path: "/spec/containers/0/env", value: dyn(${entries})}]`;
  const spec = {
    failurePolicy: "Fail",
    reinvocationPolicy: "Never",
    matchConstraints: {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      objectSelector: { matchLabels: { "test.dev/write": "env" } },
      resourceRules: [
        { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] },
      ],
    },
    mutations: [{ patchType: "JSONPatch", jsonPatch: { expression } }],
  };
  await rest.apply(envWriter("MutatingAdmissionPolicy", spec));
  await rest.apply(envWriter("MutatingAdmissionPolicyBinding", { policyName: "zz-env-writer" }));
}

function envWriter(kind: string, spec: object): KubernetesObject {
  const apiVersion = "admissionregistration.k8s.io/v1";
  return { apiVersion, kind, metadata: { name: "zz-env-writer" }, spec };
}
