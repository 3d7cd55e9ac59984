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
  /** What stands before :// in a connection URI; the first is the one that people are told. */
  readonly schemes: readonly [string, ...string[]];
  /** Where a server listens if nothing is said. */
  readonly port: number;
  /** The most connections that any server can be told to allow. */
  readonly connectionsMax: number;
  readonly withheld: readonly Withholding[];
  /** The setting that says how many connections there are. */
  readonly connectionsSetting: string;
  /** What bounds the sessions of one role, or to one database. */
  readonly loginLimit: string;
  /** A role with it is shown where the sessions of other roles come from. */
  readonly sightRight: string;
  /** The statement that gives it to a role. */
  readonly grantSight: (role: string) => string;
}

export const engines = {
  PostgreSQL: {
    name: "PostgreSQL",
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
    loginLimit: "CONNECTION LIMIT",
    sightRight: "pg_monitor",
    grantSight: (role: string) => `GRANT pg_monitor TO ${role}`,
  },
} as const satisfies Readonly<Record<string, Engine>>;

export type EngineName = keyof typeof engines;

export const engineNames = Object.keys(engines) as readonly EngineName[];

/** Of a policy that names none. */
export const usualEngine: EngineName = "PostgreSQL";

/** `PostgreSQL or MySQL` */
export const enginesInWords = engineNames.join(" or ");

/** The engine that a connection URI is of, by what it begins with. */
export function engineOfUri(uri: string): EngineName | undefined {
  return engineNames.find((name) =>
    engines[name].schemes.some((scheme) => uri.startsWith(`${scheme}://`)),
  );
}

/** What people are told to write. */
export function uriFormOf({ schemes: [scheme] }: Pick<Engine, "schemes">): string {
  return `write ${scheme}://user:password@host:port/database`;
}

/** One value for each engine, under its name. */
export function byEngine<T>(make: (engine: EngineName) => T): Readonly<Record<EngineName, T>> {
  const entries = engineNames.map((engine) => [engine, make(engine)] as const);
  return Object.fromEntries(entries) as Record<EngineName, T>;
}
