// The cluster of an operator that is not alone: reads pass, a write passes only while this process
// may be sure that it leads. What is refused is an ordinary outcome, so that whoever wrote decides
// anew, as after any write that did not go through.

import type { Cluster, Outcome } from "../../ports.ts";

export interface Fence {
  /** Why nothing may be written now; undefined while this process leads beyond doubt. */
  refusal(): string | undefined;
  /** A write was sent and nobody knows what became of it. */
  noteDoubt(): void;
}

export function createFencedCluster(cluster: Cluster, fence: Fence): Cluster {
  const fenced = async <T>(write: () => Promise<Outcome<T>>): Promise<Outcome<T>> => {
    const message = fence.refusal();
    if (message !== undefined) return { kind: "unavailable", message };
    const outcome = await write();
    if (outcome.kind === "unavailable") fence.noteDoubt();
    return outcome;
  };
  return {
    readData: (kind, namespace, name, keys) => cluster.readData(kind, namespace, name, keys),
    readWorkload: (key) => cluster.readWorkload(key),
    apply: (manifest, options) => fenced(() => cluster.apply(manifest, options)),
    release: (workload) => fenced(() => cluster.release(workload)),
    remove: (manifest) => fenced(() => cluster.remove(manifest)),
    writeStatus: (policy, resourceVersion, status) =>
      fenced(() => cluster.writeStatus(policy, resourceVersion, status)),
    evict: (pod) => fenced(() => cluster.evict(pod)),
    resizePod: (pod, resize) => fenced(() => cluster.resizePod(pod, resize)),
    releasePod: (pod, release) => fenced(() => cluster.releasePod(pod, release)),
    createEvent: (event) => fenced(() => cluster.createEvent(event)),
  };
}
