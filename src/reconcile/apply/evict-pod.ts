// One eviction, of the pod that was decided on and of no other, while its workload is what it was.
// What came of it is remembered until the watch shows it.

import { livePodsOf } from "../../domain/decide/away.ts";
import type { Eviction } from "../../domain/decide/evictions.ts";
import type { WorkloadFacts } from "../../domain/facts/facts.ts";
import { partsOf } from "../../domain/decide/pool-parts.ts";
import { evictionsCommand, vainPodOf } from "../../domain/decide/one-by-one.ts";
import type { ObservedWorkload } from "../../observed.ts";
import type { Cluster, Failure } from "../../ports.ts";
import { evictionGrantCommands } from "../../render/rights.ts";
import type { PastEviction, PastEvictions } from "../memory/past-evictions.ts";
import { changeSince } from "./start-roll.ts";

export interface Evictor {
  readonly cluster: Cluster;
  readonly pastEvictions: PastEvictions;
  /** Of the operator, as `namespace:name`. */
  readonly serviceAccount?: string | undefined;
}

/** Undefined once the pod ends. */
export async function evictPod(
  evictor: Evictor,
  eviction: Eviction,
  nowMs: number,
): Promise<Failure | undefined> {
  const { cluster, pastEvictions, serviceAccount } = evictor;
  const { workload } = eviction.wish.position;
  const fresh = await cluster.readWorkload(workload.key);
  if (fresh.kind !== "ok") return fresh;
  const changed = changeSince(workload, fresh.value) ?? isShort(workload, fresh.value);
  if (changed) return changed;
  if (!pastEvictions.begin(workload.key, workload.lastEviction?.atMs)) return evictedBy(workload);
  try {
    const failure = await send(evictor, eviction, nowMs);
    return failure && explained(failure, workload, serviceAccount);
  } finally {
    pastEvictions.end(workload.key);
  }
}

/** Whether it was heard or not, it is remembered. */
async function send(
  { cluster, pastEvictions }: Evictor,
  eviction: Eviction,
  nowMs: number,
): Promise<Failure | undefined> {
  const { pod, wish } = eviction;
  const { key } = wish.position.workload;
  const common = memoryOf(eviction, nowMs);
  const outcome = await cluster.evict({ key: pod.name, uid: pod.uid });
  if (outcome.kind === "ok") pastEvictions.note(key, { ...common, isAccepted: true });
  if (outcome.kind === "unavailable") pastEvictions.note(key, { ...common, isAccepted: false });
  return outcome.kind === "ok" ? undefined : outcome;
}

function evictedBy({ key }: WorkloadFacts): Failure {
  const message = `a pod of ${key} is evicted for the pool of another server`;
  return { kind: "conflict", message, managers: [] };
}

/**
 * Fewer pods are ready than it was decided on: one has failed or gone meanwhile, of which our watch
 * has not heard yet.
 */
function isShort(before: WorkloadFacts, { readyReplicas }: ObservedWorkload): Failure | undefined {
  const ready = livePodsOf(before).filter(({ unready }) => unready !== true).length;
  if (readyReplicas === undefined || readyReplicas >= Math.min(ready, before.replicas))
    return undefined;
  const message = `${before.key} has ${readyReplicas} ready pods now, ${ready} were seen`;
  return { kind: "conflict", message, managers: [] };
}

function memoryOf({ wish, pod }: Eviction, nowMs: number): Omit<PastEviction, "isAccepted"> {
  const { workload } = wish.position;
  const before = workload.lastEviction?.timesInVain ?? 0;
  return {
    ...{ atMs: nowMs, uid: pod.uid },
    poolSizes: new Map(partsOf(wish).map((part) => [part.position.pool.poolKey, part.poolSize])),
    timesInVain: vainPodOf(workload) ? before + 1 : 0,
    present: new Set(workload.pods.map(({ uid }) => uid)),
  };
}

function explained(
  failure: Failure,
  { namespace }: { readonly namespace: string },
  serviceAccount: string | undefined,
): Failure {
  // It is gone already: decided anew, as after any change.
  if (failure.kind === "absent") return { ...failure, kind: "conflict", managers: [] };
  if (failure.kind !== "forbidden") return failure;
  const commands = evictionGrantCommands(namespace, serviceAccount);
  const message = `${failure.message}. To fix: run ${evictionsCommand}, or ${commands}`;
  return { kind: "forbidden", message };
}
