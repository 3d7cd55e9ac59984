// One Database in front of those of each engine: a URI says which of them is asked.

import { expect, test } from "vitest";
import { createDatabases } from "../../../src/adapters/databases.ts";
import { byEngine, engineNames, enginesInWords } from "../../../src/api/engines.ts";
import type { DatabaseReading } from "../../../src/domain/facts/facts.ts";
import type { Database, DatabaseOutcome } from "../../../src/ports.ts";

const failed: DatabaseOutcome = { kind: "failed", reason: "QueryFailed", message: "asked" };

function scene(): { readonly database: Database; readonly told: string[] } {
  const told: string[] = [];
  const readerOf = (engine: string): Database => ({
    read: ({ uri }) => {
      told.push(`${engine} reads ${uri}`);
      return Promise.resolve(failed);
    },
    lookAtWork: ({ uri }) => {
      told.push(`${engine} looks at ${uri}`);
      return Promise.resolve({ clients: [], busyMs: 7 });
    },
    forget: (server) => {
      told.push(`${engine} forgets ${server}`);
      return Promise.resolve();
    },
    close: () => {
      told.push(`${engine} closes`);
      return Promise.resolve();
    },
  });
  return { database: createDatabases(byEngine(readerOf)), told };
}

function read({ database }: ReturnType<typeof scene>, uri: string): Promise<DatabaseOutcome> {
  return database.read({ server: "db:5432", uri, ca: undefined, roles: [], databases: [] });
}

test.each([
  { uri: "postgresql://app@db/orders", engine: "PostgreSQL" },
  { uri: "postgres://app@db/orders", engine: "PostgreSQL" },
  { uri: "mysql://app@db/orders", engine: "MySQL" },
  { uri: "mariadb://app@db/orders", engine: "MySQL" },
  { uri: "redis://app:app@db/0", engine: "Redis" },
  { uri: "valkeys://app:app@db/0", engine: "Redis" },
  { uri: "pgbouncer://app@db/orders", engine: "PgBouncer" },
])("$uri is for $engine", async ({ uri, engine }) => {
  const one = scene();
  expect(await read(one, uri)).toEqual(failed);
  expect(one.told).toEqual([`${engine} reads ${uri}`]);
});

test("a server is none of another engine, whatever it says of itself", async () => {
  const said = { systemIdentifier: "10.0.9.1:6432", maxConnections: 7 } as DatabaseReading;
  const readerOf = (): Database => ({
    read: () => Promise.resolve({ kind: "read", reading: said }),
    forget: () => Promise.resolve(),
    close: () => Promise.resolve(),
  });
  const database = createDatabases(byEngine(readerOf));
  const uris = ["redis://app@db/0", "pgbouncer://app@db/x", "postgresql://app@db/x"];
  const outcomes = await Promise.all(uris.map((uri) => read({ database, told: [] }, uri)));
  const names = outcomes.map((one) => one.kind === "read" && one.reading.systemIdentifier);
  expect(names).toEqual(
    ["Redis", "PgBouncer", "PostgreSQL"].map((name) => `${name} 10.0.9.1:6432`),
  );
});

test("who is at work is asked of the same one, and of nobody where it cannot say", async () => {
  const { database, told } = scene();
  const target = { server: "db", ca: undefined, roles: [], databases: [] };
  const look = (uri: string): unknown => database.lookAtWork?.({ ...target, uri });
  expect(await look("mysql://app@db/orders")).toEqual({ clients: [], busyMs: 7 });
  expect(await look("mongodb://app@db/orders")).toEqual({ clients: undefined, busyMs: 0 });
  expect(told).toEqual(["MySQL looks at mysql://app@db/orders"]);
});

test("a URI of no engine is asked of nobody, and is not repeated", async () => {
  const one = scene();
  expect(await read(one, "mongodb://app:secret@db/orders")).toEqual({
    kind: "failed",
    reason: "InvalidConnectionUri",
    message: `the connection URI is not a ${enginesInWords} one`,
  });
  expect(one.told).toEqual([]);
});

test("all are told to forget a server, and to close", async () => {
  const { database, told } = scene();
  await database.forget("db:5432");
  await database.close();
  const forgotten = engineNames.map((engine) => `${engine} forgets db:5432`);
  expect(told).toEqual([...forgotten, ...engineNames.map((engine) => `${engine} closes`)]);
});
