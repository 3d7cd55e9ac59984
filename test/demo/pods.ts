// Reads from the pods themselves what runs: how many of each service, and with which pool size. The
// size is the one in the pod's own environment, so it is what its process really reads; of a live
// pod it is the one in its annotation, which its process follows.
import { poolSizeAnnotation } from "../../src/api/group.ts";
import { read, readList } from "../support/kubernetes-rest.ts";

export type ServicePods = {
  readonly name: string;
  readonly pods: number;
  readonly ready: number;
  readonly terminating: number;
  /** Pool size to number of pods that are not terminating, the most frequent first. */
  readonly sizes: ReadonlyMap<number, number>;
  /** Pods that are not terminating and were not given a size at admission. */
  readonly unsized: number;
};

/** One entry for each service that has pods, by name. */
export function summarisePods(pods: readonly unknown[]): ServicePods[] {
  const byName = Map.groupBy(pods, serviceOf);
  return [...byName]
    .map(([name, group]) => summariseService(name, group))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function summariseService(name: string, pods: readonly unknown[]): ServicePods {
  const staying = pods.filter((pod) => !isTerminating(pod));
  return {
    name,
    pods: pods.length,
    ready: staying.filter(isReady).length,
    terminating: pods.length - staying.length,
    sizes: countSizes(staying),
    unsized: staying.filter((pod) => annotationOf(pod) === undefined).length,
  };
}

function countSizes(pods: readonly unknown[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const pod of pods) counts.set(sizeOf(pod), (counts.get(sizeOf(pod)) ?? 0) + 1);
  return new Map([...counts].sort(([, a], [, b]) => b - a));
}

/** DB_POOL_MAX_SIZE of a pod, or of a pod template; 0 where it has none. */
export function sizeOf(pod: unknown): number {
  const environment = readList(pod, "spec", "containers", 0, "env");
  const entry = environment.findLast((one) => read(one, "name") === "DB_POOL_MAX_SIZE");
  // A live pod reads it from its annotation.
  const isLive = read(entry, "valueFrom", "fieldRef") !== undefined;
  return Number((isLive ? annotationOf(pod) : read(entry, "value")) ?? 0);
}

function serviceOf(pod: unknown): string {
  const name = read(pod, "metadata", "labels", "app.kubernetes.io/name");
  return typeof name === "string" ? name : "";
}

function isTerminating(pod: unknown): boolean {
  return read(pod, "metadata", "deletionTimestamp") !== undefined;
}

function annotationOf(pod: unknown): unknown {
  return read(pod, "metadata", "annotations", poolSizeAnnotation);
}

function isReady(pod: unknown): boolean {
  const conditions = readList(pod, "status", "conditions");
  return conditions.some((one) => read(one, "type") === "Ready" && read(one, "status") === "True");
}
