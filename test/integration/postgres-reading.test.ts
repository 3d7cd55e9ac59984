// What a reading says, on a real PostgreSQL: which sessions count, which limits hold, and that
// neither a hostile name nor a hostile schema can change it.

import { ordinarySlots } from "../../src/domain/supply/withheld.ts";
import { withheld } from "../support/builders.ts";
import { chmod, rm, writeFile } from "node:fs/promises";
import { connect, type Socket, type TcpNetConnectOpts } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Connection } from "../../src/adapters/postgres/connection.ts";
import { readingSql } from "../../src/adapters/postgres/queries.ts";
import type { DatabaseReading, SessionGroup } from "../../src/domain/facts/facts.ts";
import type { DatabaseTarget } from "../../src/ports.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import {
  openSessionOfOurs,
  openDatabase,
  openSession,
  readingOf,
  targetOf,
} from "../support/postgres-readings.ts";
import { waitUntil } from "../support/processes.ts";

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 20 });
  await postgres.query(`
    CREATE ROLE app LOGIN PASSWORD 'app';
    CREATE ROLE watcher LOGIN PASSWORD 'watcher' IN ROLE pg_monitor;`);
});
afterAll(() => postgres.stop());

const watcher = (): string => postgres.uri("watcher", "postgres", "watcher");
const app = (): string => postgres.uri("app", "postgres", "app");

async function read(
  uri: string = watcher(),
  more: Partial<DatabaseTarget> = {},
): Promise<DatabaseReading> {
  await using database = openDatabase();
  return readingOf(await database.read(targetOf(uri, more)));
}

describe("limits", () => {
  test("leave exactly the ordinary slots that the server then grants", async () => {
    await using small = await startPostgres({
      maxConnections: 10,
      superuserReserved: 3,
      reservedConnections: 2,
    });
    await small.query("CREATE ROLE app LOGIN PASSWORD 'app'");
    const uri = small.uri("app", "postgres", "app");
    const limits = await read(uri);
    await using sessions = new AsyncDisposableStack();
    const fill = async (): Promise<void> => {
      for (;;) sessions.use(await openSession(uri));
    };
    await expect(fill()).rejects.toMatchObject({ code: "53300" });
    const [row] = await small.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'app'",
    );
    expect(row).toEqual({ n: ordinarySlots(limits) });
  });

  test("of a superuser are none, since PostgreSQL never applies them", async () => {
    await postgres.query("CREATE ROLE boss SUPERUSER CONNECTION LIMIT 3");
    const { roleLimits } = await read(watcher(), { roles: ["boss"] });
    expect(roleLimits["boss"]).toBe(-1);
  });

  test("of a database whose DROP was interrupted are none", async () => {
    await postgres.query("CREATE DATABASE half_dropped");
    await postgres.query("UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'half_dropped'");
    const { databaseLimits } = await read(watcher(), { databases: ["half_dropped"] });
    expect(databaseLimits["half_dropped"]).toBe(-1);
  });

  test("are the server's own settings: what a login sets for itself counts for nothing", async () => {
    const name = "rds.rds_superuser_reserved_connections";
    await postgres.query(`ALTER ROLE app SET ${name} = '15'`);
    expect(await read(app())).toMatchObject({ withheld: withheld(3) });
    await using session = await openSession(app(), { options: `-c ${name}=9` });
    expect((await session.query<object>(`SHOW ${name}`)).rows).toEqual([{ [name]: "9" }]);
    const { rows } = await session.query<object>(readingSql(true), [["app"], ["postgres"]]);
    expect(rows).toMatchObject([{ answer: { reservedConnections: 0 } }]);
    await postgres.query("ALTER ROLE app RESET ALL");
  });
});

describe("the system identifier", () => {
  test("is the server's own", async () => {
    const [row] = await postgres.query(
      "SELECT system_identifier::text AS id FROM pg_control_system()",
    );
    expect((await read()).systemIdentifier).toBe(row?.["id"]);
  });

  test.each(["pg_control_system()", "pg_postmaster_start_time()"])(
    "is unknown, and everything else known, where the role may not call %s",
    async (revoked) => {
      await postgres.query(`REVOKE EXECUTE ON FUNCTION ${revoked} FROM PUBLIC`);
      await using database = openDatabase();
      for (let time = 0; time < 2; time++) {
        const reading = readingOf(await database.read(targetOf(app())));
        expect(reading).toMatchObject({ systemIdentifier: undefined, maxConnections: 20 });
      }
      await postgres.query(`GRANT EXECUTE ON FUNCTION ${revoked} TO PUBLIC`);
    },
  );
});

describe("sessions", () => {
  test("of walsenders do not count: they have slots of their own", async () => {
    await using walsender = await openSession(postgres.uri(), {
      connectionString: `${postgres.uri()}?replication=database`,
    });
    const [row] = await postgres.query(
      "SELECT count(*)::int AS n FROM pg_stat_activity WHERE backend_type = 'walsender'",
    );
    expect(row).toEqual({ n: 1 });
    expect((await read()).sessions).toEqual([]);
    expect(walsender).toBeDefined();
  });

  test("count from the startup message on, before the login is done", async () => {
    const socket = connect(postgres.port, "127.0.0.1");
    socket.write(startupMessage("app"));
    let sessions: readonly SessionGroup[] = [];
    await waitUntil("the login to show", async () => {
      ({ sessions } = await read());
      return sessions.length > 0;
    });
    expect(sessions).toMatchObject([{ count: 1 }]);
    socket.destroy();
    await waitUntil("the login to go", async () => (await read()).sessions.length === 0);
  });

  test("carry the address of the pod they come from", async (context) => {
    context.skip(process.platform !== "linux", "elsewhere than on Linux 127.7.7.7 is nobody");
    const local = { port: postgres.port, host: "127.0.0.1", localAddress: "127.7.7.7" };
    await using session = await openSession(app(), { stream: () => connectedFrom(local) });
    expect(session).toBeDefined();
    expect((await read()).sessions).toMatchObject([
      { user: "app", address: "127.7.7.7", count: 1 },
    ]);
  });
});

describe("names", () => {
  const names = [
    `it's "quoted"; DROP TABLE x; --`,
    "two\nlines\tand a \\ backslash",
    "Zürich 🚀",
    "{a,b}",
    "constructor",
    "__proto__",
    "NULL",
  ];

  test.each(names)("are taken as they are: %j", async (name) => {
    const quoted = pg.escapeIdentifier(name);
    await postgres.query(`CREATE ROLE ${quoted} LOGIN PASSWORD 'x' CONNECTION LIMIT 5`);
    await postgres.query(`CREATE DATABASE ${quoted} CONNECTION LIMIT 6`);
    const login = { user: name, database: name, password: "x", application_name: name };
    await using session = await openSession(app(), login);
    expect(session).toBeDefined();
    const reading = await read(watcher(), { roles: [name], databases: [name] });
    expect(Object.entries(reading.roleLimits)).toEqual([[name, 5]]);
    expect(Object.entries(reading.databaseLimits)).toEqual([[name, 6]]);
    expect(reading.sessions).toMatchObject([{ user: name, database: name, count: 1 }]);
    // No URI may have control characters in it.
    const reader = /\p{Cc}/u.test(name) ? watcher() : postgres.uri(name, name, "x");
    expect((await read(reader)).sessions).toEqual(reading.sessions);
  });

  test("that nobody has are not made up", async () => {
    const name: string = "toString";
    const reading = await read(watcher(), { roles: [name], databases: [name] });
    expect([reading.roleLimits[name], reading.databaseLimits[name]]).toEqual([
      undefined,
      undefined,
    ]);
  });
});

describe("a schema full of traps", () => {
  const functions = [
    "current_setting(text) RETURNS text",
    "current_setting(text, boolean) RETURNS text",
    "pg_is_in_recovery() RETURNS boolean",
    "pg_backend_pid() RETURNS int",
    "pg_has_role(text, text) RETURNS boolean",
    "pg_has_role(name, text) RETURNS boolean",
    "host(inet) RETURNS text",
    "json_build_object(VARIADIC text[]) RETURNS json",
    "pg_control_system() RETURNS text",
    "pg_postmaster_start_time() RETURNS timestamptz",
    "date_part(text, timestamptz) RETURNS float8",
    "sum(int) RETURNS bigint",
  ];
  const operators = [
    ["=", "text"],
    ["=", "name"],
    ["<>", "int"],
    ["~", "text"],
    ["+", "int"],
    ["*", "float8"],
  ];
  const body = "LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped'; END$$;";

  beforeAll(async () => {
    await postgres.query(`
      CREATE SCHEMA traps;
      GRANT USAGE ON SCHEMA traps TO PUBLIC;
      ${functions.map((signature) => `CREATE FUNCTION traps.${signature} ${body}`).join("\n")}
      ${operators.map(([operator = "", type = ""], index) => trap(operator, type, index)).join("\n")}
      CREATE VIEW traps.pg_stat_activity AS SELECT 1 / 0 AS trapped;
      CREATE VIEW traps.pg_settings AS SELECT 1 / 0 AS trapped;
      ALTER DATABASE postgres SET search_path = traps, pg_catalog;
      ALTER ROLE watcher SET search_path = traps, pg_catalog;`);
  });
  afterAll(() =>
    postgres.query(`
      ALTER DATABASE postgres RESET search_path;
      ALTER ROLE watcher RESET search_path;`),
  );

  const trap = (operator: string, type: string, index: number): string => `
    CREATE FUNCTION traps.trap_${index}(${type}, ${type}) RETURNS boolean ${body}
    CREATE OPERATOR traps.${operator}
      (LEFTARG = ${type}, RIGHTARG = ${type}, FUNCTION = traps.trap_${index});`;

  test("is not entered by the adapter", async () => {
    const more = { roles: ["watcher"], databases: ["postgres"] };
    expect(await read(watcher(), more)).toMatchObject({ maxConnections: 20 });
  });

  test("is not entered by the statement alone, on a session that looks there first", async () => {
    await using session = await openSession(watcher());
    await expect(session.query("SELECT pg_backend_pid()")).rejects.toThrow("trapped");
    const { rows } = await session.query<object>(readingSql(true), [["watcher"], ["postgres"]]);
    expect(rows).toMatchObject([{ answer: { maxConnections: 20 } }]);
  });
});

describe("the session", () => {
  async function withSession(use: (session: Connection) => Promise<void>): Promise<void> {
    const uri = `${app()}?options=-c%20statement_timeout%3D0`;
    const session = await openSessionOfOurs(uri, limits());
    await use(session);
    await session.close();
  }
  const limits = (): { timeoutMs: number; signal: AbortSignal } => ({
    timeoutMs: 5_000,
    signal: new AbortController().signal,
  });

  test("keeps our settings, whatever role, database or URI say", async () => {
    await postgres.query(`
      ALTER ROLE app SET statement_timeout = 0;
      ALTER ROLE app SET default_transaction_read_only = off;
      ALTER ROLE app SET search_path = public;`);
    await withSession(async (session) => {
      const sql = `SELECT concat_ws(' ', current_setting('statement_timeout'),
        current_setting('transaction_read_only'), current_setting('search_path'),
        current_setting('application_name')) AS settings`;
      expect(await session.query(sql, [], limits())).toEqual([
        { settings: "4500ms on pg_catalog,pg_temp ours" },
      ]);
      const write = session.query("CREATE TABLE public.t ()", [], limits());
      await expect(write).rejects.toMatchObject({ code: "25006" });
    });
    await postgres.query("ALTER ROLE app RESET ALL");
  });
});

test("a standby says that it is one", async () => {
  await using standby = await startPostgres();
  const [row] = await standby.query("SHOW data_directory");
  const signalFile = join(String(row?.["data_directory"]), "standby.signal");
  await writeFile(signalFile, "");
  await chmod(signalFile, 0o666);
  await standby.restart();
  expect((await read(standby.uri())).isStandby).toBe(true);
  await rm(signalFile);
});

function startupMessage(user: string): Buffer {
  const body = Buffer.from(`\0\x03\0\0user\0${user}\0database\0postgres\0\0`, "latin1");
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

// pg would connect the stream itself, from any address.
function connectedFrom(options: TcpNetConnectOpts): Socket {
  const socket = connect(options);
  return Object.assign(socket, { connect: () => socket });
}
