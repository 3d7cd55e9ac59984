// The Database port on PostgreSQL. A reading must cost the server next to nothing, so each server
// has at most one connection of ours, which stays open between readings, is shared by whoever asks
// at the same moment, and is opened anew when it died or when the secret was rotated. What goes
// wrong becomes a value: nothing that a server does may stop the process or another server's turn.

import { randomBytes } from "node:crypto";
import type { LookupFunction } from "node:net";
import { fieldManager } from "../../api/group.ts";
import { parseConnectionUri } from "../../domain/supply/connection-uri.ts";
import type { ConnectionUri } from "../../domain/supply/connection-uri.ts";
import type { DatabaseReading, ServerKey } from "../../domain/facts/facts.ts";
import type { Clock, Database, DatabaseOutcome, DatabaseTarget } from "../../ports.ts";
import { BusyTime } from "./busy-time.ts";
import { openConnection } from "./connection.ts";
import type { Connection, Limits } from "./connection.ts";
import { codeOf, failureOf, NoAnswer, UnusableCa } from "./failures.ts";
import { Lookups, type LookUp, lookUp } from "./lookups.ts";
import { type OwnSession, OwnSessions } from "./own-sessions.ts";
import { type Asked, readAnswer, readingSql, sessionOptions } from "./queries.ts";
import { type Trusted, Trusts } from "./trust.ts";

export interface PostgresOptions {
  readonly clock: Clock;
  /** For the whole of connecting, TLS and login included. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Whether a server may be contacted at an address that its name means. Default: at any. */
  readonly mayConnect?: (server: ServerKey, address: string) => boolean;
  /** How names are looked up. Default: as the machine does. */
  readonly lookUp?: LookUp;
  /** For one answer. The server gives up 10 % earlier, so that it can say so. Default 5,000. */
  readonly queryTimeoutMs?: number;
}

/**
 * Reads PostgreSQL 13 to 18. Each server keeps at most one session open, named `poolwarden-` and
 * eight digits of this process: a server that is read by two names shows two, and both are ours.
 */
export function createPostgresDatabase(options: PostgresOptions): Database {
  return new PostgresDatabase(options);
}

class PostgresDatabase implements Database {
  readonly #options: ReaderOptions;
  readonly #servers = new Map<ServerKey, ServerReader>();

  constructor(options: PostgresOptions) {
    const applicationName = `${fieldManager}-${randomBytes(4).toString("hex")}`;
    const limits = { connectTimeoutMs: 5_000, queryTimeoutMs: 5_000 };
    const defaults = { ...limits, mayConnect: () => true, lookUp };
    const lookups = new Lookups(options.lookUp ?? lookUp);
    const own = new OwnSessions(options.clock, applicationName);
    const trusts = new Trusts();
    this.#options = { ...defaults, ...options, applicationName, own, lookups, trusts };
  }

  read(target: DatabaseTarget): Promise<DatabaseOutcome> {
    const known = this.#servers.get(target.server);
    const reader = known ?? new ServerReader(this.#options);
    this.#servers.set(target.server, reader);
    return reader.read(target);
  }

  async forget(server: ServerKey): Promise<void> {
    const reader = this.#servers.get(server);
    this.#servers.delete(server);
    await reader?.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((server) => this.forget(server)));
  }
}

interface ReaderOptions extends Required<PostgresOptions> {
  readonly applicationName: string;
  readonly own: OwnSessions;
  readonly lookups: Lookups;
  readonly trusts: Trusts;
}

type Login = Pick<DatabaseTarget, "uri" | "ca">;

/** A CA may be long, so nothing here is a key that holds a copy of it. */
function isSameLogin(a: Login, b: Login): boolean {
  return a.uri === b.uri && a.ca === b.ca;
}

function isSameQuestion(a: DatabaseTarget, b: DatabaseTarget): boolean {
  const asked = ({ roles, databases }: Asked): string => JSON.stringify([roles, databases]);
  return isSameLogin(a, b) && asked(a) === asked(b);
}

interface Pending {
  readonly target: DatabaseTarget;
  readonly outcome: Promise<DatabaseOutcome>;
}

/** The session on one server. Readings run one after the other; equal ones that wait become one. */
class ServerReader {
  readonly #options: ReaderOptions;
  #pending: Pending[] = [];
  readonly #calledOff = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #connection: Connection | undefined;
  /** What the connection was opened with. */
  #login: Login | undefined;
  /** The connection, as it counts among all of ours. */
  #session: OwnSession | undefined;
  /** The CA that it was opened with, or was to be. */
  #held: { readonly ca: string | undefined } | undefined;
  readonly #busy = new BusyTime();
  /** False once this login was refused the right to read what tells the server from others. */
  #withIdentifier = true;
  /** False once its database had no characters for a name that somebody asked for. */
  #withAnyName = true;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  read(target: DatabaseTarget): Promise<DatabaseOutcome> {
    const pending = this.#pending.find((one) => isSameQuestion(one.target, target));
    if (pending !== undefined) return pending.outcome;
    const outcome = this.#last
      .then(() => this.#readNow(target))
      .finally(() => {
        this.#pending = this.#pending.filter((one) => one.outcome !== outcome);
      });
    this.#pending.push({ target, outcome });
    this.#last = outcome;
    return outcome;
  }

  async close(): Promise<void> {
    this.#calledOff.abort();
    await this.#last;
    await this.#disconnect();
  }

  async #readNow(target: DatabaseTarget): Promise<DatabaseOutcome> {
    const outcome = await this.#outcomeOf(target);
    return { ...outcome, busyMs: this.#busy.takeMs() };
  }

  async #outcomeOf(target: DatabaseTarget): Promise<DatabaseOutcome> {
    const { ca } = target;
    const parsed = this.#busy.run(() => parseConnectionUri(target.uri, { ca }));
    if (parsed.kind === "problem") {
      return { kind: "failed", reason: "InvalidConnectionUri", message: parsed.message };
    }
    const { uri } = parsed;
    try {
      const connection = await this.#connect(target, uri);
      return { kind: "read", reading: await this.#ask(connection, { target, uri }) };
    } catch (error) {
      return failureOf(error, uri);
    }
  }

  async #connect(target: DatabaseTarget, uri: ConnectionUri): Promise<Connection> {
    const { uri: text, ca, askedBy: namespaces = [] } = target;
    const isLogin = this.#login !== undefined && isSameLogin(this.#login, target);
    if (this.#connection?.isOpen() === true && isLogin) return this.#connection;
    await this.#disconnect();
    const trusted = this.#trust(ca);
    // The server should be the first to give up: then the connection stays good.
    const options = sessionOptions(Math.ceil(this.#options.queryTimeoutMs * 0.9));
    const limits = this.#limits(this.#options.connectTimeoutMs);
    const { applicationName, mayConnect, lookups } = this.#options;
    const lookupFor = (isWanted: () => boolean): LookupFunction =>
      lookups.for({ namespaces, isWanted });
    const busy = this.#busy;
    const settings = { uri, trusted, options, applicationName, mayConnect, lookupFor, busy };
    const session = this.#options.own.open(uri);
    this.#session = session;
    this.#connection = await openConnection(settings, limits).catch((error: unknown) => {
      // What got no answer may be open at the server, and shown until it notices.
      if (error instanceof NoAnswer && error.reached) session.end();
      else session.fail();
      throw error;
    });
    this.#login = { uri: text, ca };
    this.#withIdentifier = true;
    this.#withAnyName = true;
    return this.#connection;
  }

  async #disconnect(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
    this.#session?.end();
    this.#session = undefined;
    if (this.#held) this.#options.trusts.release(this.#held.ca);
    this.#held = undefined;
  }

  /** Held until the next session, or none, begins: also what cannot be used is looked at once. */
  #trust(ca: string | undefined): Trusted {
    const trusted = this.#busy.run(() => this.#options.trusts.use(ca));
    this.#held = { ca };
    if (trusted.kind === "problem") throw new UnusableCa(trusted.message);
    return trusted;
  }

  async #ask(
    connection: Connection,
    question: Question,
    untilMs: number = performance.now() + this.#options.queryTimeoutMs,
  ): Promise<DatabaseReading> {
    const { clock, own } = this.#options;
    const { target, uri } = question;
    const sql = readingSql(this.#withIdentifier);
    const limits = this.#limits(Math.max(1, untilMs - performance.now()));
    try {
      const asked = this.#withAnyName ? target : withPlainNames(target);
      const [row] = await connection.query(sql, [asked.roles, asked.databases], limits);
      const answer = this.#busy.run(() => readAnswer(row, asked));
      const { names } = target;
      return { atMs: clock.nowMs(), ...answer, ...own.tellApart(answer.sessions, uri, names) };
    } catch (error) {
      if (!this.#asksLess(codeOf(error))) throw error;
      return await this.#ask(connection, question, untilMs);
    }
  }

  /** Whether the question can be put in a way that the login may ask, and the database can read. */
  #asksLess(code: string | undefined): boolean {
    if (this.#withIdentifier && code === insufficientPrivilege) this.#withIdentifier = false;
    else if (this.#withAnyName && code !== undefined && noSuchCharacter.has(code))
      this.#withAnyName = false;
    else return false;
    return true;
  }

  #limits(timeoutMs: number): Limits {
    return { timeoutMs, signal: this.#calledOff.signal };
  }
}

interface Question {
  readonly target: DatabaseTarget;
  readonly uri: ConnectionUri;
}

const insufficientPrivilege = "42501";
/** Of a name: a zero byte, or what the encoding of the login's database has no character for. */
const noSuchCharacter: ReadonlySet<string> = new Set(["22021", "22P05"]);

/** One policy's odd name takes nobody else's reading: its role or database is not known then. */
function withPlainNames({ roles, databases }: Asked): Asked {
  const isPlain = (name: string): boolean => /^[ -~]*$/.test(name);
  return { roles: roles.filter(isPlain), databases: databases.filter(isPlain) };
}
