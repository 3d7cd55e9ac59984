// The pods that workloads start once the manifests are applied and the first decision is made: as
// many as they ask for, each with the size that the API server gives it, which is the grant in a
// policy's status, or else what the template says. A policy that only observes is counted by what
// its pods hold: they have their sizes whatever is decided, so they are there before anything is.

import { poolSizeAnnotation } from "../api/group.ts";
import {
  mainPool,
  poolIn,
  type PoolKey,
  readKindAndName,
  readWorkloadKey,
  workloadKeyOf,
} from "../api/keys.ts";
import type { Grant, PoolPolicyStatus } from "../api/poolpolicy.ts";
import { workloadKindNames, workloadKindOf, workloadKinds } from "../api/workload-kinds.ts";
import type { ObservedContainer, ObservedPod, ObservedWorkload } from "../observed.ts";
import type { WorkloadKey } from "../domain/facts/facts.ts";
import { byWorkload } from "../reconcile/caches.ts";
import { merged } from "./merged-entries.ts";
import type { ManifestStores } from "./manifest-stores.ts";

/** More than any cluster has; what is beyond counts as pods that may still start. */
const podsMax = 150_000;

/** Of all workloads, or of some. Returns how many pods there was no room for. */
export function startPods(
  stores: ManifestStores,
  nowMs: number,
  isStarted: (workload: ObservedWorkload) => boolean = () => true,
): number {
  const grants = grantsOf(stores);
  let left = podsMax - stores.pods.size;
  let missing = 0;
  for (const workload of workloadsIn(stores).filter(isStarted)) {
    const pods = Math.min(left, workload.replicas);
    left -= pods;
    missing += workload.replicas - pods;
    start(stores, workload, { pods, nowMs, grants: grants.get(workloadKeyOf(workload)) ?? [] });
  }
  return missing;
}

export function workloadsIn(stores: ManifestStores): readonly ObservedWorkload[] {
  return workloadKindNames.flatMap((kind) => [...stores[kind].values()]);
}

/** After a rollout: as many as there were, of the template as it is now. */
export function restartPods(stores: ManifestStores, key: WorkloadKey, nowMs: number): void {
  const { namespace, kind, name } = readWorkloadKey(key);
  const known = workloadKindOf(kind);
  const workload = known && stores[known].get(`${namespace}/${name}`);
  const pods = stores.pods.byIndex(byWorkload, key);
  if (!workload || pods.length === 0) return;
  for (const pod of pods) stores.pods.delete(pod.key);
  start(stores, workload, { pods: pods.length, nowMs, grants: grantsOf(stores).get(key) ?? [] });
}

/** As many as it asks for now: more of the sizes that pods get now, or without the last ones. */
export function scalePods(stores: ManifestStores, key: WorkloadKey, nowMs: number): void {
  const { namespace, kind, name } = readWorkloadKey(key);
  const known = workloadKindOf(kind);
  const workload = known && stores[known].get(`${namespace}/${name}`);
  if (!workload) return;
  const pods = stores.pods.byIndex(byWorkload, key);
  for (const pod of pods.slice(workload.replicas)) stores.pods.delete(pod.key);
  const grants = grantsOf(stores).get(key) ?? [];
  start(stores, workload, { pods: workload.replicas, there: pods.length, nowMs, grants });
}

/** One pod is evicted: its controller starts another one, with the size of now, in its place. */
export function replacePod(stores: ManifestStores, podKey: string): void {
  const pod = stores.pods.get(podKey);
  if (pod?.workload === undefined) return;
  const { namespace, kind, name } = readWorkloadKey(pod.workload);
  const known = workloadKindOf(kind);
  const workload = known && stores[known].get(`${namespace}/${name}`);
  if (!workload) return;
  const admitted = admittedBy(workload, grantsOf(stores).get(pod.workload) ?? []);
  const revision = `${workload.name}-${workload.generation}`;
  stores.pods.set({ ...pod, ...admitted, uid: `${pod.uid}+`, revision });
}

interface PoolGrant {
  readonly pool: string;
  readonly grant: Grant;
}

interface Started {
  readonly pods: number;
  /** How many of them run already. */
  readonly there?: number;
  readonly nowMs: number;
  /** Of each pool of the workload. */
  readonly grants: readonly PoolGrant[];
}

function start(stores: ManifestStores, workload: ObservedWorkload, started: Started): void {
  const { pods, there = 0, nowMs } = started;
  const admitted = admittedBy(workload, started.grants);
  const revision = `${workload.name}-${workload.generation}`;
  for (let ordinal = there; ordinal < pods; ordinal++) {
    stores.pods.set(aPod(workload, { ordinal, revision, nowMs, ...admitted }));
  }
  stores[workload.kind].set({
    ...workload,
    observedGeneration: workload.generation,
    ...{ statusReplicas: pods, updatedReplicas: pods, readyReplicas: pods },
    ...(workloadKinds[workload.kind].hasReplicaSets ? {} : { updateRevision: revision }),
  });
}

interface Birth extends Admitted {
  readonly ordinal: number;
  readonly revision: string;
  readonly nowMs: number;
}

function aPod(workload: ObservedWorkload, birth: Birth): ObservedPod {
  const { ordinal, revision, nowMs, ...admitted } = birth;
  const key = `${workload.key}-${(workload.firstOrdinal ?? 0) + ordinal}`;
  return {
    ...{ key, uid: key, resourceVersion: "1", workload: workloadKeyOf(workload) },
    ...{ ownerUid: workload.uid, addresses: addressesOf(key, birth), revision, createdAtMs: nowMs },
    ...{ terminating: false, finished: false, ...admitted },
  };
}

/** One that shrinks has to show no session more than its size, by which it has to be known. */
function addressesOf(key: string, { live }: Birth): readonly string[] {
  return live === true ? [`pod ${key}`] : [];
}

type Admitted = Pick<
  ObservedPod,
  "containers" | "poolSizeAnnotation" | "furtherPoolSizes" | "live" | "gate"
>;

/** What the admission policy makes of a template. */
function admittedBy(workload: ObservedWorkload, grants: readonly PoolGrant[]): Admitted {
  const sizes = new Map(grants.map(({ pool, grant }) => [pool, String(grant.poolSize)]));
  const size = sizes.get(mainPool) ?? workload.templateAnnotations[poolSizeAnnotation];
  const containers = workload.containers.map((container) => sized(container, grants));
  sizes.delete(mainPool);
  const further = sizes.size > 0 ? { furtherPoolSizes: Object.fromEntries(sizes) } : {};
  return { containers, poolSizeAnnotation: size, ...further, ...liveIn(grants) };
}

/** Of a pool that is resized while its pods run. */
function liveIn(grants: readonly PoolGrant[]): Pick<Admitted, "live" | "gate"> {
  const main = grants.find(({ pool }) => pool === mainPool)?.grant;
  if (main?.liveVariable === undefined) return {};
  return { live: true, ...(main.gatedFrom !== undefined && { gate: { place: 0 } }) };
}

function sized(container: ObservedContainer, grants: readonly PoolGrant[]): ObservedContainer {
  const entries = grants
    .filter(({ grant }) => grant.container === container.name)
    .flatMap(({ grant }) => grant.env);
  return entries.length === 0 ? container : { ...container, env: merged(container.env, entries) };
}

/** By the key of the workload. */
function grantsOf({ policies }: ManifestStores): ReadonlyMap<string, readonly PoolGrant[]> {
  const found = new Map<string, PoolGrant[]>();
  for (const { namespace, status } of policies.values()) {
    const { grants = {} } = (status ?? {}) as PoolPolicyStatus;
    for (const [name, grant] of Object.entries(grants)) {
      const key = workloadKeyOf({ namespace, ...readKindAndName(name) });
      const pool = poolIn(`${namespace}/${name}` as PoolKey) ?? mainPool;
      found.set(key, [...(found.get(key) ?? []), { pool, grant }]);
    }
  }
  return found;
}
