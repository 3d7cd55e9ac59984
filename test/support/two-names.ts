// Two names of a database server, or of two: what is read by both, and where their policies count.

import { createMetrics } from "../../src/adapters/metrics.ts";
import { DatabaseReconciler } from "../../src/reconcile/database-reconciler.ts";
import { Logins } from "../../src/reconcile/resolve/logins.ts";
import { PolicyBook, type ResolvedPolicy } from "../../src/reconcile/resolve/policy-book.ts";
import { Readings } from "../../src/reconcile/memory/readings.ts";
import { Rereads } from "../../src/reconcile/memory/rereads.ts";
import { aSource, aSpec } from "./builders.ts";
import { FakeDatabase, type FakeServer } from "./fake-database.ts";
import { MemoryLog } from "./memory-log.ts";
import { noLooks } from "./no-looks.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** The first in order of names is the one under which both are budgeted. */
export const [first, second] = ["10.0.0.7:5432", "db.shop.svc:5432"] as const;
export const identity = { systemIdentifier: "77", startedAtMicroseconds: 1_000 };

export interface Scene {
  readonly book: PolicyBook;
  readonly database: FakeDatabase;
  readonly readings: Readings;
  readonly clock: VirtualClock;
  readonly log: MemoryLog;
  readonly servers: Readonly<Record<string, FakeServer>>;
  /** Servers that are to be read, or decided, next. */
  readonly toRead: Set<string>;
  readonly toDecide: Set<string>;
  /** Reads whatever is to be read, again and again until nothing is. */
  readonly readAll: (order?: readonly string[], afterEach?: () => void) => Promise<void>;
  /** By policy: the name under which its server is budgeted. */
  readonly budgetedAs: () => (string | undefined)[];
}

/** Two policies, each with a name of its own for its server, and the servers behind both. */
export function scene(...both: readonly [Partial<FakeServer>, Partial<FakeServer>]): Scene {
  const clock = new VirtualClock();
  const database = new FakeDatabase(clock);
  const [book, readings, logins, log] = [
    new PolicyBook(),
    new Readings(),
    new Logins(),
    new MemoryLog(),
  ];
  const servers = {
    [first]: database.addServer(first, both[0]),
    [second]: database.addServer(second, both[1]),
  };
  book.set(aResolvedPolicy("shop/a", first));
  book.set(aResolvedPolicy("shop/b", second));
  const [toRead, toDecide] = [new Set<string>([first, second]), new Set<string>()];
  const intervalMs = 30_000;
  const enqueueDatabase = (one: string): unknown => toRead.add(one);
  const rereads = new Rereads({ readings, clock, intervalMs, enqueueDatabase });
  const reconciler = new DatabaseReconciler({
    ...{
      book,
      database,
      readings,
      logins,
      looks: noLooks,
      rereads,
      log,
      clock,
      intervalMs,
      enqueueDatabase,
    },
    random: { next: () => 0.5 },
    metrics: createMetrics().metrics,
    enqueueServer: (one) => toDecide.add(one),
  });
  const readAll: Scene["readAll"] = async (order = [first, second], afterEach) => {
    toRead.clear();
    for (const one of order) toRead.add(one);
    for (let turn = 0; turn < 20 && toRead.size > 0; turn++) {
      const [next = ""] = toRead;
      toRead.delete(next);
      await reconciler.reconcile(next);
      afterEach?.();
    }
  };
  return {
    ...{ book, database, readings, clock, log, servers, toRead, toDecide, readAll },
    budgetedAs: () =>
      ["shop/a", "shop/b"].map((key) =>
        [first, second].find((name) => book.of(name).some((policy) => policy.key === key)),
      ),
  };
}

/** A policy that reads its server as `user`. */
export function aResolvedPolicy(key: string, server: string, user: string = "app"): ResolvedPolicy {
  return {
    ...{ key, namespace: "shop", source: aSource, spec: aSpec(), server, failure: undefined },
    connection: { uri: `postgresql://${user}:secret@${server}/app`, ca: undefined },
    role: user,
    database: "app",
  };
}
