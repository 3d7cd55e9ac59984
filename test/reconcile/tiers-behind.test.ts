// One policy on a pooler, through all reconcilers: its pods' pools fit the pooler's client limit,
// in session mode what PgBouncer may open for them as well, and the server behind it; and people
// are told of both tiers.

import { beforeEach, describe, expect, test } from "vitest";
import { pairNameOf } from "../../src/domain/supply/connection-limits.ts";
import type { DatabaseReading, ServerBehind } from "../../src/domain/facts/facts.ts";
import { MemoryWorld, minuteMs, server } from "../support/memory-world/world.ts";

const postgres = "pg.shop.svc:5432";
let world: MemoryWorld;
let behind: object;

beforeEach(() => {
  world = new MemoryWorld();
  behind = world.otherDatabase("pg", postgres);
  world.deployment("web");
});

/** Three pods, and three more while they roll out; 10 in reserve. */
const sizeWithin = (slots: number): number => Math.floor((slots - 10) / 6);

interface Pooler {
  readonly pair?: number;
  readonly tier?: Partial<ServerBehind>;
  readonly more?: Partial<DatabaseReading>;
}

/** What a pooler of two pods says. */
function readPooler({ pair = -1, tier = {}, more = {} }: Pooler): void {
  const one = { server: "10.0.8.1:5432", processes: 2, entries: 1, maySlots: 40, openSlots: 7 };
  world.read({
    ...{ maxConnections: 400, withheld: [], behind: [{ ...one, isSession: true, ...tier }] },
    pairLimits: { [pairNameOf({ role: "app", database: "orders" })]: pair },
    limitSettings: pair < 0 ? {} : { "role app on database orders": "pool_size" },
    ...more,
  });
}

function policy(more: object = { serverBehind: behind }): void {
  const database = { engine: "PgBouncer", secretRef: { name: "db" }, ...more };
  world.policy("orders", { database });
}

/** One that was never read. */
function newServer(): object {
  const uri = "postgresql://app:x@new.shop.svc:5432/orders";
  world.cluster.data.set("Secret/shop/new", { uri });
  return { secretRef: { name: "new" } };
}

function findings(reason: string): readonly string[] {
  const all = world.status("orders").findings ?? [];
  return all.filter((one) => one.reason === reason).map(({ message }) => message);
}

function ledger(): string {
  return (world.status("orders").ledger ?? []).join("\n");
}

describe("pods on a pooler", () => {
  test("in session mode get what PgBouncer may open for them", async () => {
    readPooler({ pair: 70 });
    world.read({ maxConnections: 200 }, postgres);
    policy();
    await world.pass(15 * minuteMs, 5_000);
    expect(world.podSizes("web")).toEqual(Array(3).fill(sizeWithin(70)));
    expect(ledger()).toContain("cut off by pool_size 70 of role app on database orders");
    expect(ledger()).toContain(
      "behind it: it may open 40 connections to 10.0.8.1:5432 (7 open), which has 197 for applications",
    );
    expect(findings("ServerBehindTooSmall")).toEqual([]);
  });

  test("and what the server behind has, where that is less", async () => {
    readPooler({ pair: 70, tier: { maySlots: 70 } });
    world.read({ maxConnections: 61 }, postgres);
    policy();
    await world.pass(15 * minuteMs, 5_000);
    expect(world.podSizes("web")).toEqual(Array(3).fill(sizeWithin(58)));
    expect(ledger()).toContain("cut off by what the server behind has for applications, 58");
    const [finding] = findings("ServerBehindTooSmall");
    expect(finding).toContain("may open 70 connections to pg.shop.svc:5432");
    expect(finding).toContain("max_connections 61 leaves 58 for applications");
    expect(finding).toContain("set max_db_connections of each database in pgbouncer.ini to 29 or");
  });

  test("in another mode share connections, and are told where the server has too few", async () => {
    readPooler({ tier: { isSession: false, maySlots: 70 } });
    world.read({ maxConnections: 61 }, postgres);
    policy();
    await world.pass(15 * minuteMs, 5_000);
    expect(world.podSizes("web")).toEqual([50, 50, 50]);
    expect(findings("ServerBehindTooSmall")).toHaveLength(1);
    expect(ledger()).not.toContain("session mode");
  });

  test("a pool without a limit is more than any server has", async () => {
    readPooler({ tier: { isSession: false, maySlots: -1 } });
    world.read({ maxConnections: 61 }, postgres);
    policy();
    await world.pass(minuteMs, 5_000);
    expect(findings("ServerBehindTooSmall")[0]).toContain("may open any number of connections");
  });

  test("go on while the server behind does not answer, and were never told of it", async () => {
    readPooler({ pair: 70 });
    policy({ serverBehind: newServer() });
    world.operator.failToRead("new.shop.svc:5432", world.nowMs);
    await world.pass(15 * minuteMs, 5_000);
    expect(world.podSizes("web")).toEqual(Array(3).fill(sizeWithin(70)));
    expect(ledger()).toContain("whose limit is not known: set database.serverBehind");
  });

  test("stay within what the server behind had, while an operator that starts cannot read it", async () => {
    readPooler({ pair: 200 });
    world.read({ maxConnections: 61 }, postgres);
    policy();
    await world.pass(15 * minuteMs, 5_000);
    expect(world.status("orders").behind).toEqual([
      { server: postgres, maxConnections: 61, slots: 58, mayOpen: 40 },
    ]);
    world.operator = world.startOperator();
    world.operator.failToRead(postgres, world.nowMs);
    await world.pass(minuteMs, 5_000);
    readPooler({ pair: 200 });
    await world.pass(15 * minuteMs, 5_000);
    expect(world.podSizes("web")).toEqual(Array(3).fill(sizeWithin(58)));
    expect(world.status("orders").behind).toHaveLength(1);
  });

  test("do not grow before the server behind was asked", async () => {
    readPooler({ pair: 100 });
    policy({ serverBehind: newServer() });
    await world.pass(2 * minuteMs, 5_000);
    expect(world.podSizes("web")).not.toContain(sizeWithin(100));
    const reachable = world
      .status("orders")
      .conditions?.find((one) => one.type === "DatabaseReachable");
    expect(reachable?.message).toBe(
      "server behind new.shop.svc:5432: new.shop.svc:5432 has not been asked yet",
    );
    world.operator.failToRead("new.shop.svc:5432", world.nowMs);
    await world.pass(15 * minuteMs, 5_000);
    expect(world.podSizes("web")).toEqual(Array(3).fill(sizeWithin(100)));
  });

  test("know a server behind that is declared", async () => {
    readPooler({ pair: 70 });
    policy({ serverBehind: { address: "pg.example.com:5432", maxConnections: 50 } });
    await world.pass(15 * minuteMs, 5_000);
    expect(world.podSizes("web")).toEqual(Array(3).fill(sizeWithin(47)));
  });

  test("know one that another policy of their namespace reads by the pooler's name of it", async () => {
    readPooler({ tier: { server: postgres, maySlots: 300 } });
    world.read({ maxConnections: 100 }, postgres);
    world.deployment("pgbouncer", { labels: { team: "poolers" } });
    world.policy("pooler", {
      database: behind,
      workloads: [{ selector: { matchLabels: { team: "poolers" } } }],
    });
    policy({});
    await world.pass(15 * minuteMs, 5_000);
    expect(findings("ServerBehindTooSmall")[0]).toContain("see why policy shop/pooler does not");
    expect(world.status("pooler").server).toBe(postgres);
  });

  test("hold no slots on the server behind, and nobody there waits for them", async () => {
    readPooler({ pair: 70 });
    world.read({ maxConnections: 100 }, postgres);
    world.deployment("pgbouncer", { labels: { team: "poolers" } });
    world.policy("pooler", {
      database: behind,
      workloads: [{ selector: { matchLabels: { team: "poolers" } } }],
    });
    policy();
    await world.pass(15 * minuteMs, 5_000);
    expect(world.plan(postgres).positions.map(({ workload }) => workload.name)).toEqual([
      "pgbouncer",
    ]);
    expect(world.plan(server).positions.map(({ workload }) => workload.name)).toEqual(["web"]);
    expect(world.podSizes("pgbouncer")[0]).toBe(Math.floor((97 - 10) / 6));
  });

  test("in session mode with several databases are asked to name theirs", async () => {
    readPooler({ tier: { entries: 2 }, more: { pairLimits: {}, roleLimits: { app: 100 } } });
    policy();
    await world.pass(minuteMs, 5_000);
    expect(findings("PoolerDatabaseUnknown")[0]).toContain("such as /orders");
  });

  test("are told the field where the secret of the server behind is missing", async () => {
    readPooler({});
    policy({ serverBehind: { secretRef: { name: "gone" } } });
    await world.pass(minuteMs, 5_000);
    const found = world
      .status("orders")
      .conditions?.find((one) => one.type === "DatabaseReachable");
    expect(found?.message).toContain("spec.database.serverBehind: secret shop/gone does not exist");
  });
});
