// Who is connected to a server: groups of sessions that look alike, with the sums that limits are
// held against. The rows of a reading are made anew only when something has changed.

import type { SessionGroup } from "../../../src/domain/facts/facts.ts";

/** Who connects. */
export type Login = Omit<SessionGroup, "count" | "address"> & { readonly address: string };

interface Group {
  readonly login: Login;
  count: number;
}

/** Whether a reader may see where the sessions of a role come from. */
export type Sees = (user: string) => boolean;

export class SessionTable {
  readonly #groups = new Map<string, Group>();
  readonly #byRole = new Map<string, number>();
  readonly #byDatabase = new Map<string, number>();
  #total = 0;
  #rows: { readonly reader: string; readonly rows: readonly SessionGroup[] } | undefined;

  get total(): number {
    return this.#total;
  }

  countOf(login: Login): number {
    return this.#groups.get(keyOf(login))?.count ?? 0;
  }

  ofRole(role: string): number {
    return this.#byRole.get(role) ?? 0;
  }

  ofDatabase(database: string): number {
    return this.#byDatabase.get(database) ?? 0;
  }

  ofApplication(name: string): number {
    const groups = [...this.#groups.values()];
    return groups.reduce(
      (sum, { login, count }) => sum + (login.applicationName === name ? count : 0),
      0,
    );
  }

  change(login: Login, by: number): void {
    if (by === 0) return;
    const key = keyOf(login);
    const group = this.#groups.get(key) ?? { login, count: 0 };
    group.count += by;
    if (group.count > 0) this.#groups.set(key, group);
    else this.#groups.delete(key);
    this.#byRole.set(login.user, this.ofRole(login.user) + by);
    this.#byDatabase.set(login.database, this.ofDatabase(login.database) + by);
    this.#total += by;
    this.#rows = undefined;
  }

  clear(): void {
    this.#groups.clear();
    this.#byRole.clear();
    this.#byDatabase.clear();
    this.#total = 0;
    this.#rows = undefined;
  }

  /** Grouped and ordered as the adapter's statement does it, without sessions of the reader. */
  rowsFor(self: Login, sees: Sees): readonly SessionGroup[] {
    const reader = `${keyOf(self)} ${String(sees(""))}`;
    if (this.#rows?.reader !== reader) {
      this.#rows = { reader, rows: this.#readRows(keyOf(self), sees) };
    }
    return this.#rows.rows;
  }

  #readRows(own: string, sees: Sees): readonly SessionGroup[] {
    const rows = new Map<string, SessionGroup>();
    const groups = [...this.#groups].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [key, { login, count }] of groups) {
      if (key === own) continue;
      const address = sees(login.user) ? login.address : undefined;
      const look = keyOf({ ...login, address: address ?? "?" });
      rows.set(look, { ...login, address, count: count + (rows.get(look)?.count ?? 0) });
    }
    return [...rows.values()];
  }
}

function keyOf({ user, database, applicationName, address }: Login): string {
  return `${user}\u0000${database}\u0000${applicationName}\u0000${address}`;
}
