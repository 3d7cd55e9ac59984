// What the tests of the admission policy share: pods as their controllers would create them, a
// policy whose status is written by hand as the operator would, and the wait until the API server
// has seen it.
import { poolSizeAnnotation } from "../../src/api/group.ts";
import {
  buildAdmissionPolicy,
  buildAdmissionPolicyBinding,
} from "../../src/render/admission-policy.ts";
import type { KubectlTarget } from "./control-plane/kubectl.ts";
import { connectRest, read, readList } from "./kubernetes-rest.ts";
import type { KubernetesObject, KubernetesRest, RestAnswer } from "./kubernetes-rest.ts";
import { waitUntil } from "./processes.ts";

export type Entry = { readonly name: string; readonly [source: string]: unknown };
export type Grant = {
  readonly container: string;
  readonly poolSize: number;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly liveVariable?: string;
  readonly gatedFrom?: string;
};

/** What a pod of a test is made of; what is not given is not in the pod at all. */
export type PodParts = {
  readonly owner?: { readonly apiVersion: string; readonly kind: string; readonly name: string };
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Node whose kubelet shows a static pod by this mirror pod. */
  readonly mirrorOn?: string;
  readonly containers?: readonly {
    readonly name: string;
    readonly env?: readonly Entry[];
    readonly envFrom?: readonly unknown[];
    readonly volumeMounts?: readonly unknown[];
    readonly securityContext?: unknown;
  }[];
  readonly volumes?: readonly unknown[];
  readonly schedulingGates?: readonly { readonly name: string }[];
  readonly nodeName?: string;
  readonly initContainers?: readonly {
    readonly name: string;
    readonly env?: readonly Entry[];
    readonly restartPolicy?: string;
  }[];
};

/** The grant of a pool of this size under the generic preset, for container `app`. */
export function grantOf(poolSize: number, env?: Grant["env"]): Grant {
  const size = String(poolSize);
  const entries = [
    { name: "DB_POOL_MIN_SIZE", value: "1" },
    { name: "DB_POOL_MAX_SIZE", value: size },
  ];
  return { container: "app", poolSize, env: env ?? entries };
}

/** A pod as the ReplicaSet controller creates it for this Deployment. */
export function deploymentPod(name: string): PodParts {
  return {
    owner: { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${name}-5d4f8` },
    labels: { app: name, "pod-template-hash": "5d4f8" },
    containers: [{ name: "app" }],
  };
}

export function buildPod(namespace: string, parts: PodParts): KubernetesObject {
  const { owner, labels, mirrorOn, containers = [{ name: "app" }], initContainers } = parts;
  const mirror = mirrorOn === undefined ? undefined : { "kubernetes.io/config.mirror": "x" };
  const annotations = parts.annotations ?? mirror;
  // What is undefined is not sent.
  const { nodeName = mirrorOn, volumes, schedulingGates } = parts;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      namespace,
      generateName: "test-",
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(owner === undefined
        ? {}
        : { ownerReferences: [{ ...owner, uid: "1", controller: true }] }),
    },
    spec: {
      ...{ nodeName, volumes, schedulingGates },
      containers: containers.map((container) => ({ image: "none", ...container })),
      ...(initContainers && {
        initContainers: initContainers.map((container) => ({ image: "none", ...container })),
      }),
    },
  };
}

/** A PoolPolicy that the CRD accepts; `spec` replaces fields of it. */
export function buildPolicy(namespace: string, name: string, spec: object = {}): KubernetesObject {
  return {
    apiVersion: "poolwarden.dev/v1alpha1",
    kind: "PoolPolicy",
    metadata: { namespace, name },
    spec: {
      database: { address: "db.test.svc:5432", maxConnections: 200 },
      workloads: [
        { selector: { matchLabels: { app: "web" } } },
        { name: "custom", env: { maxSize: "MY_POOL_LIMIT" } },
      ],
      ...spec,
    },
  };
}

/** Replaces the grants of a policy, as the operator does. */
export async function publishGrants(
  rest: KubernetesRest,
  policy: KubernetesObject,
  grants: Readonly<Record<string, Grant>>,
): Promise<void> {
  const { metadata } = policy;
  const current = (await rest.get(policy)).body;
  const withdrawn = Object.keys(Object(read(current, "status", "grants")) as object);
  const patch = {
    ...Object.fromEntries(withdrawn.map((workload) => [workload, null])),
    ...grants,
  };
  const answer = await rest.merge(
    policy,
    { status: { delivery: "Admission", grants: patch } },
    { subresource: "status" },
  );
  if (answer.status !== 200) throw new Error(`status of ${metadata.name ?? ""}: ${answer.message}`);
}

/** The policy and its binding. When they take effect is for `waitUntilSized` to see. */
export async function installAdmissionPolicy(rest: KubernetesRest): Promise<void> {
  for (const manifest of [buildAdmissionPolicy(), buildAdmissionPolicyBinding()]) {
    const answer = await rest.apply(manifest, { force: true });
    if (answer.status >= 300) throw new Error(answer.message);
  }
}

/**
 * A new policy with these grants, where the admission policy is installed and gives them: pods of
 * Deployment/web, which must have one, show that it does.
 */
export async function installGrants(
  { kubeconfigPath }: Pick<KubectlTarget, "kubeconfigPath">,
  policy: KubernetesObject,
  grants: Readonly<Record<string, Grant>>,
): Promise<KubernetesRest> {
  const rest = await connectRest(kubeconfigPath);
  const { namespace = "" } = policy.metadata;
  await rest.createNamespace(namespace);
  await installAdmissionPolicy(rest);
  const created = await rest.create(policy);
  if (created.status !== 201) throw new Error(created.message);
  await publishGrants(rest, policy, grants);
  const wantAnnotation = String(grants["Deployment/web"]?.poolSize);
  await waitUntilSized(rest, namespace, { parts: deploymentPod("web"), wantAnnotation });
  return rest;
}

/** Creates a pod without storing it: admission and validation run as they always do. */
export function tryPod(
  rest: KubernetesRest,
  namespace: string,
  parts: PodParts,
): Promise<RestAnswer> {
  return rest.create(buildPod(namespace, parts), { dryRun: true });
}

/**
 * Waits until a new pod gets this annotation (undefined: none). Throws as soon as a pod is refused:
 * whatever changes, pods start.
 */
export async function waitUntilSized(
  rest: KubernetesRest,
  namespace: string,
  pod: { readonly parts: PodParts; readonly wantAnnotation: string | undefined },
): Promise<void> {
  await waitUntil(`pods with size ${pod.wantAnnotation ?? "none"}`, async () => {
    const answer = await tryPod(rest, namespace, pod.parts);
    if (answer.status !== 201) throw new Error(`a pod was refused: ${answer.message}`);
    return sizeOf(answer.body) === pod.wantAnnotation;
  });
}

/** The annotation poolwarden.dev/pool-size of a pod. */
export function sizeOf(pod: unknown): string | undefined {
  return read(pod, "metadata", "annotations", poolSizeAnnotation) as string | undefined;
}

/** The environment of container `name` of a pod or of a pod template. */
export function envOf(pod: unknown, name = "app"): readonly Entry[] {
  const container = readList(pod, "spec", "containers").find((one) => read(one, "name") === name);
  return readList(container, "env") as readonly Entry[];
}
