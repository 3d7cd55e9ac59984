// What is asked of single pods. The Eviction API, with PodDisruptionBudgets as it reads them: how
// many pods of a workload may still be evicted; who counts that up again is a controller in life,
// and a scenario here. And a patch of annotations.

import {
  poolSizeAnnotation,
  releasedAnnotation,
  resizedAnnotation,
} from "../../../src/api/group.ts";
import type { Outcome, PodReference, PodRelease, PodResize } from "../../../src/ports.ts";
import type { Kubelet } from "./kubelet.ts";

export class Evictions {
  readonly #kubelet: Pick<Kubelet, "get" | "terminate" | "resize" | "release">;
  /** By workload, as `namespace/Kind/name`. */
  readonly #allowed = new Map<string, number>();

  constructor(kubelet: Pick<Kubelet, "get" | "terminate" | "resize" | "release">) {
    this.#kubelet = kubelet;
  }

  /** A budget allows so many evictions of the workload from now on; undefined: there is none. */
  allow(workload: string, count: number | undefined): void {
    if (count === undefined) this.#allowed.delete(workload);
    else this.#allowed.set(workload, count);
  }

  evict({ key, uid }: PodReference): Outcome<undefined> {
    const pod = this.#kubelet.get(key);
    if (!pod) return { kind: "absent", message: `pods "${key}" not found` };
    if (pod.parts.uid !== uid) {
      const message = "the UID in the precondition does not match the UID in record";
      return { kind: "conflict", message, managers: [] };
    }
    const guard = pod.terminating ? undefined : this.#takeFrom(pod.workload);
    if (guard !== undefined) return { kind: "guarded", message: guard };
    this.#kubelet.terminate(pod);
    return { kind: "ok", value: undefined };
  }

  /** Writes annotations, if the pod is the one and its size is as given. */
  resize({ key, uid }: PodReference, { from, annotations }: PodResize): Outcome<undefined> {
    const pod = this.#kubelet.get(key);
    if (pod?.parts.uid !== uid || pod.annotation !== from) {
      return { kind: "conflict", message: `${key} is another one by now`, managers: [] };
    }
    const { [poolSizeAnnotation]: size = from, [resizedAnnotation]: resized = "" } = annotations;
    this.#kubelet.resize(pod, size, resized);
    return { kind: "ok", value: undefined };
  }

  /** Takes the gate from a pod that still has it, and writes its annotations. */
  release({ key, uid }: PodReference, { annotations }: PodRelease): Outcome<undefined> {
    const pod = this.#kubelet.get(key);
    if (pod?.parts.uid !== uid || !pod.isGated) {
      return { kind: "conflict", message: `${key} has no gate by now`, managers: [] };
    }
    const { [poolSizeAnnotation]: size = "", [resizedAnnotation]: resized = "" } = annotations;
    pod.isReleased = annotations[releasedAnnotation] === uid;
    this.#kubelet.release(pod, size, resized);
    return { kind: "ok", value: undefined };
  }

  #takeFrom(workload: string): string | undefined {
    const allowed = this.#allowed.get(workload);
    if (allowed === undefined) return undefined;
    const name = workload.split("/")[2] ?? "";
    if (allowed < 1) return `The disruption budget ${name} allows no eviction`;
    this.#allowed.set(workload, allowed - 1);
    return undefined;
  }
}
