// The operator as a process: the real API server, the real databases, and what it serves over
// HTTP, around the operator itself, which knows none of them.

import { type Client, createClient, limitRequests } from "./adapters/kubernetes/client.ts";
import { createCluster } from "./adapters/kubernetes/cluster.ts";
import { createConnection } from "./adapters/kubernetes/connection.ts";
import { createCredentialSource } from "./adapters/kubernetes/credentials.ts";
import { createLease } from "./adapters/kubernetes/lease.ts";
import { createProjections } from "./adapters/kubernetes/project.ts";
import { createSources } from "./adapters/kubernetes/sources.ts";
import type { MetricsService } from "./adapters/metrics.ts";
import { lookUp, Lookups } from "./adapters/database/lookups.ts";
import { createDatabases } from "./adapters/databases.ts";
import { createMysqlDatabase } from "./adapters/mysql/database.ts";
import { createConsoles } from "./adapters/pgbouncer/consoles.ts";
import { createPgbouncerDatabase } from "./adapters/pgbouncer/database.ts";
import { createPostgresDatabase } from "./adapters/postgres/database.ts";
import { createRedisDatabase } from "./adapters/redis/database.ts";
import type { ReaderOptions } from "./adapters/database/reader.ts";
import { byEngine, type EngineName } from "./api/engines.ts";
import type { Config } from "./config.ts";
import { mayConnect } from "./domain/supply/allowed-hosts.ts";
import { createRoutes, reports } from "./endpoints.ts";
import { assembleOperator, type Election } from "./operator.ts";
import { FleetHistory } from "./page/fleet-history.ts";
import { historyPart } from "./page/keep-history.ts";
import type { Clock, Database, Log, Random } from "./ports.ts";
import { type HttpServer, startHttpServer } from "./runtime/http-server.ts";
import { holderOf } from "./runtime/holder.ts";
import { writeLimitMs } from "./runtime/leader-election.ts";
import type { Lifecycle, Part } from "./runtime/lifecycle.ts";

export interface ProcessParts {
  readonly config: Config;
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metricsService: MetricsService;
}

/** Adds every part of the process to the lifecycle, in the order in which they start. */
export function assembleProcess(parts: ProcessParts, lifecycle: Lifecycle): void {
  const { config, clock, random, log, metricsService, version } = parts;
  const { metrics } = metricsService;
  const connection = createConnection(createCredentialSource(config), clock);
  const client = createClient({ connection, clock, version });
  // What a leader sends must have arrived before another may lead.
  const writer = config.election ? limitRequests(client, writeLimitMs(config.election)) : client;
  const projections = createProjections();
  const { instance, allowedDatabaseHosts, databaseIntervalMs } = config;
  const access: DatabaseAccess = {
    clock,
    mayConnect: (server, address) => mayConnect(server, address, allowedDatabaseHosts),
  };
  const database = createRealDatabases(access);
  const election = electionOf(parts, writer, lifecycle);
  const operator = assembleOperator(
    { config, clock, random, log, metrics },
    {
      sources: createSources({ client, projections, random, clock }),
      cluster: createCluster({ client: writer, projections, clock, metrics, instance }),
      database,
      consoles: createConsoles({ mayConnect: mayFollowAt(config) }),
      election,
    },
  );
  const history = config.servesPage ? new FleetHistory() : undefined;
  const served = { ...operator, metricsService, clock, databaseIntervalMs };
  const routes = createRoutes({ ...served, ...(history && { history }) });

  lifecycle.add({ name: "connection", stop: () => connection.close() });
  lifecycle.add({ name: "database", stop: () => database.close() });
  lifecycle.add(httpPart(config, routes, log));
  for (const part of operator.parts) lifecycle.add(part);
  if (history) lifecycle.add(historyPart({ history, clock, reports: () => reports(operator) }));
}

/** Any pod, but what is nobody's pod and may be something of ours. */
function mayFollowAt(config: Config): (address: string, port: number) => boolean {
  return (address, port) => {
    const server = `${address.includes(":") ? `[${address}]` : address}:${port}`;
    return mayConnect(server, address, config.allowedDatabaseHosts);
  };
}

type DatabaseAccess = ReaderOptions;

/** Who reads the servers of each engine. */
const databaseOf: Readonly<Record<EngineName, (access: DatabaseAccess) => Database>> = {
  PostgreSQL: createPostgresDatabase,
  MySQL: createMysqlDatabase,
  Redis: createRedisDatabase,
  PgBouncer: createPgbouncerDatabase,
};

/** The one that asks real servers, whatever their engine. */
export function createRealDatabases(access: DatabaseAccess): Database {
  // Whatever the engine, names are looked up on the same few threads.
  const shared = { ...access, lookups: new Lookups(access.lookUp ?? lookUp) };
  return createDatabases(byEngine((engine) => databaseOf[engine](shared)));
}

function electionOf(
  { config, random }: ProcessParts,
  client: Client,
  lifecycle: Lifecycle,
): Election | undefined {
  if (!config.election) return undefined;
  const { namespace, name, ...times } = config.election;
  const term = Math.floor(random.next() * 2 ** 48)
    .toString(16)
    .padStart(12, "0");
  return {
    ...times,
    lease: createLease({ client, namespace, name }),
    ...holderOf({ ...config, processId: process.pid, term }),
    onLost: () => {
      lifecycle.fail("the lease is lost");
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
