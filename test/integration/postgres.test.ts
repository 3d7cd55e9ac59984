// What the other tests and the demo count on when they start a PostgreSQL of their own.
import { access } from "node:fs/promises";
import { createServer } from "node:net";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { findInstalledPostgres, startPostgres, startPostgresFrom } from "../support/postgres.ts";
import type { Postgres, PostgresOptions } from "../support/postgres.ts";
import { findFreePort, waitUntil } from "../support/processes.ts";

async function start(options: PostgresOptions = {}): Promise<Postgres> {
  const postgres = await startPostgres(options);
  onTestFinished(() => postgres.stop());
  return postgres;
}

async function connect(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config);
  client.on("error", () => undefined);
  await client.connect();
  onTestFinished(() => client.end().catch(() => undefined));
  return client;
}

describe("a PostgreSQL of one's own", () => {
  test("is version 18 and has the limits that were asked for", async () => {
    const postgres = await start({
      maxConnections: 20,
      superuserReserved: 4,
      reservedConnections: 2,
      flags: { statement_timeout: "7s", application_name: "it's" },
    });
    const rows = await postgres.query(
      `SELECT current_setting('server_version_num')::int / 10000 AS major,
              current_setting('max_connections') AS max,
              current_setting('superuser_reserved_connections') AS superuser,
              current_setting('reserved_connections') AS reserved,
              current_setting('statement_timeout') AS timeout`,
    );
    const want = { major: 18, max: "20", superuser: "4", reserved: "2", timeout: "7s" };
    expect(rows).toEqual([want]);
  });

  test("refuses an ordinary login beyond its limit", async () => {
    const postgres = await start({ maxConnections: 5, superuserReserved: 3 });
    await postgres.query("CREATE ROLE app LOGIN PASSWORD 'secret'");
    const connectionString = postgres.uri("app", "postgres", "secret");
    await connect({ connectionString });
    await connect({ connectionString });
    await expect(connect({ connectionString })).rejects.toMatchObject({ code: "53300" });
  });

  test("keeps port and data over a restart and over a kill", async () => {
    const postgres = await start();
    await postgres.query("CREATE TABLE kept (value int)");
    await postgres.restart();
    await postgres.query("INSERT INTO kept VALUES (1)");
    await postgres.kill();
    await expect(postgres.query("SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await postgres.start();
    expect(await postgres.query("SELECT value FROM kept")).toEqual([{ value: 1 }]);
  });

  test("gives no answer while it is paused", async () => {
    const postgres = await start();
    postgres.pause();
    const config = { connectionString: postgres.uri(), connectionTimeoutMillis: 300 };
    await expect(connect(config)).rejects.toThrow("timeout");
    postgres.resume();
    expect(await postgres.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test("puts the given access rules before its own", async () => {
    const hostAuth = ["host all unwanted 127.0.0.0/8 reject"];
    const postgres = await start({ hostAuth });
    await postgres.query("CREATE ROLE unwanted LOGIN PASSWORD 'secret'");
    const config = { connectionString: postgres.uri("unwanted", "postgres", "secret") };
    await expect(connect(config)).rejects.toMatchObject({ code: "28000" });
  });

  test("leaves nothing behind when it stops", async () => {
    const postgres = await start();
    const [row] = await postgres.query("SHOW data_directory");
    const data = String(row?.["data_directory"]);
    await access(data).catch((error: unknown) => {
      throw new Error("the data directory cannot be seen by the test", { cause: error });
    });
    await postgres.stop();
    await expect(access(data)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("says why it cannot start", async () => {
    await expect(startPostgres({ flags: { no_such_setting: "1" } })).rejects.toThrow(
      'unrecognized configuration parameter "no_such_setting"',
    );
  });

  test("does not take another server on its port for itself", async () => {
    const port = await findFreePort();
    const other = createServer().listen(port, "127.0.0.1");
    onTestFinished(() => void other.close());
    await waitUntil("the other server to listen", () => other.listening);
    await expect(startPostgres({ port })).rejects.toThrow("could not bind");
  });
});

const SOURCE_ADDRESS = "127.8.9.10";

test("shows a session's own loopback address", async ({ skip }) => {
  skip(process.platform !== "linux", "only Linux answers on all of 127.0.0.0/8");
  const { Socket } = await import("node:net");
  const postgres = await start();
  const stream = new Socket();
  const connectTo = stream.connect.bind(stream);
  stream.connect = (port: unknown, host: unknown): typeof stream =>
    connectTo({ port: Number(port), host: String(host), localAddress: SOURCE_ADDRESS });
  const client = await connect({ connectionString: postgres.uri(), stream: () => stream });
  const { rows } = await client.query("SELECT host(inet_client_addr()) AS address");
  expect(rows).toEqual([{ address: SOURCE_ADDRESS }]);
});

const installed = await findInstalledPostgres(15);

test("starts another major version the same way", async ({ skip }) => {
  skip(installed === undefined, "PostgreSQL 15 is not installed (Debian: postgresql-15)");
  await using postgres = await startPostgresFrom(installed ?? "", { maxConnections: 12 });
  const [row] = await postgres.query("SELECT version(), current_setting('max_connections') AS max");
  expect(String(row?.["version"])).toMatch(/^PostgreSQL 15/);
  expect(row?.["max"]).toBe("12");
});
