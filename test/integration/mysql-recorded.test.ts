// Process lists of MySQL versions that are not run here, as they were published: our statement is
// run over them by a real MariaDB, and what comes back is read as a reading. What has no slot must
// be left out, whichever version shows it.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAnswer, readingSql } from "../../src/adapters/mysql/queries.ts";
import {
  findMariaDb,
  noMariaDb,
  openMysql,
  startMariaDb,
  type MariaDb,
  type MariaDbPrograms,
} from "../support/mariadb.ts";

type Thread = readonly [id: number, user: string, host: string, db: string | null, command: string];

interface Recorded {
  /** The version, and who published it. */
  readonly name: string;
  readonly threads: readonly Thread[];
  /** User, database, address. */
  readonly sessions: readonly (readonly [string, string, string | undefined])[];
}

const recorded: readonly Recorded[] = [
  {
    name: "8.0, a replica (The Geek Diary, on the system user of replication)",
    threads: [
      [2, "system user", "", null, "Connect"],
      [3, "event_scheduler", "localhost", null, "Daemon"],
      [8, "root", "localhost:33356", "performance_schema", "Query"],
      [10, "system user", "", null, "Connect"],
      [15, "system user", "", null, "Connect"],
    ],
    sessions: [["root", "performance_schema", "127.0.0.1"]],
  },
  {
    name: "8.0, a member of a group (a paste of SHOW FULL PROCESSLIST)",
    threads: [
      [5, "event_scheduler", "localhost", null, "Daemon"],
      [9, "system user", "", null, "Connect"],
      [12, "system user", "", null, "Query"],
      [16_648, "monitorp", "192.168.200.70:35420", null, "Sleep"],
      [16_653, "gestimit", "192.168.200.70:35448", "01929", "Sleep"],
      [17_144, "root", "localhost", null, "Query"],
    ],
    sessions: [
      ["gestimit", "01929", "192.168.200.70"],
      ["monitorp", "", "192.168.200.70"],
      ["root", "", ""],
    ],
  },
  {
    name: "8.4 and 9.5 (their reference manuals, on performance_schema.processlist)",
    threads: [
      [5, "event_scheduler", "localhost", null, "Daemon"],
      [9, "me", "localhost:58812", null, "Sleep"],
      [10, "me", "localhost:58834", "test", "Query"],
    ],
    sessions: [
      ["me", "", "127.0.0.1"],
      ["me", "test", "127.0.0.1"],
    ],
  },
  {
    name: "9.7.4, measured: a source with a replica, an open socket and a running event",
    threads: [
      [5, "event_scheduler", "localhost", null, "Daemon"],
      [11, "repl", "10.0.0.5:44100", null, "Binlog Dump GTID"],
      [12, "unauthenticated user", "10.0.0.7:51000", null, "Connect"],
      [13, "app", "localhost", "orders", "Connect"],
    ],
    sessions: [
      ["", "", "10.0.0.7"],
      ["repl", "", "10.0.0.5"],
    ],
  },
];

function describeLists(programs: MariaDbPrograms): void {
  let server: MariaDb;
  beforeAll(async () => {
    server = await startMariaDb(programs);
    await server.query("CREATE DATABASE recorded");
    const columns = "ID BIGINT, USER VARCHAR(32), HOST VARCHAR(261), DB VARCHAR(64)";
    await server.query(`CREATE TABLE recorded.PROCESSLIST (${columns}, COMMAND VARCHAR(16))`);
  });
  afterAll(() => server.stop());

  test.each(recorded)("$name", async ({ threads, sessions }) => {
    const asked = { roles: [], databases: [] };
    const asking = { withUsers: false, threads: [], timeoutMs: 4_500 };
    const sql = readingSql(asked, asking).replace(
      "information_schema.PROCESSLIST",
      "recorded.PROCESSLIST",
    );
    const connection = await openMysql(server.uri());
    await connection.query("DELETE FROM recorded.PROCESSLIST");
    // Out of the way of our own session's number.
    const moved = threads.map(([id, ...rest]) => [id + 1_000_000, ...rest]);
    await connection.query("INSERT INTO recorded.PROCESSLIST VALUES ?", [moved]);
    const typeCast = (field: { buffer(): Buffer | null }): Buffer | null => field.buffer();
    const [rows] = await connection.query({ sql, rowsAsArray: true, typeCast });
    await connection.end();
    const [row = []] = rows as unknown as (Buffer | null)[][];
    const answer = readAnswer(row, asked, "poolwarden-12345678");
    const shown = answer.sessions.map(({ user, database, address }) => [user, database, address]);
    expect(shown).toEqual(sessions);
  });
}

const programs = await findMariaDb();
describe("process lists of other versions", () => {
  if (programs) describeLists(programs);
  else {
    test("are read", (context) => {
      context.skip(noMariaDb);
    });
  }
});
