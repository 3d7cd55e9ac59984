// A real PostgreSQL that lets a login in with MD5: the reading says so, and of no other login.

import { afterAll, beforeAll, expect, test } from "vitest";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { openDatabase, readingOf, targetOf } from "../support/postgres-readings.ts";

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres({ hostAuth: ["host all old,new 127.0.0.0/8 md5"] });
  await postgres.query("SET password_encryption TO md5; CREATE ROLE old LOGIN PASSWORD 'old'");
  await postgres.query(
    "SET password_encryption TO 'scram-sha-256'; CREATE ROLE new LOGIN PASSWORD 'new'",
  );
});
afterAll(() => postgres.stop());

test.each([
  { name: "an MD5 password", user: "old", want: true },
  { name: "a SCRAM password that pg_hba.conf calls md5", user: "new", want: undefined },
])("$name", async ({ user, want }) => {
  await using database = openDatabase();
  const target = targetOf(postgres.uri(user, "postgres", user));
  expect(readingOf(await database.read(target)).isLoginByMd5).toBe(want);
  // The session stays open: it is known of the next reading as well.
  expect(readingOf(await database.read(target)).isLoginByMd5).toBe(want);
});
