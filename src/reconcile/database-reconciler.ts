// Reads each server again and again: on an interval with jitter, and at once when a policy of it
// changes. Deciding never waits for a slow database; what was read wakes the decision. One login
// that works reads for all policies of the server; a new one, or one that was refused, is tried
// before it, so that a policy with a wrong password neither stops the others nor looks healthy.

import type { ServerKey } from "../domain/facts.ts";
import type {
  Clock,
  Database,
  DatabaseOutcome,
  DatabaseTarget,
  Log,
  Metrics,
  Random,
} from "../ports.ts";
import { after, done, type Result } from "../runtime/result.ts";
import { isRefused, type Login, type Logins, loginsOf } from "./logins.ts";
import type { PolicyBook } from "./policy-book.ts";
import type { Readings } from "./readings.ts";

export interface DatabaseReconcilerParts {
  readonly book: PolicyBook;
  readonly readings: Readings;
  readonly logins: Logins;
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

interface Attempt {
  readonly login: Login;
  readonly outcome: DatabaseOutcome;
}

export class DatabaseReconciler {
  readonly #parts: DatabaseReconcilerParts;

  constructor(parts: DatabaseReconcilerParts) {
    this.#parts = parts;
  }

  async reconcile(server: ServerKey): Promise<Result> {
    const { book, readings, logins, database, enqueueServer } = this.#parts;
    const members = book.of(server);
    const offered = loginsOf(server, members);
    logins.keep(server, offered);
    if (members.length === 0) {
      readings.forget(server);
      await database.forget(server);
      enqueueServer(server);
      return done;
    }
    if (offered.length > 0) await this.#read(server, offered);
    const twin = readings.twinOf(server);
    if (twin !== undefined) return await this.#unite(server, twin);
    enqueueServer(server);
    return offered.length > 0 ? after(this.#nextReadMs(server)) : done;
  }

  /** The other name is read no more; the next reading asks for the limits of all its policies. */
  async #unite(server: ServerKey, twin: ServerKey): Promise<Result> {
    const { book, readings, logins, database, enqueueServer, log } = this.#parts;
    const name = book.unite(server, twin);
    const other = name === server ? twin : server;
    log.warn({ server: name, other }, "two names are one server: budgeted as one");
    readings.forget(other);
    logins.keep(other, []);
    await database.forget(other);
    for (const one of [server, twin]) enqueueServer(one);
    return name === server ? after(0) : done;
  }

  async #read(server: ServerKey, offered: readonly Login[]): Promise<void> {
    const { readings, clock, metrics, log } = this.#parts;
    const attempts = await this.#tryLogins(server, offered);
    const hasRead = attempts.some(({ outcome }) => outcome.kind === "read");
    const best = attempts.find(({ outcome }) => outcome.kind === "read") ?? attempts[0];
    if (!best) return;
    readings.record(server, best.outcome, clock.monotonicMs());
    metrics.gauge("poolwarden_database_up", hasRead ? 1 : 0, { server });
    for (const { login, outcome } of attempts) {
      if (outcome.kind === "read") continue;
      const { reason, message } = outcome;
      const fields = { server, policies: login.policies, reason, detail: message };
      if (hasRead) log.warn(fields, "a login was refused");
      else log.warn(fields, "reading the database server failed");
    }
  }

  /** Each login in doubt, and one that works. Ends where the server itself is away. */
  async #tryLogins(server: ServerKey, offered: readonly Login[]): Promise<readonly Attempt[]> {
    const { logins } = this.#parts;
    const attempts: Attempt[] = [];
    for (const login of logins.inOrder(server, offered)) {
      const hasRead = attempts.some(({ outcome }) => outcome.kind === "read");
      if (hasRead && logins.works(server, login.id)) break;
      const outcome = await this.#ask(login.target);
      attempts.push({ login, outcome });
      logins.record(server, login, outcome);
      if (outcome.kind === "failed" && !isRefused(outcome)) break;
    }
    return attempts;
  }

  async #ask(target: DatabaseTarget): Promise<DatabaseOutcome> {
    const { database, clock, metrics } = this.#parts;
    const { server } = target;
    const startMs = clock.monotonicMs();
    const outcome = await database.read(target);
    const seconds = (clock.monotonicMs() - startMs) / 1000;
    metrics.observe("poolwarden_database_read_seconds", seconds, { server });
    return outcome;
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
