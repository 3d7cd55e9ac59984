// What a workload of the simulated cluster is made of. What is not given has the default that
// Kubernetes, or the library in the pod, gives it.

import type { EnvEntry, ObservedContainer, ObservedWorkload } from "../../../src/observed.ts";
import type { EnvValue } from "./template.ts";

export interface WorkloadSpec {
  readonly kind: ObservedWorkload["kind"];
  readonly namespace: string;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly replicas: number;
  /** Default: RollingUpdate. Recreate is for Deployments, OnDelete for StatefulSets. */
  readonly strategy?: ObservedWorkload["strategy"];
  /** Default: 25%. */
  readonly maxSurge?: number | string;
  /** Default: 25%. */
  readonly maxUnavailable?: number | string;
  /** Default: TerminationStarted. */
  readonly podReplacementPolicy?: "TerminationStarted" | "TerminationComplete";
  /** StatefulSet: lower ordinals keep the template they have. Default: 0. */
  readonly partition?: number;
  /** Default: 30 s. */
  readonly graceMs?: number;
  /** Default: 600 s. */
  readonly progressDeadlineMs?: number;
  /** Default: 10. */
  readonly revisionHistoryLimit?: number;
  /** Of container `app`. */
  readonly env?: Readonly<Record<string, EnvValue>>;
  readonly envFrom?: ObservedContainer["envFrom"];
  /** Containers beside `app`; they open no sessions. */
  readonly sidecars?: readonly string[];
  /** The manager that creates it and owns its fields. Default: kubectl-client-side-apply. */
  readonly manager?: string;
  readonly pools?: Partial<PoolSettings>;
}

/** What its processes do with the database. */
export interface PoolSettings {
  /** `host:port`; undefined: they use none. */
  readonly server: string | undefined;
  /** Where each process opens as many connections again. */
  readonly replicas?: readonly string[];
  readonly user: string;
  readonly database: string;
  readonly applicationName: string;
  /** Variables in which the library looks for its size, the first that is set counts. */
  readonly sizeNames: readonly string[];
  /** Pool size without any of them. */
  readonly defaultPoolSize: number;
  readonly processesPerPod: number;
  readonly extraConnectionsPerPod: number;
  /** Further pools that each process opens once. */
  readonly further: readonly FurtherPool[];
}

export interface FurtherPool {
  readonly sizeName: string;
  /** Where it is opened; absent: where the others are. */
  readonly server?: string;
  /** Without the variable; 0: then it is not opened. */
  readonly defaultPoolSize: number;
}

export function serversOf({ server, replicas = [], further }: PoolSettings): readonly string[] {
  if (server === undefined) return [];
  const others = further.flatMap((one) => one.server ?? []);
  return [...new Set([server, ...replicas, ...others])];
}

/** Whether it opens its main pool there, and what has no other place. */
function isHome({ server, replicas = [] }: PoolSettings, name: string): boolean {
  return name === server || replicas.includes(name);
}

export const appContainer = "app";

export const defaultPools: PoolSettings = {
  server: "db.shop.svc:5432",
  user: "app",
  database: "orders",
  applicationName: "",
  sizeNames: ["DB_POOL_MAX_SIZE"],
  defaultPoolSize: 10,
  processesPerPod: 1,
  extraConnectionsPerPod: 0,
  further: [],
};

/** Finds the value of a reference in a ConfigMap or Secret of a namespace. */
export type LookUp = (
  namespace: string,
  reference: NonNullable<EnvEntry["from"]>,
) => string | undefined;

/** The pool size that the process of this container reads, as the kubelet hands it out now. */
export function poolSizeIn(
  container: ObservedContainer | undefined,
  { sizeNames, defaultPoolSize }: PoolSettings,
  lookUp: (reference: NonNullable<EnvEntry["from"]>) => string | undefined,
): number {
  for (const name of container ? sizeNames : []) {
    const text = container && valueOf(container, name, lookUp);
    const size = Number(text ?? "");
    if (Number.isInteger(size) && size >= 1) return size;
  }
  return defaultPoolSize;
}

/** What a pod of this container may hold on one of its servers, with all its pools. */
export function slotsIn(
  container: ObservedContainer | undefined,
  pools: PoolSettings,
  lookUp: (reference: NonNullable<EnvEntry["from"]>) => string | undefined,
  name: string,
): number {
  const main = poolSizeIn(container, pools, lookUp) * processesOn(name, pools);
  return main + slotsBesideIn(container, pools, lookUp, name);
}

/** That open the main pool there. */
export function processesOn(name: string, pools: PoolSettings): number {
  return isHome(pools, name) ? pools.processesPerPod : 0;
}

/** Of extra connections and further pools. */
export function slotsBesideIn(
  container: ObservedContainer | undefined,
  pools: PoolSettings,
  lookUp: (reference: NonNullable<EnvEntry["from"]>) => string | undefined,
  name: string,
): number {
  const isThere = isHome(pools, name);
  const there = pools.further.filter(({ server }) => {
    return server === undefined ? isThere : server === name;
  });
  return there.reduce(
    (sum, { sizeName, defaultPoolSize }) => {
      const names = { sizeNames: [sizeName], defaultPoolSize };
      return sum + poolSizeIn(container, { ...pools, ...names }, lookUp);
    },
    isThere ? pools.extraConnectionsPerPod : 0,
  );
}

/** With what the kubelet fills in for a reference to the pod's own annotation. */
export function withOwnSize(
  container: ObservedContainer,
  annotation: string | undefined,
): ObservedContainer {
  const env = container.env.map((entry) =>
    entry.isOwnSize === true ? { name: entry.name, value: annotation ?? "" } : entry,
  );
  return { ...container, env };
}

function valueOf(
  { env, envFrom }: ObservedContainer,
  name: string,
  lookUp: (reference: NonNullable<EnvEntry["from"]>) => string | undefined,
): string | undefined {
  const entry = env.findLast((one) => one.name === name);
  if (entry) return entry.from ? lookUp(entry.from) : entry.value;
  for (const { kind, name: source, prefix } of envFrom.toReversed()) {
    if (!name.startsWith(prefix)) continue;
    const value = lookUp({ kind, name: source, key: name.slice(prefix.length) });
    if (value !== undefined) return value;
  }
  return undefined;
}
