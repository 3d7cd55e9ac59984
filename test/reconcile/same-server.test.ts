// Two names of one database server: each of them alone would spend the whole budget.

import { expect, test } from "vitest";
import { createMetrics } from "../../src/adapters/metrics.ts";
import { parseSpec } from "../../src/api/poolpolicy.ts";
import { DatabaseReconciler } from "../../src/reconcile/database-reconciler.ts";
import { Logins } from "../../src/reconcile/logins.ts";
import { PolicyBook, type ResolvedPolicy } from "../../src/reconcile/policy-book.ts";
import { Readings } from "../../src/reconcile/readings.ts";
import { FakeDatabase, type FakeServer } from "../support/fake-database.ts";
import { MemoryLog } from "../support/memory-log.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const names = ["db.shop.svc:5432", "10.0.0.7:5432"] as const;

test("two names with one system identifier are budgeted as one server", async () => {
  const { book, read, woken } = scene({ systemIdentifier: "77" });
  for (const name of names) await read(name);
  expect(book.of("10.0.0.7:5432").map(({ key }) => key)).toEqual(["shop/a", "shop/b"]);
  expect(book.of("db.shop.svc:5432")).toEqual([]);
  expect(woken).toEqual(expect.arrayContaining([...names]));
});

test("the other name is not read any more", async () => {
  const { database, read } = scene({ systemIdentifier: "77" });
  for (const name of [...names, ...names, ...names]) await read(name);
  expect(database.isConnected("10.0.0.7:5432")).toBe(true);
  expect(database.isConnected("db.shop.svc:5432")).toBe(false);
});

test.each<{ name: string; server: Partial<FakeServer> }>([
  {
    name: "a standby has its primary's identifier",
    server: { systemIdentifier: "77", isStandby: true },
  },
  {
    name: "without the right to read it, nothing is known",
    server: { systemIdentifier: undefined },
  },
])("two servers stay two: $name", async ({ server }) => {
  const { book, read } = scene(server);
  for (const name of names) await read(name);
  expect(names.map((name) => book.of(name).length)).toEqual([1, 1]);
});

interface Scene {
  readonly book: PolicyBook;
  readonly database: FakeDatabase;
  readonly woken: string[];
  readonly read: (server: string) => Promise<unknown>;
}

function scene(server: Partial<FakeServer>): Scene {
  const clock = new VirtualClock();
  const database = new FakeDatabase(clock);
  const book = new PolicyBook();
  const woken: string[] = [];
  names.forEach((name, index) => {
    database.addServer(name, server);
    book.set(aResolvedPolicy(index === 0 ? "shop/a" : "shop/b", name));
  });
  const reconciler = new DatabaseReconciler({
    ...{ book, database, clock, readings: new Readings(), logins: new Logins() },
    random: { next: () => 0.5 },
    metrics: createMetrics().metrics,
    log: new MemoryLog(),
    intervalMs: 30_000,
    enqueueServer: (one) => woken.push(one),
  });
  return { book, database, woken, read: (one) => reconciler.reconcile(one) };
}

function aResolvedPolicy(key: string, server: string): ResolvedPolicy {
  const parsed = parseSpec({
    database: { secretRef: { name: "db" } },
    workloads: [{ name: "web" }],
  });
  if ("problem" in parsed) throw new Error(parsed.problem);
  return {
    ...{ key, namespace: "shop", spec: parsed.spec, server, failure: undefined },
    connection: { uri: `postgresql://app:secret@${server}/app`, ca: undefined },
    role: "app",
    database: "app",
  };
}
