// The Database port on PostgreSQL. A reading must cost the server next to nothing, so each server
// has at most one connection of ours, which stays open between readings, is shared by whoever asks
// at the same moment, and is opened anew when it died or when the secret was rotated. What goes
// wrong becomes a value: nothing that a server does may stop the process or another server's turn.

import { randomBytes, X509Certificate } from "node:crypto";
import type { LookupFunction } from "node:net";
import { fieldManager } from "../../api/group.ts";
import { parseConnectionUri } from "../../domain/connection-uri.ts";
import type { ConnectionUri } from "../../domain/connection-uri.ts";
import type { DatabaseReading, ServerKey } from "../../domain/facts.ts";
import type { Clock, Database, DatabaseOutcome, DatabaseTarget } from "../../ports.ts";
import { openConnection } from "./connection.ts";
import type { Connection, Limits } from "./connection.ts";
import { codeOf, failureOf, NoAnswer } from "./failures.ts";
import { Lookups, type LookUp, lookUp } from "./lookups.ts";
import { type OwnSession, OwnSessions } from "./own-sessions.ts";
import { type Asked, readAnswer, readingSql, sessionOptions } from "./queries.ts";

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
    this.#options = { ...defaults, ...options, applicationName, own, lookups };
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
}

/** The session on one server. Readings run one after the other; equal ones that wait become one. */
class ServerReader {
  readonly #options: ReaderOptions;
  readonly #pending = new Map<string, Promise<DatabaseOutcome>>();
  readonly #calledOff = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #connection: Connection | undefined;
  /** What the connection was opened with. */
  #login = "";
  /** The connection, as it counts among all of ours. */
  #session: OwnSession | undefined;
  /** False once this login was refused the right to read what tells the server from others. */
  #withIdentifier = true;
  /** False once its database had no characters for a name that somebody asked for. */
  #withAnyName = true;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  read(target: DatabaseTarget): Promise<DatabaseOutcome> {
    const key = JSON.stringify([target.uri, target.ca, target.roles, target.databases]);
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    const outcome = this.#last
      .then(() => this.#readNow(target))
      .finally(() => this.#pending.delete(key));
    this.#pending.set(key, outcome);
    this.#last = outcome;
    return outcome;
  }

  async close(): Promise<void> {
    this.#calledOff.abort();
    await this.#last;
    await this.#disconnect();
  }

  async #readNow(target: DatabaseTarget): Promise<DatabaseOutcome> {
    const { ca } = target;
    const parsed = parseConnectionUri(target.uri, { ca });
    if (parsed.kind === "problem") {
      return { kind: "failed", reason: "InvalidConnectionUri", message: parsed.message };
    }
    const { uri } = parsed;
    if (ca !== undefined && !isCertificate(ca)) return unusableCa(uri.server);
    try {
      const connection = await this.#connect(target, uri);
      return { kind: "read", reading: await this.#ask(connection, { target, uri }) };
    } catch (error) {
      return failureOf(error, uri);
    }
  }

  async #connect(target: DatabaseTarget, uri: ConnectionUri): Promise<Connection> {
    const { uri: text, ca, askedBy: namespaces = [] } = target;
    const login = JSON.stringify([text, ca]);
    if (this.#connection?.isOpen() === true && this.#login === login) return this.#connection;
    await this.#disconnect();
    // The server should be the first to give up: then the connection stays good.
    const options = sessionOptions(Math.ceil(this.#options.queryTimeoutMs * 0.9));
    const limits = this.#limits(this.#options.connectTimeoutMs);
    const { applicationName, mayConnect, lookups } = this.#options;
    const lookupFor = (isWanted: () => boolean): LookupFunction =>
      lookups.for({ namespaces, isWanted });
    const settings = { uri, ca, options, applicationName, mayConnect, lookupFor };
    const session = this.#options.own.open(uri);
    this.#session = session;
    this.#connection = await openConnection(settings, limits).catch((error: unknown) => {
      // What got no answer may be open at the server, and shown until it notices.
      if (error instanceof NoAnswer && error.reached) session.end();
      else session.fail();
      throw error;
    });
    this.#login = login;
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
      const answer = readAnswer(row, asked);
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

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function unusableCa(server: ServerKey): DatabaseOutcome {
  return {
    kind: "failed",
    reason: "TlsRefused",
    message: `the CA given for ${server} is no PEM certificate: put the whole text from -----BEGIN CERTIFICATE----- on into the secret`,
  };
}
