// A policy that was stored when the CRD refused less, on the real API server: what a plan over a
// cluster says of its names. The CRD is a copy under names of its own, which is applied without its
// rules first.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { parse } from "yaml";
import { runKubectl, type KubectlResult } from "../support/control-plane/kubectl.ts";
import { waitUntil } from "../support/processes.ts";

const plane = inject("controlPlane");
const namespace = "stored-policy";
const group = "stored.example.io";
const names = { kind: "StoredPolicy", singular: "storedpolicy", plural: "storedpolicies" };
const crd = `${names.plural}.${group}`;

function apply(object: object): Promise<KubectlResult> {
  return runKubectl(plane, ["apply", "-f", "-"], { stdin: JSON.stringify(object) });
}

async function done(running: Promise<KubectlResult>): Promise<void> {
  const { code, stderr } = await running;
  if (code !== 0) throw new Error(stderr);
}

/** With the rules of everything, or of nothing. */
async function applyCrd(hasRules: boolean): Promise<void> {
  const path = join(import.meta.dirname, "..", "..", "crds", "poolpolicies.poolwarden.dev.yaml");
  const text = (await readFile(path, "utf8")).replaceAll("poolwarden.dev", group);
  const whole = parse(text, (key, value: unknown) => {
    return key === "x-kubernetes-validations" && !hasRules ? undefined : value;
  }) as { spec: object };
  await done(apply({ ...whole, metadata: { name: crd }, spec: { ...whole.spec, names } }));
  const isEstablished = "--for=condition=Established";
  await done(runKubectl(plane, ["wait", isEstablished, `crd/${crd}`, "--timeout=30s"]));
}

function aPolicy(name: string, { weight = 1, usedPercent = 90 } = {}): object {
  return {
    ...{ apiVersion: `${group}/v1alpha1`, kind: names.kind, metadata: { name, namespace } },
    spec: {
      database: { secretRef: { name: "orders-db" } },
      alerts: { usedPercent },
      workloads: [{ name: "web", weight, env: { maxSize: "POSTGRES_CONN" } }],
    },
  };
}

async function refusal(object: object): Promise<string> {
  const { stderr } = await apply(object);
  return stderr;
}

beforeAll(async () => {
  await done(runKubectl(plane, ["create", "namespace", namespace]));
  await applyCrd(false);
  await waitUntil("it is stored", async () => (await refusal(aPolicy("orders"))) === "");
  await applyCrd(true);
  await waitUntil("new ones are refused", async () => {
    return (await refusal(aPolicy("new"))).includes("spec.workloads[0].env.maxSize");
  });
});

afterAll(async () => {
  await runKubectl(plane, ["delete", `crd/${crd}`, "--wait=false"]);
  await runKubectl(plane, ["delete", "namespace", namespace, "--wait=false"]);
});

it("is taken with another change as long as its workloads stay as they are", async () => {
  await done(apply(aPolicy("orders", { usedPercent: 80 })));
});

it("is refused as a whole where anything of its workloads changes", async () => {
  const said = await refusal(aPolicy("orders", { usedPercent: 80, weight: 2 }));
  expect(said).toContain("spec.workloads[0].env.maxSize");
});
