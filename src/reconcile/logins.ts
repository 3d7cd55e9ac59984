// With which logins each server can be read. Several policies of one server may bring several; one
// that works reads for all. A login that was refused, or not tried yet, is a matter of its own
// policies alone: as long as another one reads, they are told, left as they are, and stop nobody.

import type { DatabaseFailure, PolicyKey, ServerKey } from "../domain/facts.ts";
import type { DatabaseOutcome, DatabaseTarget } from "../ports.ts";
import type { ResolvedPolicy } from "./policy-book.ts";

export interface Login {
  /** Tells the logins of a server apart. Holds a password: never logged. */
  readonly id: string;
  /** The name under which its URI knows the server, which may be one of several. */
  readonly name: ServerKey;
  readonly target: DatabaseTarget;
  readonly policies: readonly PolicyKey[];
}

/** What is about the login itself. Everything else would meet every login alike. */
const refusalReasons: ReadonlySet<string> = new Set([
  "InvalidConnectionUri",
  "AuthenticationFailed",
  "TlsRefused",
  "QueryFailed",
]);

export function isRefused(outcome: DatabaseOutcome): boolean {
  return outcome.kind === "failed" && refusalReasons.has(outcome.reason);
}

type Tried =
  | { readonly kind: "works"; readonly seesAllSessions: boolean }
  | { readonly kind: "refused"; readonly failure: DatabaseFailure };

export class Logins {
  /** By server and login: what its last try brought. */
  readonly #tried = new Map<ServerKey, Map<string, Tried>>();

  /**
   * Those in doubt first: each of them has to be tried, of the others one is enough for each name.
   * Those of the server's own name come before those of others, and then those that see all
   * sessions before those that do not.
   */
  inOrder(server: ServerKey, logins: readonly Login[]): readonly Login[] {
    const rank = ({ id, name }: Login): number => {
      const tried = this.#tried.get(server)?.get(id);
      const sees = tried?.kind === "works" && tried.seesAllSessions;
      return (tried?.kind === "works" ? 4 : 0) + (name === server ? 0 : 2) + (sees ? 0 : 1);
    };
    return logins.toSorted((a, b) => rank(a) - rank(b));
  }

  works(server: ServerKey, id: string): boolean {
    return this.#tried.get(server)?.get(id)?.kind === "works";
  }

  refused(server: ServerKey, id: string): boolean {
    return this.#tried.get(server)?.get(id)?.kind === "refused";
  }

  record(server: ServerKey, { id }: Login, outcome: DatabaseOutcome): void {
    const tried = this.#tried.get(server) ?? new Map<string, Tried>();
    this.#tried.set(server, tried);
    if (outcome.kind === "read") {
      const { seesAllSessions } = outcome.reading;
      tried.set(id, { kind: "works", seesAllSessions });
    } else if (isRefused(outcome)) {
      const { reason, message } = outcome;
      tried.set(id, { kind: "refused", failure: { reason, message } });
    }
  }

  /** Forgets all logins of the server but these. */
  keep(server: ServerKey, logins: readonly Login[]): void {
    const kept = new Set(logins.map(({ id }) => id));
    const tried = this.#tried.get(server);
    for (const id of tried?.keys() ?? []) if (!kept.has(id)) tried?.delete(id);
    if (kept.size === 0) this.#tried.delete(server);
  }

  /**
   * Why a policy cannot be used although its server can be read with another one's login. `server`:
   * the name under which it is budgeted.
   */
  failureOf(
    { connection, server: ownName }: ResolvedPolicy,
    server: ServerKey | undefined = ownName,
  ): DatabaseFailure | undefined {
    if (server === undefined || !connection) return undefined;
    const tried = this.#tried.get(server) ?? new Map<string, Tried>();
    const isRead = [...tried.values()].some(({ kind }) => kind === "works");
    if (!isRead) return undefined;
    const last = tried.get(loginIdOf(connection));
    if (last) return last.kind === "refused" ? last.failure : undefined;
    const message = `${server} has not been asked yet with this policy's login`;
    return { reason: "NotReadYet", message };
  }
}

/** One login for each distinct URI, those first whose policy is in order. */
export function loginsOf(server: ServerKey, members: readonly ResolvedPolicy[]): Login[] {
  const roles = distinct(members.map(({ role }) => role));
  const databases = distinct(members.map(({ database }) => database));
  const healthy = members.filter(({ failure }) => failure === undefined);
  const logins = new Map<string, Login>();
  for (const { key, connection, server: name = server } of new Set([...healthy, ...members])) {
    if (!connection) continue;
    const id = loginIdOf(connection);
    const policies = [...(logins.get(id)?.policies ?? []), key];
    logins.set(id, { id, name, target: { server, ...connection, roles, databases }, policies });
  }
  return [...logins.values()];
}

function loginIdOf({ uri, ca }: NonNullable<ResolvedPolicy["connection"]>): string {
  return JSON.stringify([uri, ca]);
}

function distinct(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
