// The files of examples/ as tests use them: what each has to have beside it, as its comment says,
// and the same fleet on a server of its own with a declared limit, so that shares are tight.

import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { dump } from "js-yaml";
import { parseAllDocuments } from "yaml";
import { runKubectl } from "./control-plane/kubectl.ts";
import type { KubectlTarget } from "./control-plane/kubectl.ts";
import type { KubernetesObject } from "./kubernetes-rest.ts";
import { manifests } from "./plan-setup.ts";

const root = join(import.meta.dirname, "..", "..");
const services = "examples/demo/services.yaml";

const needs: Readonly<Record<string, readonly string[]>> = {
  "examples/demand.yaml": [services],
  "examples/demo/poolpolicy.yaml": [services],
  "examples/minimal.yaml": [services],
  "examples/observe.yaml": [services],
};

export const examplePaths: readonly string[] = globSync("examples/**/*.yaml", { cwd: root })
  .filter((path) => !path.startsWith("examples/apps/"))
  .sort();

export function neededBy(path: string): readonly string[] {
  return needs[path] ?? [];
}

export function textIn(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export function objectsIn(path: string): readonly KubernetesObject[] {
  return parseAllDocuments(textIn(path)).map((document) => document.toJS() as KubernetesObject);
}

export type DeclaredExample = {
  readonly name: string;
  readonly namespace: string;
  readonly text: string;
};

/** Those with a policy, each in one namespace and on one server with this limit. */
export function declaredExamples(maxConnections: number): readonly DeclaredExample[] {
  return examplePaths.flatMap((path) => {
    const name = basename(path, ".yaml");
    const objects = [path, ...neededBy(path)].flatMap(objectsIn);
    if (!objects.some(({ kind }) => kind === "PoolPolicy")) return [];
    const namespace = `declared-${name}`;
    const placed = objects
      .filter(({ kind }) => kind !== "Secret" && kind !== "Namespace")
      .map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }))
      .map((object) => onOwnServer(object, `${name}.db.invalid`, maxConnections));
    const text = manifests(
      ...placed.map((object) => dump(object, { noRefs: true, skipInvalid: true })),
    );
    return [{ name: `the example ${name}`, namespace, text }];
  });
}

type Policy = KubernetesObject & {
  readonly spec: { readonly database: Readonly<Record<string, unknown>> };
};

function onOwnServer(
  object: KubernetesObject,
  host: string,
  maxConnections: number,
): KubernetesObject {
  if (object.kind !== "PoolPolicy") return object;
  const { spec } = object as Policy;
  const declared = { secretRef: undefined, address: `${host}:5432`, maxConnections };
  const database = { ...spec.database, ...declared };
  return { ...object, spec: { ...spec, database } };
}

const scaledObjects = "scaledobjects.keda.sh";

/** As much of KEDA as it takes to store a ScaledObject. */
export async function installScaledObjects(kubectl: KubectlTarget): Promise<void> {
  const schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  const version = { served: true, storage: true, schema: { openAPIV3Schema: schema } };
  const names = { kind: "ScaledObject", plural: "scaledobjects", singular: "scaledobject" };
  const crd = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: scaledObjects },
    spec: {
      group: "keda.sh",
      scope: "Namespaced",
      names,
      versions: [{ name: "v1alpha1", ...version }],
    },
  };
  await succeed(kubectl, ["apply", "-f", "-"], JSON.stringify(crd));
  await succeed(kubectl, ["wait", "--for=condition=Established", `crd/${scaledObjects}`]);
}

export async function removeScaledObjects(kubectl: KubectlTarget): Promise<void> {
  await runKubectl(kubectl, ["delete", "crd", scaledObjects, "--wait=false"]);
}

async function succeed(
  kubectl: KubectlTarget,
  args: readonly string[],
  stdin?: string,
): Promise<void> {
  const given = stdin === undefined ? {} : { stdin };
  const { code, stderr } = await runKubectl(kubectl, [...args], given);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
}
