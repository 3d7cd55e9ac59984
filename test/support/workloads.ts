// Deployments and StatefulSets for tests: one container `app`, no node needed.
import type { Entry } from "./admission.ts";
import type { KubernetesObject } from "./kubernetes-rest.ts";

/** What a workload of a test is made of; what is not given is not in it at all. */
export type WorkloadParts = {
  readonly replicas?: number;
  readonly env?: readonly Entry[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly minReadySeconds?: number;
};

export function buildWorkload(
  kind: "Deployment" | "StatefulSet",
  namespace: string,
  name: string,
  { replicas = 0, env, annotations, minReadySeconds }: WorkloadParts = {},
): KubernetesObject {
  const labels = { app: name };
  const container = { name: "app", image: "none", ...(env === undefined ? {} : { env }) };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { namespace, name, labels },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { matchLabels: labels },
      ...(kind === "StatefulSet" ? { serviceName: name } : {}),
      template: {
        metadata: { labels, ...(annotations === undefined ? {} : { annotations }) },
        spec: { containers: [container] },
      },
    },
  };
}

/** An autoscaler of a Deployment, for its maximum: no controller acts on it here. */
export function buildAutoscaler(
  namespace: string,
  name: string,
  maxReplicas: number,
): KubernetesObject {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { namespace, name },
    spec: {
      minReplicas: 1,
      maxReplicas,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
    },
  };
}
