// A server that several applications share, on a real PostgreSQL: a role's CONNECTION LIMIT bounds
// that role's pools and nobody else's, and sessions beside a declared part take nothing from it.
// What is planned is opened session by session, so PostgreSQL itself says whether it fits.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DatabaseReading, PolicyFacts, PoolFacts } from "../../src/domain/facts/facts.ts";
import { plan, type Plan } from "../../src/domain/decide/plan.ts";
import type { Database } from "../../src/ports.ts";
import * as build from "../support/builders.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { openDatabase, openSession, readingOf, targetOf } from "../support/postgres-readings.ts";

// Of 60 connections 57 are for ordinary logins.
const maxConnections = 60;
const ordinarySlots = maxConnections - 3;
const tooMany = { code: "53300" };

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres({ maxConnections });
  await postgres.query(`
    CREATE ROLE watcher LOGIN PASSWORD 'x' IN ROLE pg_monitor;
    CREATE ROLE shop_app LOGIN PASSWORD 'x' CONNECTION LIMIT 9 IN ROLE pg_monitor;
    CREATE ROLE crm_app LOGIN PASSWORD 'x' CONNECTION LIMIT 21 IN ROLE pg_monitor;
    CREATE ROLE etl LOGIN PASSWORD 'x';`);
});
afterAll(() => postgres.stop());

function uriOf(role: string): string {
  return postgres.uri(role, "postgres", "x");
}

/** What the operator reads; its session stays open. */
async function read(
  operator: Database,
  role: string,
  roles: readonly string[] = [],
): Promise<DatabaseReading> {
  return readingOf(await operator.read(targetOf(uriOf(role), { roles })));
}

async function open(role: string, count: number): Promise<AsyncDisposableStack> {
  const sessions = new AsyncDisposableStack();
  for (let at = 0; at < count; at++) sessions.use(await openSession(uriOf(role)));
  return sessions;
}

function policyOf(name: string, role: string, declared?: number): PolicyFacts {
  const database = { secretRef: { name: "db", key: "uri" } };
  const maximum = declared === undefined ? {} : { maxConnections: declared };
  const reserve = { connections: 0, rollouts: 0 };
  const spec = { database: { ...database, ...maximum }, reserve };
  return build.aPolicy(name, { role, database: "postgres", spec });
}

function workloadOf(name: string, podCount: number): PoolFacts {
  const policy = `shop/${name}`;
  return build.aWorkload(name, { policy, pods: build.pods(podCount, { poolSize: 10 }) });
}

function planFor(
  reading: DatabaseReading,
  policies: readonly PolicyFacts[],
  workloads: readonly PoolFacts[],
): Plan {
  const database = build.aDatabase({ reading });
  return plan(build.aSnapshot({ database, policies, workloads }), build.startMs);
}

function sharesOf({ pools }: Plan): Record<string, number> {
  const sizes = pools.map(({ position, share }) => [position.workload.name, share]);
  return Object.fromEntries(sizes) as Record<string, number>;
}

describe("a CONNECTION LIMIT of a role", () => {
  const policies = [policyOf("crm", "crm_app"), policyOf("shop", "shop_app")];
  const workloads = [workloadOf("crm", 4), workloadOf("shop", 2)];
  // Of each limit one slot is for the operator's session, whichever login it uses.
  const shares = { crm: 5, shop: 4 };

  async function planned(operator: Database): Promise<Record<string, number>> {
    const roles = ["shop_app", "crm_app"];
    return sharesOf(planFor(await read(operator, "shop_app", roles), policies, workloads));
  }

  test("bounds the pools of that role alone, and PostgreSQL lets in what is planned", async () => {
    await using operator = openDatabase();
    expect(await planned(operator)).toEqual(shares);

    await using pools = await open("shop_app", 2 * shares.shop);
    await expect(openSession(uriOf("shop_app"))).rejects.toMatchObject(tooMany);
    await using others = await open("crm_app", 4 * shares.crm);
    expect([pools, others].some(({ disposed }) => disposed)).toBe(false);
  });

  test("loses nothing to sessions of other roles that the server has slots for", async () => {
    await using operator = openDatabase();
    await using others = await open("etl", ordinarySlots - 8 - 20 - 1);
    expect(await planned(operator)).toEqual(shares);

    await using shop = await open("shop_app", 8);
    await using crm = await open("crm_app", 20);
    expect([others, shop, crm].some(({ disposed }) => disposed)).toBe(false);
  });

  test("loses what somebody else holds with the same login", async () => {
    await using operator = openDatabase();
    await using stranger = await open("shop_app", 4);
    expect(await planned(operator)).toEqual({ ...shares, shop: 2 });

    await using shop = await open("shop_app", 4);
    await expect(openSession(uriOf("shop_app"))).rejects.toMatchObject(tooMany);
    expect([stranger, shop].some(({ disposed }) => disposed)).toBe(false);
  });
});

describe("a declared part of a server", () => {
  const declared = 30;
  const policies = [policyOf("web", "watcher", declared)];
  const workloads = [workloadOf("web", 4)];
  // 3 for superusers and our own session are of it.
  const budget = declared - 3 - 1;

  interface Row {
    readonly others: number;
    readonly want: number;
  }

  test.each<Row>([
    { others: 0, want: budget },
    { others: 25, want: budget },
    { others: maxConnections - declared, want: budget },
    { others: maxConnections - declared + 6, want: budget - 6 },
  ])("has $want slots beside $others sessions of others, and they get in", async (row) => {
    await using others = await open("etl", row.others);
    await using operator = openDatabase();
    const reading = await read(operator, "watcher");

    expect(planFor(reading, policies, workloads).budgetSlots).toBe(row.want);

    await using web = await open("watcher", row.want);
    expect([others, web].some(({ disposed }) => disposed)).toBe(false);
  });
});
