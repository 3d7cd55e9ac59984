// Who is at work, as real servers show it to logins that may see all sessions, and to those that
// may not.

import type { Connection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { createMysqlDatabase } from "../../src/adapters/mysql/database.ts";
import { createPostgresDatabase } from "../../src/adapters/postgres/database.ts";
import type { ClientsAtWork } from "../../src/domain/facts/facts.ts";
import { parseMysqlUri } from "../../src/domain/supply/mysql-uri.ts";
import type { Database, DatabaseTarget } from "../../src/ports.ts";
import {
  findMariaDb,
  type MariaDb,
  noMariaDb,
  openMysql,
  startMariaDb,
} from "../support/mariadb.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { openSession, readingOf, targetOf } from "../support/postgres-readings.ts";
import { waitUntil } from "../support/processes.ts";

const clock = systemClock;

/** What a look shows of a user, once it shows what is expected; else what it showed last. */
async function look(
  database: Database,
  target: DatabaseTarget,
  isWanted: (clients: readonly ClientsAtWork[]) => boolean = () => true,
): Promise<readonly ClientsAtWork[]> {
  let shown: readonly ClientsAtWork[] | undefined;
  readingOf(await database.read(target));
  const isSeen = async (): Promise<boolean> => {
    shown = (await database.lookAtWork?.(target))?.clients;
    return shown !== undefined && isWanted(shown);
  };
  await waitUntil("a look", isSeen).catch(() => undefined);
  return (shown ?? []).filter(({ user }) => user === "app");
}

describe("PostgreSQL", () => {
  let postgres: Postgres;
  let database: Database;
  beforeAll(async () => {
    postgres = await startPostgres({ maxConnections: 20 });
    await postgres.query(`
      CREATE ROLE app LOGIN PASSWORD 'app';
      CREATE ROLE guest LOGIN PASSWORD 'guest';
      CREATE ROLE watcher LOGIN PASSWORD 'watcher' IN ROLE pg_monitor;`);
    database = createPostgresDatabase({ clock });
  });
  afterAll(async () => {
    await database.close();
    await postgres.stop();
  });
  const targetAs = (role: string): DatabaseTarget => targetOf(postgres.uri(role, "postgres", role));
  const app = (): string => postgres.uri("app", "postgres", "app");

  it("shows what runs and what is within a transaction, and not its own look", async () => {
    await using sessions = new AsyncDisposableStack();
    const open = async (): ReturnType<typeof openSession> => sessions.use(await openSession(app()));
    await open();
    const [idle, failed, running] = [await open(), await open(), await open()];
    await idle.query("BEGIN");
    await failed.query("BEGIN");
    await failed.query("SELECT 1 / 0").catch(() => undefined);
    const asleep = running.query("SELECT pg_sleep(60)").catch(() => undefined);
    for (const role of ["watcher", "app"]) {
      const shown = await look(database, targetAs(role), ([one]) => one?.atWork === 3);
      expect(shown).toEqual([{ user: "app", address: "127.0.0.1", sessions: 4, atWork: 3 }]);
    }
    expect(await look(database, targetAs("guest"))).toEqual([]);
    await postgres.query(
      "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = 'app'",
    );
    await asleep;
  });

  it("says nothing of sessions that it does not track", async () => {
    await postgres.query("ALTER ROLE app SET track_activities = off");
    await using blind = await openSession(app());
    await postgres.query("ALTER ROLE app RESET ALL");
    expect(await look(database, targetAs("watcher"))).toEqual([]);
    await blind.query("SELECT 1");
  });
});

const programs = await findMariaDb();

describe("MariaDB", () => {
  let server: MariaDb;
  let database: Database;
  beforeAll(async () => {
    if (!programs) return;
    server = await startMariaDb(programs);
    for (const user of ["app", "watcher"]) {
      await server.query(`CREATE USER '${user}'@'%' IDENTIFIED BY '${user}'`);
    }
    await server.query("GRANT PROCESS ON *.* TO 'watcher'@'%'");
    database = createMysqlDatabase({ clock });
  });
  afterAll(async () => {
    if (!programs) return;
    await database.close();
    await server.stop();
  });

  function targetAs(user: string): DatabaseTarget {
    const uri = server.uri(user, "", user);
    const parsed = parseMysqlUri(uri, { ca: undefined });
    if (parsed.kind === "problem") throw new Error(parsed.message);
    return { server: parsed.uri.server, uri, ca: undefined, roles: [], databases: [] };
  }

  it("shows what runs, and to who may see them what is within a transaction", async (context) => {
    context.skip(!programs, noMariaDb);
    const open = (): Promise<Connection> => openMysql(server.uri("app", "", "app"));
    const [idle, within, running] = [await open(), await open(), await open()];
    await within.query("START TRANSACTION WITH CONSISTENT SNAPSHOT");
    const asleep = running.query("SELECT SLEEP(60)").catch(() => undefined);
    const seen = { user: "app", address: "127.0.0.1" };
    const all = await look(database, targetAs("watcher"), ([one]) => one?.atWork === 2);
    expect(all).toEqual([{ ...seen, sessions: 3, atWork: 2 }]);
    const own = await look(database, targetAs("app"), ([one]) => one?.atWork === 1);
    expect(own).toEqual([{ ...seen, sessions: 3, atWork: 1 }]);
    for (const one of [idle, within, running]) one.destroy();
    await asleep;
  });
});
