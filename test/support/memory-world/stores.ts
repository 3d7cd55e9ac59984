// The caches of the operator as plain stores that a test fills: no watch, no API server. A cache
// can be said not to be synced, as after a gap.

import type {
  ObservedAlertRule,
  ObservedAutoscaler,
  ObservedObject,
  ObservedPod,
  ObservedPolicy,
  ObservedPresence,
  ObservedReplicaSet,
  ObservedWorkload,
} from "../../../src/observed.ts";
import {
  autoscalerIndexes,
  type Caches,
  ofWorkload,
  podIndexes,
  workloadIndexes,
} from "../../../src/reconcile/caches.ts";
import { type IndexKeys, IndexedStore } from "../../../src/runtime/indexed-store.ts";

export class MemoryStores {
  /** Caches that have a gap: nothing grows until they are whole again. */
  readonly gaps = new Set<keyof Caches>();
  readonly policies = this.#store<ObservedPolicy>("policies", {});
  readonly Deployment = this.#store<ObservedWorkload>("Deployment", workloadIndexes);
  readonly StatefulSet = this.#store<ObservedWorkload>("StatefulSet", workloadIndexes);
  readonly pods = this.#store<ObservedPod>("pods", podIndexes);
  readonly replicaSets = this.#store<ObservedReplicaSet>("replicaSets", ofWorkload);
  readonly autoscalers = this.#store<ObservedAutoscaler>("autoscalers", autoscalerIndexes);
  readonly admissionPolicies = this.#store<ObservedPresence>("admissionPolicies", {});
  readonly admissionBindings = this.#store<ObservedPresence>("admissionBindings", {});
  readonly alertRules = this.#store<ObservedAlertRule>("alertRules", {});

  #version = 1_000;

  /** What the operator is given. */
  get caches(): Caches {
    const { policies, Deployment, StatefulSet, pods } = this;
    const { replicaSets, autoscalers, admissionPolicies, admissionBindings, alertRules } = this;
    return {
      ...{ policies, Deployment, StatefulSet, pods },
      ...{ replicaSets, autoscalers, admissionPolicies, admissionBindings, alertRules },
    };
  }

  /** A new resourceVersion, greater than every one before. */
  nextVersion(): string {
    this.#version += 1;
    return String(this.#version);
  }

  #store<T extends ObservedObject>(
    name: keyof Caches,
    indexes: Readonly<Record<string, IndexKeys<T>>>,
  ): IndexedStore<T> {
    return new IndexedStore<T>(indexes, () => !this.gaps.has(name));
  }
}
