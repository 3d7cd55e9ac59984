// A PostgreSQL server as its clients meet it: it refuses whoever comes when its slots, or those of
// a role or a database, are taken, keeps the sessions of lost machines until its keepalive notices,
// and loses all of them when it restarts.

import { withheld } from "../../support/builders.ts";
import type { DatabaseReading } from "../../../src/domain/facts/facts.ts";
import type { Clock } from "../../../src/ports.ts";
import { type Login, SessionTable } from "./session-table.ts";

export type { Login } from "./session-table.ts";
import type { PoolerTier } from "./pooler-tier.ts";
import { threeOfFive, type WorkAt } from "./work-at.ts";

/** May be changed at any time; what only a restart changes, a restart should. */
export interface PostgresSettings {
  maxConnections: number;
  superuserReserved: number;
  reserved: number;
  /** CONNECTION LIMIT of roles and databases; what is not named is not told of and has none. */
  roleLimits: Record<string, number>;
  databaseLimits: Record<string, number>;
  /** False: nobody but `monitors` sees where the sessions of others come from. */
  seesAllSessions: boolean;
  /** What stands before it lets it see the address of a pod's node instead of the pod's own. */
  isBehindTranslation: boolean;
  /** Members of pg_use_reserved_connections. */
  reservedRoles: readonly string[];
  /** Roles with pg_monitor all the same. */
  monitors: readonly string[];
  /** A role that is not named gets in with any password. */
  passwords: Record<string, string>;
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
  isBehindTranslation: false,
  reservedRoles: [],
  monitors: [],
  passwords: {},
  systemIdentifier: "7000000000000000001",
  isStandby: false,
  versionNumber: 180_004,
};

/** Why a login was refused. */
export type Refusal = "Down" | "Full" | "RoleFull" | "DatabaseFull";

/** What a reading asks for. */
export interface Question {
  readonly atMs: number;
  readonly roles: readonly string[];
  readonly databases: readonly string[];
}

export class SimulatedPostgres {
  readonly settings: PostgresSettings;
  workAt: WorkAt = threeOfFive;
  /** Of one that is a pooler. */
  tier: PoolerTier | undefined;
  readonly #clock: Clock;
  readonly #sessions = new SessionTable();
  readonly #onChange = new Set<() => void>();
  #refused = 0;
  #peak = 0;
  #isUp = true;
  /** Counts restarts: what an earlier life held is gone. */
  #life = 0;
  #postmasterStartMs: number;

  constructor(clock: Clock, settings: Partial<PostgresSettings> = {}) {
    this.#clock = clock;
    this.settings = structuredClone({ ...defaults, ...settings });
    this.#postmasterStartMs = clock.nowMs();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get postmasterStartMs(): number {
    return this.#postmasterStartMs;
  }

  /** Client sessions that exist, ghosts and our own included. */
  get total(): number {
    return this.#sessions.total;
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

  countOf(login: Login): number {
    return this.#sessions.countOf(login);
  }

  /** Sessions of operators. */
  get ofOperators(): number {
    return this.ofApplication("poolwarden");
  }

  ofApplication(name: string): number {
    return this.#sessions.ofApplication(name);
  }

  /** Opens up to `wanted` sessions; answers how many it let in. */
  connect(login: Login, wanted: number): number {
    const accepted = Math.max(0, Math.min(wanted, this.#room(login)));
    if (this.#isUp) this.#refused += wanted - accepted;
    this.#sessions.change(login, accepted);
    this.#peak = Math.max(this.#peak, this.total);
    return accepted;
  }

  disconnect(login: Login, count: number): void {
    this.#sessions.change(login, -Math.min(count, this.countOf(login)));
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
    if (this.total >= this.#slotsFor(login)) return "Full";
    if (this.#roomOfRole(login) <= 0) return "RoleFull";
    return this.#roomOfDatabase(login) <= 0 ? "DatabaseFull" : undefined;
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
    this.#sessions.clear();
    this.#tell();
  }

  start(settings: Partial<PostgresSettings> = {}): void {
    Object.assign(this.settings, settings);
    this.#isUp = true;
    this.#postmasterStartMs = this.#clock.nowMs();
    this.#tell();
  }

  /** Called when it goes down, with all sessions, and when it is up again. */
  onChange(tell: () => void): void {
    this.#onChange.add(tell);
  }

  /** What one round trip of `self`, who holds a session, yields. */
  read(self: Login, { atMs, roles, databases }: Question): DatabaseReading {
    const { settings } = this;
    const seesAllSessions = settings.seesAllSessions || settings.monitors.includes(self.user);
    return {
      atMs,
      role: self.user,
      versionNumber: settings.versionNumber,
      systemIdentifier: settings.systemIdentifier,
      startedAtMicroseconds: this.#postmasterStartMs * 1_000,
      isStandby: settings.isStandby,
      maxConnections: settings.maxConnections,
      withheld: withheld(settings.superuserReserved, settings.reserved),
      roleLimits: pick(settings.roleLimits, roles),
      databaseLimits: pick(settings.databaseLimits, databases),
      seesAllSessions,
      sessions: this.#sessions.rowsFor(self, (user) => seesAllSessions || user === self.user),
      ownSessions: this.#ownSessions(self),
      ...this.tier?.said(),
    };
  }

  /** The one that reads, then those by other names of the server. */
  #ownSessions({ user, database, ...more }: Login): DatabaseReading["ownSessions"] {
    const others = this.countOf({ user, database, ...more }) - 1;
    const one = { user, database, count: 1 };
    return others > 0 ? [one, { user, database, count: others }] : [one];
  }

  #tell(): void {
    for (const tell of this.#onChange) tell();
  }

  /** A member of pg_use_reserved_connections gets in where others do not. */
  #slotsFor({ user }: Login): number {
    const { reservedRoles, reserved } = this.settings;
    return this.ordinary + (reservedRoles.includes(user) ? reserved : 0);
  }

  #room(login: Login): number {
    if (!this.#isUp) return 0;
    return Math.min(
      this.#slotsFor(login) - this.total,
      this.#roomOfRole(login),
      this.#roomOfDatabase(login),
    );
  }

  #roomOfRole({ user }: Login): number {
    const isOfFleet = this.tier && user === "app";
    const limit = isOfFleet ? this.tier?.clientSlots : this.settings.roleLimits[user];
    return left(limit, this.#sessions.ofRole(user));
  }

  #roomOfDatabase({ database }: Login): number {
    return left(this.settings.databaseLimits[database], this.#sessions.ofDatabase(database));
  }
}

function left(limit: number | undefined, held: number): number {
  return limit === undefined || limit < 0 ? Infinity : limit - held;
}

function pick(
  limits: Readonly<Record<string, number>>,
  names: readonly string[],
): Record<string, number> {
  return Object.fromEntries(
    names.flatMap((name) => (limits[name] === undefined ? [] : [[name, limits[name]]])),
  );
}
