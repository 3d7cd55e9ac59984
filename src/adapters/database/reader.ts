// The Database port, whatever the engine. A reading must cost the server next to nothing, so each
// server has at most one connection of ours, which stays open between readings, is shared by
// whoever asks at the same moment, and is opened anew when it died or when the secret was rotated.
// What goes wrong becomes a value: nothing that a server does may stop the process or another
// server's turn.

import { randomBytes } from "node:crypto";
import type { LookupFunction } from "node:net";
import { fieldManager } from "../../api/group.ts";
import type { UriProblem } from "../../domain/supply/connection-parameters.ts";
import type { ServerAddress } from "../../domain/supply/database-host.ts";
import type { DatabaseReading, ServerKey, WorkSeen } from "../../domain/facts/facts.ts";
import type { Clock, Database, DatabaseOutcome, DatabaseTarget } from "../../ports.ts";
import { BusyTime } from "./busy-time.ts";
import { type DatabaseFailed, NoAnswer, UnusableCa } from "./failures.ts";
import type { Limits, LineSettings } from "./line.ts";
import { Lookups, type LookUp, lookUp } from "./lookups.ts";
import { type OwnSession, OwnSessions } from "./own-sessions.ts";
import { isSameLogin, isSameQuestion, type Login } from "./same-question.ts";
import { type Trusted, Trusts } from "./trust.ts";

export interface ReaderOptions {
  readonly clock: Clock;
  /** For the whole of connecting, TLS and login included. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Whether a server may be contacted at an address that its name means. Default: at any. */
  readonly mayConnect?: (server: ServerKey, address: string) => boolean;
  /** How names are looked up. Default: as the machine does. */
  readonly lookUp?: LookUp;
  readonly lookups?: Lookups;
  /** For one answer. The server gives up 10 % earlier, so that it can say so. Default 5,000. */
  readonly queryTimeoutMs?: number;
}

/** What a URI of any engine says of the login. */
export interface LoginUri extends ServerAddress {
  readonly user: string;
  readonly password: () => string;
  readonly database: string;
}

/** Everything of a reading but its moment, and which of the sessions are ours. */
export type Answer = Omit<DatabaseReading, "atMs" | "ownSessions" | "ownName">;

export type Question = Pick<DatabaseTarget, "roles" | "databases" | "pairs" | "names">;

/** An open session on a server. */
export interface Session {
  /** False as soon as either side has closed it. */
  readonly isOpen: () => boolean;
  /** One reading. After a time-out or a call-off the session is closed. */
  readonly ask: (question: Question, limits: Limits) => Promise<Answer>;
  /** What was thrown was refused for what was asked: from now on it asks for less. */
  readonly asksLessAfter: (error: unknown) => boolean;
  /** Who is at work now; absent where the engine has no word for it. Fails as `ask` does. */
  readonly lookAtWork?: (limits: Limits) => Promise<NonNullable<WorkSeen["clients"]>>;
  /** Says good-bye and closes the socket. Never throws, takes at most a second. */
  readonly close: () => Promise<void>;
}

export interface SessionSettings<Uri extends LoginUri> extends LineSettings {
  readonly uri: Uri;
  /** What the server's certificate must lead to. */
  readonly trusted: Trusted;
  /** By which the server's owner, and we ourselves, know the session. */
  readonly applicationName: string;
  /** After which the server gives an answer up. */
  readonly statementTimeoutMs: number;
  /** Before each further connection that the session opens beside its first. */
  readonly noteConnection: () => OwnSession;
}

/** What is different about the servers of one engine. */
export interface EngineReader<Uri extends LoginUri> {
  readonly parse: (
    text: string,
    beside: { readonly ca: string | undefined },
  ) => { readonly kind: "uri"; readonly uri: Uri } | UriProblem;
  /** Within the time limit. Throws what the driver, the socket or the server threw. */
  readonly open: (settings: SessionSettings<Uri>, limits: Limits) => Promise<Session>;
  /** Total: any thrown value gets a reason. */
  readonly failureOf: (error: unknown, uri: Uri) => DatabaseFailed;
  /** Nobody names the server any more. */
  readonly forget?: (server: ServerKey) => void;
}

/** Each server keeps at most one session open: one that is read by two names shows two of ours. */
export function createReader<Uri extends LoginUri>(
  engine: EngineReader<Uri>,
  options: ReaderOptions,
): Database {
  return new Reader(engine, options);
}

class Reader<Uri extends LoginUri> implements Database {
  readonly #engine: EngineReader<Uri>;
  readonly #tools: Tools;
  readonly #servers = new Map<ServerKey, ServerReader<Uri>>();

  constructor(engine: EngineReader<Uri>, options: ReaderOptions) {
    this.#engine = engine;
    const applicationName = `${fieldManager}-${randomBytes(4).toString("hex")}`;
    const defaults = { connectTimeoutMs: 5_000, queryTimeoutMs: 5_000, mayConnect: () => true };
    const lookups = options.lookups ?? new Lookups(options.lookUp ?? lookUp);
    const own = new OwnSessions(options.clock, applicationName);
    const trusts = new Trusts();
    this.#tools = { ...defaults, lookUp, ...options, applicationName, own, lookups, trusts };
  }

  read(target: DatabaseTarget): Promise<DatabaseOutcome> {
    return this.#readerOf(target).read(target);
  }

  lookAtWork(target: DatabaseTarget): Promise<WorkSeen> {
    return this.#readerOf(target).lookAtWork(target);
  }

  #readerOf({ server }: DatabaseTarget): ServerReader<Uri> {
    const reader = this.#servers.get(server) ?? new ServerReader(this.#engine, this.#tools);
    this.#servers.set(server, reader);
    return reader;
  }

  async forget(server: ServerKey): Promise<void> {
    const reader = this.#servers.get(server);
    this.#servers.delete(server);
    await reader?.close();
    this.#engine.forget?.(server);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((server) => this.forget(server)));
  }
}

interface Tools extends Required<ReaderOptions> {
  readonly applicationName: string;
  readonly own: OwnSessions;
  readonly lookups: Lookups;
  readonly trusts: Trusts;
}

interface Pending {
  readonly target: DatabaseTarget;
  readonly outcome: Promise<DatabaseOutcome>;
}

/** The session on one server. Readings run one after the other; equal ones that wait become one. */
class ServerReader<Uri extends LoginUri> {
  readonly #engine: EngineReader<Uri>;
  readonly #tools: Tools;
  #pending: Pending[] = [];
  readonly #calledOff = new AbortController();
  #last: Promise<unknown> = Promise.resolve();
  #session: Session | undefined;
  /** What the session was opened with. */
  #login: Login | undefined;
  /** The session, as it counts among all of ours. */
  #own: OwnSession | undefined;
  /** The CA that it was opened with, or was to be. */
  #held: { readonly ca: string | undefined } | undefined;
  readonly #busy = new BusyTime();

  constructor(engine: EngineReader<Uri>, tools: Tools) {
    this.#engine = engine;
    this.#tools = tools;
  }

  read(target: DatabaseTarget): Promise<DatabaseOutcome> {
    const pending = this.#pending.find((one) => isSameQuestion(one.target, target));
    if (pending !== undefined) return pending.outcome;
    const outcome = this.#inTurn(() => this.#readNow(target)).finally(() => {
      this.#pending = this.#pending.filter((one) => one.outcome !== outcome);
    });
    this.#pending.push({ target, outcome });
    return outcome;
  }

  lookAtWork(target: DatabaseTarget): Promise<WorkSeen> {
    return this.#inTurn(async () => {
      const clients = await this.#look(target).catch(() => undefined);
      return { clients, busyMs: this.#busy.takeMs() };
    });
  }

  /** The session does one thing at a time. */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#last.then(run);
    this.#last = done.catch(() => undefined);
    return done;
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

  /** Another login's session may be one on another server, or be shown less. */
  async #look(target: DatabaseTarget): Promise<WorkSeen["clients"]> {
    if (this.#session && !this.#session.lookAtWork) return undefined;
    const parsed = this.#parse(target);
    if (parsed.kind === "problem") return undefined;
    const session = await this.#connect(target, parsed.uri);
    return await session.lookAtWork?.(this.#limits(this.#tools.queryTimeoutMs));
  }

  async #outcomeOf(target: DatabaseTarget): Promise<DatabaseOutcome> {
    const parsed = this.#parse(target);
    if (parsed.kind === "problem") {
      return { kind: "failed", reason: "InvalidConnectionUri", message: parsed.message };
    }
    const { uri } = parsed;
    try {
      const session = await this.#connect(target, uri);
      return { kind: "read", reading: await this.#ask(session, target, uri) };
    } catch (error) {
      return this.#engine.failureOf(error, uri);
    }
  }

  #parse({ uri, ca }: Login): ReturnType<EngineReader<Uri>["parse"]> {
    return this.#busy.run(() => this.#engine.parse(uri, { ca }));
  }

  async #connect(target: DatabaseTarget, uri: Uri): Promise<Session> {
    const { uri: text, ca } = target;
    const isLogin = this.#login !== undefined && isSameLogin(this.#login, target);
    if (this.#session?.isOpen() === true && isLogin) return this.#session;
    await this.#disconnect();
    const settings = this.#settingsFor(target, uri);
    const own = this.#tools.own.open(uri);
    this.#own = own;
    const limits = this.#limits(this.#tools.connectTimeoutMs);
    this.#session = await this.#engine.open(settings, limits).catch((error: unknown) => {
      // What got no answer may be open at the server, and shown until it notices.
      if (error instanceof NoAnswer && error.reached) own.end();
      else own.fail();
      throw error;
    });
    this.#login = { uri: text, ca };
    return this.#session;
  }

  #settingsFor(target: DatabaseTarget, uri: Uri): SessionSettings<Uri> {
    const { ca, askedBy: namespaces = [] } = target;
    const { applicationName, mayConnect, lookups, queryTimeoutMs } = this.#tools;
    return {
      ...{ uri, trusted: this.#trust(ca), applicationName, mayConnect, busy: this.#busy },
      lookupFor: (isWanted: () => boolean): LookupFunction => lookups.for({ namespaces, isWanted }),
      noteConnection: () => this.#tools.own.open(uri),
      // The server should be the first to give up: then the session stays good.
      statementTimeoutMs: Math.ceil(queryTimeoutMs * 0.9),
    };
  }

  async #disconnect(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
    this.#own?.end();
    this.#own = undefined;
    if (this.#held) this.#tools.trusts.release(this.#held.ca);
    this.#held = undefined;
  }

  /** Held until the next session, or none, begins: also what cannot be used is looked at once. */
  #trust(ca: string | undefined): Trusted {
    const trusted = this.#busy.run(() => this.#tools.trusts.use(ca));
    this.#held = { ca };
    if (trusted.kind === "problem") throw new UnusableCa(trusted.message);
    return trusted;
  }

  async #ask(session: Session, target: DatabaseTarget, uri: Uri): Promise<DatabaseReading> {
    const { clock, own, queryTimeoutMs } = this.#tools;
    const answer = await this.#answer(session, target, performance.now() + queryTimeoutMs);
    const toldApart = own.tellApart(answer.sessions, uri, target.names);
    return { atMs: clock.nowMs(), ...answer, ...toldApart };
  }

  async #answer(session: Session, target: DatabaseTarget, untilMs: number): Promise<Answer> {
    try {
      return await session.ask(target, this.#limits(Math.max(1, untilMs - performance.now())));
    } catch (error) {
      if (!session.asksLessAfter(error)) throw error;
      return await this.#answer(session, target, untilMs);
    }
  }

  #limits(timeoutMs: number): Limits {
    return { timeoutMs, signal: this.#calledOff.signal };
  }
}
