// The caches that the operator lives from: one informer per kind of object and namespace, behind
// one store per kind.

import { kind as policyKind } from "./api/group.ts";
import { byKind } from "./api/workload-kinds.ts";
import type { ObservedObject, ObservedWorkload } from "./observed.ts";
import type { Clock, ListWatch, Log, Metrics, Random, Sources } from "./ports.ts";
import {
  autoscalerIndexes,
  type Caches,
  ofWorkload,
  podIndexes,
  workloadIndexes,
} from "./reconcile/caches.ts";
import { type Bulky, NamespaceBudget } from "./reconcile/memory/namespace-budget.ts";
import type { IndexKeys } from "./runtime/indexed-store.ts";
import { Informer } from "./runtime/informer.ts";
import { mergeStores } from "./runtime/merged-store.ts";
import type { Problems } from "./runtime/problems.ts";
import type { Budget, ChangeHandler } from "./runtime/told-store.ts";

export interface InformerParts {
  readonly sources: Sources;
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Pick<Metrics, "count">;
  readonly problems: Problems;
}

/** Informers of one kind, one per watched namespace. */
export class KindOfObject<T extends ObservedObject> {
  readonly kind: string;
  readonly informers: readonly Informer<T>[];

  constructor(kind: string, informers: readonly Informer<T>[]) {
    this.kind = kind;
    this.informers = informers;
  }

  get store(): ReturnType<typeof mergeStores<T>> {
    return mergeStores(this.informers.map(({ store }) => store));
  }

  get size(): number {
    return this.informers.reduce((sum, { size }) => sum + size, 0);
  }

  onChange(handler: ChangeHandler<T>): void {
    for (const informer of this.informers) informer.onChange(handler);
  }

  relist(): void {
    for (const informer of this.informers) informer.relist();
  }
}

/** Every kind of object that is watched. Nothing is started yet. */
export function createInformers(parts: InformerParts): Informers {
  const { sources } = parts;
  const budget = new NamespaceBudget();
  const workloads: KindOptions<ObservedWorkload> = {
    budget: budgetOf(budget),
    indexes: workloadIndexes,
  };
  const clusterWide = { clusterWide: true, optional: true };
  const admissionPolicy = "MutatingAdmissionPolicy";
  return {
    policies: create(parts, policyKind, sources.policies, {}),
    ...byKind((kind) => create(parts, kind, sources[kind], workloads)),
    pods: create(parts, "Pod", sources.pods, { indexes: podIndexes, budget: budgetOf(budget) }),
    replicaSets: create(parts, "ReplicaSet", sources.replicaSets, { indexes: ofWorkload }),
    autoscalers: create(parts, "HorizontalPodAutoscaler", sources.autoscalers, {
      indexes: autoscalerIndexes,
    }),
    admissionPolicies: create(parts, admissionPolicy, sources.admissionPolicies, clusterWide),
    admissionBindings: create(
      parts,
      `${admissionPolicy}Binding`,
      sources.admissionBindings,
      clusterWide,
    ),
    alertRules: create(parts, "PrometheusRule", sources.alertRules, { optional: true }),
  };
}

/** One kind of object for each cache. */
export type Informers = {
  readonly [Name in keyof Caches]: KindOfObject<StoredIn<Caches[Name]>>;
};
type StoredIn<S> = S extends { get(key: string): infer T } ? Exclude<T, undefined> : never;

export function cachesOf(informers: Informers): Caches {
  return {
    policies: informers.policies.store,
    ...byKind((kind) => informers[kind].store),
    pods: informers.pods.store,
    replicaSets: informers.replicaSets.store,
    autoscalers: informers.autoscalers.store,
    admissionPolicies: informers.admissionPolicies.store,
    admissionBindings: informers.admissionBindings.store,
    alertRules: informers.alertRules.store,
  };
}

interface KindOptions<T> {
  readonly indexes?: Readonly<Record<string, IndexKeys<T>>>;
  readonly clusterWide?: boolean;
  readonly optional?: boolean;
  readonly budget?: Budget<T>;
}

/** One for workloads and pods together, which share what their containers say. */
function budgetOf<T extends Bulky>(budget: NamespaceBudget): Budget<T> {
  return {
    fit: (object) => budget.fit(object),
    forget: (kept) => {
      budget.forget(kept);
    },
  };
}

function create<T extends ObservedObject>(
  parts: InformerParts,
  kind: string,
  sourceOf: (namespace: string | undefined) => ListWatch<T>,
  { indexes = {}, clusterWide = false, optional = false, budget }: KindOptions<T>,
): KindOfObject<T> {
  const everywhere = clusterWide || parts.namespaces.length === 0;
  const namespaces = everywhere ? [undefined] : parts.namespaces;
  const informers = namespaces.map((namespace) => {
    const id = namespace === undefined ? kind : `${kind}/${namespace}`;
    const source = sourceOf(namespace);
    const bounded = budget && { budget };
    return new Informer<T>({ ...parts, kind, id, source, indexes, optional, ...bounded });
  });
  return new KindOfObject(kind, informers);
}
