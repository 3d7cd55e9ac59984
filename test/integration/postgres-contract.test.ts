// The adapter keeps the contract of the Database port on every PostgreSQL that is here: 18 from the
// npm package, and the 15 of the distribution where it is installed.

import { withheld } from "../support/builders.ts";
import pg from "pg";
import { describe, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { createPostgresDatabase } from "../../src/adapters/postgres/database.ts";
import { describeDatabase, ofPostgres } from "../contract/database/database-contract.ts";
import type { DatabaseWorld } from "../contract/database/database-contract.ts";
import { findInstalledPostgres, startPostgres, startPostgresFrom } from "../support/postgres.ts";
import type { Postgres } from "../support/postgres.ts";
import { waitUntil } from "../support/processes.ts";

const setUp = `
  CREATE ROLE app LOGIN PASSWORD 'app';
  CREATE ROLE guest LOGIN PASSWORD 'guest';
  CREATE ROLE watcher LOGIN PASSWORD 'watcher' IN ROLE pg_monitor;`;

const fromOwnSessions = "FROM pg_stat_activity WHERE application_name LIKE 'poolwarden-%'";

async function openWorld(
  postgres: Postgres,
  limits: DatabaseWorld["limits"],
): Promise<DatabaseWorld> {
  await postgres.query(setUp);
  await postgres.query("CREATE DATABASE orders");
  const database = createPostgresDatabase({ clock: systemClock });
  const run = async (sql: string): Promise<void> => {
    await postgres.query(sql);
  };
  const ownSessions = async (): Promise<number> =>
    (await postgres.query(`SELECT pid ${fromOwnSessions}`)).length;
  const uri = (user: string, password: string = user): string =>
    postgres.uri(user, "orders", password);
  return {
    database,
    server: `127.0.0.1:${postgres.port}`,
    limits,
    ...ofPostgres,
    uri,
    openSession: (user, applicationName) => openSession(uri(user), applicationName),
    setRoleLimit: (role, limit) => run(`ALTER ROLE ${role} CONNECTION LIMIT ${limit}`),
    setDatabaseLimit: (name, limit) => run(`ALTER DATABASE ${name} CONNECTION LIMIT ${limit}`),
    setPassword: (role, password) => run(`ALTER ROLE ${role} PASSWORD '${password}'`),
    countOwnSessions: ownSessions,
    stop: async () => {
      // Without this, a session outlives the killed server by a moment, and still answers.
      await run(`SELECT pg_terminate_backend(pid) ${fromOwnSessions}`);
      await waitUntil("our session to end", async () => (await ownSessions()) === 0);
      await postgres.kill();
    },
    start: () => postgres.start(),
    close: async () => {
      await database.close();
      await postgres.stop();
    },
  };
}

async function openSession(uri: string, applicationName: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: uri, application_name: applicationName });
  client.on("error", () => undefined);
  await client.connect();
  return () => client.end();
}

describeDatabase("the adapter on PostgreSQL 18", async () => {
  const limits = { maxConnections: 10, withheld: withheld(3, 2) };
  const postgres = await startPostgres({ maxConnections: 10, reservedConnections: 2 });
  return openWorld(postgres, limits);
});

const installed = await findInstalledPostgres(15);
if (installed === undefined) {
  describe("the adapter on PostgreSQL 15", () => {
    test("keeps the contract", (context) => {
      context.skip("no PostgreSQL 15 is installed (Debian: apt-get install postgresql-15)");
    });
  });
} else {
  describeDatabase("the adapter on PostgreSQL 15", async () => {
    const limits = { maxConnections: 8, withheld: withheld(3) };
    return openWorld(await startPostgresFrom(installed, { maxConnections: 8 }), limits);
  });
}
