// The Database port on the simulated servers: like the adapter it keeps one session on each server
// open between readings, and takes a slot for it like everybody else.

import { parseConnectionUri } from "../../../src/domain/connection-uri.ts";
import type { Clock, Database, DatabaseOutcome, DatabaseTarget } from "../../../src/ports.ts";
import type { Login, Refusal, SimulatedPostgres } from "./postgres.ts";

export interface DatabaseClientParts {
  readonly clock: Clock;
  /** Where this operator connects from. */
  readonly address: string;
  readonly serverOf: (server: string) => SimulatedPostgres | undefined;
}

const reasons = {
  Down: "DatabaseUnreachable",
  Full: "TooManyConnections",
  RoleFull: "TooManyConnections",
  DatabaseFull: "TooManyConnections",
} as const satisfies Record<Refusal, string>;

interface Session {
  readonly uri: string;
  readonly login: Login;
  readonly server: SimulatedPostgres;
}

export class DatabaseClient implements Database {
  readonly #parts: DatabaseClientParts;
  readonly #sessions = new Map<string, Session>();

  constructor(parts: DatabaseClientParts) {
    this.#parts = parts;
  }

  read(target: DatabaseTarget): Promise<DatabaseOutcome> {
    return Promise.resolve(this.#readNow(target));
  }

  forget(server: string): Promise<void> {
    const session = this.#sessions.get(server);
    this.#sessions.delete(server);
    session?.server.disconnect(session.login, 1);
    return Promise.resolve();
  }

  async close(): Promise<void> {
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
    const parsed = parseConnectionUri(target.uri, { ca: target.ca });
    if (parsed.kind === "problem") {
      return { reason: "InvalidConnectionUri", message: parsed.message };
    }
    const { server: name, user, database } = parsed.uri;
    const server = this.#parts.serverOf(name);
    const { address } = this.#parts;
    const login = { user, database, applicationName: "poolwarden", address };
    const refusal = server ? server.refusal(login) : "Down";
    if (!server || refusal)
      return { reason: reasons[refusal ?? "Down"], message: `${name}: ${refusal ?? ""}` };
    server.connect(login, 1);
    const session = { uri: target.uri, login, server };
    this.#sessions.set(target.server, session);
    return session;
  }
}

interface Failed {
  readonly reason: Extract<DatabaseOutcome, { readonly kind: "failed" }>["reason"];
  readonly message: string;
}
