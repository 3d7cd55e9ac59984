// What a pod of PgBouncer is counted with is the most that PostgreSQL sees of it: a real PgBouncer
// that gets the variables of its image's preset, in front of a real PostgreSQL, with more clients
// than it has connections for.

import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PoolPolicySpec } from "../../src/api/poolpolicy.ts";
import { entriesFor, sizingOf } from "../../src/api/sizing.ts";
import { slotsPerPod } from "../../src/domain/demand/slots.ts";
import { aSpec } from "../support/builders.ts";
import {
  findPgBouncer,
  noPgBouncer,
  type PgBouncer,
  type PgBouncerOptions,
  startPgBouncer,
} from "../support/pgbouncer.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";

const users = ["app", "guest"];
const databases = ["orders", "billing"];
const clientsOfEach = 12;

/** The setting of pgbouncer.ini that an image writes for a variable. */
const settingOf: Readonly<Record<string, string>> = {
  CONNECTION_POOLER_MAX_DB_CONN: "max_db_connections",
  CONNECTION_POOLER_MIN_SIZE: "min_pool_size",
};

function settingName(variable: string): string {
  return settingOf[variable] ?? variable.replace(/^PGBOUNCER_/, "").toLowerCase();
}

interface Case {
  readonly name: string;
  readonly entry: object;
  readonly poolSize: number;
  readonly slots: number;
  /** What the image has beside what we write. */
  readonly settings?: Readonly<Record<string, string>>;
  /** It looks passwords up, as this user. */
  readonly authUser?: string;
}

const cases: readonly Case[] = [
  {
    name: "a pool of the size for each pair of a database and a user",
    entry: { preset: "pgbouncer", poolsPerProcess: 4 },
    ...{ poolSize: 3, slots: 12 },
  },
  {
    name: "a reserve in the template is not used, because ours is 0",
    entry: { preset: "pgbouncer-bitnami", poolsPerProcess: 4 },
    ...{ poolSize: 3, slots: 12, settings: { reserve_pool_size: "4", reserve_pool_timeout: "1" } },
  },
  {
    name: "max_db_connections holds for each database, whoever its users are",
    entry: { env: { maxSize: "MAX_DB_CONNECTIONS" }, poolsPerProcess: 2 },
    ...{ poolSize: 5, slots: 10, settings: { reserve_pool_size: "4", reserve_pool_timeout: "1" } },
  },
  {
    name: "Zalando's pooler",
    entry: { preset: "pgbouncer-zalando", poolsPerProcess: 2 },
    ...{ poolSize: 6, slots: 12, settings: { default_pool_size: "5", reserve_pool_size: "2" } },
  },
  {
    name: "the user that looks passwords up is a pair of its own for each database",
    entry: { preset: "pgbouncer", poolsPerProcess: 6 },
    ...{ poolSize: 2, slots: 12, authUser: "lookup" },
  },
];

function specOf(entry: object): {
  spec: PoolPolicySpec;
  entry: PoolPolicySpec["workloads"][number];
} {
  const spec = aSpec({ workloads: [{ name: "pooler", ...entry }] });
  const [first] = spec.workloads;
  if (first === undefined) throw new Error("the policy has an entry");
  return { spec, entry: first };
}

function optionsOf(
  { entry, poolSize, settings, authUser }: Case,
  server: Postgres,
): PgBouncerOptions {
  const policy = specOf(entry);
  const written = entriesFor(policy.spec, policy.entry, poolSize).map(({ name, value }) => {
    return [settingName(name), value] as const;
  });
  const by = authUser === undefined ? "" : ` auth_user=${authUser}`;
  const known = authUser === undefined ? users : [authUser];
  return {
    databases: databases.map((name) => `${name} = host=127.0.0.1 port=${server.port}${by}`),
    users: Object.fromEntries(known.map((user) => [user, user])),
    settings: {
      ...{ pool_mode: "transaction", max_client_conn: "200" },
      ...(authUser !== undefined && {
        auth_query: "SELECT usename, passwd FROM lookup_password($1)",
      }),
      ...settings,
      ...Object.fromEntries(written),
    },
  };
}

/** Until `untilMs`, one transaction after the other on each of many connections. */
async function load(pooler: PgBouncer, untilMs: number): Promise<void> {
  const pairs = users.flatMap((user) => databases.map((database) => ({ user, database })));
  const clients = pairs.flatMap((pair) => Array.from({ length: clientsOfEach }, () => pair));
  await Promise.all(
    clients.map(async ({ user, database }) => {
      const client = new pg.Client({ connectionString: pooler.uri(user, database, user) });
      client.on("error", () => undefined);
      await client.connect();
      while (Date.now() < untilMs) await client.query("SELECT pg_sleep(0.05)");
      await client.end();
    }),
  );
}

const sessionsSql = `SELECT count(*)::int AS n FROM pg_stat_activity
  WHERE usename IN ('app', 'guest', 'lookup') AND backend_type = 'client backend'`;

/** The most sessions at any look, over a session of its own. */
async function peakDuring(server: Postgres, work: Promise<void>): Promise<number> {
  const client = new pg.Client({ connectionString: server.uri() });
  await client.connect();
  let [peak, isDone] = [0, false];
  const done = work.finally(() => (isDone = true));
  while (!isDone) {
    const { rows } = await client.query<{ n: number }>(sessionsSql);
    peak = Math.max(peak, rows[0]?.n ?? 0);
    await delay(20);
  }
  await done;
  await client.end();
  return peak;
}

function describePooler(program: string): void {
  describe("a pod of PgBouncer", () => {
    let server: Postgres;

    beforeAll(async () => {
      server = await startPostgres({ maxConnections: 100 });
      for (const user of [...users, "lookup"]) {
        await server.query(`CREATE ROLE ${user} LOGIN PASSWORD '${user}'`);
      }
      for (const database of databases) {
        await server.query(`CREATE DATABASE ${database}`);
        const client = new pg.Client({ connectionString: server.uri(undefined, database) });
        await client.connect();
        await client.query(`CREATE FUNCTION lookup_password(name text)
          RETURNS TABLE (usename name, passwd text) LANGUAGE sql SECURITY DEFINER
          AS 'SELECT rolname, rolpassword FROM pg_authid WHERE rolname = name'`);
        await client.end();
      }
    });

    afterAll(() => server.stop());

    test.each(cases)("$name: $slots slots", async (one) => {
      const { spec, entry } = specOf(one.entry);
      expect(slotsPerPod(sizingOf(spec, entry), one.poolSize)).toBe(one.slots);
      await using pooler = await startPgBouncer(program, optionsOf(one, server));
      const peak = await peakDuring(server, load(pooler, Date.now() + 2_500));
      expect(peak).toBeLessThanOrEqual(one.slots);
      // It is no more than that either: under this load the pools are full. Who looks passwords up
      // is done before that.
      expect(peak).toBeGreaterThan(one.slots / 2);
    });
  });
}

const program = await findPgBouncer();
if (program === undefined) {
  test("a pod of PgBouncer", (context) => {
    context.skip(noPgBouncer);
  });
} else {
  describePooler(program);
}
