// The follower of node-postgres against a real server: what pg_stat_activity shows after the size
// in the file has changed. Those of other languages are run by `make frameworks`.
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { follow } from "../../examples/apps/node-postgres/follow.mjs";
import { startPostgres } from "../support/postgres.ts";
import type { Postgres } from "../support/postgres.ts";
import { openWorkspace } from "../support/processes.ts";
import { watchSessions } from "../support/session-watch.ts";
import type { SessionWatch } from "../support/session-watch.ts";
import { createSizeVolume } from "../support/size-volume.ts";
import type { SizeVolume } from "../support/size-volume.ts";

const workers = 40;
const followMs = 5_000;

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 60 });
});
afterAll(() => postgres.stop());

type Follower = { pool: pg.Pool; volume: SizeVolume; watch: SessionWatch };

async function startFollower(name: string, max: number, text = String(max)): Promise<Follower> {
  const workspace = await openWorkspace("poolwarden-follower-");
  const volume = await createSizeVolume(join(workspace.directory, "poolwarden"), text);
  const watch = await watchSessions(postgres.uri(), name);
  const pool = new pg.Pool({
    connectionString: postgres.uri(),
    application_name: name,
    max,
    min: 2,
  });
  follow(pool, volume.file);
  onTestFinished(async () => {
    await pool.end();
    await watch[Symbol.asyncDispose]();
    await workspace.close();
  });
  return { pool, volume, watch };
}

/** Queries without a pause, more than there are connections; rejects where one is cut. */
function startLoad(pool: pg.Pool, seconds = 0.1): { stop: () => Promise<void> } {
  let isWanted = true;
  const work = async (): Promise<void> => {
    while (isWanted) await pool.query("SELECT pg_sleep($1)", [seconds]);
  };
  const all = Promise.all(Array.from({ length: workers }, work));
  const stop = async (): Promise<void> => {
    isWanted = false;
    await all;
  };
  return { stop };
}

const seen = async (watch: SessionWatch, open: number, busy: number): Promise<boolean> => {
  const until = watch.until((now) => now.open === open && now.busy === busy, followMs);
  return (await until) !== undefined;
};

test("a smaller size: the server shows no more, and never again, while requests wait", async () => {
  const { pool, volume, watch } = await startFollower("shrinks", 20);
  const load = startLoad(pool);
  expect(await seen(watch, 20, 20)).toBe(true);
  await volume.write("5");
  expect(await watch.until(({ open }) => open <= 5, followMs)).toBeLessThan(followMs);
  expect(await watch.highestFor(2_000)).toEqual({ open: 5, busy: 5 });
  await load.stop();
});

test("a larger size: requests that wait already get the new connections", async () => {
  const { pool, volume, watch } = await startFollower("grows", 2);
  // Settled from the beginning: they are cancelled while something else is awaited.
  const queries = Promise.allSettled(
    Array.from({ length: 20 }, () => pool.query("SELECT pg_sleep(30)")),
  );
  expect(await seen(watch, 2, 2)).toBe(true);
  await volume.write("20");
  expect(await seen(watch, 20, 20)).toBe(true);
  await postgres.query(
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'grows'",
  );
  await queries;
});

test("connections that nobody uses are closed at once, also those that min would keep", async () => {
  const { pool, volume, watch } = await startFollower("idle", 20);
  await startLoad(pool).stop();
  expect((await watch.now()).open).toBe(20);
  await volume.write("1");
  expect(await seen(watch, 1, 0)).toBe(true);
});

test("a busy connection is closed when its query is over, not before", async () => {
  const { pool, volume, watch } = await startFollower("busy", 3);
  const queries = [1, 1, 1].map((seconds) => pool.query("SELECT pg_sleep($1)", [seconds]));
  expect(await seen(watch, 3, 3)).toBe(true);
  await volume.write("1");
  expect((await watch.highestFor(300)).busy).toBe(3);
  await Promise.all(queries);
  expect(await seen(watch, 1, 0)).toBe(true);
});

test("several changes in a row: the last one counts", async () => {
  const { pool, volume, watch } = await startFollower("changes", 10);
  const load = startLoad(pool);
  for (const size of ["1", "15", "2", "8"]) await volume.write(size);
  expect(await seen(watch, 8, 8)).toBe(true);
  expect(await watch.highestFor(1_000)).toEqual({ open: 8, busy: 8 });
  await load.stop();
});

test.for(["", "0", "-3", "many"])("a file with %j changes nothing", async (text) => {
  const { pool, volume } = await startFollower("nothing", 7, text);
  expect(pool.options.max).toBe(7);
  await volume.write("6");
  await expect.poll(() => pool.options.max).toBe(6);
  await volume.write(text);
  await volume.write("5");
  await expect.poll(() => pool.options.max).toBe(5);
});

test("a pod that is not live has no folder: the pool stays as it is", () => {
  const pool = new pg.Pool({ max: 7 });
  follow(pool, "/nowhere/pool-size");
  expect(pool.options.max).toBe(7);
});
