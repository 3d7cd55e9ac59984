// A real control plane under test, with the test kubelet on it: a scenario second takes a tenth of
// a real one. How long a pod takes to start and to end stands in its annotations.

import { systemClock } from "../../../src/adapters/clock.ts";
import { createCluster } from "../../../src/adapters/kubernetes/cluster.ts";
import { createProjections } from "../../../src/adapters/kubernetes/project.ts";
import { createSources } from "../../../src/adapters/kubernetes/sources.ts";
import { openClientOf } from "../../support/api-client.ts";
import { setDisruptionsAllowed } from "../../support/disruption-budgets.ts";
import type { ControlPlane } from "../../support/control-plane/control-plane.ts";
import { createInstantRuntime } from "../../support/kubelet/instant-runtime.ts";
import { startKubelet } from "../../support/kubelet/kubelet.ts";
import type { Pod } from "../../support/kubelet/pod.ts";
import { connectRest } from "../../support/kubernetes-rest.ts";
import type { KubernetesObject, KubernetesRest } from "../../support/kubernetes-rest.ts";
import { MemoryMetrics } from "../../support/memory-log.ts";
import { seededRandom } from "../../support/prng.ts";
import { waitUntil } from "../../support/processes.ts";
import type { Plane, PlaneWorkload } from "./plane.ts";

const secondMs = 100;
const patienceMs = 60_000;
const annotation = { start: "test/start-ms", stop: "test/stop-ms" };
const brokenMark = "-broken";

/** `namespace`: one of its own, made here. */
export async function openRealPlane(plane: ControlPlane, namespace: string): Promise<Plane> {
  const rest = await connectRest(plane.kubeconfigPath);
  await rest.createNamespace(namespace);
  const opened = openClientOf(plane.kubeconfigPath);
  const projections = createProjections();
  const random = seededRandom(1);
  const { client } = opened;
  const kubelet = await startKubelet({
    kubeconfig: plane.kubeconfig,
    namespace,
    connections: 32,
    runtime: createInstantRuntime({
      startDelay: (pod) => (isBroken(pod) ? new Promise(() => undefined) : delayOf(pod, "start")),
      stopDelay: (pod) => delayOf(pod, "stop"),
    }),
  });
  const kubectl = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await plane.kubectl(["-n", namespace, ...args]);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  };
  return {
    namespace,
    sources: createSources({ client, projections, random, clock: systemClock }),
    cluster: createCluster({
      ...{ client, projections, clock: systemClock },
      metrics: new MemoryMetrics(),
      instance: "poolwarden-0",
    }),
    // Kubernetes 1.36 has the field for Jobs, and for Deployments not even behind a gate.
    canWaitForTermination: false,
    ...peopleOf(kubectl),
    ...objectsOf(rest, namespace),
    forgetHistory: async () => {
      await plane.restartApiServer();
    },
    pass: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * secondMs)),
    until: (what, isTrue) => waitUntil(what, isTrue, patienceMs),
    close: async () => {
      await kubectl("delete", "deployments,statefulsets", "--all", "--wait=false");
      await kubelet.stop();
      await opened.close();
      rest.close();
    },
  };
}

type People = Pick<
  Plane,
  "deploy" | "setEnv" | "undo" | "pause" | "resume" | "scale" | "relabel" | "remove" | "deletePod"
>;

function peopleOf(kubectl: (...args: string[]) => Promise<void>): People {
  let deploys = 1;
  return {
    deploy: (name, { kind = "Deployment", broken = false } = {}) =>
      kubectl("set", "image", `${kind}/${name}`, `app=app:${++deploys}${broken ? brokenMark : ""}`),
    setEnv: (name, variable, value) =>
      kubectl(
        ...["set", "env", `deployment/${name}`],
        value === undefined ? `${variable}-` : `${variable}=${value}`,
      ),
    undo: (name) => kubectl("rollout", "undo", `deployment/${name}`),
    pause: (name) => kubectl("rollout", "pause", `deployment/${name}`),
    resume: (name) => kubectl("rollout", "resume", `deployment/${name}`),
    scale: (kind, name, replicas) => kubectl("scale", `${kind}/${name}`, `--replicas=${replicas}`),
    relabel: (name, labels) => {
      const words = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      return kubectl("label", "--overwrite", `deployment/${name}`, ...words);
    },
    remove: (kind, name) => kubectl("delete", `${kind}/${name}`),
    deletePod: (key) => kubectl("delete", "pod", key.split("/")[1] ?? "", "--wait=false"),
  };
}

type Objects = Pick<
  Plane,
  "create" | "createPolicy" | "editPolicy" | "setQuotaFull" | "setDisruptionsAllowed"
>;

function objectsOf(rest: KubernetesRest, namespace: string): Objects {
  const quota = {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { namespace, name: "pods" },
    spec: { hard: { pods: "0" } },
  };
  return {
    create: async (workload) => {
      const object = objectOf(namespace, workload);
      const { status, message } = await rest.apply(object, { manager: "owner" });
      if (status !== 201) throw new Error(message);
    },
    createPolicy: async (name, spec) => {
      const { status, message } = await rest.create(policyOf(namespace, name, spec));
      if (status !== 201) throw new Error(message);
    },
    editPolicy: async (name) => {
      await rest.merge(policyOf(namespace, name), { spec: { reserve: { connections: 7 } } });
    },
    setDisruptionsAllowed: (name, count) => setDisruptionsAllowed(rest, { namespace, name }, count),
    setQuotaFull: async (isFull) => {
      if (!isFull) {
        await rest.remove(quota);
        return;
      }
      await rest.create(quota);
      // Nobody counts here: what the quota's controller would say is said in its place.
      const status = { hard: { pods: "0" }, used: { pods: "0" } };
      await rest.merge(quota, { status }, { subresource: "status" });
    },
  };
}

const someSpec = {
  database: { secretRef: { name: "orders-db" } },
  workloads: [{ selector: { matchLabels: { app: "none" } } }],
};

function policyOf(namespace: string, name: string, spec: object = someSpec): KubernetesObject {
  const metadata = { namespace, name };
  return { apiVersion: "poolwarden.dev/v1alpha1", kind: "PoolPolicy", metadata, spec };
}

function objectOf(namespace: string, workload: PlaneWorkload): KubernetesObject {
  const { kind = "Deployment", name, replicas, env = [] } = workload;
  const { startSeconds = 3, stopSeconds = 3 } = workload;
  const labels = { app: name };
  const annotations = {
    [annotation.start]: String(startSeconds * secondMs),
    [annotation.stop]: String(stopSeconds * secondMs),
  };
  const containers = [{ name: "app", image: "app:1", env: env.map(rawEntry) }];
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { namespace, name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      ...(kind === "StatefulSet" ? { serviceName: name } : rolloutOf(workload)),
      template: {
        metadata: { labels, annotations },
        spec: { terminationGracePeriodSeconds: 3_600, containers },
      },
    },
  };
}

function rolloutOf(workload: PlaneWorkload): object {
  const { maxSurge = "25%", maxUnavailable = "25%", strategy = "RollingUpdate" } = workload;
  const { progressDeadlineSeconds, waitsForTermination = false } = workload;
  const rollingUpdate =
    strategy === "Recreate" ? {} : { rollingUpdate: { maxSurge, maxUnavailable } };
  return {
    strategy: { type: strategy, ...rollingUpdate },
    ...(waitsForTermination ? { podReplacementPolicy: "TerminationComplete" } : {}),
    ...(progressDeadlineSeconds === undefined ? {} : { progressDeadlineSeconds }),
  };
}

function rawEntry({ name, value, from }: NonNullable<PlaneWorkload["env"]>[number]): object {
  if (from === undefined) return { name, value };
  const reference = { name: from.name, key: from.key };
  const field = from.kind === "Secret" ? "secretKeyRef" : "configMapKeyRef";
  return { name, valueFrom: { [field]: reference } };
}

function isBroken({ spec }: Pod): boolean {
  return spec.containers[0]?.image?.endsWith(brokenMark) === true;
}

function delayOf({ metadata }: Pod, which: keyof typeof annotation): number {
  return Number(metadata.annotations?.[annotation[which]] ?? "0");
}
