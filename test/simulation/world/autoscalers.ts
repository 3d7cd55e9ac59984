// HorizontalPodAutoscalers: they bring a workload's replicas to the demand that the scenario sets,
// within their bounds and at the pace of the real one: every 15 s, upwards by at most 4 pods or to
// twice as many. One that has nothing to do has no timer.

import type { ObservedAutoscaler } from "../../../src/observed.ts";
import type { Clock } from "../../../src/ports.ts";
import type { ObjectKind } from "./object-kind.ts";
import type { Workload } from "./workload.ts";
import type { Workloads } from "./workloads.ts";

export interface Bounds {
  readonly min: number;
  readonly max: number;
}

interface Autoscaler {
  bounds: Bounds;
  demand: number | undefined;
  isBusy: boolean;
}

const syncMs = 15_000;

export interface AutoscalersParts {
  readonly clock: Clock;
  readonly kind: ObjectKind<ObservedAutoscaler>;
  readonly workloads: Workloads;
}

export class Autoscalers {
  readonly #parts: AutoscalersParts;
  readonly #all = new Map<string, Autoscaler>();
  #made = 0;

  constructor(parts: AutoscalersParts) {
    this.#parts = parts;
  }

  /** For a workload `namespace/Kind/name`; undefined removes it. */
  set(key: string, bounds: Bounds | undefined): void {
    const { kind } = this.#parts;
    const [namespace = "", targetKind = "", targetName = ""] = key.split("/");
    const objectKey = `${namespace}/${targetName}`;
    if (!bounds) {
      this.#all.delete(key);
      kind.delete(objectKey);
      return;
    }
    const known = this.#all.get(key);
    if (known) known.bounds = bounds;
    else this.#all.set(key, { bounds, demand: undefined, isBusy: false });
    const uid = kind.get(objectKey)?.uid ?? `autoscaler-${++this.#made}`;
    const target = { namespace, targetKind, targetName, maxReplicas: bounds.max };
    kind.put({ key: objectKey, uid, resourceVersion: "", ...target });
    this.#follow(key, syncMs);
  }

  /** As many pods as the load asks for. */
  demand(key: string, replicas: number): void {
    const autoscaler = this.#all.get(key);
    if (!autoscaler) return;
    autoscaler.demand = replicas;
    this.#follow(key, 0);
  }

  #follow(key: string, delayMs: number): void {
    const autoscaler = this.#all.get(key);
    if (!autoscaler || autoscaler.isBusy) return;
    autoscaler.isBusy = true;
    this.#parts.clock.after(delayMs, () => {
      autoscaler.isBusy = false;
      const workload = this.#parts.workloads.get(key);
      if (this.#all.get(key) !== autoscaler || !workload) return;
      this.#step(autoscaler, workload);
    });
  }

  #step({ bounds, demand }: Autoscaler, workload: Workload): void {
    // Scaled to 0 by a person, it is left alone.
    if (workload.replicas === 0) return;
    const { min, max } = bounds;
    const wanted = Math.max(min, Math.min(max, demand ?? workload.replicas));
    if (wanted === workload.replicas) return;
    const fastest = Math.max(workload.replicas + 4, workload.replicas * 2);
    this.#parts.workloads.scale(workload, Math.min(wanted, fastest), "horizontal-pod-autoscaler");
    this.#follow(workload.key, syncMs);
  }
}
