// A PostgreSQL server as its clients meet it: it refuses whoever comes when its slots, or those of
// a role or a database, are taken, and keeps the sessions of lost machines until its keepalive
// notices. Sessions that look alike are one group with a count, as in a grouped pg_stat_activity.

import type { DatabaseReading, SessionGroup } from "../../../src/domain/facts.ts";
import type { Clock } from "../../../src/ports.ts";

/** Who connects. */
export type Login = Omit<SessionGroup, "count" | "address"> & { readonly address: string };

export interface PostgresSettings {
  maxConnections: number;
  superuserReserved: number;
  reserved: number;
  /** CONNECTION LIMIT of roles and databases; what is not named has none. */
  roleLimits: Record<string, number>;
  databaseLimits: Record<string, number>;
  /** False: our role is no member of pg_monitor. */
  seesAllSessions: boolean;
  systemIdentifier: string | undefined;
  isStandby: boolean;
  versionNumber: number;
}

const defaults: PostgresSettings = {
  maxConnections: 200,
  superuserReserved: 3,
  reserved: 0,
  roleLimits: {},
  databaseLimits: {},
  seesAllSessions: true,
  systemIdentifier: "7000000000000000001",
  isStandby: false,
  versionNumber: 180_004,
};

/** Why a login was refused. */
export type Refusal = "Down" | "Full" | "RoleFull" | "DatabaseFull";

interface Group {
  readonly login: Login;
  count: number;
}

export class SimulatedPostgres {
  readonly settings: PostgresSettings;
  readonly #clock: Clock;
  readonly #groups = new Map<string, Group>();
  readonly #byRole = new Map<string, number>();
  readonly #byDatabase = new Map<string, number>();
  readonly #onChange = new Set<() => void>();
  #total = 0;
  #refused = 0;
  #peak = 0;
  #isUp = true;
  /** Counts restarts: what an earlier life held is gone. */
  #life = 0;
  #rows: readonly SessionGroup[] | undefined;
  postmasterStartMs: number;

  constructor(clock: Clock, settings: Partial<PostgresSettings> = {}) {
    this.#clock = clock;
    this.settings = { ...defaults, ...settings };
    this.postmasterStartMs = clock.nowMs();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Client sessions that exist, ghosts and our own included. */
  get total(): number {
    return this.#total;
  }

  /** The most sessions that ever were at once. */
  get peak(): number {
    return this.#peak;
  }

  /** Logins that were refused because slots were taken. */
  get refused(): number {
    return this.#refused;
  }

  /** Slots for ordinary logins. */
  get ordinary(): number {
    const { maxConnections, superuserReserved, reserved } = this.settings;
    return maxConnections - superuserReserved - reserved;
  }

  /** Opens up to `wanted` sessions; answers how many it let in. */
  connect(login: Login, wanted: number): number {
    const accepted = Math.max(0, Math.min(wanted, this.#room(login)));
    if (this.#isUp) this.#refused += wanted - accepted;
    this.#change(login, accepted);
    return accepted;
  }

  disconnect(login: Login, count: number): void {
    const held = this.#groups.get(keyOf(login))?.count ?? 0;
    this.#change(login, -Math.min(count, held));
  }

  /** Their machine is lost: the server keeps the sessions until the keepalive notices. */
  abandon(login: Login, count: number, keepaliveMs: number): void {
    const life = this.#life;
    this.#clock.after(keepaliveMs, () => {
      if (life === this.#life) this.disconnect(login, count);
    });
  }

  /** Why the next login would be refused; undefined if it would not. */
  refusal(login: Login): Refusal | undefined {
    if (!this.#isUp) return "Down";
    if (this.#room(login) > 0) return undefined;
    if (this.#total >= this.ordinary) return "Full";
    return this.#left(this.settings.roleLimits, this.#byRole, login.user) <= 0
      ? "RoleFull"
      : "DatabaseFull";
  }

  countOf(login: Login): number {
    return this.#groups.get(keyOf(login))?.count ?? 0;
  }

  /** Of somebody who is no pod. */
  openForeign(login: Login, count: number): number {
    return this.connect(login, count);
  }

  closeForeign(login: Login, count: number): void {
    this.disconnect(login, count);
  }

  /** All sessions are lost. With other settings it comes back with those. */
  restart(downMs: number, settings: Partial<PostgresSettings> = {}): void {
    this.stop();
    const life = this.#life;
    this.#clock.after(downMs, () => {
      if (life === this.#life) this.start(settings);
    });
  }

  /** A standby takes over under the same name: the same data, another server process. */
  failOver(downMs: number, settings: Partial<PostgresSettings> = {}): void {
    this.restart(downMs, settings);
  }

  stop(): void {
    this.#isUp = false;
    this.#life++;
    this.#groups.clear();
    this.#byRole.clear();
    this.#byDatabase.clear();
    this.#total = 0;
    this.#rows = undefined;
    this.#tell();
  }

  start(settings: Partial<PostgresSettings> = {}): void {
    Object.assign(this.settings, settings);
    this.#isUp = true;
    this.postmasterStartMs = this.#clock.nowMs();
    this.#tell();
  }

  /** Called when it goes down, with all sessions, and when it is up again. */
  onChange(tell: () => void): void {
    this.#onChange.add(tell);
  }

  /** What one round trip of `self`, who holds a session, yields. */
  read(self: Login, names: Pick<DatabaseReading, "atMs"> & AskedLimits): DatabaseReading {
    const { settings } = this;
    return {
      atMs: names.atMs,
      versionNumber: settings.versionNumber,
      systemIdentifier: settings.systemIdentifier,
      isStandby: settings.isStandby,
      maxConnections: settings.maxConnections,
      superuserReservedConnections: settings.superuserReserved,
      reservedConnections: settings.reserved,
      roleLimits: pick(settings.roleLimits, names.roles),
      databaseLimits: pick(settings.databaseLimits, names.databases),
      seesAllSessions: settings.seesAllSessions,
      sessions: this.#sessionsBeside(self),
      ownSessions: 1,
    };
  }

  #tell(): void {
    for (const tell of this.#onChange) tell();
  }

  #room({ user, database }: Login): number {
    if (!this.#isUp) return 0;
    const { roleLimits, databaseLimits } = this.settings;
    return Math.min(
      this.ordinary - this.#total,
      this.#left(roleLimits, this.#byRole, user),
      this.#left(databaseLimits, this.#byDatabase, database),
    );
  }

  #left(
    limits: Readonly<Record<string, number>>,
    held: ReadonlyMap<string, number>,
    name: string,
  ): number {
    const limit = limits[name] ?? -1;
    return limit < 0 ? Infinity : limit - (held.get(name) ?? 0);
  }

  #change(login: Login, by: number): void {
    if (by === 0) return;
    const key = keyOf(login);
    const group = this.#groups.get(key) ?? { login, count: 0 };
    group.count += by;
    if (group.count > 0) this.#groups.set(key, group);
    else this.#groups.delete(key);
    add(this.#byRole, login.user, by);
    add(this.#byDatabase, login.database, by);
    this.#total += by;
    this.#peak = Math.max(this.#peak, this.#total);
    this.#rows = undefined;
  }

  #sessionsBeside(self: Login): readonly SessionGroup[] {
    this.#rows ??= this.#readRows(self.user);
    const own = keyOf(self);
    return this.#rows.flatMap((row) => {
      if (row.address === undefined || keyOf({ ...row, address: row.address }) !== own) return row;
      return row.count > 1 ? [{ ...row, count: row.count - 1 }] : [];
    });
  }

  /** Grouped and ordered as the statement of the adapter does it. */
  #readRows(user: string): readonly SessionGroup[] {
    const rows = new Map<string, SessionGroup>();
    const groups = [...this.#groups].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [, { login, count }] of groups) {
      const isSeen = this.settings.seesAllSessions || login.user === user;
      const row = { ...login, address: isSeen ? login.address : undefined };
      const key = keyOf({ ...row, address: row.address ?? "?" });
      rows.set(key, { ...row, count: count + (rows.get(key)?.count ?? 0) });
    }
    return [...rows.values()];
  }
}

interface AskedLimits {
  readonly roles: readonly string[];
  readonly databases: readonly string[];
}

/** Roles and databases that are asked for all exist: without a limit of their own they say -1. */
function pick(
  limits: Readonly<Record<string, number>>,
  names: readonly string[],
): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, limits[name] ?? -1]));
}

function keyOf({ user, database, applicationName, address }: Login): string {
  return `${user}\u0000${database}\u0000${applicationName}\u0000${address}`;
}

function add(counts: Map<string, number>, name: string, by: number): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}
