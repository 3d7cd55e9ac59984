// Every engine that the operator can read, with its grammar: one more line for one more engine.

import { systemClock } from "../../src/adapters/clock.ts";
import type { ReaderOptions } from "../../src/adapters/database/reader.ts";
import { createMysqlDatabase } from "../../src/adapters/mysql/database.ts";
import { createPgbouncerDatabase } from "../../src/adapters/pgbouncer/database.ts";
import { createPostgresDatabase } from "../../src/adapters/postgres/database.ts";
import { createRedisDatabase } from "../../src/adapters/redis/database.ts";
import type { Database, DatabaseOutcome } from "../../src/ports.ts";
import type { Engine } from "./law.ts";
import { drawMysqlConversation } from "./mysql-grammar.ts";
import { drawConsoleConversation } from "./pgbouncer-grammar.ts";
import { drawConversation } from "./postgres-grammar.ts";
import { drawRedisConversation } from "./redis-grammar.ts";

const limits = { connectTimeoutMs: 150, queryTimeoutMs: 150 };
const limitMs = limits.connectTimeoutMs + limits.queryTimeoutMs;

export const engines: readonly Engine[] = [
  {
    name: "PostgreSQL",
    draw: drawConversation,
    limitMs,
    read: (port) =>
      readOnce(createPostgresDatabase, {
        server: `127.0.0.1:${port}`,
        uri: `postgresql://app:s3cr3t@127.0.0.1:${port}/postgres?sslmode=disable`,
      }),
  },
  {
    name: "PgBouncer",
    draw: drawConsoleConversation,
    limitMs,
    read: (port) =>
      readOnce(createPgbouncerDatabase, {
        server: `127.0.0.1:${port}`,
        uri: `pgbouncer://app:s3cr3t@127.0.0.1:${port}/pgbouncer?sslmode=disable`,
      }),
  },
  {
    name: "MySQL",
    draw: drawMysqlConversation,
    limitMs,
    read: (port) =>
      readOnce(createMysqlDatabase, {
        server: `127.0.0.1:${port}`,
        uri: `mysql://app:s3cr3t@127.0.0.1:${port}/orders?ssl-mode=DISABLED`,
      }),
  },
  {
    name: "Redis",
    draw: drawRedisConversation,
    limitMs,
    read: (port) =>
      readOnce(createRedisDatabase, {
        server: `127.0.0.1:${port}`,
        uri: `redis://app:s3cr3t@127.0.0.1:${port}/0`,
      }),
  },
];

async function readOnce(
  create: (options: ReaderOptions) => Database,
  named: { readonly server: string; readonly uri: string },
): Promise<DatabaseOutcome> {
  const database = create({ clock: systemClock, ...limits });
  const target = { ...named, ca: undefined, roles: ["app"], databases: ["postgres"] };
  const outcome = await database.read(target);
  await database.close();
  return outcome;
}
