// One round of reading a server: with which of its logins it is asked, and when that ends. The
// login that is known to see most comes first, and what it reads counts at once: whatever the
// others cost, the server was read. All others are asked while there is time, for each may take as
// long as its server likes, whatever it did before, and somebody else's reading waits behind this
// one: first one login of each other name that worked, then those in doubt, a new one at once, one
// that failed after a pause that grows.

import type { DatabaseReading, ServerKey } from "../../domain/facts/facts.ts";
import type { Clock, Database, DatabaseOutcome, DatabaseTarget, Metrics } from "../../ports.ts";
import { isAway, type Login, type Logins } from "./logins.ts";
import type { Rereads } from "../memory/rereads.ts";
import type { ReadTimes } from "../memory/server-memory.ts";

export interface RoundParts {
  readonly logins: Logins;
  readonly rereads: Rereads;
  readonly database: Database;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

export interface Attempt extends ReadTimes {
  readonly login: Login;
  readonly outcome: DatabaseOutcome;
}

/** So long after the first of them no further login that worked is begun. */
const knownMs = 10_000;
/** So long after the first of them no further login in doubt is begun. */
const doubtedMs = 3_000;

export class ReadingRound {
  readonly #parts: RoundParts;
  readonly #server: ServerKey;
  readonly #isBetween: boolean;
  readonly #known: readonly Login[];
  readonly #doubted: readonly Login[];
  readonly #attempts: Attempt[] = [];
  /** Names by which the server was read, and whether all sessions were seen; and those away. */
  readonly #read = new Map<ServerKey, boolean>();
  readonly #away = new Set<ServerKey>();
  #knownUntilMs: number | undefined;
  #untilMs: number | undefined;
  #isCut = false;

  constructor(parts: RoundParts, server: ServerKey, offered: readonly Login[]) {
    this.#parts = parts;
    this.#server = server;
    this.#isBetween = parts.rereads.isBetween(server);
    const inOrder = parts.logins.inOrder(server, offered);
    const isKnown = ({ id }: Login): boolean => parts.logins.works(server, id);
    this.#known = inOrder.filter(isKnown);
    this.#doubted = inOrder.filter((login) => !isKnown(login));
  }

  /** All so far. */
  get attempts(): readonly Attempt[] {
    return [...this.#attempts];
  }

  /** A new login was left for lack of time. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /**
   * Of each name a login that works. Where none does the others are waited for: after a start every
   * login is new, and most of them are right.
   */
  async begin(): Promise<void> {
    for (const login of this.#known) await this.#tryDue(login);
    if (this.#read.size === 0) await this.finish();
  }

  /** Those in doubt that are due, for a time. Ends, for a name, where the server itself is away. */
  async finish(): Promise<void> {
    const tried = new Set(this.#attempts.map(({ login }) => login));
    for (const login of this.#doubted) if (!tried.has(login)) await this.#tryDue(login);
  }

  async #tryDue(login: Login): Promise<void> {
    if (!this.#isLeft(login)) await this.#try(login);
  }

  #isLeft(login: Login): boolean {
    const { logins, clock } = this.#parts;
    if (this.#away.has(login.name)) return true;
    if (logins.works(this.#server, login.id)) return !this.#isDue(login);
    if (this.#isBetween && logins.refused(this.#server, login.id)) return true;
    const nowMs = clock.monotonicMs();
    const isFirst = this.#attempts.length === 0;
    // Where no login works one is tried all the same: somebody has to say why.
    if (!isFirst && logins.isLeftAlone(this.#server, login, nowMs)) return true;
    this.#untilMs ??= nowMs + doubtedMs;
    if (nowMs < this.#untilMs) return false;
    this.#isCut ||= logins.isNew(this.#server, login.id);
    return true;
  }

  /** Of one that worked. A login that sees all sessions and failed lately may come after others. */
  #isDue({ id, name }: Login): boolean {
    const { logins, clock } = this.#parts;
    const nowMs = clock.monotonicMs();
    this.#knownUntilMs ??= nowMs + knownMs;
    if (nowMs >= this.#knownUntilMs) return false;
    if (!this.#read.has(name)) return true;
    return this.#read.get(name) === false && logins.seesAll(this.#server, id);
  }

  async #try(login: Login): Promise<void> {
    const { logins, clock } = this.#parts;
    const askedAtMs = clock.monotonicMs();
    const asked = await ask(this.#parts, login.target);
    const answeredAtMs = clock.monotonicMs();
    const outcome = asked.kind === "read" ? await this.#judged(login, asked.reading) : asked;
    this.#attempts.push({ login, outcome, askedAtMs, answeredAtMs });
    logins.record(this.#server, login, outcome, answeredAtMs);
    if (outcome.kind === "read") this.#noteRead(login, outcome.reading);
    else if (!isAway(outcome) || this.#read.has(login.name))
      logins.leaveAlone(this.#server, login, answeredAtMs);
    else this.#away.add(login.name);
  }

  async #judged(login: Login, reading: DatabaseReading): Promise<DatabaseOutcome> {
    const [server, logins] = [this.#server, [...this.#known, ...this.#doubted]];
    return await this.#parts.logins.found.judge({
      ...{ server, login, reading, logins },
      ask: ({ target }) => ask(this.#parts, target),
    });
  }

  #noteRead({ name }: Login, { seesAllSessions, isInPart }: DatabaseReading): void {
    this.#read.set(name, seesAllSessions || isInPart === true || this.#read.get(name) === true);
  }
}

/** The right to see all counts, also where that is more than is read. */
export function sightOf({
  seesAllSessions,
  isInPart,
}: Pick<DatabaseReading, "seesAllSessions" | "isInPart">): number {
  if (seesAllSessions) return 2;
  return isInPart === true ? 1 : 0;
}

/** Asks the server, and measures how long it took. */
export async function ask(
  { database, clock, metrics }: Pick<RoundParts, "database" | "clock" | "metrics">,
  target: DatabaseTarget,
): Promise<DatabaseOutcome> {
  const startMs = clock.monotonicMs();
  const outcome = await database.read(target);
  const seconds = (clock.monotonicMs() - startMs) / 1000;
  // One that never answered has nothing to tell but its time limit, and a name is made up quickly.
  if (outcome.kind === "read")
    metrics.observe("poolwarden_database_read_seconds", seconds, { server: target.server });
  return outcome;
}
