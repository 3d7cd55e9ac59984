// One Database in front of those of each engine: a URI says which of them is asked.

import { expect, test } from "vitest";
import { createDatabases } from "../../../src/adapters/databases.ts";
import type { Database, DatabaseOutcome } from "../../../src/ports.ts";

const failed: DatabaseOutcome = { kind: "failed", reason: "QueryFailed", message: "asked" };

function scene(): { readonly database: Database; readonly told: string[] } {
  const told: string[] = [];
  const reader: Database = {
    read: ({ uri }) => {
      told.push(`read ${uri}`);
      return Promise.resolve(failed);
    },
    forget: (server) => {
      told.push(`forget ${server}`);
      return Promise.resolve();
    },
    close: () => {
      told.push("close");
      return Promise.resolve();
    },
  };
  return { database: createDatabases({ PostgreSQL: reader }), told };
}

function read({ database }: ReturnType<typeof scene>, uri: string): Promise<DatabaseOutcome> {
  return database.read({ server: "db:5432", uri, ca: undefined, roles: [], databases: [] });
}

test.each(["postgresql://app@db/orders", "postgres://app@db/orders"])(
  "%s is for PostgreSQL",
  async (uri) => {
    const one = scene();
    expect(await read(one, uri)).toEqual(failed);
    expect(one.told).toEqual([`read ${uri}`]);
  },
);

test("a URI of no engine is asked of nobody, and is not repeated", async () => {
  const one = scene();
  expect(await read(one, "mongodb://app:secret@db/orders")).toEqual({
    kind: "failed",
    reason: "InvalidConnectionUri",
    message: "the connection URI is not a PostgreSQL one",
  });
  expect(one.told).toEqual([]);
});

test("all are told to forget a server, and to close", async () => {
  const { database, told } = scene();
  await database.forget("db:5432");
  await database.close();
  expect(told).toEqual(["forget db:5432", "close"]);
});
