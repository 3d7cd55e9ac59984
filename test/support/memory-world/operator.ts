// One running operator in the memory world: the production reconcilers with their own memories.
// Starting another one is what a restart, a leader change or a second leader by mistake looks like.

import type { ClientsAtWork, DatabaseReading } from "../../../src/domain/facts/facts.ts";
import type { Plan } from "../../../src/domain/decide/plan.ts";
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
  forgetServer: () => undefined,
};

/** Where readings are put in by hand, nothing is to be read. */
const noDatabase: Database = {
  read: () => Promise.reject(new Error("there is no database to read")),
  forget: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

export type MemoryBounds = Pick<
  ReconcilerParts["config"],
  TenancySetting | "mayEvict" | "mayResize"
>;

export class MemoryOperator {
  readonly log = new MemoryLog();
  readonly #policies: Caches["policies"];
  readonly #reconcilers: Reconcilers;
  readonly #readsDatabase: boolean;
  /** By server: how soon the latest decision had it read; nothing where the interval will do. */
  readonly asked = new Map<string, number>();
  #known = new Set<string>();

  constructor(parts: {
    readonly caches: Caches;
    readonly cluster: Cluster;
    readonly clock: Clock;
    readonly admissionWarmUpMs: number;
    readonly bounds?: MemoryBounds;
    /** Read at the end of each look; without it readings are put in by hand. */
    readonly database?: Database;
  }) {
    const { caches, admissionWarmUpMs, bounds, database = noDatabase } = parts;
    const ignore = (): void => undefined;
    this.#policies = caches.policies;
    this.#readsDatabase = database !== noDatabase;
    this.#reconcilers = createReconcilers({
      ...parts,
      config: { databaseIntervalMs: 30_000, settleTimeMs, admissionWarmUpMs, ...bounds },
      database,
      random: constantRandom(0.5),
      log: this.log,
      metrics: silent,
      ...{ enqueueServer: ignore, enqueueLook: ignore },
      enqueueDatabase: (server, delayMs = 0) => this.asked.set(server, delayMs),
    });
  }

  read(server: string, reading: DatabaseReading): void {
    this.#reconcilers.readings.record(server, { kind: "read", reading }, reading.atMs);
  }

  /** What a look at a server has shown just now. True: it is to be decided on anew. */
  lookAtWork(server: string, clients: readonly ClientsAtWork[]): boolean {
    return this.#reconcilers.use.note(server, clients);
  }

  failToRead(server: string, nowMs: number): void {
    const reason = "DatabaseUnreachable";
    this.#reconcilers.readings.record(
      server,
      { kind: "failed", reason, message: "refused" },
      nowMs,
    );
  }

  /**
   * One look at every policy and one decision for every server; then each is read, so that a
   * decision never knows more than it may.
   */
  async look(signal: AbortSignal = new AbortController().signal): Promise<Result> {
    await this.#lookAtPolicies();
    return await this.decide(signal);
  }

  /** Without a look at policies: one that was made meanwhile is known to the caches alone. */
  async decide(signal: AbortSignal = new AbortController().signal): Promise<Result> {
    this.asked.clear();
    let result: Result = done;
    for (const server of this.#reconcilers.book.servers()) {
      const next = await this.#reconcilers.servers.reconcile(server, { log: this.log, signal });
      result = soonest(result, next);
    }
    if (this.#readsDatabase) await this.#readServers();
    return result;
  }

  /** Pods of a namespace that wait and belong to no policy. */
  async releaseGates(namespace: string): Promise<Result> {
    return await this.#reconcilers.gates.reconcile(namespace);
  }

  /** The latest decision on a server; undefined if there was none. */
  planOf(server: string): Plan | undefined {
    return this.#reconcilers.servers.plans.get(server);
  }

  async #readServers(): Promise<void> {
    const { book, databases } = this.#reconcilers;
    for (const server of book.servers()) await databases.reconcile(server);
  }

  async #lookAtPolicies(): Promise<void> {
    const present = new Set([...this.#policies.values()].map(({ key }) => key));
    for (const key of new Set([...this.#known, ...present])) {
      await this.#reconcilers.policies.reconcile(key);
    }
    this.#known = present;
  }
}
