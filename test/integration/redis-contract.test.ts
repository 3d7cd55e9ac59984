// The adapter of Redis keeps the contract of the Database port on the Redis of the distribution,
// where it is installed.

import { setTimeout as delay } from "node:timers/promises";
import { describe, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { createRedisDatabase } from "../../src/adapters/redis/database.ts";
import { describeDatabase } from "../contract/database/database-contract.ts";
import type { DatabaseWorld } from "../contract/database/database-contract.ts";
import { findRedis, noRedis, openRedis, type Redis, startRedis } from "../support/redis.ts";

const users = {
  app: "-@all +info +ping",
  guest: "-@all +ping",
  watcher: "-@all +info +client|list",
};

const maxConnections = 10;

function worldOf(server: Redis): DatabaseWorld {
  const database = createRedisDatabase({ clock: systemClock });
  return {
    database,
    server: `127.0.0.1:${server.port}`,
    limits: { maxConnections, withheld: [{ by: "cluster_connections", slots: 0 }] },
    ordinarySlots: maxConnections,
    leastVersion: 60_200,
    identity: /^[0-9a-f]{40}$/,
    forgetsIdentity: true,
    sessionDatabase: "",
    showsNames: true,
    withoutSight: [{ user: "", address: undefined, count: 2 }],
    roleLimits: unlimited,
    databaseLimits: unlimited,
    weakTls: "ssl_ca_certs=/ca.pem",
    uri: (user, password) => server.uri(user, password),
    openSession: async (user, name) => {
      const client = await openRedis(server.uri(user), { name });
      return () => client.end();
    },
    setRoleLimit: () => Promise.resolve(),
    setDatabaseLimit: () => Promise.resolve(),
    setPassword: async (role, password) => {
      await server.run("ACL", "SETUSER", role, "resetpass", `>${password}`);
    },
    countOwnSessions: async () => {
      const all = await server.run("CLIENT", "LIST");
      return all.split("\n").filter((line) => line.includes(" name=poolwarden-")).length;
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

/** A user has no limit there. */
function unlimited(asked: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(asked.map((name) => [name, -1]));
}

const program = await findRedis();
if (program === undefined) {
  describe("the adapter on Redis", () => {
    test("keeps the contract", (context) => {
      context.skip(noRedis);
    });
  });
} else {
  describeDatabase("the adapter on Redis", async () =>
    worldOf(await startRedis(program, { maxClients: maxConnections, users })),
  );
}
