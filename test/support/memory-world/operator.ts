// One running operator in the memory world: the production reconcilers with their own memories.
// Starting another one is what a restart, a leader change or a second leader by mistake looks like.

import type { DatabaseReading } from "../../../src/domain/facts.ts";
import type { Plan } from "../../../src/domain/plan.ts";
import type { Clock, Cluster, Metrics } from "../../../src/ports.ts";
import { AlertRules } from "../../../src/reconcile/alert-rules.ts";
import type { Caches } from "../../../src/reconcile/caches.ts";
import { Expectations } from "../../../src/reconcile/expectations.ts";
import { FirstSights } from "../../../src/reconcile/first-sights.ts";
import { Logins } from "../../../src/reconcile/logins.ts";
import { Notes } from "../../../src/reconcile/notes.ts";
import { PastRolls } from "../../../src/reconcile/past-rolls.ts";
import { PolicyBook } from "../../../src/reconcile/policy-book.ts";
import { PolicyReconciler } from "../../../src/reconcile/policy-reconciler.ts";
import { Readings } from "../../../src/reconcile/readings.ts";
import { References } from "../../../src/reconcile/references.ts";
import { ServerReconciler } from "../../../src/reconcile/server-reconciler.ts";
import type { WrittenStatus } from "../../../src/reconcile/write-status.ts";
import { WrittenStatuses } from "../../../src/reconcile/written-statuses.ts";
import { done, type Result, soonest } from "../../../src/runtime/result.ts";
import { settleTimeMs } from "../builders.ts";
import { MemoryLog } from "../memory-log.ts";

const silent: Metrics = {
  count: () => undefined,
  gauge: () => undefined,
  observe: () => undefined,
  reset: () => undefined,
};

export class MemoryOperator {
  readonly log = new MemoryLog();
  readonly #policies: Caches["policies"];
  readonly #book = new PolicyBook();
  readonly #readings = new Readings();
  readonly #policyReconciler: PolicyReconciler;
  readonly #servers: ServerReconciler;
  #known = new Set<string>();

  constructor(parts: {
    readonly caches: Caches;
    readonly cluster: Cluster;
    readonly clock: Clock;
    readonly admissionWarmUpMs: number;
  }) {
    const { caches, cluster, clock, admissionWarmUpMs } = parts;
    const { log } = this;
    const [book, readings, notes, logins] = [this.#book, this.#readings, new Notes(), new Logins()];
    const ignore = (): void => undefined;
    this.#policies = caches.policies;
    this.#policyReconciler = new PolicyReconciler({
      ...{ policies: caches.policies, book, cluster, clock, log },
      intervalMs: 30_000,
      enqueueServer: ignore,
      enqueueDatabase: ignore,
    });
    const memories = {
      statuses: new Expectations<WrittenStatus>(),
      templates: new Expectations<true>(),
      pastRolls: new PastRolls(),
      firstSights: new FirstSights(),
    };
    const references = new References(cluster, clock);
    this.#servers = new ServerReconciler({
      ...{ clock, metrics: silent },
      observer: {
        ...{ caches, book, readings, logins, references, notes },
        ...memories,
        ...{ settleTimeMs, admissionWarmUpMs },
      },
      applier: { cluster, ...memories, written: new WrittenStatuses() },
      reporter: {
        ...{ cluster, log, notes, metrics: silent },
        rules: new AlertRules({ cluster, clock, notes }),
      },
    });
  }

  read(server: string, reading: DatabaseReading): void {
    this.#readings.record(server, { kind: "read", reading }, reading.atMs);
  }

  failToRead(server: string, nowMs: number): void {
    const reason = "DatabaseUnreachable";
    this.#readings.record(server, { kind: "failed", reason, message: "refused" }, nowMs);
  }

  /** One look at every policy and one decision for every server. */
  async look(signal: AbortSignal = new AbortController().signal): Promise<Result> {
    await this.#lookAtPolicies();
    let result: Result = done;
    for (const server of this.#book.servers()) {
      const next = await this.#servers.reconcile(server, { log: this.log, signal });
      result = soonest(result, next);
    }
    return result;
  }

  /** The latest decision on a server; undefined if there was none. */
  planOf(server: string): Plan | undefined {
    return this.#servers.plans.get(server);
  }

  async #lookAtPolicies(): Promise<void> {
    const present = new Set([...this.#policies.values()].map(({ key }) => key));
    for (const key of new Set([...this.#known, ...present])) {
      await this.#policyReconciler.reconcile(key);
    }
    this.#known = present;
  }
}
