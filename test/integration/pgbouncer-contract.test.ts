// The adapter of PgBouncer keeps the contract of the Database port on the PgBouncer of the
// distribution, where it is installed; and what is so of poolers alone.

import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { createPgbouncerDatabase } from "../../src/adapters/pgbouncer/database.ts";
import { pairNameOf } from "../../src/domain/supply/connection-limits.ts";
import { createPostgresDatabase } from "../../src/adapters/postgres/database.ts";
import type { DatabaseReading } from "../../src/domain/facts/facts.ts";
import type { Database, DatabaseOutcome } from "../../src/ports.ts";
import { describeDatabase } from "../contract/database/database-contract.ts";
import type { DatabaseWorld } from "../contract/database/database-contract.ts";
import {
  findPgBouncer,
  noPgBouncer,
  type PgBouncer,
  type PgBouncerOptions,
  startPgBouncer,
} from "../support/pgbouncer.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { waitUntil } from "../support/processes.ts";

const users = ["app", "guest", "watcher"];
const maxClients = 20;

async function startServer(): Promise<Postgres> {
  const server = await startPostgres({ maxConnections: 50 });
  for (const user of users) await server.query(`CREATE ROLE ${user} LOGIN PASSWORD '${user}'`);
  await server.query("CREATE DATABASE orders");
  return server;
}

function optionsFor(server: Postgres, settings: object = {}): PgBouncerOptions {
  return {
    databases: [`orders = host=127.0.0.1 port=${server.port}`],
    users: Object.fromEntries(users.map((user) => [user, user])),
    settings: { stats_users: "watcher", max_client_conn: String(maxClients), ...settings },
  };
}

/** As a policy's URI is, once the policy has said that it is a pooler's. */
function asPooler(uri: string): string {
  return uri.replace("postgresql://", "pgbouncer://");
}

async function openClient(uri: string, applicationName = ""): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: uri, application_name: applicationName });
  client.on("error", () => undefined);
  await client.connect();
  return () => client.end();
}

async function clientsOf(pooler: PgBouncer): Promise<readonly Record<string, unknown>[]> {
  return await pooler.command("SHOW CLIENTS");
}

async function openWorld(program: string): Promise<DatabaseWorld> {
  const server = await startServer();
  const settings = { stats_users: users.join(",") };
  const pooler = await startPgBouncer(program, optionsFor(server, settings));
  const database = createPgbouncerDatabase({ clock: systemClock });
  const uri = (user: string, password: string = user): string =>
    asPooler(pooler.uri(user, "orders", password));
  const isOurs = ({ application_name: name }: Record<string, unknown>): boolean =>
    String(name).startsWith("poolwarden-");
  let opened = 0;
  const openSession = async (user: string, name: string): Promise<() => Promise<void>> => {
    const close = await openClient(pooler.uri(user, "orders", user), name);
    opened += 1;
    return async () => {
      await close();
      opened -= 1;
      await waitUntil("the client to be gone", async () => {
        const all = await clientsOf(pooler);
        return all.filter((row) => row["database"] === "orders").length <= opened;
      });
    };
  };
  return {
    database,
    server: `127.0.0.1:${pooler.port}`,
    limits: { maxConnections: maxClients, withheld: [] },
    ordinarySlots: maxClients,
    leastVersion: 11_800,
    identity: /^127\.0\.0\.1:\d+$/,
    showsNames: true,
    ownDatabase: "pgbouncer",
    withoutSight: [],
    sessionDatabase: "orders",
    roleLimits: () => ({}),
    databaseLimits: () => ({}),
    weakTls: "sslmode=verify-ca",
    uri,
    openSession,
    setRoleLimit: () => Promise.resolve(),
    setDatabaseLimit: () => Promise.resolve(),
    setPassword: (user, password) => pooler.setPassword(user, password),
    countOwnSessions: async () => (await clientsOf(pooler)).filter(isOurs).length,
    stop: () => pooler.kill(),
    start: () => pooler.start(),
    close: async () => {
      await database.close();
      await pooler.stop();
      await server.stop();
    },
  };
}

function readingOf(outcome: DatabaseOutcome): DatabaseReading {
  if (outcome.kind === "failed") throw new Error(`${outcome.reason}: ${outcome.message}`);
  return outcome.reading;
}

function describePooler(program: string): void {
  describe("a pooler", () => {
    let server: Postgres;
    let database: Database;

    beforeAll(async () => {
      server = await startServer();
      database = createPgbouncerDatabase({ clock: systemClock });
    });

    afterAll(async () => {
      await database.close();
      await server.stop();
    });

    const start = (settings: object = {}, more: object = {}): Promise<PgBouncer> =>
      startPgBouncer(program, { ...optionsFor(server, settings), ...more });
    const pair = { role: "app", database: "orders" };
    const target = (port: number, uri: string): Parameters<Database["read"]>[0] => ({
      ...{ server: `127.0.0.1:${port}`, uri, ca: undefined },
      ...{ roles: ["app"], databases: ["orders"], pairs: [pair] },
    });
    const read = async (pooler: PgBouncer, user = "watcher"): Promise<DatabaseOutcome> =>
      await database.read(target(pooler.port, asPooler(pooler.uri(user, "pgbouncer", user))));

    test("lets the operator in when no client gets in any more, and counts both tiers apart", async () => {
      await using pooler = await start({ max_client_conn: "4", default_pool_size: "2" });
      const open = (): Promise<() => Promise<void>> =>
        openClient(pooler.uri("app", "orders", "app"), "web");
      const clients = [await open(), await open(), await open(), await open()];
      await expect(open()).rejects.toThrow("no more connections allowed");
      const reading = readingOf(await read(pooler));
      expect(reading).toMatchObject({ maxConnections: 4, seesAllSessions: true });
      expect(reading.sessions).toEqual([
        {
          ...{ user: "app", database: "orders", applicationName: "web" },
          ...{ address: "127.0.0.1", count: 4 },
        },
      ]);
      expect({ ...reading.roleLimits }).toEqual({ app: -1 });
      await Promise.all(clients.map((close) => close()));
    });

    test("says when it was last restarted, as far as its consoles show", async () => {
      await using pooler = await start();
      const told = async (): Promise<unknown> => readingOf(await read(pooler)).podsChangedAtMs;
      const before = await told();
      expect(await told()).toBe(before);
      await pooler.kill();
      await pooler.start();
      expect(await told()).toBeGreaterThan(Number(before));
    });

    test("another one on the console is a client like others", async () => {
      await using pooler = await start();
      const close = await openClient(pooler.uri(), "exporter");
      const { sessions } = readingOf(await read(pooler));
      expect(sessions).toMatchObject([{ user: "administrator", applicationName: "exporter" }]);
      await close();
    });

    test("who is in neither list of users is told which", async () => {
      await using pooler = await start();
      const outcome = await read(pooler, "app");
      expect(outcome).toMatchObject({ kind: "failed", reason: "AuthenticationFailed" });
      expect(JSON.stringify(outcome)).toContain("add app to stats_users in pgbouncer.ini");
    });

    test("a paused one is read, and a suspended one is said to be that", async (context) => {
      await using pooler = await start();
      const limits = { connectTimeoutMs: 1_000, queryTimeoutMs: 1_000 };
      const impatient = createPgbouncerDatabase({ clock: systemClock, ...limits });
      const readNow = (): Promise<DatabaseOutcome> =>
        impatient.read(target(pooler.port, asPooler(pooler.uri("watcher", "orders", "watcher"))));
      // It ends both when whoever asked for it leaves.
      const administrator = new pg.Client({ connectionString: pooler.uri() });
      administrator.on("error", () => undefined);
      await administrator.connect();
      await administrator.query("PAUSE");
      expect(readingOf(await readNow()).maxConnections).toBe(maxClients);
      await administrator.query("RESUME");
      await impatient.forget(`127.0.0.1:${pooler.port}`);
      const isSuspended = await administrator.query("SUSPEND").then(
        () => true,
        (error: unknown) => !String(error).includes("invalid command"),
      );
      const outcome = await readNow();
      await administrator.end();
      await impatient.close();
      context.skip(!isSuspended, "this version has no SUSPEND (1.26)");
      expect(outcome).toMatchObject({ kind: "failed", reason: "DatabaseTimeout" });
      expect(JSON.stringify(outcome)).toContain("neither suspended nor overloaded");
    });

    test("a PostgreSQL server that was said to be a pooler is not taken for one", async () => {
      const outcome = await database.read(target(server.port, asPooler(server.uri())));
      expect(outcome).toMatchObject({ kind: "failed", reason: "QueryFailed" });
      expect(JSON.stringify(outcome)).toContain("is not a PgBouncer");
      await server.query("CREATE DATABASE pgbouncer");
      await database.forget(`127.0.0.1:${server.port}`);
      const again = await database.read(target(server.port, asPooler(server.uri())));
      expect(JSON.stringify(again)).toContain("remove spec.database.engine");
      await server.query("DROP DATABASE pgbouncer WITH (FORCE)");
    });

    test("a pooler that was said to be PostgreSQL is noticed, whatever it ignores", async () => {
      await using strict = await start();
      await using lenient = await start({ ignore_startup_parameters: "options" });
      const postgres = createPostgresDatabase({ clock: systemClock });
      const uriOf = (pooler: PgBouncer): string => pooler.uri("app", "orders", "app");
      const refused = await postgres.read(target(strict.port, uriOf(strict)));
      expect(refused).toMatchObject({ kind: "failed", reason: "QueryFailed" });
      expect(JSON.stringify(refused)).toContain("database.engine: PgBouncer");
      const reading = readingOf(await postgres.read(target(lenient.port, uriOf(lenient))));
      expect(reading).toMatchObject({ maxConnections: 50, isThroughPooler: true });
      const direct = readingOf(await postgres.read(target(server.port, server.uri())));
      expect(direct).not.toHaveProperty("isThroughPooler");
      await postgres.close();
    });

    test("every address that its name means is read, and all of them are one pooler", async () => {
      await using one = await start({ max_client_conn: "5" });
      await using other = await start(
        { max_client_conn: "7" },
        { address: "127.0.0.2", port: one.port },
      );
      // The pool of each is the usual one, and who was seen on one pod may come to the other.
      const ofBoth = { maySlots: 2 * 2 * 20, processes: 2 };
      let addresses = ["127.0.0.2", "127.0.0.1"];
      const both = createPgbouncerDatabase({
        clock: systemClock,
        lookUp: (_host, _options, answer) => {
          answer(
            null,
            addresses.map((address) => ({ address, family: 4 })),
          );
        },
      });
      const name = `pooler.shop.svc:${one.port}`;
      const uri = `pgbouncer://watcher:watcher@${name}/orders`;
      const readBoth = async (): Promise<DatabaseReading> =>
        readingOf(await both.read({ ...target(one.port, uri), server: name }));
      const close = [
        await openClient(one.uri("app", "orders", "app"), "web"),
        await openClient(other.uri("app", "orders", "app"), "web"),
        await openClient(other.uri("guest", "orders", "guest"), "psql"),
      ];
      const reading = await readBoth();
      expect(reading).toMatchObject({
        maxConnections: 12,
        systemIdentifier: `127.0.0.1:${one.port} 127.0.0.2:${one.port}`,
        behind: [{ ...ofBoth, isSession: true }],
        pairLimits: { [pairNameOf(pair)]: 2 * 20 },
      });
      expect(reading).not.toHaveProperty("mayBePart");
      expect(reading.sessions.map(({ user, count }) => [user, count])).toEqual([
        ["app", 2],
        ["guest", 1],
      ]);
      const ofUs = reading.ownSessions.reduce((sum, { count }) => sum + count, 0);
      expect(ofUs).toBe(2);
      addresses = ["127.0.0.1"];
      expect(await readBoth()).toMatchObject({ maxConnections: 5, sessions: [{ count: 1 }] });
      addresses = ["127.0.0.1", "127.0.0.3"];
      const failed = await both.read({ ...target(one.port, uri), server: name });
      expect(failed).toMatchObject({ kind: "failed", reason: "DatabaseUnreachable" });
      addresses = ["127.0.0.2", "127.0.0.1"];
      expect(await readBoth()).toMatchObject({ maxConnections: 12 });
      await both.close();
      await Promise.all(close.map((end) => end()));
    });
  });
}

const program = await findPgBouncer();
if (program === undefined) {
  describe("the adapter on PgBouncer", () => {
    test("keeps the contract", (context) => {
      context.skip(noPgBouncer);
    });
  });
} else {
  const lacks = { start: true, limits: true, partialSight: true, refusal: true } as const;
  describeDatabase("the adapter on PgBouncer", () => openWorld(program), lacks);
  describePooler(program);
}
