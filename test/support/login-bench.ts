// One server that several policies read with logins of their own, and what became of each.

import { createMetrics } from "../../src/adapters/metrics.ts";
import { DatabaseReconciler } from "../../src/reconcile/database-reconciler.ts";
import { Logins } from "../../src/reconcile/resolve/logins.ts";
import { PolicyBook } from "../../src/reconcile/resolve/policy-book.ts";
import type { ResolvedPolicy } from "../../src/reconcile/resolve/policy-book.ts";
import { Readings } from "../../src/reconcile/memory/readings.ts";
import { Rereads } from "../../src/reconcile/memory/rereads.ts";
import { type Result } from "../../src/runtime/result.ts";
import { aSource, aSpec, startMs } from "./builders.ts";
import { FakeDatabase } from "./fake-database.ts";
import type { FakeServer } from "./fake-database.ts";
import { MemoryLog } from "./memory-log.ts";
import { noLooks } from "./no-looks.ts";
import { VirtualClock } from "./virtual-clock.ts";

export const server = "db.shop.svc:5432";

export interface Bench {
  readonly book: PolicyBook;
  readonly readings: Readings;
  readonly fake: FakeServer;
  readonly log: MemoryLog;
  /** Another name of the server, with a policy that reads it as `app`. */
  addName(name: string, namespace: string): FakeServer;
  /** How often a name was asked. */
  asked(name: string): number;
  /** One reading of the server. */
  read(): Promise<Result>;
  /** When it ends: time passes until it does. */
  ended(reading: Promise<unknown>): Promise<number>;
  /** How often the decision was woken. */
  wakes(): number;
  /** How many logins were tried in the last reading. */
  tries(): number;
  failureOf(policy: string): string | undefined;
  /** The roles as which each namespace sees sessions, and whether all of them. */
  sights(): readonly (readonly [string, string, boolean])[];
  readonly clock: VirtualClock;
  /** Ends our session, so that the next reading has to log in. */
  dropSession(): void;
  readonly rereads: Rereads;
  pass(byMs: number): Promise<void>;
}

export function openBench(...policies: readonly ResolvedPolicy[]): Bench {
  const clock = new VirtualClock(startMs);
  const database = new FakeDatabase(clock);
  const fake = database.addServer(server, { passwords: { app: "right", other: "right" } });
  const book = new PolicyBook();
  for (const policy of policies) book.set(policy);
  const [readings, logins, log] = [new Readings(), new Logins(), new MemoryLog()];
  const { metrics } = createMetrics();
  const enqueueDatabase = (): void => undefined;
  const rereads = new Rereads({ readings, clock, intervalMs: 30_000, enqueueDatabase });
  const reconciler = new DatabaseReconciler({
    ...{ book, readings, logins, looks: noLooks, rereads, database, clock, metrics, log },
    random: { next: () => 0.5 },
    intervalMs: 30_000,
    enqueueServer: () => {
      wakes += 1;
    },
    enqueueDatabase,
  });
  let triesBefore = 0;
  let wakes = 0;
  const count = (): number => database.readings.get(server) ?? 0;
  return {
    book,
    clock,
    rereads,
    readings,
    fake,
    log,
    addName: (name, namespace) => {
      const policy = policyWith(name, "app:right", name);
      book.set({ ...policy, key: `${namespace}/${name}`, namespace });
      book.unite(server, name);
      return database.addServer(name, fake);
    },
    asked: (name) => database.attempts.get(name) ?? 0,
    read: async () => {
      triesBefore = count();
      return await reconciler.reconcile(server);
    },
    pass: (byMs) => clock.advance(byMs),
    ended: async (reading) => {
      let endedMs: number | undefined;
      void reading.then(() => (endedMs = clock.monotonicMs()));
      for (let step = 0; step < 6_000 && endedMs === undefined; step++) await clock.advance(50);
      return endedMs ?? Infinity;
    },
    wakes: () => wakes,
    dropSession: () => {
      database.dropSession(server);
    },
    tries: () => count() - triesBefore,
    sights: () =>
      logins
        .sightsOf(server, book.of(server))
        .map(({ namespace, role, seesAllSessions }) => [namespace, role, seesAllSessions]),
    failureOf: (key) => {
      const policy = book.get(key);
      return policy && logins.failureOf(policy)?.reason;
    },
  };
}

export function policyWith(name: string, login: string, ofServer: string = server): ResolvedPolicy {
  return {
    key: `shop/${name}`,
    namespace: "shop",
    source: aSource,
    spec: aSpec(),
    server: ofServer,
    connection: { uri: `postgresql://${login}@${ofServer}/orders`, ca: undefined },
    role: login.split(":")[0],
    database: "orders",
    failure: undefined,
  };
}
