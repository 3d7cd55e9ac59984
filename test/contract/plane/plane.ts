// What a control plane must let a test do, so that one suite can hold the simulated cluster and the
// real one to the same behaviour. Writes are done by whoever does them in life: people, their
// tools, and the operator through its own port. What came of them is seen as the operator sees it.

import type { EnvEntry } from "../../../src/observed.ts";
import type { Cluster, Sources } from "../../../src/ports.ts";

export interface PlaneWorkload {
  readonly kind?: "Deployment" | "StatefulSet";
  readonly name: string;
  readonly replicas: number;
  readonly maxSurge?: number | string;
  readonly maxUnavailable?: number | string;
  readonly strategy?: "RollingUpdate" | "Recreate";
  readonly waitsForTermination?: boolean;
  readonly progressDeadlineSeconds?: number;
  /** Entries of container `app`. */
  readonly env?: readonly EnvEntry[];
  /** Scenario seconds until a pod is ready; default 3. */
  readonly startSeconds?: number;
  /** Scenario seconds that a pod takes to end; default 3. */
  readonly stopSeconds?: number;
}

export interface PlaneDeploy {
  /** Default: Deployment. */
  readonly kind?: "Deployment" | "StatefulSet";
  /** Default: false. */
  readonly broken?: boolean;
}

export interface Plane {
  readonly namespace: string;
  readonly sources: Sources;
  /** As the operator's adapter gives it: field manager `poolwarden`. */
  readonly cluster: Cluster;
  /** Whether the plane can replace pods only after they are gone (a coming feature). */
  readonly canWaitForTermination: boolean;

  /** Created with server-side apply by field manager `owner`. */
  create(workload: PlaneWorkload): Promise<void>;
  /** A new image; a broken one never gets ready. */
  deploy(name: string, options?: PlaneDeploy): Promise<void>;
  /** `kubectl set env`; without a value the entry goes. */
  setEnv(name: string, variable: string, value: string | undefined): Promise<void>;
  /** `kubectl rollout undo`. */
  undo(name: string): Promise<void>;
  pause(name: string): Promise<void>;
  resume(name: string): Promise<void>;
  scale(kind: "Deployment" | "StatefulSet", name: string, replicas: number): Promise<void>;
  relabel(name: string, labels: Readonly<Record<string, string>>): Promise<void>;
  remove(kind: "Deployment" | "StatefulSet", name: string): Promise<void>;
  /** `namespace/name`. */
  deletePod(key: string): Promise<void>;
  /** A PodDisruptionBudget of the workload allows so many evictions now; 0: none. */
  setDisruptionsAllowed(name: string, count: number): Promise<void>;
  /** A new PoolPolicy; default: with some valid spec. */
  createPolicy(name: string, spec?: object): Promise<void>;
  /** Another spec, of the same meaning. */
  editPolicy(name: string): Promise<void>;
  /** No more pods can be created in the namespace, or they can again. */
  setQuotaFull(isFull: boolean): Promise<void>;
  /** What happened until now can no longer be watched; open watches are lost. */
  forgetHistory(): Promise<void>;

  /** Lets scenario seconds pass. */
  pass(seconds: number): Promise<void>;
  /** Resolves once it is true; rejects, with what was waited for, when it does not become so. */
  until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}
