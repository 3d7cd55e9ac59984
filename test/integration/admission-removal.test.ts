// Whatever part of the admission delivery is missing, pods start: the policy, its binding, the
// parameters, the kind of the parameters. A control plane of its own, because the parts belong to
// the whole cluster. Each wait creates pods all the time and fails on the first that is refused.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import {
  buildAdmissionPolicy,
  buildAdmissionPolicyBinding,
} from "../../src/render/admission-policy.ts";
import {
  buildPolicy,
  deploymentPod,
  grantOf,
  installAdmissionPolicy,
  publishGrants,
  waitUntilSized,
} from "../support/admission.ts";
import { startControlPlane } from "../support/control-plane/control-plane.ts";
import type { ControlPlane } from "../support/control-plane/control-plane.ts";
import { connectRest, read, readList } from "../support/kubernetes-rest.ts";
import type { KubernetesObject, KubernetesRest } from "../support/kubernetes-rest.ts";
import { waitUntil } from "../support/processes.ts";

const namespace = "admission-removal";
const crdPath = join(import.meta.dirname, "../../crds/poolpolicies.poolwarden.dev.yaml");
const policy = buildPolicy(namespace, "orders");
const parts = deploymentPod("web");

let plane: ControlPlane;
let rest: KubernetesRest;
let crd: KubernetesObject;

beforeAll(async () => {
  plane = await startControlPlane();
  rest = await connectRest(plane.kubeconfigPath);
  crd = parse(await readFile(crdPath, "utf8")) as KubernetesObject;
  await rest.createNamespace(namespace);
});

afterAll(async () => {
  rest.close();
  await plane.stop();
});

async function installCrd(): Promise<void> {
  await waitUntil("the CRD", async () => {
    const { body } = await rest.apply(crd, { force: true });
    const conditions = readList(body, "status", "conditions");
    return conditions.some(
      (one) => read(one, "type") === "Established" && read(one, "status") === "True",
    );
  });
  await waitUntil("the policy", async () => (await rest.apply(policy)).status < 300);
  await publishGrants(rest, policy, { "Deployment/web": grantOf(12) });
}

describe("pods start without a size, and get one again once everything is back", () => {
  beforeEach(async () => {
    await installCrd();
    await installAdmissionPolicy(rest);
    await waitUntilSized(rest, namespace, { parts, wantAnnotation: "12" });
  });

  it.each<{ name: string; remove: () => Promise<unknown> }>([
    { name: "the PoolPolicy is removed", remove: () => rest.remove(policy) },
    { name: "the binding is removed", remove: () => rest.remove(buildAdmissionPolicyBinding()) },
    { name: "the admission policy is removed", remove: () => rest.remove(buildAdmissionPolicy()) },
    {
      name: "the admission policy is removed, then its binding",
      remove: async () => {
        await rest.remove(buildAdmissionPolicy());
        await rest.remove(buildAdmissionPolicyBinding());
      },
    },
    { name: "the CRD is removed under it", remove: () => rest.remove(crd) },
  ])("$name", async ({ remove }) => {
    await remove();

    await waitUntilSized(rest, namespace, { parts, wantAnnotation: undefined });
  });

  // Up to 30 s: an API server that asks for the policy's kind before it serves it asks again only
  // when it forgets what it discovered. Until then pods start unsized.
  it("the API server starts anew", { timeout: 150_000 }, async () => {
    await plane.restartApiServer();

    await waitUntilSized(rest, namespace, { parts, wantAnnotation: "12" });
    expect((await rest.get(policy)).status).toBe(200);
  });
});

describe("installed in another order", () => {
  it("the admission policy before the CRD", async () => {
    await rest.remove(crd);
    await waitUntil("no CRD", async () => (await rest.get(crd)).status === 404);
    await rest.remove(buildAdmissionPolicyBinding());
    await rest.remove(buildAdmissionPolicy());

    await installAdmissionPolicy(rest);
    await waitUntilSized(rest, namespace, { parts, wantAnnotation: undefined });
    await installCrd();

    await waitUntilSized(rest, namespace, { parts, wantAnnotation: "12" });
  });
});
