// Plays the part that a control plane without nodes lacks: it takes every pod that waits for a node
// to a node that exists only as an object, has a runtime run it, and tells the API server what a
// kubelet tells. For tests and the demo; the pods' own specs decide what runs.
import { randomBytes } from "node:crypto";
import { connectApi } from "./api-client.ts";
import type { ApiClient } from "./api-client.ts";
import { startPodWorker } from "./pod-worker.ts";
import type { PodHome, PodWorker } from "./pod-worker.ts";
import { watchPods } from "./pod-watch.ts";
import type { PodObserver } from "./pod-watch.ts";
import type { Pod } from "./pod.ts";
import type { Runtime } from "./runtime.ts";

export type KubeletOptions = {
  /** Contents of a kubeconfig; client certificates only. */
  readonly kubeconfig: string;
  readonly runtime: Runtime;
  /** Only this namespace's pods; default all. Give it where the control plane is shared. */
  readonly namespace?: string;
  /** Default: a name of its own for each kubelet. */
  readonly nodeName?: string;
  /** Pause before a pod that ended by itself starts again; default 1 s. */
  readonly restartDelayMs?: number;
  /** Requests under way at once; default 8. */
  readonly connections?: number;
  /** Told when a runtime fails on a pod; default: standard error. */
  readonly onFailure?: (pod: Pod, error: unknown) => void;
};

export type Kubelet = AsyncDisposable & {
  readonly nodeName: string;
  /** Pods that it has in hand, terminating ones included. */
  podCount(): number;
  /** Ends all pods without grace and without telling the API server, as a lost node would. */
  stop(): Promise<void>;
};

export async function startKubelet(options: KubeletOptions): Promise<Kubelet> {
  const nodeName = options.nodeName ?? `node-${randomBytes(4).toString("hex")}`;
  const api = await connectApi(options.kubeconfig, options.connections ?? 8);
  await registerNode(api, nodeName);
  const { runtime, restartDelayMs = 1_000, onFailure = printFailure } = options;
  const workers = new Map<string, PodWorker>();
  const home = { api, runtime, nodeName, restartDelayMs };
  const watching = watchPods(
    api,
    podCollection(options.namespace),
    keepWorkers(workers, home, onFailure),
  );
  const stop = async (): Promise<void> => {
    await api.close();
    await watching;
    await runtime.close();
  };
  return { nodeName, podCount: () => workers.size, stop, [Symbol.asyncDispose]: stop };
}

function podCollection(namespace: string | undefined): string {
  return namespace === undefined ? "/api/v1/pods" : `/api/v1/namespaces/${namespace}/pods`;
}

function keepWorkers(
  workers: Map<string, PodWorker>,
  home: PodHome,
  onFailure: (pod: Pod, error: unknown) => void,
): PodObserver {
  return {
    seen: (pod) => {
      const { uid } = pod.metadata;
      const worker = workers.get(uid);
      if (worker !== undefined) {
        worker.update(pod);
        return;
      }
      const { nodeName, schedulingGates = [] } = pod.spec;
      // Seen again once the last gate is gone.
      if (schedulingGates.length > 0) return;
      if (nodeName !== undefined && nodeName !== home.nodeName) return;
      const started = startPodWorker(pod, home);
      workers.set(uid, started);
      started.done.catch((error: unknown) => {
        onFailure(pod, error);
      });
    },
    // Kept until here, so that a late event about a stopped pod does not start it anew.
    gone: (uid) => {
      const worker = workers.get(uid);
      worker?.remove();
      worker?.done.catch(() => undefined).finally(() => workers.delete(uid));
    },
  };
}

async function registerNode(api: ApiClient, name: string): Promise<void> {
  const node = { apiVersion: "v1", kind: "Node", metadata: { name } };
  await api.ask({ method: "POST", path: "/api/v1/nodes", body: node });
  const ready = {
    type: "Ready",
    status: "True",
    reason: "Played",
    message: "no kubelet runs here",
  };
  const size = { cpu: "1000", memory: "1Ti", pods: "100000" };
  const status = { conditions: [ready], capacity: size, allocatable: size };
  await api.ask({ method: "PATCH", path: `/api/v1/nodes/${name}/status`, body: { status } });
  // Every new node is tainted as not ready, and nobody here would take the taint off.
  await api.ask({
    method: "PATCH",
    path: `/api/v1/nodes/${name}`,
    body: { spec: { taints: null } },
  });
}

function printFailure(pod: Pod, error: unknown): void {
  const { namespace, name } = pod.metadata;
  process.stderr.write(`kubelet: pod ${namespace}/${name} cannot run: ${String(error)}\n`);
}
