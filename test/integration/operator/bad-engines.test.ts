// Servers of every engine that cannot be read, each named by a policy of its own: the condition
// says so in the server's words, with the way out; pods start with what their template says and
// nothing is given to them; and a policy beside all of them goes on.
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { startFloodingServer } from "../../support/flooding-server.ts";
import { type Fleet, openFleet } from "../../support/fleet.ts";
import { read } from "../../support/kubernetes-rest.ts";
import { findMariaDb, openMysql, startMariaDb } from "../../support/mariadb.ts";
import { type OperatorProcess, startOperator } from "../../support/operator.ts";
import { findPgBouncer, startPgBouncer } from "../../support/pgbouncer.ts";
import { type Postgres, startPostgres } from "../../support/postgres.ts";
import { findRedis, openRedis, startRedis } from "../../support/redis.ts";
import { startLine, startTcpServer } from "../../support/tcp.ts";
import { buildWorkload } from "../../support/workloads.ts";
import { ensureAdmissionWorks } from "../../support/working-admission.ts";

const namespace = "bad-engines";
const kubectl = inject("controlPlane");
const [mariaDb, redis, pgBouncer] = await Promise.all([
  findMariaDb(),
  findRedis(),
  findPgBouncer(),
]);

interface Bad {
  readonly name: string;
  readonly engine: "PostgreSQL" | "MySQL" | "Redis" | "PgBouncer";
  /** By the names of `uris`. */
  readonly uri: string;
  readonly reason: string;
  readonly says: readonly string[];
}

const cases: readonly Bad[] = [
  ...bad("PostgreSQL", [
    ["silent", "DatabaseTimeout", "did not answer in time"],
    ["flooding", "QueryFailed", ""],
    ["no such host", "DatabaseUnreachable", "check the host name"],
    ["a MariaDB", "QueryFailed", "check that host and port are those of your PostgreSQL server"],
  ]),
  ...bad("MySQL", [
    ["wrong password", "AuthenticationFailed", "Access denied for user 'app'"],
    ["TLS required", "TlsRefused", "TLS"],
    ["full", "TooManyConnections", "Too many connections"],
    ["silent", "DatabaseTimeout", "did not answer in time"],
    ["flooding", "DatabaseTimeout", ""],
    ["no such host", "DatabaseUnreachable", "check the host name"],
    ["a PostgreSQL", "DatabaseTimeout", "did not answer in time"],
  ]),
  ...bad("Redis", [
    ["wrong password", "AuthenticationFailed", "WRONGPASS"],
    ["no right", "QueryFailed", "ACL SETUSER app +info +client|list"],
    ["full", "TooManyConnections", "max number of clients reached"],
    ["silent", "DatabaseTimeout", "did not answer in time"],
    ["flooding", "QueryFailed", "does not keep to Redis's protocol"],
    ["no such host", "DatabaseUnreachable", "check the host name"],
    ["a PostgreSQL", "QueryFailed", "does not answer as Redis does"],
  ]),
  ...bad("PgBouncer", [
    ["wrong password", "AuthenticationFailed", "auth_file"],
    ["no right", "AuthenticationFailed", "add app to stats_users in pgbouncer.ini"],
    ["TLS required", "TlsRefused", "client_tls_sslmode"],
    ["silent", "DatabaseTimeout", "neither suspended nor overloaded"],
    ["flooding", "QueryFailed", ""],
    ["no such host", "DatabaseUnreachable", "check the host name"],
    ["a PostgreSQL", "QueryFailed", "is not a PgBouncer"],
  ]),
];

function bad(
  engine: Bad["engine"],
  rows: readonly (readonly [string, string, string])[],
): readonly Bad[] {
  return rows.map(([uri, reason, says]) => ({
    ...{ name: `${engine} ${uri}`.toLowerCase().replaceAll(" ", "-"), engine, uri, reason },
    says: [says],
  }));
}

let fleet: Fleet;
let operator: OperatorProcess;
const parts = new AsyncDisposableStack();
/** By engine, or for all of them, and by what is wrong. */
const uris = new Map<string, string>();

const schemes = {
  PostgreSQL: "postgresql",
  MySQL: "mysql",
  Redis: "redis",
  PgBouncer: "postgresql",
};

/** Undefined where a server that it needs is not installed. */
function uriOf({ engine, uri }: Bad): string | undefined {
  if (uri === "no such host") return `${schemes[engine]}://app:hunter2@${engine}.invalid:7000`;
  const port = uris.get(uri);
  return uris.get(`${engine} ${uri}`) ?? (port && `${schemes[engine]}://app:hunter2@${port}`);
}

/** Each policy means a server of its own: those of one address are read once for all of them. */
async function throughLine(uri: string): Promise<string> {
  const url = new URL(uri);
  const line = parts.use(await startLine(Number(url.port)));
  url.port = String(line.port);
  return url.href;
}

async function startServers(): Promise<Postgres> {
  const postgres = await startPostgres({ maxConnections: 200 });
  parts.defer(() => postgres.stop());
  const silent = parts.use(await startTcpServer(() => undefined));
  const flooding = parts.use(await startFloodingServer({ when: "login", tls: undefined }));
  uris.set("silent", `127.0.0.1:${silent.port}`);
  uris.set("flooding", `127.0.0.1:${flooding.port}`);
  uris.set("a PostgreSQL", `127.0.0.1:${postgres.port}`);
  uris.set("PgBouncer a PostgreSQL", postgres.uri());
  return postgres;
}

async function startMaria(): Promise<void> {
  if (!mariaDb) return;
  const server = parts.use(await startMariaDb(mariaDb, { maxConnections: 20 }));
  await server.query("CREATE USER app IDENTIFIED BY 'app'");
  uris.set("MySQL wrong password", server.uri("app", "", "hunter2"));
  uris.set("MySQL TLS required", `${server.uri("app", "", "app")}?ssl-mode=REQUIRED`);
  uris.set("a MariaDB", `127.0.0.1:${server.port}`);
  const full = parts.use(await startMariaDb(mariaDb, { maxConnections: 10 }));
  await full.query("CREATE USER app IDENTIFIED BY 'app'");
  uris.set("MySQL full", full.uri("app", "", "app"));
  for (let count = 0; count < 10; count++) {
    const session = await openMysql(full.uri("app", "", "app"));
    parts.defer(() => {
      session.destroy();
    });
  }
}

async function startTheRedis(): Promise<void> {
  if (redis === undefined) return;
  const server = parts.use(await startRedis(redis, { users: { app: "~* +get" } }));
  uris.set("Redis wrong password", server.uri("app", "hunter2"));
  uris.set("Redis no right", server.uri("app", "app"));
  const full = parts.use(await startRedis(redis, { maxClients: 2, users: { app: "+info" } }));
  uris.set("Redis full", full.uri("app", "app"));
  for (let count = 0; count < 2; count++) {
    const client = await openRedis(full.uri("app", "app"));
    parts.defer(() => client.end());
  }
}

async function startPooler(): Promise<void> {
  if (pgBouncer === undefined) return;
  const pooler = parts.use(
    await startPgBouncer(pgBouncer, {
      databases: ["orders = host=127.0.0.1 port=9"],
      users: { app: "app", watcher: "watcher" },
      settings: { stats_users: "watcher" },
    }),
  );
  uris.set("PgBouncer wrong password", pooler.uri("watcher", "orders", "hunter2"));
  uris.set("PgBouncer no right", pooler.uri("app", "orders", "app"));
  uris.set("PgBouncer TLS required", `${pooler.uri("app", "orders", "app")}?sslmode=require`);
}

async function addPolicy(name: string, uri: string, engine: Bad["engine"]): Promise<void> {
  const env = [{ name: "DB_POOL_MAX_SIZE", value: "5" }];
  await fleet.apply(buildWorkload("Deployment", namespace, name, { replicas: 1, env }));
  await fleet.applySecret(name, { uri });
  await fleet.applyPolicy(name, {
    database: { engine, secretRef: { name } },
    stability: { cooldown: "1s" },
    workloads: [{ name, poolSize: { max: 10 } }],
  });
}

beforeAll(async () => {
  const postgres = await startServers();
  await startMaria();
  await startTheRedis();
  await startPooler();
  await ensureAdmissionWorks(kubectl);
  fleet = await openFleet({ kubectl, namespace });
  const { kubeconfigPath } = kubectl;
  operator = await startOperator({ kubeconfigPath, flags: ["--namespaces", namespace] });
  await addPolicy("steady", postgres.uri(), "PostgreSQL");
  for (const one of cases) {
    const uri = uriOf(one);
    if (uri === undefined) continue;
    const own = one.uri === "no such host" ? uri : await throughLine(uri);
    await addPolicy(one.name, own, one.engine);
  }
});

afterAll(async () => {
  await operator[Symbol.asyncDispose]();
  await fleet[Symbol.asyncDispose]();
  await parts.disposeAsync();
});

describe("a server that cannot be read", () => {
  it.for(cases)("$name: $reason", async (one, context) => {
    context.skip(uriOf(one) === undefined, `a server for ${one.name} is not installed`);
    const { name, reason, says } = one;
    const message = await fleet.waitForCondition(name, "DatabaseReachable", {
      ...{ status: "False", reason, says },
    });
    expect(message).not.toContain("hunter2");
    expect(message).toMatch(/: \w/);
    await fleet.waitForPods(name, 1, 5);
    expect(read(await fleet.statusOf(name), "grants")).toBe(undefined);
  });

  it("holds up nobody else, and no password is told", async () => {
    await fleet.waitForPods("steady", 1, 10);
    await fleet.waitForReady("steady");
    expect(JSON.stringify(operator.log())).not.toContain("hunter2");
  });
});
