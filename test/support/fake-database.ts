// PostgreSQL as far as the Database port shows it, in memory: for decisions, simulation and
// whatever needs thousands of readings a second. One contract suite (test/contract/database) holds
// it and the real adapter to the same behaviour. A FakeServer can be changed at any time.

import { withheld } from "./builders.ts";
import { parseConnectionUri } from "../../src/domain/supply/connection-uri.ts";
import type { ConnectionUri } from "../../src/domain/supply/connection-uri.ts";
import type {
  DatabaseReading,
  OwnSessions,
  ServerKey,
  SessionGroup,
} from "../../src/domain/facts/facts.ts";
import type { Clock, Database, DatabaseOutcome, DatabaseTarget } from "../../src/ports.ts";

type DatabaseFailed = Extract<DatabaseOutcome, { readonly kind: "failed" }>;

export interface FakeServer {
  versionNumber: number;
  systemIdentifier: string | undefined;
  /** Of its process: another one after each restart. */
  startedAtMicroseconds: number | undefined;
  isStandby: boolean;
  maxConnections: number;
  superuserReservedConnections: number;
  reservedConnections: number;
  /** All roles that exist, with their CONNECTION LIMIT; -1 is none. */
  roleLimits: Record<string, number>;
  /** All databases that exist, with their CONNECTION LIMIT; -1 is none. */
  databaseLimits: Record<string, number>;
  /** Roles with pg_monitor; undefined: everybody. */
  monitors: ReadonlySet<string> | undefined;
  /** Passwords by role; a role that is not named gets in with any. */
  passwords: Record<string, string>;
  /** Roles that have as many sessions as their CONNECTION LIMIT allows. */
  fullFor: ReadonlySet<string>;
  /** Client sessions except ours; a function is asked at each reading. */
  sessions: readonly SessionGroup[] | (() => readonly SessionGroup[]);
  /** False: nobody answers on its port, and our session is gone. */
  isUp: boolean;
  /** While set, each reading fails like this. */
  failure: Pick<DatabaseFailed, "reason" | "message"> | undefined;
  /** How long each reading takes, by the given clock. */
  delayMs: number;
}

const empty: FakeServer = {
  versionNumber: 180_004,
  systemIdentifier: undefined,
  startedAtMicroseconds: 1_790_000_000_000_000,
  isStandby: false,
  maxConnections: 100,
  superuserReservedConnections: 3,
  reservedConnections: 0,
  roleLimits: {},
  databaseLimits: {},
  monitors: undefined,
  passwords: {},
  fullFor: new Set(),
  sessions: [],
  isUp: true,
  failure: undefined,
  delayMs: 0,
};

export class FakeDatabase implements Database {
  readonly #clock: Clock;
  readonly #servers = new Map<ServerKey, FakeServer>();
  /** The login of our kept session, by server. */
  readonly #logins = new Map<ServerKey, string>();
  readonly #pending = new Map<string, Promise<DatabaseOutcome>>();
  /** Readings that were really made, by server. */
  readonly readings = new Map<ServerKey, number>();
  /** Attempts, by the name that was asked. */
  readonly attempts = new Map<ServerKey, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A server that answers under this name; the returned object may be changed at any time. */
  addServer(server: ServerKey, with_: Partial<FakeServer> = {}): FakeServer {
    const added = { ...empty, systemIdentifier: `7${hash(server)}`, ...with_ };
    this.#servers.set(server, added);
    return added;
  }

  /** Ends our session, as a restart of the server does. */
  dropSession(server: ServerKey): void {
    this.#logins.delete(server);
  }

  isConnected(server: ServerKey): boolean {
    return this.#logins.has(server);
  }

  read(target: DatabaseTarget): Promise<DatabaseOutcome> {
    const key = JSON.stringify([target.server, target.uri, target.roles, target.databases]);
    const pending = this.#pending.get(key);
    if (pending !== undefined) return pending;
    const outcome = this.#readAfterDelay(target).finally(() => this.#pending.delete(key));
    this.#pending.set(key, outcome);
    return outcome;
  }

  forget(server: ServerKey): Promise<void> {
    this.#logins.delete(server);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#logins.clear();
    return Promise.resolve();
  }

  async #readAfterDelay(target: DatabaseTarget): Promise<DatabaseOutcome> {
    const parsed = parseConnectionUri(target.uri, { ca: target.ca });
    if (parsed.kind === "problem") return failed("InvalidConnectionUri", parsed.message);
    const { server: name } = parsed.uri;
    const server = this.#servers.get(name);
    this.attempts.set(name, (this.attempts.get(name) ?? 0) + 1);
    const delayMs = server?.delayMs ?? 0;
    if (delayMs > 0) await new Promise<void>((done) => this.#clock.after(delayMs, done));
    return this.#readNow(target, parsed.uri, server);
  }

  #readNow(
    target: DatabaseTarget,
    uri: ConnectionUri,
    server: FakeServer | undefined,
  ): DatabaseOutcome {
    this.readings.set(target.server, (this.readings.get(target.server) ?? 0) + 1);
    if (server?.isUp !== true) this.#logins.delete(target.server);
    const failure = this.#refusal(target, uri, server);
    if (failure !== undefined) return failure;
    this.#logins.set(target.server, target.uri);
    const reading = readingOf(server ?? empty, target, uri.user, this.#clock.nowMs());
    const others = this.#sessionsOn(uri.server, target.server);
    return { kind: "read", reading: { ...reading, ownSessions: [ownSession(uri), ...others] } };
  }

  /** Ours, by other names. */
  #sessionsOn(server: ServerKey, name: ServerKey): OwnSessions[] {
    return [...this.#logins].flatMap(([other, text]) => {
      const parsed = parseConnectionUri(text);
      const isHere = parsed.kind === "uri" && parsed.uri.server === server && other !== name;
      return isHere ? [ownSession(parsed.uri)] : [];
    });
  }

  #refusal(
    target: DatabaseTarget,
    uri: ConnectionUri,
    server: FakeServer | undefined,
  ): DatabaseFailed | undefined {
    if (server?.isUp !== true) return failed("DatabaseUnreachable", `${uri.server} is down`);
    if (server.failure !== undefined) return { kind: "failed", ...server.failure };
    if (this.#logins.get(target.server) === target.uri) return undefined;
    const password = server.passwords[uri.user];
    if (password !== undefined && password !== uri.password()) {
      return failed("AuthenticationFailed", `${uri.server} refused user ${uri.user}`);
    }
    return isFull(server) || server.fullFor.has(uri.user)
      ? failed("TooManyConnections", `${uri.server} has no slot left for us`)
      : undefined;
  }
}

function readingOf(
  server: FakeServer,
  target: DatabaseTarget,
  user: string,
  atMs: number,
): DatabaseReading {
  const seesAllSessions = server.monitors?.has(user) ?? true;
  return {
    atMs,
    role: user,
    versionNumber: server.versionNumber,
    systemIdentifier: server.systemIdentifier,
    startedAtMicroseconds: server.startedAtMicroseconds,
    isStandby: server.isStandby,
    maxConnections: server.maxConnections,
    withheld: withheld(server.superuserReservedConnections, server.reservedConnections),
    roleLimits: only(server.roleLimits, target.roles),
    databaseLimits: only(server.databaseLimits, target.databases),
    seesAllSessions,
    sessions: merged(
      sessionsOf(server).map((group) =>
        seesAllSessions || group.user === user ? group : { ...group, address: undefined },
      ),
    ),
    ownSessions: [],
  };
}

function ownSession({ user, database }: ConnectionUri): OwnSessions {
  return { user, database, count: 1 };
}

function only(limits: Record<string, number>, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(Object.entries(limits).filter(([name]) => names.includes(name)));
}

function sessionsOf({ sessions }: FakeServer): readonly SessionGroup[] {
  return typeof sessions === "function" ? sessions() : sessions;
}

// Groups that look alike once their addresses are hidden are one, as GROUP BY would have it.
function merged(groups: readonly SessionGroup[]): readonly SessionGroup[] {
  const byLook = new Map<string, SessionGroup>();
  for (const group of groups) {
    const { user, database, applicationName, address } = group;
    const look = JSON.stringify([user, database, applicationName, address ?? null]);
    byLook.set(look, { ...group, count: group.count + (byLook.get(look)?.count ?? 0) });
  }
  return [...byLook.values()].filter(({ count }) => count > 0);
}

function isFull(server: FakeServer): boolean {
  const taken = sessionsOf(server).reduce((sum, { count }) => sum + count, 0);
  const { maxConnections, superuserReservedConnections, reservedConnections } = server;
  return taken >= maxConnections - superuserReservedConnections - reservedConnections;
}

function failed(reason: DatabaseFailed["reason"], message: string): DatabaseFailed {
  return { kind: "failed", reason, message };
}

// Two servers have two system identifiers, each always the same.
function hash(text: string): string {
  let value = 0;
  for (const character of text) value = (value * 31 + (character.codePointAt(0) ?? 0)) % 1e15;
  return String(value).padStart(15, "0");
}
