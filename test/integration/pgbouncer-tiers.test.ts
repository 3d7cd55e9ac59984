// Both tiers of a real PgBouncer in front of a real PostgreSQL: what its pools let clients do in
// each mode, and what is read of that. The numbers are those that clients and the server see.

import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { createPgbouncerDatabase } from "../../src/adapters/pgbouncer/database.ts";
import type { DatabaseReading } from "../../src/domain/facts/facts.ts";
import { pairNameOf } from "../../src/domain/supply/connection-limits.ts";
import type { Database } from "../../src/ports.ts";
import {
  findPgBouncer,
  noPgBouncer,
  type PgBouncer,
  startPgBouncer,
} from "../support/pgbouncer.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";

const pair = { role: "app", database: "orders" };

function describeTiers(program: string): void {
  let server: Postgres;
  let database: Database;

  beforeAll(async () => {
    server = await startPostgres({ maxConnections: 50 });
    await server.query("CREATE ROLE app LOGIN PASSWORD 'app'");
    await server.query("CREATE DATABASE orders");
    database = createPgbouncerDatabase({ clock: systemClock });
  });

  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  const start = (settings: object = {}, more: object = {}): Promise<PgBouncer> =>
    startPgBouncer(program, {
      databases: [`orders = host=127.0.0.1 port=${server.port}`],
      users: { app: "app", watcher: "watcher" },
      settings: { stats_users: "watcher", ...settings },
      ...more,
    });

  const read = async (pooler: PgBouncer): Promise<DatabaseReading> => {
    const uri = pooler.uri("watcher", "orders", "watcher").replace("postgresql:", "pgbouncer:");
    const outcome = await database.read({
      ...{ server: `127.0.0.1:${pooler.port}`, uri, ca: undefined },
      ...{ roles: ["app"], databases: ["orders"], pairs: [pair] },
    });
    if (outcome.kind === "failed") throw new Error(`${outcome.reason}: ${outcome.message}`);
    return outcome.reading;
  };

  /** With which clients each of them has run a query, so that it holds a connection if any. */
  const openWorking = async (pooler: PgBouncer, count: number): Promise<pg.Client[]> => {
    const options = {
      connectionString: pooler.uri("app", "orders", "app"),
      query_timeout: 1_500,
    };
    const clients = Array.from({ length: count }, () => new pg.Client(options));
    for (const client of clients) {
      client.on("error", () => undefined);
      await client.connect();
    }
    return clients;
  };
  const work = async (clients: readonly pg.Client[]): Promise<number> => {
    const done = await Promise.allSettled(clients.map((client) => client.query("SELECT 1")));
    return done.filter(({ status }) => status === "fulfilled").length;
  };
  const onServer = async (): Promise<number> => {
    const sql = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'app'";
    return Number((await server.query(sql))[0]?.["n"] ?? 0);
  };

  test("in session mode its pool is a limit on clients, and no more of them work at once", async () => {
    const settings = { pool_mode: "session", default_pool_size: "3", reserve_pool_size: "2" };
    await using pooler = await start({ ...settings, reserve_pool_timeout: "1" });
    const clients = await openWorking(pooler, 7);
    const working = await work(clients);
    const reading = await read(pooler);
    expect(reading.pairLimits).toEqual({ [pairNameOf(pair)]: 5 });
    expect(reading.limitSettings).toEqual({
      "role app on database orders": "pool_size and reserve_pool_size",
    });
    expect(working).toBe(5);
    expect(reading.behind).toEqual([
      {
        ...{ server: `127.0.0.1:${server.port}`, processes: 1, entries: 1, isSession: true },
        ...{ maySlots: 5, openSlots: 5 },
      },
    ]);
    expect(await onServer()).toBe(5);
    await Promise.all(clients.map((client) => client.end()));
  });

  test("in session mode max_db_connections bounds all users of a database", async () => {
    const settings = { pool_mode: "session", default_pool_size: "6", max_db_connections: "4" };
    await using pooler = await start(settings);
    const clients = await openWorking(pooler, 5);
    expect(await work(clients)).toBe(4);
    const reading = await read(pooler);
    expect({ ...reading.databaseLimits }).toEqual({ orders: 4 });
    expect(reading.behind).toMatchObject([{ maySlots: 4, openSlots: 4 }]);
    await Promise.all(clients.map((client) => client.end()));
  });

  test("in transaction mode clients share connections, and the server behind is told alone", async () => {
    await using pooler = await start({ pool_mode: "transaction", default_pool_size: "2" });
    const clients = await openWorking(pooler, 7);
    expect(await work(clients)).toBe(7);
    const reading = await read(pooler);
    expect(reading.pairLimits).toEqual({ [pairNameOf(pair)]: -1 });
    expect(reading.behind).toMatchObject([{ isSession: false, maySlots: 2 }]);
    expect(reading.behind?.[0]?.openSlots).toBeLessThanOrEqual(2);
    await Promise.all(clients.map((client) => client.end()));
  });

  test("a mode and a size of an entry go before those of all", async () => {
    const at = `host=127.0.0.1 port=${server.port}`;
    const databases = [
      `orders = ${at} pool_mode=session pool_size=2`,
      `again = ${at} dbname=orders user=app`,
      `* = ${at}`,
    ];
    await using pooler = await start({ pool_mode: "transaction" }, { databases });
    const clients = await openWorking(pooler, 3);
    expect(await work(clients)).toBe(2);
    const { pairLimits, behind } = await read(pooler);
    expect(pairLimits).toEqual({ [pairNameOf(pair)]: 2 });
    expect(behind).toMatchObject([{ isSession: false, entries: 2, maySlots: 2 + 20 }]);
    await Promise.all(clients.map((client) => client.end()));
  });
}

const program = await findPgBouncer();
describe("the tiers of a PgBouncer", () => {
  if (program === undefined) {
    test("are read", (context) => {
      context.skip(noPgBouncer);
    });
  } else describeTiers(program);
});
