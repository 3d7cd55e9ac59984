// An autoscaler starts as many pods as it must have (minReplicas) as soon as it is there, whatever
// its workload says. At 0 replicas it is off.

import { at } from "../adapters/kubernetes/raw-values.ts";
import { workloadKeyOf } from "../api/keys.ts";
import { workloadKindOf } from "../api/workload-kinds.ts";
import type { WorkloadKey } from "../domain/facts/facts.ts";
import type { ObservedWorkload } from "../observed.ts";
import type { ManifestStores } from "./manifest-stores.ts";
import type { ManifestObject } from "./objects.ts";

export interface Raised {
  readonly key: WorkloadKey;
  readonly from: number;
  readonly to: number;
}

/** Changes the store; undefined: it is no autoscaler, or there are as many pods already. */
export function raiseToLeast(stores: ManifestStores, object: ManifestObject): Raised | undefined {
  const [least, workload] = [leastOf(object), targetIn(stores, object)];
  if (least === undefined || !workload) return undefined;
  const { replicas } = workload;
  if (replicas === 0 || replicas >= least) return undefined;
  stores[workload.kind].set({ ...workload, replicas: least });
  return { key: workloadKeyOf(workload), from: replicas, to: least };
}

function leastOf({ kind, raw }: ManifestObject): number | undefined {
  if (kind !== "HorizontalPodAutoscaler" && kind !== "ScaledObject") return undefined;
  const field = kind === "ScaledObject" ? "minReplicaCount" : "minReplicas";
  const least = at(raw, "spec", field);
  return typeof least === "number" ? least : undefined;
}

function targetIn(
  stores: ManifestStores,
  { namespace, raw }: ManifestObject,
): ObservedWorkload | undefined {
  const target = at(raw, "spec", "scaleTargetRef");
  const [kind, name] = [at(target, "kind") ?? "Deployment", at(target, "name")];
  const known = typeof kind === "string" ? workloadKindOf(kind) : undefined;
  return known && stores[known].get(`${namespace}/${String(name)}`);
}
