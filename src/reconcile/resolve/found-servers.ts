// What each login found behind a server's name. One host and port may be a router's, such as a
// provider's proxy or a pooler: it leads each login to a server of its own, by user, database or
// options, and anybody may rent one beside somebody else's. So what a login finds says nothing of
// what another one finds. The server that counts under a name is the one that was found there
// first; as long as one of the logins that found it is left, no other login replaces it: another
// server after a failover, or after a restart, is believed if such a login finds it as well.

import type { DatabaseReading, ServerKey, ServerWord } from "../../domain/facts/facts.ts";
import type { DatabaseOutcome } from "../../ports.ts";
import { type Asked, keepOnlyOf } from "../memory/asking-order.ts";
import { isOtherServer, saysIdentity, strictestOf } from "../same-server.ts";

/** What a login read. */
interface Found {
  readonly server: ServerKey;
  readonly login: Asked;
  readonly reading: DatabaseReading;
}

export interface Finding<T extends Asked> extends Found {
  /** All logins of the server. */
  readonly logins: readonly T[];
  /** Asks with one of them, now. */
  readonly ask: (login: T) => Promise<DatabaseOutcome>;
}

export class FoundServers {
  /** By server and login: what it found last. */
  readonly #found = new Map<ServerKey, Map<string, ServerWord>>();
  /** By server and name: what counts there. */
  readonly #counted = new Map<ServerKey, Map<ServerKey, ServerWord>>();

  /** What counts of the reading: all of it, less, or nothing, since it is of another server. */
  async judge<T extends Asked>(finding: Finding<T>): Promise<DatabaseOutcome> {
    const { server, login, reading, logins } = finding;
    const counted = this.#countedOf(finding);
    const witness = logins.find(
      (one) => one.name === login.name && one.id !== login.id && this.#holds(server, one, counted),
    );
    if (!counted || !witness) return this.#count(finding);
    if (!isStrange(reading, counted)) return this.#countBeside({ server, login, reading }, counted);
    const now = await finding.ask(witness);
    if (now.kind === "failed") {
      return this.#holds(server, login, counted) ? this.#count(finding) : another(login);
    }
    if (isStrange(now.reading, counted)) {
      this.#count({ ...finding, login: witness, reading: now.reading });
    }
    return isStrange(reading, this.#countedOf(finding) ?? counted)
      ? another(login)
      : this.#count(finding);
  }

  /** Forgets all logins of the server, and its names, but these. */
  keep(server: ServerKey, logins: readonly Asked[]): void {
    keepOnlyOf(server, this.#found, new Set(logins.map(({ id }) => id)));
    keepOnlyOf(server, this.#counted, new Set(logins.map(({ name }) => name)));
  }

  /** With this login the very server was found that counts under the name. */
  holds(server: ServerKey, login: Asked): boolean {
    return this.#holds(server, login, this.#counted.get(server)?.get(login.name));
  }

  #countedOf({ server, login }: Found): ServerWord | undefined {
    return this.#counted.get(server)?.get(login.name);
  }

  /** It has found the very server that counts. */
  #holds(server: ServerKey, { id }: Asked, counted: ServerWord | undefined): boolean {
    const found = this.#found.get(server)?.get(id);
    return found !== undefined && counted !== undefined && isAlike(found, counted);
  }

  /**
   * Where one of two readings does not say which server it is of, they may be of one: it takes the
   * word of the other for limits, and its sight counts for less.
   */
  #countBeside(finding: Found, counted: ServerWord): DatabaseOutcome {
    const { server, login, reading } = finding;
    const seesMore = reading.seesAllSessions && !counted.seesAllSessions;
    if (isAlike(reading, counted) || seesMore) return this.#count(finding);
    this.#note(server, login, reading);
    const { sessions, ownSessions } = reading;
    const strictest = { ...strictestOf(reading, [counted]), sessions, ownSessions };
    return { kind: "read", reading: { ...strictest, seesAllSessions: false } };
  }

  #count(finding: Found): DatabaseOutcome {
    const { server, login, reading } = finding;
    const word = this.#note(server, login, reading);
    const counted = this.#counted.get(server) ?? new Map<ServerKey, ServerWord>();
    this.#counted.set(server, counted.set(login.name, word));
    return { kind: "read", reading };
  }

  #note(server: ServerKey, { id }: Asked, reading: DatabaseReading): ServerWord {
    // The sessions may be many, and are kept elsewhere.
    const word = { ...reading, sessions: [] };
    const found = this.#found.get(server) ?? new Map<string, ServerWord>();
    this.#found.set(server, found.set(id, word));
    return word;
  }
}

/** A name for reading may be any of several standbys, and its primary: each login finds another. */
function isStrange(a: ServerWord, b: ServerWord): boolean {
  const isOfOnePrimary = a.systemIdentifier === b.systemIdentifier;
  return isOtherServer(a, b) && !(isOfOnePrimary && (a.isStandby || b.isStandby));
}

/** Of one server, as far as both say, or neither. */
function isAlike(a: ServerWord, b: ServerWord): boolean {
  return saysIdentity(a) === saysIdentity(b) && !isStrange(a, b);
}

function another({ name }: Asked): DatabaseOutcome {
  const message =
    `${name} leads to another server with this login than with those by which it was read before: ` +
    "name the server by a host of its own, not by that of a router or a pooler";
  return { kind: "failed", reason: "AnotherServer", message };
}
