// What the caches hold: each Kubernetes object, projected on arrival to the few fields that a
// decision needs. A raw pod is 8 KB and more than half of it is managedFields; projected it stays
// under 1 KB (no raw object is ever kept).

import type { EngineName } from "./api/engines.ts";
import type { PickedKind, WorkloadKind } from "./api/workload-kinds.ts";
import type { WorkloadKey } from "./domain/facts/facts.ts";

/** Identity that every cached object has. */
export interface ObservedObject {
  /** `namespace/name`, or `name` for objects without a namespace. */
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** One environment entry. A literal longer than 20 characters is kept only if it is `$(NAME)`. */
export interface EnvEntry {
  readonly name: string;
  readonly value?: string;
  readonly from?: {
    readonly kind: "ConfigMap" | "Secret";
    readonly name: string;
    readonly key: string;
  };
  /** valueFrom of another kind: fieldRef, resourceFieldRef, fileKeyRef. */
  readonly otherSource?: true;
  /** Its value is the pool size that the pod's own annotation says. */
  readonly isOwnSize?: true;
  /** Names of sizes that its value refers to, as `$(NAME)`. */
  readonly refersTo?: readonly string[];
}

/** A number that may be a pool size, in a text that sets more than that. */
export interface FoundSetting {
  /** `command`, `args`, or the name of a variable. */
  readonly place: string;
  /** A property is -Dname=40 or a field of SPRING_APPLICATION_JSON; an argument is --name=40. */
  readonly kind: "argument" | "property" | "url";
  /** As it is written there, for example spring.datasource.hikari.maximum-pool-size. */
  readonly name: string;
  /** Absent where it is longer than 20 characters. */
  readonly value?: string;
  /** Of a URL: host or host:port to which it leads; absent where no one host stands there. */
  readonly host?: string;
  /** Of a URL: the kind of server; absent of the usual kind, and where it does not say. */
  readonly engine?: EngineName;
}

export interface ObservedContainer {
  readonly name: string;
  /** An init container that keeps running. */
  readonly isSidecar?: true;
  readonly env: readonly EnvEntry[];
  /** With the entries of other pools, where `env` is without them: `$(NAME)` may name any. */
  readonly envOfAllPools?: readonly EnvEntry[];
  /** Sizes that stand elsewhere than in a variable of their own. */
  readonly settings?: readonly FoundSetting[];
  /** It has more entries that may be sizes than are kept: what is not in `env` is not known. */
  readonly isCut?: boolean;
  readonly envFrom: readonly {
    readonly kind: "ConfigMap" | "Secret";
    readonly name: string;
    readonly prefix: string;
  }[];
}

export interface ObservedPod extends ObservedObject {
  /**
   * The Deployment or StatefulSet behind its controller, or another owner's `namespace/Kind/name`.
   */
  readonly workload: WorkloadKey | undefined;
  /** Its controller: a ReplicaSet, a StatefulSet; undefined where it has none. */
  readonly ownerUid?: string;
  /** One, or two where the cluster has IPv4 and IPv6; none before it has started. */
  readonly addresses: readonly string[];
  /** Of its node; absent before it has one. */
  readonly nodeAddresses?: readonly string[];
  /** It has those of its node. */
  readonly hostNetwork?: true;
  readonly revision: string;
  /** Interned. Absent where there is none. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly terminating: boolean;
  /** Succeeded or Failed: its containers have ended and hold no session. */
  readonly finished: boolean;
  /** Not all of its containers are ready. */
  readonly unready?: true;
  /** Interned: pods of one revision share it. */
  readonly containers: readonly ObservedContainer[];
  /** Value of the annotation poolwarden.dev/pool-size. */
  readonly poolSizeAnnotation: string | undefined;
  /** Its size stands in a file that follows the annotation. */
  readonly live?: true;
  /** Value of the annotation poolwarden.dev/resized. */
  readonly resized?: string;
  /** It came through our gate: its annotation poolwarden.dev/released says its uid. */
  readonly released?: true;
  /** The same of further pools, by their names; absent where there is none. */
  readonly furtherPoolSizes?: Readonly<Record<string, string>>;
  /** It waits behind our scheduling gate: it has no node, and nothing of it runs. */
  readonly gate?: PodGate;
}

/** Where our scheduling gate stands in a pod. */
export interface PodGate {
  /** Among its gates. */
  readonly place: number;
  /** It has no annotation at all: there is nothing to add another one to. */
  readonly isBare?: true;
}

/** The controller of an object, by its ownerReferences. */
export interface ObservedOwner {
  /** Of its API, without the version; empty for that of pods. */
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

export interface ObservedWorkload extends ObservedObject {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
  readonly generation: number;
  readonly observedGeneration: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly replicas: number;
  /** Of a StatefulSet: the number in the name of its first pod, where that is not 0. */
  readonly firstOrdinal?: number;
  /** Non-terminating pods of the newest template. */
  readonly updatedReplicas: number;
  /** Non-terminating pods of any template. */
  readonly statusReplicas: number;
  /** Ready pods of any template; undefined where nobody says. */
  readonly readyReplicas?: number;
  readonly updateRevision: string | undefined;
  /** Of a Deployment: the number of its newest ReplicaSet, said no later than its counts. */
  readonly revisionNumber?: number;
  readonly strategy: "RollingUpdate" | "Recreate" | "OnDelete";
  /** As written: a count, or a percentage such as `25%`. */
  readonly maxSurge: number | string;
  readonly waitsForTermination: boolean;
  readonly paused: boolean;
  /**
   * Message of a condition that says that a rollout makes no progress (ProgressDeadlineExceeded,
   * ReplicaFailure).
   */
  readonly stuck: string | undefined;
  readonly containers: readonly ObservedContainer[];
  readonly defaultContainer: string | undefined;
  /** Annotations of the pod template under poolwarden.dev/. */
  readonly templateAnnotations: Readonly<Record<string, string>>;
  /** Annotations of the workload itself under poolwarden.dev/. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Field managers of each env entry of the template: `container/NAME` → managers. */
  readonly envManagers: Readonly<Record<string, readonly string[]>>;
  /** Field managers of its pod template, without ours. */
  readonly templateManagers?: readonly string[];
  /** What controls it, for example the custom resource that it was made from. */
  readonly owner?: ObservedOwner;
  /** Of a Deployment that asks for no pod: whoever runs its template makes pods of these labels. */
  readonly podLabels?: Readonly<Record<string, string>>;
  /** The same: the controller of Argo Rollouts has scaled it down. */
  readonly isScaledByRollouts?: true;
  /** Field manager `poolwarden` owns something of it. */
  readonly ownedByUs?: boolean;
}

/** What an entry picks: a workload, or pods of some labels as if one workload had made them. */
export interface PickedWorkload extends Omit<ObservedWorkload, "kind"> {
  readonly kind: PickedKind;
}

/** Watched as metadata alone: it tells which of a Deployment's revisions is the newest. */
export interface ObservedReplicaSet extends ObservedObject {
  /** The Deployment that made it. */
  readonly workload: WorkloadKey | undefined;
  /** That Deployment itself: another one may have its name by now. */
  readonly workloadUid?: string;
  /** pod-template-hash, as its pods carry it. */
  readonly revision: string;
  /**
   * deployment.kubernetes.io/revision: grows with each change of the template, rollbacks included.
   */
  readonly revisionNumber: number;
}

export interface ObservedAutoscaler extends ObservedObject {
  readonly namespace: string;
  readonly targetKind: string;
  /** API group of its target, without the version; absent where none is stated. */
  readonly targetGroup?: string;
  readonly targetName: string;
  readonly maxReplicas: number;
}

export interface ObservedPolicy extends ObservedObject {
  readonly namespace: string;
  readonly name: string;
  readonly generation: number;
  readonly createdAtMs?: number;
  /** Unparsed: whatever the API server stored. */
  readonly spec: unknown;
  readonly status: unknown;
  readonly deleting: boolean;
}

/** A PrometheusRule of ours, watched as metadata alone: what stands in it is not read. */
export interface ObservedAlertRule extends ObservedObject {
  /** Which fields field manager `poolwarden` owns; another value once somebody changes one. */
  readonly ownFields: string;
}

/** The admission policy or its binding: that it is there, since when, and for whose pods. */
export interface ObservedPresence extends ObservedObject {
  readonly createdAtMs: number;
  /** It acts in none but these; where absent, in every namespace as far as can be told. */
  readonly namespaces?: readonly string[];
}

export interface PodResize {
  /** What the annotation of the pool size says now. */
  readonly from: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The size and the removal of the gate in one: a pod never starts without its size. */
export interface PodRelease {
  readonly gate: PodGate;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface PodReference {
  /** `namespace/name`. */
  readonly key: string;
  readonly uid: string;
}

export interface KubernetesEvent {
  /** Object that the event is about. */
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
  };
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly action: string;
  readonly message: string;
}
