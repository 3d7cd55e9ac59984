// The composition of the operator: which part is given which. Nothing is decided here.
//   informers → queues → reconcilers (policy, database, server) → cluster

import { createClient } from "./adapters/kubernetes/client.ts";
import { createCluster } from "./adapters/kubernetes/cluster.ts";
import { createConnection } from "./adapters/kubernetes/connection.ts";
import { createCredentialSource } from "./adapters/kubernetes/credentials.ts";
import { createProjections } from "./adapters/kubernetes/project.ts";
import { createPostgresDatabase } from "./adapters/postgres/database.ts";
import type { MetricsService } from "./adapters/metrics.ts";
import type { Config } from "./config.ts";
import { createRoutes } from "./endpoints.ts";
import { cachesOf, createInformers, type Informers } from "./informers.ts";
import type { Clock, Cluster, Database, Log, Random } from "./ports.ts";
import { AlertRules } from "./reconcile/alert-rules.ts";
import type { Caches } from "./reconcile/caches.ts";
import { DatabaseReconciler } from "./reconcile/database-reconciler.ts";
import { Expectations } from "./reconcile/expectations.ts";
import { Logins } from "./reconcile/logins.ts";
import { Notes } from "./reconcile/notes.ts";
import { PastRolls } from "./reconcile/past-rolls.ts";
import { PolicyBook } from "./reconcile/policy-book.ts";
import { PolicyReconciler } from "./reconcile/policy-reconciler.ts";
import { Readings } from "./reconcile/readings.ts";
import { References } from "./reconcile/references.ts";
import { ServerReconciler } from "./reconcile/server-reconciler.ts";
import type { WrittenStatus } from "./reconcile/write-status.ts";
import { Backoff } from "./runtime/backoff.ts";
import { Controller, type Reconcile } from "./runtime/controller.ts";
import { type HttpServer, startHttpServer } from "./runtime/http-server.ts";
import type { Lifecycle, Part } from "./runtime/lifecycle.ts";
import { Problems } from "./runtime/problems.ts";
import { WorkQueue } from "./runtime/work-queue.ts";
import { type Queues, wakeOnChanges } from "./wake.ts";

export interface OperatorParts {
  readonly config: Config;
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metricsService: MetricsService;
}

/** Servers that are decided, or read, at the same time. One server is never worked on twice. */
const workers = 4;

/** Adds every part of the operator to the lifecycle, in the order in which they start. */
export function assemble(parts: OperatorParts, lifecycle: Lifecycle): void {
  const { config, clock, random, log, metricsService, version } = parts;
  const { metrics } = metricsService;
  const connection = createConnection(createCredentialSource(config), clock);
  const client = createClient({ connection, clock, version });
  const projections = createProjections();
  const problems = new Problems(log);
  const informers = createInformers({
    ...{ client, projections, clock, random, log, metrics, problems },
    namespaces: config.namespaces,
  });
  const { instance } = config;
  const cluster = createCluster({ client, projections, clock, metrics, instance });
  const database = createPostgresDatabase({ clock });
  const caches = cachesOf(informers);
  const work = assembleReconcilers(parts, { caches, cluster, database });
  wakeOnChanges(informers, caches, work);
  const routes = createRoutes({ metricsService, problems, caches, informers, clock, ...work });

  lifecycle.add({ name: "connection", stop: () => connection.close() });
  lifecycle.add({ name: "database", stop: () => database.close() });
  lifecycle.add(httpPart(config, routes, log));
  for (const part of work.parts) lifecycle.add(part);
  lifecycle.add(informersPart(informers));
}

interface World {
  readonly caches: Caches;
  readonly cluster: Cluster;
  readonly database: Database;
}

export interface Work {
  readonly book: PolicyBook;
  readonly queues: Queues;
  readonly servers: ServerReconciler;
  readonly controllers: readonly Controller[];
  readonly parts: readonly Part[];
}

/**
 * The three reconcilers, their queues and their memories. Tests may assemble the same around
 * another world.
 */
export function assembleReconcilers(parts: OperatorParts, world: World): Work {
  const { clock, log, config } = parts;
  const { metrics } = parts.metricsService;
  const { caches, cluster, database } = world;
  const book = new PolicyBook();
  const readings = new Readings();
  const logins = new Logins();
  const notes = new Notes();
  const written = {
    statuses: new Expectations<WrittenStatus>(),
    templates: new Expectations<true>(),
    pastRolls: new PastRolls(),
  };
  const queues: Queues = {
    policies: new WorkQueue(clock),
    databases: new WorkQueue(clock),
    servers: new WorkQueue(clock),
  };
  const intervalMs = config.databaseIntervalMs;
  const common = { ...parts, metrics, book, readings, logins, intervalMs, ...wakersOf(queues) };
  const policy = new PolicyReconciler({ ...common, policies: caches.policies, cluster });
  const reader = new DatabaseReconciler({ ...common, database });
  const references = new References(cluster, clock);
  const { settleTimeMs, admissionWarmUpMs } = config;
  const rules = new AlertRules({ cluster, clock, notes });
  const servers = new ServerReconciler({
    ...{ clock, metrics },
    observer: {
      caches,
      book,
      readings,
      logins,
      references,
      ...written,
      notes,
      settleTimeMs,
      admissionWarmUpMs,
    },
    applier: { cluster, ...written, written: new Map() },
    reporter: { cluster, metrics, log, notes, rules },
  });
  const controllers = [
    controller(parts, { name: "policy", queue: queues.policies, run: (k) => policy.reconcile(k) }),
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
  ];
  return { book, queues, servers, controllers, parts: controllers.map(controllerPart) };
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
  { clock, random, log, metricsService }: OperatorParts,
  {
    name,
    queue,
    run,
  }: { readonly name: string; readonly queue: WorkQueue; readonly run: Reconcile },
): Controller {
  const backoff = new Backoff({ random, baseMs: 500, maxMs: 60_000 });
  const { metrics } = metricsService;
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

function controllerPart(one: Controller, index: number): Part {
  return {
    name: `controller ${index}`,
    start: () => {
      one.start();
    },
    stop: () => one.stop(),
  };
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

function httpPart(config: Config, routes: ReturnType<typeof createRoutes>, log: Log): Part {
  let server: HttpServer | undefined;
  return {
    name: "http server",
    start: async () => {
      server = await startHttpServer({ address: config.listen, routes, log });
      log.info({ address: server.address }, "serving metrics and health");
    },
    stop: () => server?.close(),
  };
}
