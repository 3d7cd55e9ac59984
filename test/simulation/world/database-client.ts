// The Database port on the simulated servers: like the adapter it keeps one session on each server
// open between readings, and takes a slot for it like everybody else. Once closed it opens none: a
// process that has ended cannot.

import {
  type ConnectionUri,
  parseConnectionUri,
} from "../../../src/domain/supply/connection-uri.ts";
import type { ClientsAtWork, SessionGroup, WorkSeen } from "../../../src/domain/facts/facts.ts";
import type { Clock, Database, DatabaseOutcome, DatabaseTarget } from "../../../src/ports.ts";
import type { Login, SimulatedPostgres } from "./postgres.ts";
import type { WorkAt } from "./work-at.ts";

export interface DatabaseClientParts {
  readonly clock: Clock;
  /** Where this operator connects from. */
  readonly address: string;
  readonly serverOf: (server: string) => SimulatedPostgres | undefined;
}

interface Session {
  readonly uri: string;
  readonly login: Login;
  readonly server: SimulatedPostgres;
}

export class DatabaseClient implements Database {
  readonly #parts: DatabaseClientParts;
  readonly #sessions = new Map<string, Session>();
  /** Equal questions of one moment have one answer. */
  readonly #pending = new Map<string, Promise<DatabaseOutcome>>();
  #isClosed = false;

  constructor(parts: DatabaseClientParts) {
    this.#parts = parts;
  }

  read(target: DatabaseTarget): Promise<DatabaseOutcome> {
    const { server, uri, ca, roles, databases } = target;
    const key = JSON.stringify([server, uri, ca, roles, databases]);
    const pending = this.#pending.get(key);
    if (pending) return pending;
    const outcome = Promise.resolve()
      .then(() => this.#readNow(target))
      .finally(() => this.#pending.delete(key));
    this.#pending.set(key, outcome);
    return outcome;
  }

  lookAtWork(target: DatabaseTarget): Promise<WorkSeen> {
    const session = this.#sessionFor(target);
    if ("reason" in session) return Promise.resolve({ clients: undefined, busyMs: 0 });
    const asked = { atMs: this.#parts.clock.nowMs(), roles: [], databases: [] };
    const { sessions } = session.server.read(session.login, asked);
    const clients = clientsAtWork(sessions, session.server.workAt);
    return Promise.resolve({ clients, busyMs: 0 });
  }

  forget(server: string): Promise<void> {
    const session = this.#sessions.get(server);
    this.#sessions.delete(server);
    session?.server.disconnect(session.login, 1);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#sessions.keys()].map((server) => this.forget(server)));
  }

  #readNow(target: DatabaseTarget): DatabaseOutcome {
    const session = this.#sessionFor(target);
    if ("reason" in session) return { kind: "failed", ...session };
    const { roles, databases } = target;
    const atMs = this.#parts.clock.nowMs();
    const reading = session.server.read(session.login, { atMs, roles, databases });
    return { kind: "read", reading };
  }

  #sessionFor(target: DatabaseTarget): Session | Failed {
    const known = this.#sessions.get(target.server);
    if (known && known.uri === target.uri && known.server.countOf(known.login) > 0) return known;
    void this.forget(target.server);
    const uri = target.uri.replace(/^pgbouncer:/, "postgresql:");
    const parsed = parseConnectionUri(uri, { ca: target.ca });
    if (parsed.kind === "problem") {
      return { reason: "InvalidConnectionUri", message: parsed.message };
    }
    return this.#logIn(target, parsed.uri);
  }

  #logIn(target: DatabaseTarget, uri: ConnectionUri): Session | Failed {
    const { user, database, server: name } = uri;
    if (this.#isClosed) return failed("DatabaseUnreachable", "this process has ended");
    const server = this.#parts.serverOf(name);
    if (server?.isUp !== true) return failed("DatabaseUnreachable", `${name} is down`);
    const password = server.settings.passwords[user];
    if (password !== undefined && password !== uri.password()) {
      return failed("AuthenticationFailed", `${name} refused user ${user}`);
    }
    const { address } = this.#parts;
    const login = { user, database, applicationName: "poolwarden", address };
    const refusal = server.refusal(login);
    if (refusal) return failed("TooManyConnections", `${name} has no slot for us: ${refusal}`);
    server.connect(login, 1);
    const session = { uri: target.uri, login, server };
    this.#sessions.set(target.server, session);
    return session;
  }
}

function clientsAtWork(groups: readonly SessionGroup[], workAt: WorkAt): readonly ClientsAtWork[] {
  return groups.flatMap(({ user, address, count: sessions }) => {
    if (address === undefined) return [];
    return [{ user, address, sessions, atWork: workAt(address, sessions) }];
  });
}

interface Failed {
  readonly reason: Extract<DatabaseOutcome, { readonly kind: "failed" }>["reason"];
  readonly message: string;
}

function failed(reason: Failed["reason"], message: string): Failed {
  return { reason, message };
}
