// The operator follows a pod's size on the admin console of a real PgBouncer in front of a real
// PostgreSQL. Only what the server shows counts.

import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConsoles } from "../../src/adapters/pgbouncer/consoles.ts";
import type { ConsoleOutcome, ConsoleTarget } from "../../src/console-port.ts";
import {
  findPgBouncer,
  noPgBouncer,
  type PgBouncer,
  startPgBouncer,
} from "../support/pgbouncer.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";

const users = ["app", "watcher"];
const clients = 40;

const consoles = createConsoles();

type Wish = Partial<ConsoleTarget>;

async function follow(
  pooler: PgBouncer,
  poolSize: number,
  wish: Wish = {},
): Promise<ConsoleOutcome> {
  return await consoles.follow({
    ...{ address: "127.0.0.1", uri: elsewhere(pooler.uri()), ca: undefined, poolSize },
    ...{ mayReconnect: true, mayChange: () => true, ...wish },
  });
}

/** The host of the secret's URI is nobody's address. */
function elsewhere(uri: string): string {
  return uri.replace("127.0.0.1", "pgbouncer.shop.svc");
}

/** Clients that have one transaction after the other, until it is disposed of. */
function startLoad(pooler: PgBouncer, seconds: number): AsyncDisposable & { failed: () => string } {
  let [isWanted, failed] = [true, ""];
  const each = Array.from({ length: clients }, async () => {
    const client = new pg.Client({ connectionString: pooler.uri("app", "orders", "app") });
    client.on("error", () => undefined);
    await client.connect();
    while (isWanted) {
      await client.query(`SELECT pg_sleep(${seconds})`).catch((error: unknown) => {
        failed = String(error);
      });
    }
    await client.end();
  });
  return {
    failed: () => failed,
    [Symbol.asyncDispose]: async () => {
      isWanted = false;
      await Promise.all(each);
    },
  };
}

function describeConsole(program: string): void {
  describe("the console of a PgBouncer", () => {
    let server: Postgres;

    beforeAll(async () => {
      server = await startPostgres({ maxConnections: 100 });
      await server.query("CREATE ROLE app LOGIN PASSWORD 'app'");
      await server.query("CREATE DATABASE orders");
    });

    afterAll(() => server.stop());

    async function start(settings: object = {}, more = ""): Promise<PgBouncer> {
      return await startPgBouncer(program, {
        databases: [`orders = host=127.0.0.1 port=${server.port}${more}`],
        users: Object.fromEntries(users.map((user) => [user, user])),
        settings: {
          ...{ pool_mode: "transaction", max_client_conn: "200", default_pool_size: "20" },
          ...{ stats_users: "watcher", ...settings },
        },
      });
    }

    async function sessions(): Promise<number> {
      const sql = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'app'";
      return Number((await server.query(sql))[0]?.["n"]);
    }

    async function untilSessions(isSo: (count: number) => boolean): Promise<void> {
      await expect.poll(sessions, { timeout: 10_000, interval: 50 }).toSatisfy(isSo);
    }

    test("a full pool of 20 has 5 within seconds, and no client is cut", async () => {
      await using pooler = await start();
      await using load = startLoad(pooler, 0.05);
      await untilSessions((count) => count === 20);
      const set = await follow(pooler, 5);
      expect(set).toMatchObject({ kind: "answered", foundSize: 20, poolSize: 5, openMost: 20 });
      expect(set).toMatchObject({ reconnected: false });
      // SET alone lies: it is shown, and nothing was closed.
      await delay(1_000);
      expect(await sessions()).toBe(20);
      expect(await follow(pooler, 5)).toMatchObject({ foundSize: 5, reconnected: true });
      await untilSessions((count) => count <= 5);
      expect(await follow(pooler, 5)).toMatchObject({ openMost: 5, reconnected: false });
      expect(load.failed()).toBe("");
    });

    test("a larger size is used at once", async () => {
      await using pooler = await start({ default_pool_size: "5" });
      await using load = startLoad(pooler, 0.05);
      await untilSessions((count) => count === 5);
      await follow(pooler, 20);
      await untilSessions((count) => count === 20);
      expect(load.failed()).toBe("");
    });

    test("what somebody's RELOAD has put back is found, and set again", async () => {
      await using pooler = await start();
      await follow(pooler, 5);
      await pooler.command("RELOAD");
      expect(await follow(pooler, 5)).toMatchObject({ foundSize: 20, poolSize: 5 });
      expect(await follow(pooler, 5)).toMatchObject({ foundSize: 5, poolSize: 5 });
    });

    test("a reserve is taken away with the first size", async () => {
      await using pooler = await start({ reserve_pool_size: "4" });
      expect(await follow(pooler, 5)).toMatchObject({ foundSize: 24, poolSize: 5 });
    });

    test("nothing is changed where it is only looked at, and where it is ours no more", async () => {
      await using pooler = await start();
      expect(await follow(pooler, 5, { poolSize: undefined })).toMatchObject({ poolSize: 20 });
      expect(await follow(pooler, 5, { mayChange: () => false })).toMatchObject({ poolSize: 20 });
    });

    test.each([
      { where: "for all (pool_mode)", settings: { pool_mode: "session" }, more: "" },
      { where: "for database orders", settings: {}, more: " pool_mode=session" },
    ])("session mode $where is found, and nothing is set", async ({ where, settings, more }) => {
      await using pooler = await start(settings, more);
      expect(await follow(pooler, 5)).toMatchObject({ sessionMode: where, poolSize: 20 });
    });

    test("a size of a database's own is found: the SET does not reach it", async () => {
      await using pooler = await start({}, " pool_size=30");
      const ownSize = { poolSize: 30, where: "database orders" };
      expect(await follow(pooler, 5)).toMatchObject({ ownSize });
      expect(await follow(pooler, 5)).toMatchObject({ ownSize, poolSize: 5 });
    });

    test("a wrong password is said in its own words, without it", async () => {
      await using pooler = await start();
      const uri = elsewhere(pooler.uri("administrator", "pgbouncer", "wrong-one"));
      const outcome = await follow(pooler, 5, { uri });
      expect(outcome).toMatchObject({ kind: "failed" });
      expect(JSON.stringify(outcome)).toContain(`127.0.0.1:${pooler.port} refused the login`);
      expect(JSON.stringify(outcome)).not.toContain("wrong-one");
    });

    test.each(["app", "watcher"])("%s is told to be no administrator", async (user) => {
      await using pooler = await start();
      const uri = elsewhere(pooler.uri(user, "pgbouncer", user));
      const outcome = await follow(pooler, 5, { uri });
      expect(JSON.stringify(outcome)).toContain(`add ${user} to admin_users in pgbouncer.ini`);
    });

    test("it is left after each look, so that it can end", async () => {
      await using pooler = await start();
      await follow(pooler, 5);
      const rows = await pooler.command("SHOW CLIENTS");
      expect(rows.map((row) => row["application_name"]).join(" ")).not.toContain("poolwarden");
    });
  });
}

test("a console that is paused for good is given up within the time limit", async () => {
  const patient = createConsoles({ timeoutMs: 200 });
  const silent = createServer(() => undefined);
  const listening = Promise.withResolvers<undefined>();
  silent.listen(0, "127.0.0.1", () => {
    listening.resolve(undefined);
  });
  await listening.promise;
  const { port } = silent.address() as { port: number };
  const startMs = performance.now();
  const outcome = await patient.follow({
    ...{ address: "127.0.0.1", uri: `postgresql://a:b@x:${port}/`, ca: undefined, poolSize: 5 },
    ...{ mayReconnect: true, mayChange: () => true },
  });
  expect(outcome).toMatchObject({ kind: "failed" });
  expect(performance.now() - startMs).toBeLessThan(2_000);
  silent.close();
});

test("an address that is not allowed is not contacted", async () => {
  const closed = createConsoles({ mayConnect: () => false });
  const outcome = await closed.follow({
    ...{ address: "127.0.0.1", uri: "postgresql://a:b@x:1/", ca: undefined, poolSize: 5 },
    ...{ mayReconnect: true, mayChange: () => true },
  });
  expect(outcome).toMatchObject({ kind: "failed" });
  expect(JSON.stringify(outcome)).toContain("add 127.0.0.1 to --allowed-database-hosts");
});

const program = await findPgBouncer();
if (program === undefined) {
  test("the console of a PgBouncer", (context) => {
    context.skip(noPgBouncer);
  });
} else {
  describeConsole(program);
}
