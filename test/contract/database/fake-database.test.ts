// The fake keeps the contract of the Database port.

import { withheld } from "../../support/builders.ts";
import { FakeDatabase } from "../../support/fake-database.ts";
import { describeDatabase, ofPostgres } from "./database-contract.ts";
import type { DatabaseWorld } from "./database-contract.ts";
import type { Clock } from "../../../src/ports.ts";
import type { SessionGroup } from "../../../src/domain/facts/facts.ts";

const clock: Clock = { nowMs: () => 1, monotonicMs: () => 1, after: () => () => undefined };

function openFakeWorld(): Promise<DatabaseWorld> {
  const name = "127.0.0.1:5432";
  const database = new FakeDatabase(clock);
  const sessions: SessionGroup[] = [];
  const settings = { maxConnections: 10, superuserReservedConnections: 3, reservedConnections: 2 };
  const limits = { maxConnections: 10, withheld: withheld(3, 2) };
  const server = database.addServer(name, {
    ...settings,
    roleLimits: { app: -1, guest: -1, watcher: -1, postgres: -1 },
    databaseLimits: { orders: -1, postgres: -1 },
    passwords: { app: "app", guest: "guest", watcher: "watcher" },
    monitors: new Set(["watcher", "postgres"]),
    sessions,
  });
  return Promise.resolve({
    database,
    server: name,
    limits,
    ...ofPostgres,
    uri: (user, password = user) => `postgresql://${user}:${password}@${name}/orders`,
    openSession: (user, applicationName) => {
      const session = { user, database: "orders", applicationName, address: "127.0.0.1", count: 1 };
      sessions.push(session);
      return Promise.resolve(() => {
        sessions.splice(sessions.indexOf(session), 1);
        return Promise.resolve();
      });
    },
    setRoleLimit: (role, limit) => {
      server.roleLimits[role] = limit;
      return Promise.resolve();
    },
    setDatabaseLimit: (of, limit) => {
      server.databaseLimits[of] = limit;
      return Promise.resolve();
    },
    setPassword: (role, password) => {
      server.passwords[role] = password;
      return Promise.resolve();
    },
    countOwnSessions: () => Promise.resolve(database.isConnected(name) ? 1 : 0),
    stop: () => {
      server.isUp = false;
      database.dropSession(name);
      return Promise.resolve();
    },
    start: () => {
      server.isUp = true;
      server.startedAtMicroseconds = (server.startedAtMicroseconds ?? 0) + 1;
      return Promise.resolve();
    },
    close: () => database.close(),
  });
}

describeDatabase("the fake database", openFakeWorld);
