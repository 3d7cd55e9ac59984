// Every engine that the operator can read, with its grammar: one more line for one more engine.

import { systemClock } from "../../src/adapters/clock.ts";
import { createPostgresDatabase } from "../../src/adapters/postgres/database.ts";
import type { Engine } from "./law.ts";
import { drawConversation } from "./postgres-grammar.ts";

const limits = { connectTimeoutMs: 150, queryTimeoutMs: 150 };

export const engines: readonly Engine[] = [
  {
    name: "PostgreSQL",
    draw: drawConversation,
    limitMs: limits.connectTimeoutMs + limits.queryTimeoutMs,
    read: async (port) => {
      const database = createPostgresDatabase({ clock: systemClock, ...limits });
      const server = `127.0.0.1:${port}`;
      const uri = `postgresql://app:s3cr3t@${server}/postgres?sslmode=disable`;
      const target = { server, uri, ca: undefined, roles: ["app"], databases: ["postgres"] };
      const outcome = await database.read(target);
      await database.close();
      return outcome;
    },
  },
];
