// The caches that a decision reads, and the names of their indexes.

import { namespaceOf, readWorkloadKey, workloadKeyOf } from "../api/keys.ts";
import { type WorkloadKind, workloadKindNames, workloadKindOf } from "../api/workload-kinds.ts";
import type {
  ObservedAlertRule,
  ObservedAutoscaler,
  ObservedOwner,
  ObservedPod,
  ObservedPolicy,
  ObservedPresence,
  ObservedReplicaSet,
  ObservedWorkload,
} from "../observed.ts";
import type { Store } from "../ports.ts";

/** One of each kind of workload, indexed by `workloadIndexes`. */
type WorkloadCaches = Readonly<Record<WorkloadKind, Store<ObservedWorkload>>>;

export interface Caches extends WorkloadCaches {
  readonly policies: Store<ObservedPolicy>;
  /** Indexed by `podIndexes`. */
  readonly pods: Store<ObservedPod>;
  /** Indexed by `byWorkload`. */
  readonly replicaSets: Store<ObservedReplicaSet>;
  /** Indexed by `autoscalerIndexes`. */
  readonly autoscalers: Store<ObservedAutoscaler>;
  readonly admissionPolicies: Store<ObservedPresence>;
  readonly admissionBindings: Store<ObservedPresence>;
  /** Nothing is decided by it. */
  readonly alertRules: Store<ObservedAlertRule>;
}

export const byNamespace = "namespace";
/** What controls a workload. */
export const byOwner = "owner";
export const byWorkload = "workload";
export const byTarget = "target";
/** Whatever the kind of the target. */
export const byTargetName = "target name";

/** Pods of Argo Rollouts, by each of their labels: `namespace/name=value`. */
export const byRolloutLabel = "label of a Rollout's pods";

export const workloadIndexes = {
  [byNamespace]: ({ namespace }: ObservedWorkload) => [namespace],
  [byOwner]: ({ namespace, owner }: ObservedWorkload) =>
    owner ? [ownerKey(namespace, owner)] : [],
};

export const ofWorkload = {
  [byWorkload]: ({ workload }: Pick<ObservedPod | ObservedReplicaSet, "workload">) =>
    workload === undefined ? [] : [workload],
};

export const podIndexes = {
  ...ofWorkload,
  [byNamespace]: ({ key }: Pick<ObservedPod, "key">) => [namespaceOf(key)],
  [byRolloutLabel]: ({ key, workload = "", labels = {} }: ObservedPod) => {
    if (!workload.includes("/Rollout/")) return [];
    return Object.entries(labels).map((label) => labelKey(namespaceOf(key), label));
  },
};

export function labelKey(namespace: string, [name, value]: readonly [string, string]): string {
  return `${namespace}/${name}=${value}`;
}

export const autoscalerIndexes = {
  [byTarget]: ({ namespace, targetKind, targetName }: ObservedAutoscaler) => [
    `${namespace}/${targetKind}/${targetName}`,
  ],
  [byTargetName]: ({ namespace, targetName }: ObservedAutoscaler) => [`${namespace}/${targetName}`],
};

/** All that a decision reads; rules that cannot be watched stop nobody. */
export function areSynced(caches: Caches): boolean {
  const decisive = Object.values({ ...caches, alertRules: undefined });
  return decisive.every((store: Store<unknown> | undefined) => store?.synced ?? true);
}

/** Every workload of a namespace, by kind. */
export function workloadsIn(
  caches: Caches,
  namespace: string,
): readonly (readonly ObservedWorkload[])[] {
  return workloadKindNames.map((kind) => caches[kind].byIndex(byNamespace, namespace));
}

/** How many workloads this one, for example a custom resource, controls. */
export function countControlled(
  caches: WorkloadCaches,
  namespace: string,
  owner: ObservedOwner,
): number {
  const key = ownerKey(namespace, owner);
  return workloadKindNames.reduce((sum, kind) => sum + caches[kind].countOf(byOwner, key), 0);
}

function ownerKey(namespace: string, { group, kind, name }: ObservedOwner): string {
  return `${namespace}/${group}/${kind}/${name}`;
}

/** The workload of a key `namespace/Kind/name`. */
export function workloadNamed(caches: Caches, key: string): ObservedWorkload | undefined {
  const { namespace, kind, name } = readWorkloadKey(key);
  const known = workloadKindOf(kind);
  const workload = known && caches[known].get(`${namespace}/${name}`);
  return workload && workloadKeyOf(workload) === key ? workload : undefined;
}
