// The kinds of workload whose pods are sized, and what is different about each: where it lives in
// the API, and how it replaces its pods. Everything that is there once for each kind (caches,
// watches, rights, the schema) goes through this table, and whoever asks for a difference asks for
// it by name: so another kind is another line here and its projection. Pods that an entry picks by
// their own labels stand beside them: whatever made those has no place in this table.

import { podsKind } from "./keys.ts";

interface Traits {
  readonly apiGroup: string;
  readonly version: string;
  readonly plural: string;
  /** Makes its pods by ReplicaSets, one for each template; else it makes them itself. */
  readonly hasReplicaSets: boolean;
  /** Gives each pod a number that stands in its name, and one pod at a time has it. */
  readonly hasOrdinals: boolean;
  /** A rollout may start pods beyond its replicas (`maxSurge`). */
  readonly hasSurge: boolean;
}

const apps = { apiGroup: "apps", version: "v1" };

export const workloadKinds = {
  Deployment: {
    ...{ ...apps, plural: "deployments" },
    ...{ hasReplicaSets: true, hasOrdinals: false, hasSurge: true },
  },
  StatefulSet: {
    ...{ ...apps, plural: "statefulsets" },
    ...{ hasReplicaSets: false, hasOrdinals: true, hasSurge: false },
  },
} as const satisfies Readonly<Record<string, Traits>>;

export type WorkloadKind = keyof typeof workloadKinds;

/** What an entry picks: workloads of a kind, or pods of some labels. */
export type PickedKind = WorkloadKind | typeof podsKind;

/** How the pods of each are replaced. Of pods by labels nobody but their owner knows. */
export const pickedKinds: Readonly<
  Record<PickedKind, Pick<Traits, "hasReplicaSets" | "hasOrdinals" | "hasSurge">>
> = {
  ...workloadKinds,
  [podsKind]: { hasReplicaSets: false, hasOrdinals: false, hasSurge: true },
};

export const workloadKindNames = Object.keys(workloadKinds) as readonly WorkloadKind[];

/** `Deployment or StatefulSet` */
export const kindsInWords = workloadKindNames.join(" or ");

/** Of an entry that names a workload and no kind. */
export const usualKind: WorkloadKind = "Deployment";

/** `name` if it is one of the kinds. */
export function workloadKindOf(name: string): WorkloadKind | undefined {
  return workloadKindNames.find((kind) => kind === name);
}

/** One value for each kind, under its name. */
export function byKind<T>(make: (kind: WorkloadKind) => T): Readonly<Record<WorkloadKind, T>> {
  const entries = workloadKindNames.map((kind) => [kind, make(kind)] as const);
  return Object.fromEntries(entries) as Record<WorkloadKind, T>;
}
