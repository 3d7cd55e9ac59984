// How long a pool keeps a connection, by library: the variable that says it, and what the library
// does where nothing says it. A server that closes idle connections sooner (MySQL's wait_timeout)
// leaves dead ones in the pool. Of a library that nobody names only what stands in the template is
// known. node's mysql2 is not here: it notices when the server closes a connection.

import { presetOfSize } from "./preset-names.ts";
import { type PresetName, presets } from "./presets.ts";
import { variablePrefix } from "./prefixes.ts";
import { idleLifetimeName } from "./profiles.ts";
import type { WorkloadEntry } from "./poolpolicy.ts";

export interface Lifetime {
  /** Library and setting, for people. */
  readonly setting: string;
  /** Variable that sets it. */
  readonly variable: string;
  /** Any variable that ends with it is meant. */
  readonly isEnding?: true;
  /** The variable counts in these. */
  readonly unitMs: number;
  /** Where nothing is said; 0: for ever; absent: nobody knows. */
  readonly usualMs?: number;
  /** What is below it, and not 0, the library takes for its usual one. */
  readonly leastMs?: number;
}

/** `variable`: what stands behind the prefix. */
const lifetimes: Readonly<Partial<Record<PresetName, Lifetime>>> = {
  generic: {
    setting: "the pool's idle lifetime",
    variable: idleLifetimeName.slice("DB_".length),
    unitMs: 1_000,
  },
  hikari: {
    setting: "HikariCP's maxLifetime",
    variable: "MAXLIFETIME",
    unitMs: 1,
    usualMs: 1_800_000,
    leastMs: 30_000,
  },
  tomcat: { setting: "Tomcat JDBC's maxAge", variable: "MAXAGE", unitMs: 1, usualMs: 0 },
  dbcp2: {
    setting: "DBCP2's maxConnLifetimeMillis",
    variable: "MAXCONNLIFETIMEMILLIS",
    unitMs: 1,
    usualMs: 0,
  },
};

/** It alone has an overflow. */
const sqlAlchemy: Lifetime = {
  setting: "SQLAlchemy's pool_recycle",
  variable: "POOL_RECYCLE",
  isEnding: true,
  unitMs: 1_000,
  usualMs: 0,
};

/** Of the pool that an entry speaks of; undefined where it has none. */
export function lifetimeOf({
  env,
  preset = "generic",
  prefix,
}: Pick<WorkloadEntry, "env" | "preset" | "prefix">): Lifetime | undefined {
  if (env?.overflow !== undefined) return sqlAlchemy;
  const named = env === undefined ? { preset, prefix } : presetOfSize(env.maxSize);
  const library = named ?? { preset: "generic" as const };
  const found = lifetimes[library.preset];
  const under = library.prefix ?? presets[library.preset].prefix;
  if (found === undefined || under === undefined) return undefined;
  return { ...found, variable: variablePrefix(under) + found.variable };
}

/** The most of an idle limit that a lifetime should have. */
const percentOfIdleLimit = 90;

/** The longest good lifetime below an idle limit, in milliseconds: 600 s → 540,000. */
export function longestLifetimeMs(idleTimeoutSeconds: number): number {
  return idleTimeoutSeconds * 10 * percentOfIdleLimit;
}
