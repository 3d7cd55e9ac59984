// The other side of a pooler: how many connections one process may open to the servers behind it,
// for whom, and whether its clients are bound by that. In session mode a client that works holds a
// connection until it leaves, so the pool of its user and database is a limit on clients as well.
// In the other modes clients share connections, and only the server behind has to have room.
// PgBouncer has a pool for each pair of a user and an entry of [databases]; a size of the entry
// goes before one of the user, and that before the setting for all.

import type { LoginPair } from "../../ports.ts";
import { type Bound, stricter, sum } from "./bounds.ts";
import { type KnownUsers, maySlotsBehind, type PoolOwner, type UsersOf } from "./pools-behind.ts";
import { byName, numberIfAny, numberIn, type Row, type Rows, textIfAny } from "./rows.ts";

/** The database that is none, but the console. */
export const consoleName = "pgbouncer";

export interface SaidOfPools {
  readonly versionNumber: number;
  readonly settings: ReadonlyMap<string, string>;
  readonly users: Rows;
  readonly entries: Rows;
  /** Undefined where they are more than are read: with an entry `*` anybody may make some. */
  readonly pools: Rows | undefined;
}

/** What it may open to one server. */
export interface OneBehind {
  readonly entries: number;
  /** Infinity: there is no limit. */
  readonly maySlots: number;
  readonly openSlots: number;
  /** Whoever goes there is in session mode. */
  readonly isSession: boolean;
}

const session = "session";

/** Of more entries the pools of one user are not added up. */
const addedUpMax = 100;

interface Summary {
  /** Of the entries. */
  readonly names: readonly string[];
  readonly isForced: boolean;
  /** Each entry, and what has none. */
  readonly areSession: boolean;
  /** No user has a mode of its own that is another one. */
  readonly hasNoOtherMode: boolean;
}

/** A size of 0 is no limit from here on. */
const zeroIsNoLimitFrom = 12_400;

export class ServerSide {
  readonly said: SaidOfPools;
  readonly #users: ReadonlyMap<string, Row>;
  readonly #entries: ReadonlyMap<string, Row>;
  /** By entry: those who have a pool there, or are asked for. */
  readonly users: UsersOf;
  readonly #all: Summary;
  /** By the sizes of a user: the pools on all entries together. */
  readonly #addedUp = new Map<string, number>();

  constructor(said: SaidOfPools, asked: readonly LoginPair[]) {
    this.said = said;
    this.#users = byName(said.users);
    this.#entries = new Map([...byName(said.entries)].filter(([name]) => name !== consoleName));
    this.#all = this.#summary();
    this.users = usersByEntry(said.pools ?? [], asked, this.#all.names);
  }

  /** Those that it lists. */
  get databases(): readonly string[] {
    return this.#all.names;
  }

  /** Of clients that log in as a user to a database; none in another mode than session. */
  pairBound({ role, database }: LoginPair): Bound | undefined {
    const isOfAll = this.#forcedUser(database) !== undefined;
    if (isOfAll || !this.#isSession(role, database)) return undefined;
    const pool = this.#poolBound(role, database);
    // Where others share connections the entry's maximum bounds those alone who hold one each.
    if (this.#isSessionForAll(database)) return stricter(pool);
    return stricter(pool, positive(this.#maxOfEntry(database), "max_db_connections"));
  }

  /** Of all clients of a database. */
  databaseBound(database: string): Bound | undefined {
    const forced = this.#forcedUser(database);
    if (!this.#isSessionForAll(database)) return undefined;
    const ofAll = positive(this.#maxOfEntry(database), "max_db_connections");
    return stricter(ofAll, forced === undefined ? undefined : this.#poolBound(forced, database));
  }

  /**
   * Of all clients of a user. `isAnywhere`: it is not known to which databases they log in, so the
   * pools of all that are listed count together.
   */
  roleBound(role: string, isAnywhere: boolean): Bound | undefined {
    const { names, isForced, areSession } = this.#all;
    const mode = this.#ownMode(role) ?? (areSession ? session : "");
    if (mode !== session) return undefined;
    const own = isForced ? undefined : positive(this.#maxOfUser(role), "max_user_connections");
    if (!isAnywhere || names.length === 0 || names.length > addedUpMax) return own;
    return stricter(own, { slots: this.#poolsOf(role, names), by: this.#sizeSettings() });
  }

  /** Of all entries together, once for all users of the same sizes. */
  #poolsOf(role: string, names: readonly string[]): number {
    const { pool_size: size, reserve_pool_size: reserve } = this.#users.get(role) ?? {};
    const sizes = JSON.stringify([size, reserve]);
    const known = this.#addedUp.get(sizes);
    if (known !== undefined) return known;
    // Of very many sizes the strictest one that is known.
    if (this.#addedUp.size >= addedUpMax) return Math.min(...this.#addedUp.values());
    const each = names.map((name) => {
      const pool = this.#poolBound(this.#forcedUser(name) ?? role, name).slots;
      return Math.min(pool, this.#maxOfEntry(name) || Infinity);
    });
    this.#addedUp.set(sizes, sum(each));
    return sum(each);
  }

  /** By host and port, as [databases] says them; `users`: those that all processes know. */
  behind(users: KnownUsers): ReadonlyMap<string, OneBehind> {
    const serverOfEntry = new Map([...this.#entries].map(([name, row]) => [name, serverOf(row)]));
    const usualPools = new Map(this.#all.names.map((name) => [name, this.#size("", name).most]));
    const maySlots = maySlotsBehind(this.#ownersOf(users), {
      serverOf: (database) => serverOfEntry.get(database),
      poolOf: (user, database) =>
        user === undefined ? (usualPools.get(database) ?? 0) : this.#size(user, database).most,
      maxOfUser: (user) => this.#maxOfUser(user ?? "") || Infinity,
      maxOfEntry: (database) => this.#maxOfEntry(database) || Infinity,
    });
    const isKnown = this.said.pools !== undefined;
    const byServer = Map.groupBy(this.#entries, ([, row]) => serverOf(row));
    return new Map(
      [...byServer].map(([server, entries]) => [
        server,
        {
          entries: entries.length,
          maySlots: isKnown ? (maySlots.get(server) ?? 0) : this.#mostOf(entries),
          openSlots: sum(entries.map(([, row]) => numberIfAny(row["current_connections"]) ?? 0)),
          isSession: entries.every(([name]) => this.#isSessionForAll(name)),
        },
      ]),
    );
  }

  /** Whoever has pools there: Infinity unless each entry has a maximum. */
  #mostOf(entries: readonly (readonly [string, Row])[]): number {
    return sum(entries.map(([name]) => this.#maxOfEntry(name) || Infinity));
  }

  /** Those of whom it says something of their own, those who are forced, and all others. */
  #ownersOf(users: KnownUsers): readonly PoolOwner[] {
    const forced = Map.groupBy(
      this.#all.names.filter((name) => this.#forcedUser(name) !== undefined),
      (name) => this.#forcedUser(name) ?? "",
    );
    const isFree = (database: string): boolean => this.#forcedUser(database) === undefined;
    const single = new Set([...this.#users.keys(), ...forced.keys()]);
    return [
      ...[...single].map((user) => {
        const own = users.databasesOf(user).filter(isFree);
        return { user, count: 1, databases: [...own, ...(forced.get(user) ?? [])] };
      }),
      ...users.groupsWithout(single).map(({ databases, count }) => {
        return { user: undefined, count, databases: databases.filter(isFree) };
      }),
    ];
  }

  #poolBound(user: string, database: string): Bound {
    return { slots: this.#size(user, database).least, by: this.#sizeSettings() };
  }

  /**
   * A size that is the usual one may be the entry's own, which goes before the user's, or nobody's:
   * nothing tells. So there are two answers.
   */
  #size(user: string, database: string): { readonly least: number; readonly most: number } {
    const entry = this.#entries.get(database);
    const own = this.#users.get(user);
    const sizes = this.#eitherOf("default_pool_size", entry?.["pool_size"], own?.["pool_size"]);
    const limits = sizes.map((size) => (size === 0 && this.#isZeroNoLimit() ? Infinity : size));
    const said = entry?.["reserve_pool_size"] ?? entry?.["reserve_pool"];
    const reserves = this.#hasReserve()
      ? this.#eitherOf("reserve_pool_size", said, own?.["reserve_pool_size"])
      : [0];
    return {
      least: Math.min(...limits) + Math.min(...reserves),
      most: Math.max(...limits) + Math.max(...reserves),
    };
  }

  #eitherOf(setting: string, ofEntry: unknown, ofUser: unknown): readonly number[] {
    const usual = this.#setting(setting);
    const said = numberIfAny(ofEntry) ?? usual;
    const own = numberIfAny(ofUser);
    return own === undefined || said !== usual ? [said] : [said, own];
  }

  #sizeSettings(): string {
    const hasReserve = this.#hasReserve() && this.#setting("reserve_pool_size") > 0;
    return hasReserve ? "pool_size and reserve_pool_size" : "pool_size";
  }

  /** With a time of 0 the reserve is not used. */
  #hasReserve(): boolean {
    return this.said.settings.get("reserve_pool_timeout") !== "0";
  }

  #isZeroNoLimit(): boolean {
    return this.said.versionNumber >= zeroIsNoLimitFrom;
  }

  /** 0: none. */
  #maxOfEntry(database: string): number {
    const entry = this.#entries.get(database);
    return numberIfAny(entry?.["max_connections"]) ?? this.#setting("max_db_connections");
  }

  /** 0: none. */
  #maxOfUser(user: string): number {
    const own = this.#users.get(user)?.["max_user_connections"];
    return numberIfAny(own) ?? this.#setting("max_user_connections");
  }

  #setting(name: string): number {
    return numberIn(this.said.settings.get(name) ?? "0");
  }

  #forcedUser(database: string): string | undefined {
    return textIfAny(this.#entries.get(database)?.["force_user"]);
  }

  /** A mode of the user goes before one of the entry. */
  #isSession(user: string, database: string): boolean {
    return (this.#ownMode(user) ?? this.#modeOf(database)) === session;
  }

  #ownMode(user: string): string | undefined {
    return textIfAny(this.#users.get(user)?.["pool_mode"]);
  }

  /** Whoever logs in to it. */
  #isSessionForAll(database: string): boolean {
    return this.#modeOf(database) === session && this.#all.hasNoOtherMode;
  }

  #modeOf(database: string): string {
    const own = textIfAny(this.#entries.get(database)?.["pool_mode"]);
    return own ?? this.said.settings.get("pool_mode") ?? session;
  }

  /** Once for all that are asked for: there may be thousands of users and entries. */
  #summary(): Summary {
    const names = [...this.#entries.keys()];
    const users = [...this.#users.keys()].filter((name) => name !== consoleName);
    return {
      names,
      isForced: names.some((name) => this.#forcedUser(name) !== undefined),
      areSession: ["", ...names].every((name) => this.#modeOf(name) === session),
      hasNoOtherMode: users.every((name) => (this.#ownMode(name) ?? session) === session),
    };
  }
}

function usersByEntry(
  pools: Rows,
  asked: readonly LoginPair[],
  entries: readonly string[],
): UsersOf {
  const found = new Map<string, Set<string>>(entries.map((name) => [name, new Set()]));
  for (const row of pools) {
    const user = textIfAny(row["user"]);
    if (user !== undefined) found.get(textIfAny(row["database"]) ?? "")?.add(user);
  }
  for (const { role, database } of asked) found.get(database)?.add(role);
  return found;
}

/** Of a host; a list of several is as long as it likes. */
const hostCharactersMax = 253;

/** As servers are called elsewhere. Without a host it is a socket of the pod. */
function serverOf({ host, port }: Row): string {
  const said = typeof host === "string" ? host.slice(0, hostCharactersMax).toLowerCase() : "";
  const name = said.includes(":") ? `[${said}]` : said || "unix";
  return `${name}:${numberIn(port, 65_535)}`;
}

function positive(slots: number, by: string): Bound | undefined {
  return slots > 0 ? { slots, by } : undefined;
}
