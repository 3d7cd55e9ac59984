// With which logins each server can be read. Several policies of one server may bring several; the
// one that sees most reads for all. A login that was refused, or not tried yet, is a matter of its
// own policies alone: as long as another one reads, they are told, left as they are, and stop
// nobody. Nor does it speak for the server: else whoever edits a secret before each reading would
// be the only one who does.

import type { DatabaseFailure, PolicyKey, ServerKey } from "../../domain/facts/facts.ts";
import { namespaceOf } from "../../api/keys.ts";
import type { Sight } from "../../domain/facts/session-facts.ts";
import type { DatabaseOutcome, DatabaseTarget, LoginPair } from "../../ports.ts";
import {
  type Asked,
  AskingOrder,
  type Failed,
  keepOnlyOf,
  ownerOf,
} from "../memory/asking-order.ts";
import { FoundServers } from "./found-servers.ts";
import { inTurns } from "../in-turns.ts";
import type { ResolvedPolicy } from "./policy-book.ts";
import { seniorFirst } from "./seniority.ts";

/** Its id holds a password: never logged. Its name of the server may be one of several. */
export interface Login extends Asked {
  readonly target: DatabaseTarget;
}

/** What is about the login itself. Everything else would meet every login alike. */
const refusalReasons: ReadonlySet<string> = new Set([
  "InvalidConnectionUri",
  "AuthenticationFailed",
  "TlsRefused",
  "QueryFailed",
  "AnotherServer",
]);

export function isRefused(outcome: DatabaseOutcome): boolean {
  return outcome.kind === "failed" && refusalReasons.has(outcome.reason);
}

/** No login would fare better. A login that may not connect once more is full for itself alone. */
export function isAway(outcome: DatabaseOutcome): boolean {
  if (outcome.kind === "read" || outcome.reason === "TooManyConnections") return false;
  return !isRefused(outcome);
}

function failedPart(outcome: DatabaseOutcome): Failed {
  if (outcome.kind === "read") return undefined;
  return isAway(outcome) ? "name" : "login";
}

type Tried = {
  /** As of the last time that it worked. */
  readonly seesAllSessions: boolean;
} & (
  | { readonly kind: "works"; readonly role: string }
  | { readonly kind: "refused"; readonly failure: DatabaseFailure }
);

/** After how long a login that failed is tried again beside one that works: at first, at most. */
const shortestPauseMs = 20_000;
const longestPauseMs = 120_000;

interface Pause {
  readonly sinceMs: number;
  readonly pauseMs: number;
}

export class Logins {
  /** By server and login: what its last try brought. */
  readonly #tried = new Map<ServerKey, Map<string, Tried>>();
  readonly #pauses = new Map<ServerKey, Map<string, Pause>>();
  /** When a login of a namespace failed last: whoever makes new ones each time waits his turn. */
  readonly #failedOf = new Map<ServerKey, Map<string, number>>();
  readonly #askings = new AskingOrder();
  readonly found = new FoundServers();

  /**
   * Those that work first, so that no other one costs the server its reading. Those in doubt
   * follow, each namespace's in turn: the namespace that has waited longest first, and of each the
   * login that has.
   */
  inOrder(server: ServerKey, logins: readonly Login[]): readonly Login[] {
    const sees = ({ id }: Login): number => Number(this.seesAll(server, id));
    const working = logins.filter(({ id }) => this.works(server, id));
    const inDoubt = logins.filter(({ id }) => !this.works(server, id));
    const waited = inDoubt.toSorted(
      (a, b) => this.#failedAtMs(server, a) - this.#failedAtMs(server, b),
    );
    const failedOf = this.#failedOf.get(server);
    const waits = (login: Login): number => failedOf?.get(ownerOf(login)) ?? -1;
    return [...this.#askings.sorted(server, working, sees), ...inTurns(waited, ownerOf, waits)];
  }

  /** A login that failed although the server was there: how long it is left alone, doubling. */
  leaveAlone(server: ServerKey, login: Login, nowMs: number): void {
    const { id } = login;
    const pauses = this.#pauses.get(server) ?? new Map<string, Pause>();
    this.#pauses.set(server, pauses);
    const pauseMs = Math.min(longestPauseMs, 2 * (pauses.get(id)?.pauseMs ?? shortestPauseMs / 2));
    pauses.set(id, { sinceMs: nowMs, pauseMs });
    const failedOf = this.#failedOf.get(server) ?? new Map<string, number>();
    this.#failedOf.set(server, failedOf.set(ownerOf(login), nowMs));
  }

  /** It was never tried. */
  isNew(server: ServerKey, id: string): boolean {
    return !this.#tried.get(server)?.has(id) && !this.#pauses.get(server)?.has(id);
  }

  isLeftAlone(server: ServerKey, { id }: Login, nowMs: number): boolean {
    const pause = this.#pauses.get(server)?.get(id);
    return pause !== undefined && nowMs < pause.sinceMs + pause.pauseMs;
  }

  #failedAtMs(server: ServerKey, { id }: Login): number {
    return this.#pauses.get(server)?.get(id)?.sinceMs ?? -1;
  }

  /** One of them saw all sessions when it worked last, refused or away though it may be now. */
  hasSight(server: ServerKey): boolean {
    const tried = [...(this.#tried.get(server)?.values() ?? [])];
    return tried.some(({ seesAllSessions }) => seesAllSessions);
  }

  /** What each namespace's own logins are shown of the server's sessions. */
  sightsOf(server: ServerKey, members: readonly ResolvedPolicy[]): Sight[] {
    const sights = new Map<string, Sight>();
    for (const { namespace, connection, server: name = server } of members) {
      const tried = connection && this.#tried.get(server)?.get(loginIdOf(connection));
      if (tried?.kind !== "works") continue;
      const { role, seesAllSessions } = tried;
      const sight = { namespace, name, role, seesAllSessions };
      sights.set(JSON.stringify(Object.values(sight)), sight);
    }
    return [...sights.values()];
  }

  works(server: ServerKey, id: string): boolean {
    return this.#tried.get(server)?.get(id)?.kind === "works";
  }

  /** It works, and saw all sessions when it was asked last. */
  seesAll(server: ServerKey, id: string): boolean {
    const tried = this.#tried.get(server)?.get(id);
    return tried?.kind === "works" && tried.seesAllSessions;
  }

  /** Whether it may be told what was read there: not before it has worked, where any was tried. */
  mayBeTold(server: ServerKey, { connection }: Pick<ResolvedPolicy, "connection">): boolean {
    const isAnyTried = (this.#tried.get(server)?.size ?? 0) > 0;
    if (!isAnyTried || !connection) return connection !== undefined;
    return this.works(server, loginIdOf(connection));
  }

  refused(server: ServerKey, id: string): boolean {
    return this.#tried.get(server)?.get(id)?.kind === "refused";
  }

  /** What came of asking with it, and when. */
  record(server: ServerKey, login: Login, outcome: DatabaseOutcome, nowMs: number): void {
    this.#askings.note(server, login, failedPart(outcome), nowMs);
    const { id } = login;
    const tried = this.#tried.get(server) ?? new Map<string, Tried>();
    this.#tried.set(server, tried);
    if (outcome.kind === "read") {
      const { seesAllSessions: seesAll, isInPart, role } = outcome.reading;
      // What clients do there takes no right from our login: what it saw last stays in force.
      const seesAllSessions = seesAll || isInPart === true;
      this.#pauses.get(server)?.delete(id);
      tried.set(id, { kind: "works", seesAllSessions, role });
    } else if (isRefused(outcome)) {
      const { reason, message } = outcome;
      const seesAllSessions = tried.get(id)?.seesAllSessions ?? false;
      tried.set(id, { kind: "refused", seesAllSessions, failure: { reason, message } });
    }
  }

  /** Forgets all logins of the server but these. */
  keep(server: ServerKey, logins: readonly Login[]): void {
    const ids = new Set(logins.map(({ id }) => id));
    keepOnlyOf(server, this.#tried, ids);
    keepOnlyOf(server, this.#pauses, ids);
    keepOnlyOf(server, this.#failedOf, new Set(logins.map(ownerOf)));
    this.#askings.keep(server, logins);
    this.found.keep(server, logins);
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

/** One login for each distinct URI, those first whose policy is in order, the senior before. */
export function loginsOf(server: ServerKey, members: readonly ResolvedPolicy[]): Login[] {
  const roles = distinct(members.map(({ role }) => role));
  const databases = distinct(members.map(({ database }) => database));
  const pairs = distinctPairs(members);
  const inOrder = seniorFirst(members);
  const healthy = inOrder.filter(({ failure }) => failure === undefined);
  const askers = namespacesByName(server, members);
  const names = [...askers.keys()];
  const logins = new Map<string, Login & { readonly policies: PolicyKey[] }>();
  for (const { key, connection, server: name = server } of new Set([...healthy, ...inOrder])) {
    if (!connection) continue;
    const { uri, ca } = connection;
    const id = loginIdOf(connection);
    const policies = logins.get(id)?.policies ?? [];
    policies.push(key);
    const asked = { roles, databases, pairs, names, askedBy: [...(askers.get(name) ?? [])] };
    const target = { server, uri, ca, ...asked };
    logins.set(id, { id, name, target, policies });
  }
  return [...logins.values()];
}

/** Those whose policies know the server by a name, in order. */
function namespacesByName(
  server: ServerKey,
  members: readonly ResolvedPolicy[],
): ReadonlyMap<ServerKey, ReadonlySet<string>> {
  const sorted = members.map(({ key, server: name = server }) => ({ name, of: namespaceOf(key) }));
  const askers = new Map<ServerKey, Set<string>>();
  for (const { name, of } of sorted.toSorted((a, b) => (a.of < b.of ? -1 : 1))) {
    askers.set(name, (askers.get(name) ?? new Set()).add(of));
  }
  return askers;
}

function loginIdOf({ uri, ca, caId }: NonNullable<ResolvedPolicy["connection"]>): string {
  return JSON.stringify([uri, caId ?? ca]);
}

function distinctPairs(members: readonly ResolvedPolicy[]): readonly LoginPair[] {
  const pairs = members.flatMap(({ role, database }) => {
    if (role === undefined || database === undefined) return [];
    return [[JSON.stringify([role, database]), { role, database }] as const];
  });
  return [...new Map(pairs.sort(([a], [b]) => (a < b ? -1 : 1))).values()];
}

function distinct(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
