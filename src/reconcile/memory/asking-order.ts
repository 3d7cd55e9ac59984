// In which order the logins that work are asked. A login worked once; what it does now is its
// server's choice, and a name may be any tenant's. So what failed when it was asked last comes
// after what did not, and of several the namespace, and then the login, that has waited longest: a
// round that ends before all were asked leaves none of them out for ever.

import type { PolicyKey, ServerKey } from "../../domain/facts/facts.ts";
import { namespaceOf } from "../../api/keys.ts";
import { inTurns } from "../in-turns.ts";

/** What a login is told from others by, under which name it knows its server, and whose it is. */
export interface Asked {
  readonly id: string;
  readonly name: ServerKey;
  readonly policies: readonly PolicyKey[];
}

/** What failed, if anything did: the login, or the whole name. */
export type Failed = "login" | "name" | undefined;

type Rank<T = Asked> = (login: T) => number;

export class AskingOrder {
  /** By server and login: when it was asked last. */
  readonly #askedAtMs = new Map<ServerKey, Map<string, number>>();
  /** By server: names that did not answer when they were asked last, and logins that failed. */
  readonly #failed = new Map<ServerKey, Set<string>>();

  note(server: ServerKey, { id, name }: Asked, what: Failed, nowMs: number): void {
    const asked = this.#askedAtMs.get(server) ?? new Map<string, number>();
    this.#askedAtMs.set(server, asked.set(id, nowMs));
    const failed = this.#failed.get(server) ?? new Set<string>();
    this.#failed.set(server, failed);
    if (what) failed.add(what === "name" ? name : id);
    else for (const mended of [id, name]) failed.delete(mended);
  }

  /** The server's own name first, unless it failed. `sees`: 1 where it sees all sessions, or 0. */
  sorted<T extends Asked>(server: ServerKey, logins: readonly T[], sees: Rank<T>): readonly T[] {
    const failed = this.#failed.get(server);
    const hasFailed: Rank = ({ id, name }) => Number(failed?.has(name) || failed?.has(id));
    const asked = this.#askedAtMs.get(server);
    const askedAtMs: Rank = ({ id }) => asked?.get(id) ?? -1;
    const waited = logins.toSorted((a, b) => askedAtMs(a) - askedAtMs(b));
    const lastOf = new Map(waited.map((login) => [ownerOf(login), askedAtMs(login)]));
    const inTurn = inTurns(waited, ownerOf, (login) => lastOf.get(ownerOf(login)) ?? -1);
    const rank: Rank = (login) => 2 * hasFailed(login) + Number(login.name !== server);
    return seeingFirst(inTurn, sees).toSorted((a, b) => rank(a) - rank(b));
  }

  /** Forgets all logins of the server but these. */
  keep(server: ServerKey, logins: readonly Asked[]): void {
    const kept = new Set(logins.flatMap(({ id, name }) => [id, name]));
    for (const memory of [this.#askedAtMs, this.#failed]) keepOnlyOf(server, memory, kept);
  }
}

interface Keyed {
  keys(): Iterable<string>;
  delete(key: string): boolean;
}

/** Forgets whatever else is remembered. */
export function keepOnly(memory: Keyed, kept: ReadonlySet<string>): void {
  for (const key of memory.keys()) if (!kept.has(key)) memory.delete(key);
}

/** The same of one server, and the server where nothing of it is kept. */
export function keepOnlyOf(
  server: ServerKey,
  memory: Map<ServerKey, Keyed>,
  kept: ReadonlySet<string>,
): void {
  const ofServer = memory.get(server);
  if (ofServer) keepOnly(ofServer, kept);
  if (kept.size === 0) memory.delete(server);
}

/** The namespace of the first of its policies. */
export function ownerOf({ policies }: Asked): string {
  return namespaceOf(policies[0] ?? "");
}

/** Among those of one name: what another name's logins see compares with nothing. */
function seeingFirst<T extends Asked>(logins: readonly T[], sees: Rank<T>): T[] {
  const bySight = logins.toSorted((a, b) => sees(b) - sees(a));
  const ofName = Map.groupBy(bySight, ({ name }) => name);
  return logins.flatMap(({ name }) => ofName.get(name)?.shift() ?? []);
}
