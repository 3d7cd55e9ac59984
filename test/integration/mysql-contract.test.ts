// The adapter of MySQL keeps the contract of the Database port on the MariaDB of the distribution,
// where it is installed.

import { setTimeout as delay } from "node:timers/promises";
import type { RowDataPacket } from "mysql2/promise";
import { describe, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { createMysqlDatabase } from "../../src/adapters/mysql/database.ts";
import { describeDatabase } from "../contract/database/database-contract.ts";
import type { DatabaseWorld } from "../contract/database/database-contract.ts";
import {
  findMariaDb,
  type MariaDb,
  noMariaDb,
  openMysql,
  startMariaDb,
} from "../support/mariadb.ts";
import { waitUntil } from "../support/processes.ts";

const users = ["app", "guest", "watcher"];

const setUp = [
  "CREATE DATABASE orders",
  ...users.map((user) => `CREATE USER '${user}'@'%' IDENTIFIED BY '${user}'`),
  ...users.map((user) => `GRANT SELECT ON orders.* TO '${user}'@'%'`),
  "GRANT PROCESS ON *.* TO 'watcher'@'%'",
  "GRANT SELECT (User, Host, max_user_connections) ON mysql.user TO 'watcher'@'%'",
];

/** The least that it can be told. */
const maxConnections = 10;

async function openWorld(server: MariaDb): Promise<DatabaseWorld> {
  for (const statement of setUp) await server.query(statement);
  const database = createMysqlDatabase({ clock: systemClock });
  /** Of the test's own sessions. */
  const threads = new Set<number>();
  const ownSessions = async (): Promise<readonly RowDataPacket[]> => {
    const all = await server.query("SELECT ID, USER FROM information_schema.PROCESSLIST");
    return all.filter(({ ID: id, USER: user }) => {
      return users.includes(String(user)) && !threads.has(Number(id));
    });
  };
  const uri = (user: string, password: string = user): string =>
    server.uri(user, "orders", password);
  const endOf = async (id: number, end: () => Promise<void>): Promise<void> => {
    await end();
    await waitUntil("the session to end", async () => {
      const all = await server.query("SELECT ID FROM information_schema.PROCESSLIST");
      return all.every((row) => Number(row["ID"]) !== id);
    });
    threads.delete(id);
  };
  return {
    database,
    server: `127.0.0.1:${server.port}`,
    limits: { maxConnections, withheld: [] },
    ordinarySlots: maxConnections,
    leastVersion: 100_500,
    identity: /^(\S+ )?\S+:\d+$/,
    showsNames: false,
    sessionDatabase: "orders",
    withoutSight: [
      { user: "app", address: "127.0.0.1", count: 1 },
      { user: "", address: undefined, count: 1 },
    ],
    roleLimits: (_asked, limit) => ({ app: limit, watcher: -1 }),
    databaseLimits: (asked) => Object.fromEntries(asked.map((name) => [name, -1])),
    weakTls: "ssl-mode=VERIFY_CA",
    uri,
    openSession: async (user) => {
      const session = await openMysql(uri(user));
      const id = session.threadId;
      threads.add(id);
      return () => endOf(id, () => session.end());
    },
    setRoleLimit: async (role, limit) => {
      const most = Math.max(0, limit);
      await server.query(`ALTER USER '${role}'@'%' WITH MAX_USER_CONNECTIONS ${most}`);
    },
    setDatabaseLimit: () => Promise.resolve(),
    setPassword: async (role, password) => {
      await server.query(`ALTER USER '${role}'@'%' IDENTIFIED BY '${password}'`);
    },
    countOwnSessions: async () => {
      // One that was closed is shown for up to 40 ms.
      await delay(100);
      return (await ownSessions()).length;
    },
    stop: async () => {
      await server.kill();
      // It counts the time of its start in whole seconds.
      await delay(1_000);
    },
    start: () => server.start(),
    close: async () => {
      await database.close();
      await server.stop();
    },
  };
}

const programs = await findMariaDb();
if (programs === undefined) {
  describe("the adapter on MariaDB", () => {
    test("keeps the contract", (context) => {
      context.skip(noMariaDb);
    });
  });
} else {
  describeDatabase("the adapter on MariaDB", async () =>
    openWorld(await startMariaDb(programs, { maxConnections })),
  );
}
