// Where each kind of object that we read or write lives in the API.

import {
  apiVersion as ourApiVersion,
  kind as ourKind,
  plural as ourPlural,
} from "../../api/group.ts";
import { byKind, workloadKinds } from "../../api/workload-kinds.ts";
import { OperatorError } from "../../errors.ts";

export interface Resource {
  readonly apiVersion: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

const admission = "admissionregistration.k8s.io/v1";

/** By kind. */
const resources: Readonly<Record<string, Resource>> = {
  ...byKind((kind) => {
    const { apiGroup, version, plural } = workloadKinds[kind];
    return { apiVersion: `${apiGroup}/${version}`, plural, namespaced: true };
  }),
  Pod: { apiVersion: "v1", plural: "pods", namespaced: true },
  Secret: { apiVersion: "v1", plural: "secrets", namespaced: true },
  ConfigMap: { apiVersion: "v1", plural: "configmaps", namespaced: true },
  ReplicaSet: { apiVersion: "apps/v1", plural: "replicasets", namespaced: true },
  HorizontalPodAutoscaler: {
    apiVersion: "autoscaling/v2",
    plural: "horizontalpodautoscalers",
    namespaced: true,
  },
  PodDisruptionBudget: {
    apiVersion: "policy/v1",
    plural: "poddisruptionbudgets",
    namespaced: true,
  },
  [ourKind]: { apiVersion: ourApiVersion, plural: ourPlural, namespaced: true },
  MutatingAdmissionPolicy: {
    apiVersion: admission,
    plural: "mutatingadmissionpolicies",
    namespaced: false,
  },
  MutatingAdmissionPolicyBinding: {
    apiVersion: admission,
    plural: "mutatingadmissionpolicybindings",
    namespaced: false,
  },
  CustomResourceDefinition: {
    apiVersion: "apiextensions.k8s.io/v1",
    plural: "customresourcedefinitions",
    namespaced: false,
  },
  PrometheusRule: {
    apiVersion: "monitoring.coreos.com/v1",
    plural: "prometheusrules",
    namespaced: true,
  },
  Event: { apiVersion: "events.k8s.io/v1", plural: "events", namespaced: true },
  Lease: { apiVersion: "coordination.k8s.io/v1", plural: "leases", namespaced: true },
};

/** Throws INVARIANT_VIOLATED for a kind that nobody here reads or writes. */
export function resourceOf(kind: string): Resource {
  const resource = Object.hasOwn(resources, kind) ? resources[kind] : undefined;
  if (resource !== undefined) return resource;
  throw new OperatorError("INVARIANT_VIOLATED", `no path is known for kind ${kind}`, {
    retry: "never",
  });
}

/** Path of all objects of a resource, of one namespace or of all of them. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const { apiVersion, plural, namespaced } = resource;
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const within = namespaced && namespace !== undefined;
  return within
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`
    : `${root}/${plural}`;
}

/** Path of one object. */
export function objectPath(
  resource: Resource,
  namespace: string | undefined,
  name: string,
): string {
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}
