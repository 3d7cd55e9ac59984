// The one statement that a reading is, and the check of what comes back. Every function and
// operator is named with its schema, so that no object which somebody put into another schema is
// ever called: our role may be powerful, and whoever may create functions must not gain its rights.

import { engines } from "../../api/engines.ts";
import type { SessionGroup } from "../../domain/facts/facts.ts";
import {
  address,
  count,
  expectPossible,
  flag,
  known,
  list,
  parsed,
  record,
  text,
} from "../database/answers.ts";
import type { Answer } from "../database/reader.ts";

const { connectionsMax } = engines.PostgreSQL;

/** What a login that may not see kinds takes for sessions: parallel workers and walsenders. */
const maxWorkers = 1_024;

/** Session settings, as libpq's `options`. They stand above what ALTER ROLE or DATABASE set. */
export function sessionOptions(statementTimeoutMs: number): string {
  return [
    // We only look. A mistake of ours, or of the server's owner, must not become a write.
    "-c default_transaction_read_only=on",
    // The names below carry their schema; temporary objects come last all the same.
    "-c search_path=pg_catalog,pg_temp",
    `-c statement_timeout=${statementTimeoutMs}`,
    // If our machine vanishes, the server lets go of our slot after 90 s instead of two hours.
    "-c tcp_keepalives_idle=60 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3",
  ].join(" ");
}

/**
 * SQL of one reading for PostgreSQL 13 to 18: one row, one JSON column `answer`. Parameters: names
 * of roles, names of databases. `withIdentifier` needs the right to execute pg_control_system and
 * pg_postmaster_start_time, which PostgreSQL checks before the first row: no condition inside the
 * statement could guard it.
 */
export function readingSql(withIdentifier: boolean): string {
  return `SELECT pg_catalog.json_build_object(
  'role', CURRENT_USER,
  'processId', pg_catalog.pg_backend_pid(),
  'versionNumber', ${setting("server_version_num")},
  'systemIdentifier', ${withIdentifier ? systemIdentifier : "NULL"},
  'startedAtMicroseconds', ${withIdentifier ? startedAt : "NULL"},
  'isStandby', pg_catalog.pg_is_in_recovery(),
  'maxConnections', ${setting("max_connections")},
  'superuserReservedConnections', ${setting("superuser_reserved_connections")},
  'reservedConnections', ${reservedConnections},
  'roleLimits', ${roleLimits},
  'databaseLimits', ${databaseLimits},
  'seesAllSessions', pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE'),
  'sessions', ${sessions}
) AS answer`;
}

function setting(name: string): string {
  return `pg_catalog.current_setting('${name}')::pg_catalog.int4`;
}

// As text: it is a 64-bit number, more than a JavaScript number holds exactly.
const systemIdentifier =
  "(SELECT c.system_identifier::pg_catalog.text FROM pg_catalog.pg_control_system() AS c)";

// Whole microseconds, as the server keeps it: as a text it would depend on the session's settings.
const startedAt = `(pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time())
    OPERATOR(pg_catalog.*) 1000000)::pg_catalog.int8`;

// The settings that only some servers have: reserved_connections from PostgreSQL 16, and what
// Amazon RDS keeps for its own administrators. Anybody may set a name with a dot, for a role or for
// a session; pg_settings lists only what the server itself defines, and of that we take what no
// session can change.
const reservedConnections = `(
    SELECT COALESCE(pg_catalog.sum(s.setting::pg_catalog.int4), 0)
    FROM pg_catalog.pg_settings AS s
    WHERE s.name OPERATOR(pg_catalog.=) ANY (ARRAY[
        'reserved_connections', 'rds.rds_superuser_reserved_connections'])
      AND s.context OPERATOR(pg_catalog.=) ANY (ARRAY['postmaster', 'sighup', 'internal']))`;

// CONNECTION LIMIT is never applied to superusers. pg_roles and pg_database are readable by anyone.
const roleLimits = `(
    SELECT pg_catalog.json_object_agg(r.rolname, CASE WHEN r.rolsuper THEN -1 ELSE r.rolconnlimit END)
    FROM pg_catalog.pg_roles AS r
    WHERE r.rolname OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.name[]))`;

// -2 marks a database whose DROP was interrupted: nobody can connect, so it limits nothing.
const databaseLimits = `(
    SELECT pg_catalog.json_object_agg(d.datname, GREATEST(d.datconnlimit, -1))
    FROM pg_catalog.pg_database AS d
    WHERE d.datname OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.name[]))`;

// What holds a slot of max_connections is a client backend; workers, walsenders and the like have
// their own. Without pg_read_all_stats the kind and address of other roles' sessions are NULL, and
// then whatever works in a database counts: rather a worker too many than a client too few.
// A login in progress has neither user nor database yet and holds its slot all the same.
const sessions = `(
    SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'user', g.usr, 'database', g.dat, 'applicationName', g.app, 'address', g.adr, 'count', g.n)
      ORDER BY g.usr, g.dat, g.app, g.adr)
    FROM (
      SELECT
        COALESCE(a.usename::pg_catalog.text, '') AS usr,
        COALESCE(a.datname::pg_catalog.text, '') AS dat,
        COALESCE(a.application_name, '') AS app,
        CASE WHEN a.backend_type IS NOT NULL
          THEN COALESCE(pg_catalog.host(a.client_addr), '') END AS adr,
        pg_catalog.count(*) AS n
      FROM pg_catalog.pg_stat_activity AS a
      WHERE a.pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
        AND (a.backend_type OPERATOR(pg_catalog.=) 'client backend'
          OR (a.backend_type IS NULL AND a.datid IS NOT NULL))
      GROUP BY 1, 2, 3, 4) AS g)`;

/** Names that the statement was given. */
export interface Asked {
  readonly roles: readonly string[];
  readonly databases: readonly string[];
  /** Of the process that serves us, as the login has told it. */
  readonly processId?: number | undefined;
}

/**
 * Checks the row and brings its JSON to the form of a reading. Throws Error if it is not one. Of
 * limits only those that were asked for are taken, however many a server tells of.
 */
export function readAnswer(answerRow: unknown, asked: Asked): Answer {
  const row = record(parsed(record(answerRow)["answer"]));
  const sessions = list(row["sessions"]).map(sessionGroup);
  const maxConnections = count(row["maxConnections"], connectionsMax);
  const superuserReservedConnections = count(row["superuserReservedConnections"]);
  const reservedConnections = count(row["reservedConnections"]);
  expectPossible(sessions, maxConnections, maxWorkers);
  expectRoom(superuserReservedConnections + reservedConnections, maxConnections);
  return {
    role: text(row["role"]),
    versionNumber: count(row["versionNumber"]),
    systemIdentifier: known(row["systemIdentifier"], text),
    startedAtMicroseconds: known(row["startedAtMicroseconds"], count),
    isStandby: flag(row["isStandby"]),
    maxConnections,
    withheld: [
      { by: "superuser_reserved_connections", slots: superuserReservedConnections },
      { by: "reserved_connections", slots: reservedConnections },
    ],
    roleLimits: limits(row["roleLimits"], asked.roles),
    databaseLimits: limits(row["databaseLimits"], asked.databases),
    seesAllSessions: flag(row["seesAllSessions"]),
    sessions,
    ...(isOther(row["processId"], asked) && { isThroughPooler: true }),
  };
}

/** A pooler makes numbers up for its clients, and the statement runs where it likes. */
function isOther(processId: unknown, asked: Asked): boolean {
  if (asked.processId === undefined || typeof processId !== "number") return false;
  return processId !== asked.processId;
}

/** PostgreSQL does not start with a reserve of all its slots. */
function expectRoom(reserved: number, maxConnections: number): void {
  if (reserved <= maxConnections) return;
  throw new Error(
    `the server's answer reserves ${reserved} slots, more than max_connections ${maxConnections}`,
  );
}

function sessionGroup(value: unknown): SessionGroup {
  const row = record(value);
  return {
    user: text(row["user"]),
    database: text(row["database"]),
    applicationName: text(row["applicationName"]),
    address: known(row["address"], address),
    count: count(row["count"], connectionsMax),
  };
}

// Without a prototype: a role may be called `constructor`.
function limits(value: unknown, asked: readonly string[]): Readonly<Record<string, number>> {
  const found = Object.create(null) as Record<string, number>;
  if (value === null) return found;
  const told = record(value);
  for (const name of asked) {
    if (!Object.hasOwn(told, name)) continue;
    const limit = told[name];
    found[name] = limit === -1 ? -1 : count(limit);
  }
  return found;
}
