// What the core needs of the world, as interfaces that the consumer declares. Adapters implement
// them; simulations and tests do so again, and one contract suite holds both to the same behaviour.

import type { WorkloadKind } from "./api/workload-kinds.ts";
import type {
  DatabaseReading,
  PolicyKey,
  ServerKey,
  WorkloadKey,
  WorkSeen,
} from "./domain/facts/facts.ts";
import type { PoolPolicyStatus } from "./api/poolpolicy.ts";
import type {
  KubernetesEvent,
  ObservedAlertRule,
  ObservedAutoscaler,
  ObservedObject,
  ObservedPod,
  ObservedPolicy,
  ObservedPresence,
  ObservedReplicaSet,
  ObservedWorkload,
  PodReference,
  PodRelease,
  PodResize,
} from "./observed.ts";

export type { KubernetesEvent, PodReference, PodRelease, PodResize } from "./observed.ts";

export interface Clock {
  /**
   * Milliseconds since the Unix epoch: for what is written or was read from the cluster. It jumps
   * when somebody sets the machine's clock.
   */
  nowMs(): number;
  /** Milliseconds since some moment, never back and never by a jump: for every duration. */
  monotonicMs(): number;
  /** Runs once after delayMs; the returned function cancels. Never throws. */
  after(delayMs: number, run: () => void): () => void;
}

export interface Random {
  /** A number in [0, 1). */
  next(): number;
}

/** Structured log: a constant message, everything variable in fields. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Log;
}

// --- list and watch ---

export type WatchEvent<T> =
  | { readonly type: "set"; readonly object: T }
  | UnreadEvent<T>
  | { readonly type: "delete"; readonly key: string; readonly uid: string }
  /** Nothing changed up to this resourceVersion. Also the heartbeat of a quiet watch. */
  | { readonly type: "bookmark"; readonly resourceVersion: string };

/** An object has changed that is too large to be taken in each time; it is read by itself. */
export interface UnreadEvent<T> {
  readonly type: "unread";
  readonly key: string;
  readonly resourceVersion: string;
  /** As it is now; undefined if it is gone. Throws as `list` does. */
  readonly read: (signal: AbortSignal, tell: (busyMs: number) => void) => Promise<T | undefined>;
}

/** One kind of object of the API server, already projected. */
export interface ListWatch<T extends ObservedObject> {
  /**
   * Everything, page by page; the last page carries the resourceVersion to watch from.
   * Throws OperatorError: K8S_GONE (start over), K8S_FORBIDDEN, K8S_NOT_FOUND (API not served),
   * K8S_UNAVAILABLE.
   */
  list(
    signal: AbortSignal,
  ): AsyncIterable<{ readonly objects: readonly T[]; readonly resourceVersion: string }>;
  /**
   * Events after resourceVersion until the server ends the stream (normal return), or throws as
   * `list` does.
   */
  watch(resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchEvent<T>>;
}

/** Of one namespace, or of all of them. */
type Source<T extends ObservedObject> = (namespace: string | undefined) => ListWatch<T>;

/** One of each kind of workload. */
type WorkloadSources = Readonly<Record<WorkloadKind, Source<ObservedWorkload>>>;

/** Where every kind of object that is watched comes from. */
export interface Sources extends WorkloadSources {
  readonly policies: Source<ObservedPolicy>;
  readonly pods: Source<ObservedPod>;
  readonly replicaSets: Source<ObservedReplicaSet>;
  readonly autoscalers: Source<ObservedAutoscaler>;
  readonly admissionPolicies: Source<ObservedPresence>;
  readonly admissionBindings: Source<ObservedPresence>;
  /** Only those that carry the label `poolwarden.dev/policy`. */
  readonly alertRules: Source<ObservedAlertRule>;
}

/** What a cache offers to a reader. */
export interface Store<T> {
  readonly synced: boolean;
  get(key: string): T | undefined;
  values(): Iterable<T>;
  /** Objects under one key of a named index, e.g. pods by workload; never changed afterwards. */
  byIndex(index: string, key: string): readonly T[];
  /** How many those are, without a look at each. */
  countOf(index: string, key: string): number;
}

// --- writes and single reads ---

export type Failure =
  | { readonly kind: "absent"; readonly message: string }
  | { readonly kind: "forbidden"; readonly message: string }
  | {
      readonly kind: "conflict";
      readonly message: string;
      /** Field managers in our way. */ readonly managers: readonly string[];
    }
  /** Of a read: it is larger than what is read. */
  | { readonly kind: "invalid"; readonly message: string }
  /** An eviction that a PodDisruptionBudget does not allow now. */
  | { readonly kind: "guarded"; readonly message: string }
  /** Nobody knows whether a write happened. */
  | { readonly kind: "unavailable"; readonly message: string };
export type Outcome<T> = { readonly kind: "ok"; readonly value: T } | Failure;

/** For server-side apply: an object that render built, with just the fields that are ours. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [more: string]: unknown;
  };
  readonly [more: string]: unknown;
}

export interface Cluster {
  /** Values of these keys of one Secret or ConfigMap, decoded, as far as they are there. */
  readData(
    kind: "Secret" | "ConfigMap",
    namespace: string,
    name: string,
    keys: Iterable<string>,
  ): Promise<
    Outcome<{
      readonly resourceVersion: string;
      readonly data: Readonly<Record<string, string>>;
      /** How long it kept the only thread busy. */
      readonly busyMs?: number;
    }>
  >;
  /** The workload as it is now, past every cache. */
  readWorkload(key: WorkloadKey): Promise<Outcome<ObservedWorkload>>;
  /** Server-side apply as `poolwarden`. With `force` our value wins over other managers'. */
  apply(manifest: Manifest, options: { readonly force: boolean }): Promise<Outcome<ObservedObject>>;
  /**
   * Gives up all fields of a workload that manager `poolwarden` owns: they keep their values and
   * belong to nobody, so nothing rolls out. Yields whether there were any; an absent workload has
   * none.
   */
  release(workload: WorkloadKey): Promise<Outcome<boolean>>;
  /** Removes an object; absent counts as done. */
  remove(manifest: Manifest): Promise<Outcome<undefined>>;
  /** Replaces the whole status, if resourceVersion is still the given one (else conflict). */
  writeStatus(
    policy: PolicyKey,
    resourceVersion: string,
    status: PoolPolicyStatus,
  ): Promise<Outcome<ObservedObject>>;
  /** Yields `ok` once it ends; guarded by a PodDisruptionBudget; conflict: another has its name. */
  evict(pod: PodReference): Promise<Outcome<undefined>>;
  /** Writes annotations of one pod, if it is the same and has the same size; else conflict. */
  resizePod(pod: PodReference, resize: PodResize): Promise<Outcome<undefined>>;
  /**
   * Takes our gate from a pod that still has it, and writes its annotations, in one. Conflict: it
   * has changed.
   */
  releasePod(pod: PodReference, release: PodRelease): Promise<Outcome<undefined>>;
  createEvent(event: KubernetesEvent): Promise<Outcome<undefined>>;
}

// --- who leads ---

/** What a Lease says. */
export interface LeaseRecord {
  /** Identity of the process that leads; empty: nobody does. */
  readonly holder: string;
  /** For how long others let the holder be after its last renewal, in milliseconds. */
  readonly durationMs: number;
  /**
   * By the holder's wall clock, for people to read; 0 while it made the Lease anew and does not
   * lead yet.
   */
  readonly acquiredAtMs: number;
  /** By the holder's wall clock, for people to read. */
  readonly renewedAtMs: number;
  /** How often the holder has changed. */
  readonly transitions: number;
}

export interface StoredLease {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly record: LeaseRecord;
}

/** One Lease object of the API server, read and written past every cache. */
export interface Lease {
  read(): Promise<Outcome<StoredLease>>;
  /** Conflict if it is there. */
  create(record: LeaseRecord): Promise<Outcome<StoredLease>>;
  /** Conflict if it is no longer the very version given; absent if it is gone. */
  replace(stored: StoredLease, record: LeaseRecord): Promise<Outcome<StoredLease>>;
}

// --- the database ---

/** What the pods of one policy log in with, and to. */
export interface LoginPair {
  readonly role: string;
  readonly database: string;
}

export interface DatabaseTarget {
  readonly server: ServerKey;
  /** Connection URI of any engine. Never logged. */
  readonly uri: string;
  /** PEM, if the secret gives one. */
  readonly ca: string | undefined;
  /** Roles and databases whose limits on logins are asked for. */
  readonly roles: readonly string[];
  readonly databases: readonly string[];
  /** Those of them that go together: a pooler has a pool for each. */
  readonly pairs?: readonly LoginPair[];
  /** All names that are known to be this server: our sessions under each are ours. */
  readonly names?: readonly ServerKey[];
  /** Namespaces whose policies name the host; none where nobody says. */
  readonly askedBy?: readonly string[];
}

export type DatabaseOutcome = {
  /** For how long it kept the only thread, in milliseconds. Default: 0. */
  readonly busyMs?: number;
} & (
  | { readonly kind: "read"; readonly reading: DatabaseReading }
  | {
      readonly kind: "failed";
      readonly reason:
        | "InvalidConnectionUri"
        | "AuthenticationFailed"
        | "DatabaseUnreachable"
        | "DatabaseTimeout"
        | "TlsRefused"
        | "TooManyConnections"
        | "QueryFailed"
        | "AnotherServer";
      /** Names host and port, never user's password nor the URI. */
      readonly message: string;
    }
);

export interface Database {
  /**
   * One read-only round trip on at most one connection per server, kept open between reads. Never
   * throws.
   */
  read(target: DatabaseTarget): Promise<DatabaseOutcome>;
  /** Who is at work now, as this very login is shown it. Absent: nobody can say. Never throws. */
  lookAtWork?(target: DatabaseTarget): Promise<WorkSeen>;
  /** Closes the connection to a server that no policy names any more. */
  forget(server: ServerKey): Promise<void>;
  close(): Promise<void>;
}

// --- measures ---

/** Where the process counts what it does. Names and help texts live in adapters/metrics.ts. */
export interface Metrics {
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void;
  gauge(name: string, value: number, labels?: Readonly<Record<string, string>>): void;
  observe(name: string, seconds: number, labels?: Readonly<Record<string, string>>): void;
  /** Drops every series of a gauge, before it is filled anew. */
  reset(name: string): void;
  /** Drops what was counted and observed of a server that nobody names any more. */
  forgetServer(server: ServerKey): void;
}
