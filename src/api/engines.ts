// The kinds of database server whose slots are shared out, and what is different about each: what a
// connection URI looks like, what the server keeps from applications, and its own words for its
// limits, which people know from its manual. Everything that is there once for each engine (the
// schema, how URIs are read, who reads the server) goes through this table, and whoever asks for a
// difference asks for it by name: so another engine is another line here and its adapter.

/** A setting that keeps slots from ordinary logins. */
interface Withholding {
  /** As the server calls it. */
  readonly by: string;
  /** As long as nobody has read it. */
  readonly usualSlots: number;
}

/** What is known of an engine, whichever it is. */
export interface Engine {
  /** For people, and in `spec.database.engine`. */
  readonly name: string;
  /** What `/health` calls its servers, as services do that report their own. */
  readonly service: "database" | "redis";
  /** What stands before :// in a connection URI; the first is the one that people are told. */
  readonly schemes: readonly [string, ...string[]];
  /** Where a server listens if nothing is said. */
  readonly port: number;
  /**
   * Its servers speak the protocol of that engine: a URI of that one is taken for one of this where
   * the policy names this one.
   */
  readonly speaks?: string;
  /** What people are told to write, where that does not follow from the scheme. */
  readonly uriForm?: string;
  /** The most connections that any server can be told to allow. */
  readonly connectionsMax: number;
  readonly withheld: readonly Withholding[];
  /** The setting that says how many connections there are. */
  readonly connectionsSetting: string;
  /** The setting after which it closes sessions that do nothing; absent: it is not read. */
  readonly idleSetting?: string;
  /** What lets more clients share fewer connections; undefined where there is nothing usual. */
  readonly pooler: string | undefined;
  /** What bounds the sessions of one role, or to one database. */
  readonly loginLimit: string;
  /** A role with it is shown where the sessions of other roles come from. */
  readonly sightRight: string;
  /** The statement that gives it to a role; undefined: to whichever reads. */
  readonly grantSight: (role: string | undefined) => string;
  /** It shows how sessions call themselves, as PostgreSQL's application_name. */
  readonly showsNames: boolean;
  /** Which of its sessions are at work, in its own words; undefined: it shows it of none. */
  readonly atWork: string | undefined;
  /** The statement that lets a role read the limits of others; absent: every role may. */
  readonly grantLimits?: (role: string | undefined) => string;
  /** What lists its clients, for people who look for one among them. */
  readonly listClients: string;
  /** What a role without it is not shown, and how those sessions count. */
  readonly withoutSight: string;
}

export const engines = {
  PostgreSQL: {
    name: "PostgreSQL",
    service: "database",
    schemes: ["postgresql", "postgres"],
    port: 5432,
    // MAX_BACKENDS.
    connectionsMax: 262_143,
    withheld: [
      { by: "superuser_reserved_connections", usualSlots: 3 },
      // From version 16 on.
      { by: "reserved_connections", usualSlots: 0 },
    ],
    connectionsSetting: "max_connections",
    pooler: "transaction pooler",
    loginLimit: "CONNECTION LIMIT",
    sightRight: "pg_monitor",
    listClients: "pg_stat_activity",
    showsNames: true,
    atWork: "state is not idle: active, or idle in transaction",
    grantSight: (role: string | undefined) => {
      return `GRANT pg_monitor TO ${identifier(role)}`;
    },
    withoutSight:
      "cannot see the client addresses of other roles' sessions: those of the applications' " +
      "roles count as the fleet's, up to what its pods can hold, and all others as foreign",
  },
  // MariaDB as well: what is different there, its adapter knows.
  MySQL: {
    name: "MySQL",
    service: "database",
    schemes: ["mysql", "mariadb"],
    port: 3306,
    connectionsMax: 100_000,
    // The slot for administrators stands beside max_connections, so nothing is kept from it.
    withheld: [],
    connectionsSetting: "max_connections",
    idleSetting: "wait_timeout",
    pooler: "transaction pooler",
    loginLimit: "max_user_connections",
    sightRight: "PROCESS",
    listClients: "SHOW PROCESSLIST",
    showsNames: false,
    atWork: "Command is not Sleep, or a transaction is open",
    grantSight: (role: string | undefined) => {
      return `GRANT PROCESS ON *.* TO ${account(role)}`;
    },
    grantLimits: (role: string | undefined) => {
      return `GRANT SELECT (User, Host, max_user_connections) ON mysql.user TO ${account(role)}`;
    },
    withoutSight:
      "cannot see the sessions of other users, only how many there are: they count as foreign",
  },
  // Valkey as well, which speaks the same protocol.
  Redis: {
    name: "Redis",
    service: "redis",
    schemes: ["redis", "rediss", "valkey", "valkeys"],
    port: 6379,
    // Each client has a descriptor of its own, and Linux gives a process about a million.
    connectionsMax: 1_000_000,
    // Nothing is kept for administrators; a cluster's own links count within maxclients.
    withheld: [{ by: "cluster_connections", usualSlots: 0 }],
    connectionsSetting: "maxclients",
    pooler: undefined,
    // It has none for a user.
    loginLimit: "limit",
    sightRight: "+client|list",
    listClients: "CLIENT LIST, then CLIENT KILL ID",
    showsNames: true,
    // It runs one command at a time.
    atWork: undefined,
    grantSight: (role: string | undefined) => {
      return `ACL SETUSER ${role ?? "its user"} +client|list`;
    },
    withoutSight:
      "cannot see the other clients of the server, only how many there are: they count as foreign",
  },
  // A pooler: what it limits is its clients, and the server behind it is another one.
  PgBouncer: {
    name: "PgBouncer",
    service: "database",
    // Nobody's own: what a policy's postgresql:// URI turns into.
    schemes: ["pgbouncer"],
    // Of a URI that says none. PgBouncer's own is 6432, and poolers in clusters listen on either.
    port: 5432,
    speaks: "PostgreSQL",
    uriForm: "postgresql://user:password@host:port/pgbouncer",
    // It has no limit of its own. What is above counts as this.
    connectionsMax: 262_143,
    withheld: [],
    connectionsSetting: "max_client_conn",
    pooler: undefined,
    loginLimit: "max_user_client_connections",
    sightRight: "stats_users",
    listClients: "SHOW CLIENTS",
    showsNames: true,
    // Its clients are not the sessions of the server behind it.
    atWork: undefined,
    grantSight: (role: string | undefined) => {
      return `stats_users = ${role ?? "that user"} in pgbouncer.ini`;
    },
    withoutSight: "cannot see the clients of others: they count as foreign",
  },
} as const satisfies Readonly<Record<string, Engine>>;

/** As PostgreSQL takes a name. */
function identifier(name: string | undefined): string {
  if (name === undefined) return "that role";
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** As MySQL takes a user, from any host where none is said. */
function account(name: string | undefined): string {
  if (name === undefined) return "its account";
  const at = name.lastIndexOf("@");
  const [user, host] = at < 0 ? [name, "%"] : [name.slice(0, at), name.slice(at + 1)];
  return [user, host].map((part) => `'${part.replaceAll(/['\\]/g, "\\$&")}'`).join("@");
}

export type EngineName = keyof typeof engines;

export const engineNames = Object.keys(engines) as readonly EngineName[];

/** Of a policy that names none. */
export const usualEngine: EngineName = "PostgreSQL";

/** `PostgreSQL, MySQL, Redis or PgBouncer` */
export const enginesInWords = engineNames.join(", ").replace(/, (?=[^,]*$)/, " or ");

/** The engine that a connection URI is of, by what it begins with. */
export function engineOfUri(uri: string): EngineName | undefined {
  return engineNames.find((name) =>
    engines[name].schemes.some((scheme) => uri.startsWith(`${scheme}://`)),
  );
}

/** The URI as a policy means it that names this engine. */
export function meantUri(uri: string, engine: EngineName): string {
  const { schemes, speaks }: Engine = engines[engine];
  const found = engineOfUri(uri);
  if (found === undefined || found !== speaks) return uri;
  return `${schemes[0]}${uri.slice(uri.indexOf("://"))}`;
}

/** As a status says it; the usual one where it says none, or one that a newer release knows. */
export function engineNamed(name: string | undefined): Engine {
  const known = engineNames.find((one) => one === name);
  return engines[known ?? usualEngine];
}

/** What people are told to write. */
export function uriFormOf({ schemes: [scheme], uriForm }: UriForm): string {
  return `write ${uriForm ?? `${scheme}://user:password@host:port/database`}`;
}

export type UriForm = Pick<Engine, "schemes" | "uriForm">;

/** One value for each engine, under its name. */
export function byEngine<T>(make: (engine: EngineName) => T): Readonly<Record<EngineName, T>> {
  const entries = engineNames.map((engine) => [engine, make(engine)] as const);
  return Object.fromEntries(entries) as Record<EngineName, T>;
}
