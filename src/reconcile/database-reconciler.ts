// Reads each server again and again: on an interval with jitter, and at once when a policy of it
// changes. Deciding never waits for a slow database; what was read wakes the decision.

import type { ServerKey } from "../domain/facts.ts";
import type { Clock, Database, DatabaseTarget, Log, Metrics, Random } from "../ports.ts";
import { after, done, type Result } from "../runtime/result.ts";
import type { PolicyBook, ResolvedPolicy } from "./policy-book.ts";
import type { Readings } from "./readings.ts";

export interface DatabaseReconcilerParts {
  readonly book: PolicyBook;
  readonly readings: Readings;
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly intervalMs: number;
  /** Wakes the decision of a server. */
  readonly enqueueServer: (server: ServerKey) => void;
}

const failedRetryMs = 5_000;

export class DatabaseReconciler {
  readonly #parts: DatabaseReconcilerParts;

  constructor(parts: DatabaseReconcilerParts) {
    this.#parts = parts;
  }

  async reconcile(server: ServerKey): Promise<Result> {
    const { book, readings, database, enqueueServer } = this.#parts;
    const members = book.of(server);
    if (members.length === 0) {
      readings.forget(server);
      await database.forget(server);
      return done;
    }
    const target = targetOf(server, members);
    if (target) await this.#read(target);
    enqueueServer(server);
    return target ? after(this.#nextReadMs(server)) : done;
  }

  async #read(target: DatabaseTarget): Promise<void> {
    const { readings, database, clock, metrics, log } = this.#parts;
    const { server } = target;
    const startMs = clock.nowMs();
    const outcome = await database.read(target);
    const nowMs = clock.nowMs();
    readings.record(server, outcome, nowMs);
    metrics.observe("poolwarden_database_read_seconds", (nowMs - startMs) / 1000, { server });
    metrics.gauge("poolwarden_database_up", outcome.kind === "read" ? 1 : 0, { server });
    if (outcome.kind === "failed") {
      const { reason, message } = outcome;
      log.warn({ server, reason, detail: message }, "reading the database server failed");
    }
  }

  /**
   * The interval, 10 % more or less, so that many servers are not asked at once; sooner after a
   * failure.
   */
  #nextReadMs(server: ServerKey): number {
    const { intervalMs, random, readings } = this.#parts;
    const baseMs = readings.hasFailed(server) ? Math.min(failedRetryMs, intervalMs) : intervalMs;
    return Math.round(baseMs * (0.9 + 0.2 * random.next()));
  }
}

/**
 * The first policy whose credentials are known reads for all: one connection per server is enough.
 */
function targetOf(
  server: ServerKey,
  members: readonly ResolvedPolicy[],
): DatabaseTarget | undefined {
  const healthy = members.filter(({ failure }) => failure === undefined);
  const reader = [...healthy, ...members].find(({ connection }) => connection !== undefined);
  if (!reader?.connection) return undefined;
  return {
    server,
    ...reader.connection,
    roles: distinct(members.map(({ role }) => role)),
    databases: distinct(members.map(({ database }) => database)),
  };
}

function distinct(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
