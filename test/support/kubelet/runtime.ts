// What the kubelet asks of whoever runs the containers. A pod is started and stopped as a whole.
import type { Pod } from "./pod.ts";

export type Started = {
  /** The pod's IP address; the same each time one pod is started. */
  readonly address: string;
  /** Resolves with the exit code should it end by itself; it need not ever. */
  readonly ended: Promise<number>;
};

export type Runtime = {
  /** Resolves when the pod is ready or has ended. Called again after it has ended. */
  start(pod: Pod): Promise<Started>;
  /** Its object has changed: files of the downward API follow. */
  changed?(pod: Pod): void;
  /** Resolves when it is gone, at the latest after graceMs; start() may still be pending. */
  stop(pod: Pod, graceMs: number): Promise<void>;
  /** Ends all pods at once, without grace. */
  close(): Promise<void>;
};
