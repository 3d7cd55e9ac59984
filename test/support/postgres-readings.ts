// What the tests of the PostgreSQL adapter share: a reading or a failure in one line.

import { lookup } from "node:dns";
import pg from "pg";
import { systemClock } from "../../src/adapters/clock.ts";
import { BusyTime } from "../../src/adapters/database/busy-time.ts";
import { openConnection } from "../../src/adapters/postgres/connection.ts";
import type { Connection } from "../../src/adapters/postgres/connection.ts";
import type { Limits } from "../../src/adapters/database/line.ts";
import type { ReaderOptions } from "../../src/adapters/database/reader.ts";
import { createPostgresDatabase } from "../../src/adapters/postgres/database.ts";
import { sessionOptions } from "../../src/adapters/postgres/queries.ts";
import { Trusts } from "../../src/adapters/database/trust.ts";
import { parseConnectionUri } from "../../src/domain/supply/connection-uri.ts";
import type { DatabaseReading } from "../../src/domain/facts/facts.ts";
import type { Database, DatabaseOutcome, DatabaseTarget } from "../../src/ports.ts";

/** The adapter with the time limits of a test, closed at the end of its scope. */
export function openDatabase(
  limits: Omit<ReaderOptions, "clock"> = {},
): Database & AsyncDisposable {
  const database = createPostgresDatabase({ clock: systemClock, ...limits });
  return Object.assign(database, { [Symbol.asyncDispose]: () => database.close() });
}

/** As the adapter opens one for a reading, to whatever host the URI names. */
export async function openSessionOfOurs(text: string, limits: Limits): Promise<Connection> {
  const parsed = parseConnectionUri(text);
  if (parsed.kind === "problem") throw new Error(parsed.message);
  const trusted = new Trusts().use(undefined);
  if (trusted.kind === "problem") throw new Error(trusted.message);
  const settings = { options: sessionOptions(4_500), applicationName: "ours" };
  const parts = { trusted, busy: new BusyTime(), mayConnect: () => true, lookupFor: () => lookup };
  return await openConnection({ uri: parsed.uri, ...settings, ...parts }, limits);
}

/** A target for this URI, with the server that the URI names. */
export function targetOf(uri: string, more: Partial<DatabaseTarget> = {}): DatabaseTarget {
  const parsed = parseConnectionUri(uri, { ca: more.ca });
  const server = parsed.kind === "uri" ? parsed.uri.server : "unnamed:5432";
  return { server, uri, ca: undefined, roles: [], databases: [], ...more };
}

/** The reading; throws with reason and message where there is none. */
export function readingOf(outcome: DatabaseOutcome): DatabaseReading {
  if (outcome.kind === "failed") throw new Error(`${outcome.reason}: ${outcome.message}`);
  return outcome.reading;
}

/** `read`, or the reason of the failure. */
export function wordOf(outcome: DatabaseOutcome): string {
  return outcome.kind === "failed" ? outcome.reason : outcome.kind;
}

/** A session of somebody else; closed, its slot is free. */
export async function openSession(
  uri: string,
  more: pg.ClientConfig = {},
): Promise<pg.Client & AsyncDisposable> {
  const parsed = parseConnectionUri(uri);
  if (parsed.kind === "problem") throw new Error(parsed.message);
  const { host, port, user, password, database } = parsed.uri;
  const client = new pg.Client({ host, port, user, password, database, ssl: false, ...more });
  client.on("error", () => undefined);
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}
