// Pods that no workload of the API makes: Jobs, executors of a driver. Somebody starts them, they
// do their work and end by themselves, and nobody replaces them.

import type { Kubelet } from "./kubelet.ts";
import type { JobPod, PodFactory } from "./pod-factory.ts";

export class Jobs {
  readonly #factory: PodFactory;
  readonly #kubelet: Kubelet;

  constructor(factory: PodFactory, kubelet: Kubelet) {
    this.#factory = factory;
    this.#kubelet = kubelet;
  }

  start(job: JobPod): void {
    this.#factory.createJob(job);
  }

  /** Its work is done. */
  finish(key: string): void {
    const pod = this.#kubelet.get(key);
    if (pod) this.#kubelet.finish(pod);
  }

  /** The most slots that such a pod could hold, on whichever API server. */
  nextSlots(job: JobPod): number {
    return this.#factory.nextSlotsOfJob(job);
  }
}
