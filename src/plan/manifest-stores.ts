// The caches of the operator, filled from manifests instead of watches: the same projections, the
// same indexes, so that whatever is decided from them is what the operator would decide. The
// admission policy counts as installed long ago.

import { createProjections } from "../adapters/kubernetes/project.ts";
import { at, fields } from "../adapters/kubernetes/raw-values.ts";
import { admissionPolicyName, kind as policyKind } from "../api/group.ts";
import { byKind, workloadKindOf } from "../api/workload-kinds.ts";
import type { ObservedObject, ObservedPod, ObservedReplicaSet } from "../observed.ts";
import {
  autoscalerIndexes,
  byWorkload,
  type Caches,
  workloadIndexes,
} from "../reconcile/caches.ts";
import { IndexedStore } from "../runtime/indexed-store.ts";
import type { ManifestObject } from "./objects.ts";

type StoredIn<S> = S extends { get(key: string): infer T } ? Exclude<T, undefined> : never;

/** What the operator reads, to be written as well. */
export type ManifestStores = {
  readonly [Name in keyof Caches]: IndexedStore<StoredIn<Caches[Name]>>;
};

const always = (): boolean => true;
const ofWorkload = {
  [byWorkload]: ({ workload }: { readonly workload: string | undefined }) =>
    workload === undefined ? [] : [workload],
};

/** A ScaledObject counts as the HorizontalPodAutoscaler that KEDA makes of it. */
export function storesOf(objects: readonly ManifestObject[]): ManifestStores {
  const stores = emptyStores();
  const projections = createProjections();
  for (const { kind, raw } of objects) {
    const workload = workloadKindOf(kind);
    if (workload) put(stores[workload], projections[workload](raw));
    else if (kind === policyKind) put(stores.policies, projections.policy(raw));
    else if (kind === "HorizontalPodAutoscaler")
      put(stores.autoscalers, projections.autoscaler(raw));
    else if (kind === "ScaledObject") put(stores.autoscalers, projections.autoscaler(ofKeda(raw)));
  }
  return stores;
}

function emptyStores(): ManifestStores {
  const stores: ManifestStores = {
    policies: new IndexedStore({}, always),
    ...byKind(() => new IndexedStore(workloadIndexes, always)),
    pods: new IndexedStore<ObservedPod>(ofWorkload, always),
    replicaSets: new IndexedStore<ObservedReplicaSet>(ofWorkload, always),
    autoscalers: new IndexedStore(autoscalerIndexes, always),
    admissionPolicies: new IndexedStore({}, always),
    admissionBindings: new IndexedStore({}, always),
    alertRules: new IndexedStore({}, always),
  };
  const installed = { key: admissionPolicyName, uid: "", resourceVersion: "1", createdAtMs: 0 };
  stores.admissionPolicies.set(installed);
  stores.admissionBindings.set(installed);
  return stores;
}

function put<T extends ObservedObject>(store: IndexedStore<T>, object: T | undefined): void {
  if (object) store.set(object);
}

/** Of KEDA, where nothing is said. */
const kedaUsualMaxReplicas = 100;
const kedaUsualTarget = { apiVersion: "apps/v1", kind: "Deployment" };

function ofKeda(raw: ManifestObject["raw"]): object {
  const { maxReplicaCount } = fields(raw["spec"]);
  const scaleTargetRef = { ...kedaUsualTarget, ...fields(at(raw, "spec", "scaleTargetRef")) };
  const maxReplicas = maxReplicaCount ?? kedaUsualMaxReplicas;
  const { name, ...metadata } = fields(raw["metadata"]);
  const given = at(raw, "spec", "advanced", "horizontalPodAutoscalerConfig", "name");
  const usual = `keda-hpa-${String(name)}`.slice(0, 253);
  return {
    metadata: { ...metadata, name: typeof given === "string" && given !== "" ? given : usual },
    spec: { scaleTargetRef, maxReplicas },
  };
}
