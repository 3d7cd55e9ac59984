// The operator around its ports: informers → queues → reconcilers (policy, database, server) →
// cluster. Nothing is decided here, and nothing here knows which world it lives in: a process gives
// it the real API server and database, a simulation gives it its own.

import type { Config } from "./config.ts";
import type { PolicyKey } from "./domain/facts.ts";
import { cachesOf, createInformers, type Informers } from "./informers.ts";
import { controllersPart, electedPart } from "./leadership.ts";
import type { Clock, Cluster, Database, Log, Metrics, Random, Sources } from "./ports.ts";
import { AlertRules } from "./reconcile/alert-rules.ts";
import type { Caches } from "./reconcile/caches.ts";
import { DatabaseReconciler } from "./reconcile/database-reconciler.ts";
import { Expectations } from "./reconcile/expectations.ts";
import { createFencedCluster } from "./reconcile/fenced-cluster.ts";
import { FirstSights } from "./reconcile/first-sights.ts";
import { Logins } from "./reconcile/logins.ts";
import { Notes } from "./reconcile/notes.ts";
import { PastRolls } from "./reconcile/past-rolls.ts";
import { PolicyBook } from "./reconcile/policy-book.ts";
import { PolicyReconciler } from "./reconcile/policy-reconciler.ts";
import { Readings } from "./reconcile/readings.ts";
import { References } from "./reconcile/references.ts";
import { ReleaseReconciler } from "./reconcile/release-reconciler.ts";
import { ServerReconciler } from "./reconcile/server-reconciler.ts";
import type { WrittenStatus } from "./reconcile/write-status.ts";
import { WrittenStatuses } from "./reconcile/written-statuses.ts";
import { Backoff } from "./runtime/backoff.ts";
import { Controller, type Reconcile } from "./runtime/controller.ts";
import { LeaderElection, type LeaderElectionOptions } from "./runtime/leader-election.ts";
import type { Part } from "./runtime/lifecycle.ts";
import { Problems } from "./runtime/problems.ts";
import { WorkQueue } from "./runtime/work-queue.ts";
import { type Queues, wakeOnChanges } from "./wake.ts";

export interface OperatorParts {
  readonly config: Pick<
    Config,
    "namespaces" | "databaseIntervalMs" | "settleTimeMs" | "admissionWarmUpMs"
  >;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What the operator lives in. */
export interface Surroundings {
  readonly sources: Sources;
  readonly cluster: Cluster;
  readonly database: Database;
  /** Without it this operator is taken to be the only one, and leads from the start. */
  readonly election?: Election | undefined;
}

/** Among how many operators, by which Lease, under which name. */
export type Election = Omit<LeaderElectionOptions, "clock" | "random" | "log">;

export interface Operator {
  readonly caches: Caches;
  readonly informers: Informers;
  readonly problems: Problems;
  readonly servers: ServerReconciler;
  readonly controllers: readonly Controller[];
  /** Undefined where there is no election. */
  readonly leadership: LeaderElection | undefined;
  /** To be started in this order, and stopped in the reverse. */
  readonly parts: readonly Part[];
}

/** Servers that are decided, or read, at the same time. One server is never worked on twice. */
const workers = 4;

export function assembleOperator(parts: OperatorParts, surroundings: Surroundings): Operator {
  const { sources, database, election } = surroundings;
  const problems = new Problems(parts.log);
  const { namespaces } = parts.config;
  const informers = createInformers({ ...parts, sources, namespaces, problems });
  const caches = cachesOf(informers);
  const leadership = election && new LeaderElection({ ...parts, ...election });
  const cluster = leadership
    ? createFencedCluster(surroundings.cluster, leadership)
    : surroundings.cluster;
  const work = assembleReconcilers(parts, { caches, cluster, database });
  wakeOnChanges(informers, caches, work);
  const { servers, controllers } = work;
  return {
    ...{ caches, informers, problems, servers, controllers, leadership },
    parts: [
      leadership ? electedPart(leadership, controllers, informers) : controllersPart(controllers),
      informersPart(informers),
    ],
  };
}

interface World {
  readonly caches: Caches;
  readonly cluster: Cluster;
  readonly database: Database;
}

interface Work {
  readonly book: PolicyBook;
  readonly queues: Queues;
  readonly servers: ServerReconciler;
  readonly controllers: readonly Controller[];
}

/** The reconcilers, their queues and their memories. */
function assembleReconcilers(parts: OperatorParts, world: World): Work {
  const { clock, log, config, metrics } = parts;
  const { caches, cluster, database } = world;
  const book = new PolicyBook();
  const readings = new Readings();
  const logins = new Logins();
  const notes = new Notes();
  const written = {
    statuses: new Expectations<WrittenStatus>(),
    templates: new Expectations<true>(),
    pastRolls: new PastRolls(),
    firstSights: new FirstSights(),
  };
  const queues: Queues = {
    policies: new WorkQueue(clock),
    databases: new WorkQueue(clock),
    servers: new WorkQueue(clock),
    releases: new WorkQueue(clock),
  };
  const intervalMs = config.databaseIntervalMs;
  const common = { ...parts, book, readings, logins, intervalMs, ...wakersOf(queues) };
  const policy = new PolicyReconciler({ ...common, policies: caches.policies, cluster });
  const reader = new DatabaseReconciler({ ...common, database });
  const references = new References(cluster, clock);
  const { settleTimeMs, admissionWarmUpMs } = config;
  const rules = new AlertRules({ cluster, clock, notes });
  const servers = new ServerReconciler({
    ...{ clock, metrics },
    observer: {
      ...{ caches, book, readings, logins, references, notes },
      ...written,
      ...{ settleTimeMs, admissionWarmUpMs },
    },
    applier: { cluster, ...written, written: new WrittenStatuses() },
    reporter: { cluster, metrics, log, notes, rules },
  });
  const releases = new ReleaseReconciler({ caches, book, cluster, log });
  const controllers = [
    controller(parts, {
      name: "policy",
      queue: queues.policies,
      run: async (k) => {
        const result = await policy.reconcile(k);
        for (const due of releases.dueIn(namespaceOf(k))) queues.releases.add(due);
        return result;
      },
    }),
    controller(parts, {
      name: "database",
      queue: queues.databases,
      run: (k) => reader.reconcile(k),
    }),
    controller(parts, {
      name: "server",
      queue: queues.servers,
      run: (k, context) => servers.reconcile(k, context),
    }),
    controller(parts, {
      name: "release",
      queue: queues.releases,
      run: (k) => releases.reconcile(k),
    }),
  ];
  return { book, queues, servers, controllers };
}

function namespaceOf(policy: PolicyKey): string {
  return policy.slice(0, policy.indexOf("/"));
}

function wakersOf(
  queues: Queues,
): Record<"enqueueServer" | "enqueueDatabase", (key: string) => void> {
  return {
    enqueueServer: (server) => {
      queues.servers.add(server);
    },
    enqueueDatabase: (server) => {
      queues.databases.add(server);
    },
  };
}

function controller(
  { clock, random, log, metrics }: OperatorParts,
  {
    name,
    queue,
    run,
  }: { readonly name: string; readonly queue: WorkQueue; readonly run: Reconcile },
): Controller {
  const backoff = new Backoff({ random, baseMs: 500, maxMs: 60_000 });
  return new Controller({
    name,
    queue,
    reconcile: run,
    backoff,
    clock,
    random,
    log,
    metrics,
    workers,
  });
}

function informersPart(informers: Informers): Part {
  const all = Object.values(informers).flatMap(
    (kind: { readonly informers: readonly { start(): void; stop(): Promise<void> }[] }) =>
      kind.informers,
  );
  return {
    name: "informers",
    start: () => {
      for (const informer of all) informer.start();
    },
    stop: async () => {
      await Promise.all(all.map((informer) => informer.stop()));
    },
  };
}
