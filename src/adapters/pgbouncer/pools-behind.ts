// The pools that one process may open to the servers behind it, added up. Whoever has a pool in one
// process may get one in each: clients are spread by chance. So each process has all the users of
// all, and there may be tens of thousands. Users on the same databases, of whom a process says
// nothing of their own, have the same sizes: they are counted, and not gone through.

export type UsersOf = ReadonlyMap<string, ReadonlySet<string>>;

interface Group {
  readonly databases: readonly string[];
  readonly count: number;
}

export class KnownUsers {
  readonly #databases = new Map<string, string[]>();
  readonly #groups = new Map<string, Group>();

  constructor(ofPods: readonly UsersOf[]) {
    for (const [database, users] of united(ofPods)) {
      for (const user of users) {
        const known = this.#databases.get(user);
        if (known) known.push(database);
        else this.#databases.set(user, [database]);
      }
    }
    for (const databases of this.#databases.values()) {
      const name = nameOf(databases);
      this.#groups.set(name, { databases, count: (this.#groups.get(name)?.count ?? 0) + 1 });
    }
  }

  databasesOf(user: string): readonly string[] {
    return this.#databases.get(user) ?? [];
  }

  /** All but these. */
  groupsWithout(users: Iterable<string>): readonly Group[] {
    const left = new Map<string, number>();
    for (const user of users) {
      const name = nameOf(this.databasesOf(user));
      left.set(name, (left.get(name) ?? 0) + 1);
    }
    return [...this.#groups].flatMap(([name, { databases, count }]) => {
      const rest = count - (left.get(name) ?? 0);
      return rest > 0 ? [{ databases, count: rest }] : [];
    });
  }
}

function nameOf(databases: readonly string[]): string {
  return databases.join("\n");
}

function united(ofPods: readonly UsersOf[]): UsersOf {
  const all = new Map<string, Set<string>>();
  for (const [database, users] of ofPods.flatMap((one) => [...one])) {
    const known = all.get(database) ?? new Set();
    for (const user of users) known.add(user);
    all.set(database, known);
  }
  return all;
}

/** One user, or many of whom nothing of their own is said. */
export interface PoolOwner {
  readonly user: string | undefined;
  readonly count: number;
  readonly databases: readonly string[];
}

interface Sizes {
  readonly serverOf: (database: string) => string | undefined;
  readonly poolOf: (user: string | undefined, database: string) => number;
  /** Infinity: none. */
  readonly maxOfUser: (user: string | undefined) => number;
  readonly maxOfEntry: (database: string) => number;
}

/** By server. Each user's pools are cut by the user's maximum, and each entry's by the entry's. */
export function maySlotsBehind(owners: readonly PoolOwner[], sizes: Sizes): Map<string, number> {
  const perEntry = new Map<string, number>();
  const perUser = new Map<string, number>();
  for (const { user, count, databases } of owners) {
    const onServers = new Map<string, number>();
    for (const database of databases) {
      const server = sizes.serverOf(database);
      if (server === undefined) continue;
      const slots = sizes.poolOf(user, database);
      add(perEntry, database, slots * count);
      add(onServers, server, slots);
    }
    for (const [server, slots] of onServers) {
      add(perUser, server, Math.min(slots, sizes.maxOfUser(user)) * count);
    }
  }
  const ofEntries = new Map<string, number>();
  for (const [database, slots] of perEntry) {
    add(ofEntries, sizes.serverOf(database) ?? "", Math.min(slots, sizes.maxOfEntry(database)));
  }
  return new Map(
    [...ofEntries].map(([server, slots]) => [server, Math.min(slots, perUser.get(server) ?? 0)]),
  );
}

function add(sums: Map<string, number>, name: string, slots: number): void {
  sums.set(name, (sums.get(name) ?? 0) + slots);
}
