// Every login of a server can read the name that our session carries, and carry it too. On a real
// PostgreSQL: such sessions stay their owner's.

import { afterAll, expect, test } from "vitest";
import { startPostgres } from "../support/postgres.ts";
import { openDatabase, openSession, readingOf, targetOf } from "../support/postgres-readings.ts";

const postgres = await startPostgres({ maxConnections: 20 });
afterAll(() => postgres.stop());

test("sessions of another login are none of ours, whatever they call themselves", async () => {
  await postgres.query(`
    CREATE ROLE app LOGIN PASSWORD 'app';
    CREATE ROLE watcher LOGIN PASSWORD 'watcher' IN ROLE pg_monitor;`);
  await using database = openDatabase();
  const target = targetOf(postgres.uri("watcher", "postgres", "watcher"));
  await database.read(target);
  await using liar = await openSession(postgres.uri("app", "postgres", "app"));
  await liar.query(`SELECT set_config('application_name', a.application_name, false)
    FROM pg_stat_activity AS a WHERE a.usename = 'watcher'`);

  const { sessions, ownSessions } = readingOf(await database.read(target));
  expect(ownSessions).toEqual([{ user: "watcher", database: "postgres", count: 1 }]);
  const applicationName = expect.stringMatching(/^poolwarden-/) as string;
  expect(sessions).toMatchObject([{ user: "app", applicationName, count: 1 }]);
});
