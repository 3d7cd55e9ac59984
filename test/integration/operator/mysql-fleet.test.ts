// A fleet on a real MariaDB, through adoption, a scaling and a new version.
import type { RowDataPacket } from "mysql2/promise";
import { inject, test } from "vitest";
import { describeEngineFleet, type EngineServer, type Looker } from "../../support/engine-fleet.ts";
import { findMariaDb, noMariaDb, openMysql, startMariaDb } from "../../support/mariadb.ts";
import type { MariaDbPrograms } from "../../support/mariadb.ts";

const accounts = [
  "CREATE DATABASE orders",
  "CREATE USER 'app'@'%' IDENTIFIED BY 'app' WITH MAX_USER_CONNECTIONS 75",
  "CREATE USER 'poolwarden'@'%' IDENTIFIED BY 'secret'",
  "GRANT SELECT ON orders.* TO 'app'@'%'",
  "GRANT PROCESS ON *.* TO 'poolwarden'@'%'",
  "GRANT SELECT (User, Host, max_user_connections) ON mysql.user TO 'poolwarden'@'%'",
];

async function start(programs: MariaDbPrograms, maxConnections: number): Promise<EngineServer> {
  const server = await startMariaDb(programs, { maxConnections });
  for (const statement of accounts) await server.query(statement);
  return {
    uri: server.uri("poolwarden", "", "secret"),
    env: [{ name: "DATABASE_URL", value: server.uri("app", "orders", "app") }],
    look: () => look(server.uri()),
    stop: () => server.stop(),
  };
}

async function look(uri: string): Promise<Looker> {
  const connection = await openMysql(uri);
  const sql = "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE USER = 'app'";
  return {
    count: async () => {
      const [rows] = await connection.query<RowDataPacket[]>(sql);
      return Number(rows[0]?.["n"]);
    },
    end: () => connection.end(),
  };
}

const kubectl = inject("controlPlane");
const programs = await findMariaDb();
if (programs === undefined) {
  test("a fleet on MariaDB", (context) => {
    context.skip(noMariaDb);
  });
} else {
  describeEngineFleet({
    ...{ engine: "MariaDB", namespace: "mysql-fleet", kubectl, service: "mysql-service.ts" },
    ...{ maxSizeName: "DB_POOL_MAX_SIZE", connectionsSetting: "max_connections" },
    start: (maxConnections) => start(programs, maxConnections),
  });
}
