// Counts, at every single change of a pod that the API server tells of, what all pods that exist
// may hold: the promise is about every moment, so looking now and then would not do.
import { readFile } from "node:fs/promises";
import { poolSizeOf } from "./fleet.ts";
import { connectApi } from "./kubelet/api-client.ts";
import { watchPods } from "./kubelet/pod-watch.ts";
import type { Pod } from "./kubelet/pod.ts";

export type SlotWatch = AsyncDisposable & {
  /** The most that all pods together might hold at any moment since the watch or `restart`. */
  peakSlots(): number;
  /** The most pods that existed at once. */
  peakPods(): number;
  /** Forgets the peaks before now. */
  restart(): void;
};

/** Watches the pods of these namespaces, terminating ones included. */
export async function watchSlots(
  kubeconfigPath: string,
  ...namespaces: readonly string[]
): Promise<SlotWatch> {
  const api = await connectApi(await readFile(kubeconfigPath, "utf8"), 1);
  const pods = new Map<string, Pod>();
  const peak = { slots: 0, pods: 0 };
  const count = (): void => {
    const slots = [...pods.values()].reduce((sum, pod) => sum + poolSizeOf(pod), 0);
    peak.slots = Math.max(peak.slots, slots);
    peak.pods = Math.max(peak.pods, pods.size);
  };
  const watching = watchPods(api, "/api/v1/pods", {
    seen: (pod) => {
      if (!namespaces.includes(pod.metadata.namespace)) return;
      pods.set(pod.metadata.uid, pod);
      count();
    },
    gone: (uid) => {
      pods.delete(uid);
    },
  });
  return {
    peakSlots: () => peak.slots,
    peakPods: () => peak.pods,
    restart: () => {
      peak.slots = 0;
      peak.pods = 0;
      count();
    },
    [Symbol.asyncDispose]: async () => {
      await api.close();
      await watching;
    },
  };
}
