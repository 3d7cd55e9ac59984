// The whole operator in memory, with the policies of several namespaces: an API server that answers
// with what a test says, and a database of the test's choice. Secret `name` says that the server is
// `name`, and secrets of policies `c-…` do not exist.

import { byKind } from "../../src/api/workload-kinds.ts";
import { createMetrics } from "../../src/adapters/metrics.ts";
import type { ObservedPolicy } from "../../src/observed.ts";
import { assembleOperator, type OperatorParts, type Surroundings } from "../../src/operator.ts";
import type { Clock, Cluster, Database, ListWatch, Sources, WatchEvent } from "../../src/ports.ts";
import { measure } from "../../src/reconcile/report/measures.ts";
import { MemoryLog } from "./memory-log.ts";
import { constantRandom } from "./prng.ts";

export const intervalMs = 30_000;
/** The API server takes so long to answer. */
const secretMs = 50;

export function policyOf(
  namespace: string,
  name: string,
  more: Partial<ObservedPolicy> = {},
): ObservedPolicy {
  return {
    ...{ key: `${namespace}/${name}`, uid: `${namespace}-${name}`, resourceVersion: "1" },
    ...{ namespace, name, generation: 1, status: undefined, deleting: false },
    spec: { database: { secretRef: { name } }, workloads: [{ name: "web" }] },
    ...more,
  };
}

export type Changes<T = ObservedPolicy> = (signal: AbortSignal) => AsyncIterable<WatchEvent<T>>;

export function sourceOf<T>(objects: readonly T[], changes?: Changes<T>): ListWatch<never> {
  return {
    async *list() {
      await Promise.resolve();
      yield { objects: objects as readonly never[], resourceVersion: "1" };
    },
    async *watch(_, signal) {
      yield { type: "bookmark", resourceVersion: "1" };
      if (changes) yield* changes(signal) as AsyncIterable<WatchEvent<never>>;
      if (signal.aborted) return;
      await new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          resolve();
        });
      });
    },
  };
}

export interface TenantsParts {
  readonly clock: Clock;
  readonly policies: readonly ObservedPolicy[];
  readonly changes?: Changes;
  readonly sources?: Partial<Sources>;
  readonly database: Pick<Database, "read"> & Partial<Database>;
  readonly cluster?: Partial<Cluster>;
  readonly databaseIntervalMs?: number;
  readonly allowedDatabaseHosts?: OperatorParts["config"]["allowedDatabaseHosts"];
}

export interface Tenants extends AsyncDisposable {
  readonly log: MemoryLog;
  /** Decisions on a server, those that changed nothing included. */
  decisionsOn(server: string): number;
  /** What Prometheus is given. */
  metricsText(): Promise<string>;
}

export function startTenants({ clock, database, ...given }: TenantsParts): Tenants {
  const surroundings: Surroundings = {
    sources: sourcesOf(given),
    cluster: { ...clusterWith(clock), ...given.cluster },
    database: { forget: () => Promise.resolve(), close: () => Promise.resolve(), ...database },
    election: undefined,
  };
  const { databaseIntervalMs = intervalMs } = given;
  const times = { databaseIntervalMs, settleTimeMs: 5_000, admissionWarmUpMs: 35_000 };
  const { allowedDatabaseHosts } = given;
  const serviceAccount = "poolwarden-system:poolwarden";
  const config = {
    ...{ namespaces: [], serviceAccount, ...times },
    ...(allowedDatabaseHosts && { allowedDatabaseHosts }),
  };
  const { metrics, render } = createMetrics();
  const log = new MemoryLog();
  const parts = { config, clock, random: constantRandom(0.5), log, metrics };
  const operator = assembleOperator(parts, surroundings);
  for (const part of operator.parts) void part.start?.();
  const decisions = ["decided", "decided before"];
  return {
    log,
    decisionsOn: (server) =>
      log.lines.filter(({ message, fields }) => {
        return decisions.includes(message) && fields["server"] === server;
      }).length,
    metricsText: () => {
      measure(metrics, operator.servers.plans.values());
      return render();
    },
    [Symbol.asyncDispose]: async () => {
      for (const part of operator.parts.toReversed()) await part.stop?.();
    },
  };
}

function sourcesOf({
  policies,
  changes,
  sources,
}: Omit<TenantsParts, "clock" | "database">): Sources {
  const none = (): ListWatch<never> => sourceOf([]);
  return {
    policies: () => sourceOf(policies, changes),
    ...{ pods: none, ...byKind(() => none), replicaSets: none },
    ...{ autoscalers: none, admissionPolicies: none, admissionBindings: none, alertRules: none },
    ...sources,
  };
}

function clusterWith(clock: Clock): Cluster {
  const written = (): Promise<never> =>
    Promise.resolve({ kind: "ok", value: { resourceVersion: "1", uid: "1", key: "" } } as never);
  return {
    readData: async (_, __, name) => {
      await new Promise<void>((resolve) => clock.after(secretMs, resolve));
      if (name.startsWith("c-")) return { kind: "absent", message: "no such secret" };
      const data = { uri: `postgresql://app@${name}/orders` };
      return { kind: "ok", value: { resourceVersion: "1", data } };
    },
    ...{ readWorkload: written, apply: written, release: written, remove: written },
    ...{
      writeStatus: written,
      evict: written,
      resizePod: written,
      releasePod: written,
      createEvent: written,
    },
  };
}
