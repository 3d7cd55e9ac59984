// One running operator in the memory world: the production reconcilers with their own memories.
// Starting another one is what a restart, a leader change or a second leader by mistake looks like.

import type { DatabaseReading } from "../../../src/domain/facts.ts";
import type { Plan } from "../../../src/domain/plan.ts";
import type { Clock, Cluster, Database, Metrics } from "../../../src/ports.ts";
import type { Caches } from "../../../src/reconcile/caches.ts";
import {
  createReconcilers,
  type ReconcilerParts,
  type Reconcilers,
  type TenancySetting,
} from "../../../src/reconcilers.ts";
import { done, type Result, soonest } from "../../../src/runtime/result.ts";
import { settleTimeMs } from "../builders.ts";
import { MemoryLog } from "../memory-log.ts";
import { constantRandom } from "../prng.ts";

const silent: Metrics = {
  count: () => undefined,
  gauge: () => undefined,
  observe: () => undefined,
  reset: () => undefined,
};

/** Readings are put in by hand: nothing is to be read. */
const noDatabase: Database = {
  read: () => Promise.reject(new Error("there is no database to read")),
  forget: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

export type MemoryBounds = Pick<ReconcilerParts["config"], TenancySetting>;

export class MemoryOperator {
  readonly log = new MemoryLog();
  readonly #policies: Caches["policies"];
  readonly #reconcilers: Reconcilers;
  #known = new Set<string>();

  constructor(parts: {
    readonly caches: Caches;
    readonly cluster: Cluster;
    readonly clock: Clock;
    readonly admissionWarmUpMs: number;
    readonly bounds?: MemoryBounds;
  }) {
    const { caches, admissionWarmUpMs, bounds } = parts;
    const ignore = (): void => undefined;
    this.#policies = caches.policies;
    this.#reconcilers = createReconcilers({
      ...parts,
      config: { databaseIntervalMs: 30_000, settleTimeMs, admissionWarmUpMs, ...bounds },
      database: noDatabase,
      random: constantRandom(0.5),
      log: this.log,
      metrics: silent,
      enqueueServer: ignore,
      enqueueDatabase: ignore,
    });
  }

  read(server: string, reading: DatabaseReading): void {
    this.#reconcilers.readings.record(server, { kind: "read", reading }, reading.atMs);
  }

  failToRead(server: string, nowMs: number): void {
    const reason = "DatabaseUnreachable";
    this.#reconcilers.readings.record(
      server,
      { kind: "failed", reason, message: "refused" },
      nowMs,
    );
  }

  /** One look at every policy and one decision for every server. */
  async look(signal: AbortSignal = new AbortController().signal): Promise<Result> {
    await this.#lookAtPolicies();
    let result: Result = done;
    for (const server of this.#reconcilers.book.servers()) {
      const next = await this.#reconcilers.servers.reconcile(server, { log: this.log, signal });
      result = soonest(result, next);
    }
    return result;
  }

  /** The latest decision on a server; undefined if there was none. */
  planOf(server: string): Plan | undefined {
    return this.#reconcilers.servers.plans.get(server);
  }

  async #lookAtPolicies(): Promise<void> {
    const present = new Set([...this.#policies.values()].map(({ key }) => key));
    for (const key of new Set([...this.#known, ...present])) {
      await this.#reconcilers.policies.reconcile(key);
    }
    this.#known = present;
  }
}
