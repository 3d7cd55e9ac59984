// Which environment variables carry the pool size, by library, and what the library does without
// them. The Spring Boot names are the documented form of its relaxed binding: dots become
// underscores and dashes disappear (`maximum-pool-size` → MAXIMUMPOOLSIZE). Boot also reads the
// form with underscores (MAXIMUM_POOL_SIZE), but only where the documented one is not set, so
// ours always wins; a template may carry the other one, which is why it is listed as a name to
// read from. A further pool is bound under a prefix of its own, which the entry names.

import type { WorkloadEntry } from "./poolpolicy.ts";
import { propertyPrefix } from "./prefixes.ts";

export type PresetName = NonNullable<WorkloadEntry["preset"]>;

export interface Preset {
  /** Library, for people. */
  readonly library: string;
  /** What its names begin with, where a policy may give another one in `prefix`. */
  readonly prefix?: string;
  /** Variable of the pool's minimum. */
  readonly minSize: string;
  /** Variable of the pool's maximum: the pool size. */
  readonly maxSize: string;
  /**
   * Variables that get the pool size as well. Tomcat JDBC and DBCP2 have a limit of idle
   * connections of their own: below the maximum it closes connections as soon as they are
   * returned, above it Tomcat warns at each start.
   */
  readonly followsMaxSize: readonly string[];
  /** Variable of what a pool may open beyond its maximum: it gets 0. */
  readonly overflow?: string;
  /** What it may open beyond its maximum where nothing is said. */
  readonly usualOverflow: number;
  /**
   * Other spellings of maxSize that the library reads where maxSize itself is not set: keys that
   * are looked up in a ConfigMap or Secret. Of variables any spelling is known (relaxed-names.ts).
   */
  readonly maxSizeAliases: readonly string[];
  /** Its size is a property, of which an argument or a field of JSON has to say the whole name. */
  readonly bindsProperties: boolean;
  /**
   * Values below it are no limit to the library. 1: 0 and less are; 0: less than 0 is; -Infinity:
   * none is (HikariCP does not start, Tomcat JDBC takes its default).
   */
  readonly unlimitedBelow: number;
  /** A parameter of a connection URL may be the pool's size, by which client the process has. */
  readonly readsUrl: boolean;
  /** It does not start where its minimum is above its maximum: asyncpg, Agroal. */
  readonly refusesLargeMinimum: boolean;
  /** Pool size, in connections, of a pod where nothing is set: the library's own default. */
  readonly unmanagedPoolSize: number;
}

/** The presets that a workload entry can name. */
export const presets: Readonly<Record<PresetName, Preset>> = {
  generic: {
    library: "any pool that reads DB_POOL_MIN_SIZE and DB_POOL_MAX_SIZE (asyncpg's default is 10)",
    prefix: "db",
    minSize: "DB_POOL_MIN_SIZE",
    maxSize: "DB_POOL_MAX_SIZE",
    followsMaxSize: [],
    maxSizeAliases: [],
    bindsProperties: false,
    unlimitedBelow: 1,
    readsUrl: true,
    refusesLargeMinimum: true,
    // SQLAlchemy's.
    usualOverflow: 10,
    unmanagedPoolSize: 10,
  },
  hikari: {
    library: "HikariCP in Spring Boot (spring.datasource.hikari)",
    prefix: "spring.datasource.hikari",
    minSize: "SPRING_DATASOURCE_HIKARI_MINIMUMIDLE",
    maxSize: "SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE",
    followsMaxSize: [],
    maxSizeAliases: springAliases("spring.datasource.hikari", "maximum-pool-size"),
    bindsProperties: true,
    unlimitedBelow: -Infinity,
    readsUrl: false,
    refusesLargeMinimum: false,
    usualOverflow: 0,
    unmanagedPoolSize: 10,
  },
  tomcat: {
    library: "Tomcat JDBC in Spring Boot (spring.datasource.tomcat)",
    prefix: "spring.datasource.tomcat",
    minSize: "SPRING_DATASOURCE_TOMCAT_MINIDLE",
    maxSize: "SPRING_DATASOURCE_TOMCAT_MAXACTIVE",
    followsMaxSize: ["SPRING_DATASOURCE_TOMCAT_MAXIDLE"],
    maxSizeAliases: springAliases("spring.datasource.tomcat", "max-active"),
    bindsProperties: true,
    unlimitedBelow: -Infinity,
    readsUrl: false,
    refusesLargeMinimum: false,
    usualOverflow: 0,
    unmanagedPoolSize: 100,
  },
  dbcp2: {
    library: "Commons DBCP2 in Spring Boot (spring.datasource.dbcp2)",
    prefix: "spring.datasource.dbcp2",
    minSize: "SPRING_DATASOURCE_DBCP2_MINIDLE",
    maxSize: "SPRING_DATASOURCE_DBCP2_MAXTOTAL",
    followsMaxSize: ["SPRING_DATASOURCE_DBCP2_MAXIDLE"],
    maxSizeAliases: springAliases("spring.datasource.dbcp2", "max-total"),
    bindsProperties: true,
    unlimitedBelow: 0,
    readsUrl: false,
    refusesLargeMinimum: false,
    usualOverflow: 0,
    unmanagedPoolSize: 8,
  },
  pgbouncer: pgbouncer(""),
  "pgbouncer-bitnami": pgbouncer("PGBOUNCER_"),
  // What bounds a pod of it whatever its users: all that it opens to one database.
  "pgbouncer-zalando": {
    library: "the pooler of Zalando's operator (max_db_connections of its image)",
    minSize: "CONNECTION_POOLER_MIN_SIZE",
    maxSize: "CONNECTION_POOLER_MAX_DB_CONN",
    followsMaxSize: [],
    maxSizeAliases: [],
    bindsProperties: false,
    unlimitedBelow: 1,
    readsUrl: false,
    refusesLargeMinimum: false,
    usualOverflow: 0,
    // The operator's 60 for two pods.
    unmanagedPoolSize: 30,
  },
};

/** One pool of PgBouncer: of a database entry and a user. The images differ in a prefix. */
function pgbouncer(prefix: "" | "PGBOUNCER_"): Preset {
  const image = prefix === "" ? "edoburu/pgbouncer" : "bitnami/pgbouncer";
  return {
    library: `PgBouncer in the image ${image} (default_pool_size)`,
    minSize: `${prefix}MIN_POOL_SIZE`,
    maxSize: `${prefix}DEFAULT_POOL_SIZE`,
    followsMaxSize: [],
    overflow: `${prefix}RESERVE_POOL_SIZE`,
    maxSizeAliases: [],
    bindsProperties: false,
    // From 1.24 on; before, it takes nobody in.
    unlimitedBelow: 1,
    readsUrl: false,
    refusesLargeMinimum: false,
    usualOverflow: 0,
    unmanagedPoolSize: 20,
  };
}

/** Every variable that it writes. */
export function namesOfPreset(preset: Preset): readonly string[] {
  const { minSize, maxSize, followsMaxSize, overflow } = preset;
  return [minSize, maxSize, ...followsMaxSize, ...(overflow === undefined ? [] : [overflow])];
}

/** The legacy form, the same with dashes, and the property itself. */
export function springAliases(prefix: string, property: string): readonly string[] {
  const whole = `${propertyPrefix(prefix)}.${property}`;
  const upper = whole.toUpperCase().replaceAll(".", "_");
  return [upper.replaceAll("-", "_"), upper, whole];
}
