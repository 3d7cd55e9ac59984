// Reads each server again and again: on an interval with jitter, at once when a policy of it
// changes, and in between when a decision wishes for it. Deciding never waits for a slow database;
// what was read wakes the decision. The login that is known to see most reads for all policies of
// the server; a new one, or one that was refused, is tried after it, so that a policy with a wrong
// password neither stops the others nor looks healthy, and no login speaks for the server because
// it is new. Two names that turn out to be one server are read together, and compared each time:
// they may part.

import type { DatabaseFailure, ServerKey } from "../domain/facts/facts.ts";
import { namespaceOf } from "../api/keys.ts";
import { hasLogin } from "../domain/supply/readers.ts";
import type { Database, DatabaseOutcome, DatabaseTarget, Log, Random } from "../ports.ts";
import { Backoff } from "../runtime/backoff.ts";
import { after, done, type Result } from "../runtime/result.ts";
import { isAway, loginsOf } from "./resolve/logins.ts";
import { completedServerChanges, afterServerChange } from "./resolve/server-changes.ts";
import { bestOf, ComparingTime, Partings } from "./resolve/partings.ts";
import type { PolicyBook } from "./resolve/policy-book.ts";
import type { Picture, Readings } from "./memory/readings.ts";
import { type Attempt, ReadingRound, type RoundParts, sightOf } from "./resolve/reading-round.ts";
import { shortestPauseMs } from "./memory/rereads.ts";
import type { WorkLooks } from "./work-looks.ts";

export interface DatabaseReconcilerParts extends RoundParts {
  readonly book: PolicyBook;
  readonly readings: Readings;
  readonly looks: Pick<WorkLooks, "watch" | "stop">;
  readonly random: Random;
  readonly log: Log;
  readonly intervalMs: number;
  /** Wakes the decision of a server. */
  readonly enqueueServer: (server: ServerKey) => void;
  /** Has a server read soon. */
  readonly enqueueDatabase: (server: ServerKey, delayMs?: number) => void;
}

/** The first pause after a failure; each further one doubles, up to the interval. */
const failedRetryMs = 5_000;

/** What came of a round so far, and what of it was taken before. */
interface Taken {
  readonly attempts: readonly Attempt[];
  readonly before?: readonly Attempt[];
  readonly time: ComparingTime;
}

/** Of each name that was read, the reading of the first login that sees most. */
function readByName(attempts: readonly Attempt[]): ReadonlyMap<ServerKey, Picture> {
  const read = new Map<ServerKey, Picture>();
  for (const { login, outcome, answeredAtMs } of attempts) {
    if (outcome.kind !== "read") continue;
    const { reading } = outcome;
    const known = read.get(login.name)?.reading;
    if (!known || sightOf(reading) > sightOf(known)) {
      read.set(login.name, { reading, answeredAtMs });
    }
  }
  return read;
}

/** Why it failed, and whom that concerns: the server is everybody's, a login is not. */
function failureOf({ login, outcome }: Attempt): DatabaseFailure | undefined {
  if (outcome.kind === "read") return undefined;
  const { reason, message } = outcome;
  const toldTo = [...new Set(login.policies.map(namespaceOf))];
  return isAway(outcome) ? { reason, message } : { reason, message, toldTo };
}

/** Names that were not read before, or by a login that sees less. */
function readSince(
  before: readonly Attempt[],
  now: readonly Attempt[],
): ReadonlyMap<ServerKey, Picture> {
  const known = readByName(before);
  return new Map(
    [...readByName(now)].filter(([name, { reading }]) => known.get(name)?.reading !== reading),
  );
}

export class DatabaseReconciler {
  readonly #parts: DatabaseReconcilerParts;

  /** Of servers that failed. */
  readonly #backoff: Backoff;
  readonly #partings: Partings;
  readonly #busyMs = new Map<ServerKey, number>();

  constructor(parts: DatabaseReconcilerParts) {
    this.#parts = { ...parts, database: this.#metered(parts.database) };
    this.#partings = new Partings(this.#parts);
    const { random, intervalMs } = parts;
    this.#backoff = new Backoff({ random, baseMs: failedRetryMs, maxMs: intervalMs });
  }

  /** How long the latest round of readings of a server has kept everybody else waiting. */
  busyMs(server: ServerKey): number {
    return this.#busyMs.get(server) ?? 0;
  }

  #metered(database: Database): Database {
    const read = async (target: DatabaseTarget): Promise<DatabaseOutcome> => {
      const outcome = await database.read(target);
      const { busyMs = 0 } = outcome;
      this.#busyMs.set(target.server, this.busyMs(target.server) + busyMs);
      return outcome;
    };
    return { read, forget: (server) => database.forget(server), close: () => database.close() };
  }

  async reconcile(server: ServerKey): Promise<Result> {
    this.#busyMs.delete(server);
    const { book, logins, readings, clock } = this.#parts;
    const readers = book.readersOf(server);
    const offered = loginsOf(server, readers);
    logins.keep(server, offered);
    if (readers.length === 0) return await this.#forget(server);
    const withLogin = readers.filter(hasLogin).map(({ key }) => key);
    readings.forgetRead(server, new Set(withLogin));
    if (withLogin.length === 0) readings.forgetFailure(server);
    const time = new ComparingTime(clock);
    const round = new ReadingRound(this.#parts, server, offered);
    await round.begin();
    const first = round.attempts;
    const united = await this.#take(server, { attempts: first, time });
    if (united) return united;
    await round.finish();
    const { attempts } = round;
    const isMore = attempts.length > first.length;
    const unitedNow = isMore && (await this.#take(server, { attempts, before: first, time }));
    return unitedNow || this.#again(server, round);
  }

  /** Who is at work is shown to the login whose reading counts, on the server that does. */
  #watch(server: ServerKey, attempts: readonly Attempt[]): void {
    const { logins, looks } = this.#parts;
    const own = this.#ofServer(server, attempts);
    const counted = own.filter(({ login }) => logins.found.holds(server, login));
    looks.watch(server, bestOf(server, counted)?.login.target);
  }

  /**
   * What came of a round, beyond what of it was taken before. A result where the server turned out
   * to be one that is known by another name.
   */
  async #take(
    server: ServerKey,
    { attempts, before = [], time }: Taken,
  ): Promise<Result | undefined> {
    const { book, readings, enqueueServer } = this.#parts;
    if (before.length === 0 || readSince(before, attempts).size > 0) {
      // First: a name that means another server now has no word on this one.
      await this.#part(server, { attempts, time });
      this.#record(server, { attempts, before });
    }
    this.#tell(server, attempts.slice(before.length));
    const twin = readings.twinOf(server);
    if (twin !== undefined) return await this.#unite(server, twin);
    this.#welcome(server);
    // Where those that move here stand it is said what came of it.
    const stands = book.comingTo(server).flatMap((one) => one.server ?? []);
    const concerned = [server, ...stands.map((name) => book.canonical(name))];
    for (const one of new Set(concerned)) enqueueServer(one);
    return undefined;
  }

  /** No policy names it any more. */
  async #forget(server: ServerKey): Promise<Result> {
    const { book, readings, rereads, looks, database, metrics, enqueueServer } = this.#parts;
    readings.forget(server);
    book.forgetNames(server);
    rereads.forget(server);
    this.#backoff.reset(server);
    this.#partings.forget(server);
    looks.stop(server);
    metrics.forgetServer(server);
    await database.forget(server);
    enqueueServer(server);
    return done;
  }

  /** The other name is read with this one; the next reading asks for the limits of all policies. */
  async #unite(server: ServerKey, twin: ServerKey): Promise<Result> {
    const { book, readings, logins, looks, database, log } = this.#parts;
    const name = book.unite(server, twin);
    const other = name === server ? twin : server;
    log.warn({ server: name, other }, "two names are one server: budgeted as one");
    readings.unite(name, other);
    logins.keep(other, []);
    this.#welcome(name);
    looks.stop(other);
    await database.forget(other);
    this.#wake(name, other);
    return done;
  }

  /** Policies that named another server stand there from now on, if it is known by now. */
  #welcome(server: ServerKey): void {
    const { book, log } = this.#parts;
    for (const policy of completedServerChanges(server, this.#parts)) {
      const arrived = afterServerChange(policy);
      log.info({ policy: policy.key, from: policy.server, to: arrived.server }, "policy moved");
      this.#wake(...book.set(arrived));
    }
  }

  /** Names of this server that mean another one now, as after a failover. */
  async #part(
    server: ServerKey,
    { attempts: asked, time }: Pick<Taken, "attempts" | "time">,
  ): Promise<void> {
    const { book, database, log } = this.#parts;
    const attempts = asked.filter(({ login }) => book.canonical(login.name) === server);
    const names = new Set(attempts.map(({ login }) => login.name));
    if (names.size < 2 || !bestOf(server, attempts)) return;
    for await (const name of this.#partings.of(server, attempts, time)) {
      log.warn({ server, other: name }, "a name means another server now: parted");
      book.part(name);
      this.#wake(name);
    }
    // Until the next look no session stays on what may be another server.
    await database.forget(server);
  }

  #wake(...servers: readonly ServerKey[]): void {
    for (const server of servers) {
      this.#parts.enqueueDatabase(server);
      this.#parts.enqueueServer(server);
    }
  }

  #record(server: ServerKey, { attempts, before = [] }: Omit<Taken, "time">): void {
    const { readings, logins } = this.#parts;
    const ofServer = this.#ofServer(server, attempts);
    const best = bestOf(server, ofServer);
    const [first] = ofServer;
    if (!first) return;
    readings.keepSight(server, logins.hasSight(server));
    const told = best ? ofServer.filter(({ outcome }) => outcome.kind === "read") : ofServer;
    const askedAtMs = Math.min(...told.map((one) => one.askedAtMs));
    const answeredAtMs = Math.max(...told.map((one) => one.answeredAtMs));
    const times = { askedAtMs, answeredAtMs };
    const failure = failureOf(first);
    const readers = told.flatMap(({ login }) => login.policies);
    const read = readSince(before, ofServer);
    if (best) readings.recordNames(server, { ...best, read, readers }, times);
    else if (failure) readings.recordFailure(server, failure, times);
  }

  /** Counts and logs each attempt once. */
  #tell(server: ServerKey, attempts: readonly Attempt[]): void {
    const { readings, metrics, log } = this.#parts;
    const isRead = readings.failureOf(server) === undefined;
    for (const { login, outcome: failed } of attempts) {
      const outcome = failed.kind === "read" ? "read" : failed.reason;
      metrics.count("poolwarden_database_reads_total", { server, outcome });
      if (failed.kind === "read") continue;
      const { reason, message } = failed;
      const fields = { server, policies: login.policies, reason, detail: message };
      if (isRead) log.warn(fields, "a login was refused");
      else log.warn(fields, "reading the database server failed");
    }
  }

  /** Those of names that are still this server's; the words of all others are forgotten. */
  #ofServer(server: ServerKey, attempts: readonly Attempt[]): readonly Attempt[] {
    const { book, readings } = this.#parts;
    const names = book.readersOf(server).flatMap(({ server: name }) => name ?? []);
    readings.keepNames(server, new Set(names));
    return attempts.filter(({ login }) => book.canonical(login.name) === server);
  }

  /**
   * A server that nobody lets us read is decided about as often: what is old is an alert. New
   * logins for which there was no time are not left to the interval.
   */
  #again(server: ServerKey, { attempts, isCut }: ReadingRound): Result {
    this.#watch(server, attempts);
    const nextMs = this.#nextReadMs(server);
    const isRead = this.#parts.readings.failureOf(server) === undefined;
    return after(isCut && isRead ? Math.min(nextMs, shortestPauseMs) : nextMs);
  }

  /**
   * The interval, 10 % more or less, so that many servers are not asked at once; sooner after a
   * failure, later after each further one, and never later than a server that works.
   */
  #nextReadMs(server: ServerKey): number {
    const { intervalMs, random, readings } = this.#parts;
    if (readings.failureOf(server)) return Math.round(this.#backoff.nextMs(server));
    this.#backoff.reset(server);
    return Math.round(intervalMs * (0.9 + 0.2 * random.next()));
  }
}
