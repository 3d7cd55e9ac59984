// What one namespace costs another: the victim edits its policy every 2.5 s, and the time runs
// until its server is read again, and until its status says what was decided of the edit. The whole
// operator with its real reader, a real PostgreSQL for the victim, real sockets for the silent
// servers; the cluster is in memory, so that the time is the operator's. Numbers are compared with
// those of the victim alone on the same machine.
// Run: TENANT_SECONDS=30 node test/bench/tenants.bench.ts

import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../src/adapters/clock.ts";
import { createPostgresDatabase } from "../../src/adapters/postgres/database.ts";
import { parseHostPattern } from "../../src/domain/supply/allowed-hosts.ts";
import type { PoolPolicyStatus } from "../../src/api/poolpolicy.ts";
import type { ObservedPolicy } from "../../src/observed.ts";
import type { Cluster, Database, WatchEvent } from "../../src/ports.ts";
import { startPostgres } from "../support/postgres.ts";
import { givenNumber } from "../support/given-setting.ts";
import {
  type Changes,
  policyOf,
  sourceOf,
  startTenants,
  type TenantsParts,
} from "../support/tenants.ts";
import {
  alone,
  churn,
  churning,
  type Hostile,
  manyNames,
  manyWorkloads,
  serverOf,
  silentServers,
  together,
} from "./hostile-tenant.ts";

const seconds = givenNumber("TENANT_SECONDS", { usual: 30, least: 1 });
/** After a start the first decision waits for servers that may never answer. */
const firstWithinMs = 60_000;
const part = Math.min(1, seconds / 10);

/** What the victim may wait longer than alone: docs/tenancy.md. */
const barMs = 2_000;

/** All are on this machine. */
const allowedDatabaseHosts = ["*", "127.0.0.0/8"].flatMap((text) => {
  const pattern = parseHostPattern(text);
  return "kind" in pattern ? [] : [pattern];
});

/** A watch into which the world puts what happens. */
class Watch {
  #waiting: WatchEvent<ObservedPolicy>[] = [];
  #wake: () => void = () => undefined;

  readonly put = (event: WatchEvent<ObservedPolicy>): void => {
    this.#waiting.push(event);
    this.#wake();
  };

  readonly changes: Changes = (signal) => this.#events(signal);

  async *#events(signal: AbortSignal): AsyncGenerator<WatchEvent<ObservedPolicy>> {
    while (!signal.aborted) {
      const events = this.#waiting;
      this.#waiting = [];
      yield* events;
      if (this.#waiting.length > 0) continue;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener("abort", () => {
          resolve();
        });
      });
    }
  }
}

/** The victim's policy, how it is edited, and what comes of each edit. */
class Victim {
  readonly #watch: Watch;
  readonly #editedAtMs = new Map<number, number>();
  readonly decisionsMs: number[] = [];
  readonly readingsMs: number[] = [];
  firstDecisionMs = NaN;
  #unreadSinceMs: number | undefined;
  readonly server: string;
  policy = policyOf("shop", "orders-db");

  constructor(server: string, watch: Watch) {
    this.#watch = watch;
    this.server = server;
  }

  edit(): void {
    const generation = this.policy.generation + 1;
    const { database, ...others } = this.policy.spec as { database: object };
    // Only what a server is asked anew has it read.
    const role = `role-${String(generation % 2)}`;
    const reserve = { connections: 10 + (generation % 5) };
    const spec = { ...others, database: { ...database, role }, reserve };
    this.#store({ ...this.policy, generation, spec });
    const nowMs = performance.now();
    this.#editedAtMs.set(generation, nowMs);
    this.#unreadSinceMs ??= nowMs;
  }

  /** As the API server takes a status; returns its version. */
  write(status: PoolPolicyStatus): string {
    this.wasDecided(status.observedGeneration ?? 0);
    this.#store({ ...this.policy, status });
    return this.policy.resourceVersion;
  }

  #store(policy: ObservedPolicy): void {
    this.policy = { ...policy, resourceVersion: String(Number(policy.resourceVersion) + 1) };
    this.#watch.put({ type: "set", object: this.policy });
  }

  wasRead(): void {
    if (this.#unreadSinceMs === undefined) return;
    this.readingsMs.push(performance.now() - this.#unreadSinceMs);
    this.#unreadSinceMs = undefined;
  }

  /** One decision may answer several edits. */
  wasDecided(generation: number): void {
    for (const [edit, atMs] of this.#editedAtMs) {
      if (edit > generation) continue;
      this.decisionsMs.push(performance.now() - atMs);
      this.#editedAtMs.delete(edit);
    }
  }

  forgetTimes(): void {
    for (const times of [this.decisionsMs, this.readingsMs]) times.length = 0;
  }

  /** Edits that nothing has come of count with the time that they wait. */
  close(): void {
    this.wasDecided(Infinity);
    this.wasRead();
  }
}

function watchingDatabase(victim: Victim): Database {
  const database = createPostgresDatabase({ clock: systemClock });
  return {
    read: async (target) => {
      const outcome = await database.read(target);
      if (target.server === victim.server) victim.wasRead();
      return outcome;
    },
    forget: (server) => database.forget(server),
    close: () => database.close(),
  };
}

/** A server is read at most every two seconds. */
const editMs = 2_500;
/** The API server takes so long to answer. */
const answerMs = 20;

function clusterOf(victim: Victim, uri: string): Partial<Cluster> {
  return {
    readData: async (_, __, name) => {
      await delay(answerMs);
      if (name.startsWith("c-")) return { kind: "absent", message: "no such secret" };
      const data = {
        uri: name === victim.policy.name ? uri : `postgresql://app:x@${serverOf(name)}/orders`,
      };
      return { kind: "ok", value: { resourceVersion: "1", data } };
    },
    writeStatus: async (key, _, status) => {
      await delay(answerMs);
      const resourceVersion = key === victim.policy.key ? victim.write(status) : "2";
      return { kind: "ok", value: { resourceVersion, uid: "", key } };
    },
  };
}

async function measure(
  uri: string,
  { policies, workloads, churn: perSecond }: Hostile,
): Promise<Victim> {
  const watch = new Watch();
  const victim = new Victim(new URL(uri).host, watch);
  const database = watchingDatabase(victim);
  await using running = new AsyncDisposableStack();
  running.defer(() => database.close());
  const parts: TenantsParts = {
    clock: systemClock,
    policies: [...policies, victim.policy],
    changes: watch.changes,
    sources: { Deployment: () => sourceOf(workloads) },
    ...{ database, cluster: clusterOf(victim, uri), databaseIntervalMs: 5_000 },
    allowedDatabaseHosts,
  };
  running.use(startTenants(parts));
  const over = new AbortController();
  const churned = churn(
    perSecond,
    (object) => {
      watch.put({ type: "set", object });
    },
    ({ key, uid }) => {
      watch.put({ type: "delete", key, uid });
    },
    over.signal,
  );
  const startMs = performance.now();
  while (victim.decisionsMs.length === 0 && performance.now() - startMs < firstWithinMs) {
    await editFor(1, victim);
  }
  victim.firstDecisionMs = performance.now() - startMs;
  victim.forgetTimes();
  await editFor(seconds, victim);
  victim.close();
  over.abort();
  await churned;
  return victim;
}

async function editFor(howLongSeconds: number, victim: Victim): Promise<void> {
  const endMs = performance.now() + howLongSeconds * 1000;
  while (performance.now() < endMs) {
    victim.edit();
    await delay(editMs);
  }
}

function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN);
}

const postgres = await startPostgres({ maxConnections: 100 });
await using open = new AsyncDisposableStack();
open.defer(() => postgres.stop());
const silent = await silentServers(Math.ceil(500 * part), open);
const names = manyNames(Math.ceil(20_000 * part));
const large = manyWorkloads(Math.ceil(3_000 * part));
const comings = churning(Math.ceil(100 * part));
const all = together([silent, names, comings]);
const rows: object[] = [];
let worstMs = 0;
for (const hostile of [alone, silent, names, large, comings, all]) {
  const loop = monitorEventLoopDelay({ resolution: 10 });
  loop.enable();
  const { decisionsMs, readingsMs, firstDecisionMs } = await measure(postgres.uri(), hostile);
  loop.disable();
  worstMs = Math.max(worstMs, percentile(decisionsMs, 0.99), percentile(readingsMs, 0.99));
  console.log(`  beside ${hostile.name}: measured`);
  rows.push({
    beside: hostile.name,
    "first decision s": Math.round(firstDecisionMs / 1000),
    edits: decisionsMs.length,
    "decided after ms p50": percentile(decisionsMs, 0.5),
    p99: percentile(decisionsMs, 0.99),
    "read after ms p50": percentile(readingsMs, 0.5),
    "p99 ": percentile(readingsMs, 0.99),
    "longest turn ms": Math.round(loop.max / 1e6),
    "RSS MB": Math.round(process.memoryUsage.rss() / 1e6),
  });
}
console.log(`One namespace beside another, for ${seconds} s each`);
console.table(rows);
console.log(`worst p99 ${worstMs} ms; bar: < ${barMs} ms, ${worstMs < barMs ? "met" : "missed"}`);
