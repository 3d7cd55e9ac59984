// The simulated PostgreSQL, read through its port, keeps the contract that the real adapter keeps
// on a real server.

import { withheld } from "../../support/builders.ts";
import { expect, test } from "vitest";
import {
  type DatabaseWorld,
  describeDatabase,
  ofPostgres,
} from "../../contract/database/database-contract.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";
import { DatabaseClient } from "./database-client.ts";
import { SimulatedPostgres } from "./postgres.ts";

function openSimulatedWorld(): Promise<DatabaseWorld> {
  const name = "127.0.0.1:5432";
  const clock = new VirtualClock();
  const server = new SimulatedPostgres(clock, {
    ...{ maxConnections: 10, superuserReserved: 3, reserved: 2 },
    roleLimits: { app: -1, guest: -1, watcher: -1, postgres: -1 },
    databaseLimits: { orders: -1, postgres: -1 },
    passwords: { app: "app", guest: "guest", watcher: "watcher" },
    seesAllSessions: false,
    monitors: ["watcher", "postgres"],
  });
  const database = new DatabaseClient({
    clock,
    address: "127.0.0.1",
    serverOf: (asked) => (asked === name ? server : undefined),
  });
  const own = { database: "orders", applicationName: "poolwarden", address: "127.0.0.1" };
  return Promise.resolve({
    database,
    server: name,
    limits: { maxConnections: 10, withheld: withheld(3, 2) },
    ...ofPostgres,
    uri: (user, password = user) => `postgresql://${user}:${password}@${name}/orders`,
    openSession: (user, applicationName) => {
      const login = { user, database: "orders", applicationName, address: "127.0.0.1" };
      server.openForeign(login, 1);
      return Promise.resolve(() => {
        server.closeForeign(login, 1);
        return Promise.resolve();
      });
    },
    setRoleLimit: (role, limit) => {
      server.settings.roleLimits[role] = limit;
      return Promise.resolve();
    },
    setDatabaseLimit: (of, limit) => {
      server.settings.databaseLimits[of] = limit;
      return Promise.resolve();
    },
    setPassword: (role, password) => {
      server.settings.passwords[role] = password;
      return Promise.resolve();
    },
    countOwnSessions: () => {
      const counts = ["watcher", "app"].map((user) => server.countOf({ ...own, user }));
      return Promise.resolve(counts.reduce((sum, count) => sum + count, 0));
    },
    stop: () => {
      server.stop();
      return Promise.resolve();
    },
    start: async () => {
      await clock.advance(1_000);
      server.start();
    },
    close: () => database.close(),
  });
}

describeDatabase("the simulated PostgreSQL", openSimulatedWorld);

test("opens no session once its process has ended, whatever was asked before", async () => {
  const world = await openSimulatedWorld();
  const target = {
    server: world.server,
    uri: world.uri("app"),
    ca: undefined,
    roles: [],
    databases: [],
  };
  const pending = world.database.read(target);
  await world.database.close();
  expect(await pending).toMatchObject({ kind: "failed" });
  expect(await world.countOwnSessions()).toBe(0);
});
