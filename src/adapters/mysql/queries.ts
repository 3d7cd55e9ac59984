// The one statement that a reading is, for MySQL and MariaDB alike, and the check of what comes
// back. What only one of them knows stands in comments that only that one runs: `/*M!` MariaDB,
// `/*!80000` MySQL 8 and newer. Every table is named with its schema.

import { isIP } from "node:net";
import { engines } from "../../api/engines.ts";
import type { SessionGroup } from "../../domain/facts/facts.ts";
import { address, count, expectPossible, list, parsed, record, text } from "../database/answers.ts";
import { BrokenProtocol } from "../database/failures.ts";
import type { Answer, Question } from "../database/reader.ts";
import { nobody } from "../database/session-kinds.ts";
import type { Row } from "./connection.ts";

const { connectionsMax } = engines.MySQL;

/**
 * What has no slot of max_connections, and is shown: the one for administrators, those of MariaDB's
 * extra_port (100 at most) and of MySQL's admin_port.
 */
const besideTheLimit = 1_024;

/** As many seconds as either can be told: a year. */
const idleTimeoutMax = 31_536_000;

export interface Asking {
  /** Whether users' own limits are asked for, which needs the right to read mysql.user. */
  readonly withUsers: boolean;
  /** Of our own sessions on the server, by any of its names. */
  readonly threads: readonly number[];
  /** After which the server gives up. */
  readonly timeoutMs: number;
}

/** In the order of the answer. */
const columnNames = [
  ...["version", "account", "hostname", "port", "uuid", "startedAtSeconds", "isReadOnly"],
  ...[
    "maxConnections",
    "maxUserConnections",
    "ownLimit",
    "connected",
    "idleTimeout",
    "sessions",
    "users",
  ],
] as const;
type Column = (typeof columnNames)[number];

export const columnCount = columnNames.length;

/** Readable by anybody on both. */
const status = (name: string): string => `(
  SELECT s.VARIABLE_VALUE
  FROM /*M!100000 information_schema.GLOBAL_STATUS */ /*!80000 performance_schema.global_status */ AS s
  WHERE s.VARIABLE_NAME = '${name}')`;

/**
 * MariaDB has no name of its own. From 10.11.9 on it tells a hash of its network card and port, by
 * which two machines differ that have one host name and were started in the same second.
 */
const machineSql = `COALESCE((
  SELECT v.VARIABLE_VALUE
  FROM information_schema.GLOBAL_VARIABLES AS v WHERE v.VARIABLE_NAME = 'SERVER_UID'), '')`;

/** SQL of one reading: one row of `columnCount` values. */
export function readingSql({ roles }: Pick<Question, "roles">, asking: Asking): string {
  const { timeoutMs } = asking;
  const columns: Readonly<Record<Column, string>> = {
    version: "VERSION()",
    account: "CURRENT_USER()",
    hostname: "@@GLOBAL.hostname",
    port: "@@GLOBAL.port",
    uuid: `/*M!100000 ${machineSql} */ /*!80000 @@GLOBAL.server_uuid */`,
    // Both count from the moment of this statement, so the difference is the same each time.
    startedAtSeconds: `UNIX_TIMESTAMP() - ${status("Uptime")}`,
    // A number, or a word in newer versions of MariaDB.
    isReadOnly: "IF(@@GLOBAL.read_only IN ('OFF', '0'), 0, 1)",
    maxConnections: "@@GLOBAL.max_connections",
    maxUserConnections: "@@GLOBAL.max_user_connections",
    ownLimit: "@@SESSION.max_user_connections",
    connected: status("Threads_connected"),
    // Of sessions that programs open; people at a terminal have another one.
    idleTimeout: "@@GLOBAL.wait_timeout",
    sessions: sessionsSql(asking.threads),
    users: asking.withUsers ? usersSql(roles) : "NULL",
  };
  const list = columnNames.map((name) => `${columns[name]} AS ${name}`).join(",\n");
  // MariaDB cuts JSON_ARRAYAGG at group_concat_max_len, and the rest would be no JSON.
  const settings = `max_statement_time=${timeoutMs / 1000}, group_concat_max_len=4194304`;
  const limit = `/*M!100100 SET STATEMENT ${settings} FOR */`;
  return `${limit} SELECT /*+ MAX_EXECUTION_TIME(${timeoutMs}) */\n${list}`;
}

// What holds a slot is whatever has a line: threads of replication, the event scheduler and running
// events have none, and no port. Names differ by case, whatever the collation says. A session on a
// socket of the machine has no port either.
function sessionsSql(threads: readonly number[]): string {
  const isOurs = threads.length === 0 ? "0" : `p.ID IN (${threads.map(Math.trunc).join(",")})`;
  const binary = (name: string): string =>
    `CONVERT(COALESCE(${name}, '') USING utf8mb4) COLLATE utf8mb4_bin`;
  return `(
  SELECT JSON_ARRAYAGG(JSON_OBJECT(
    'user', g.usr, 'database', g.dat, 'host', g.hst, 'isOurs', g.ours, 'count', g.n))
  FROM (
    SELECT ${binary("p.USER")} AS usr, ${binary("p.DB")} AS dat,
      IF(LOCATE(':', p.HOST) = 0, '', LEFT(p.HOST, CHAR_LENGTH(p.HOST) - LOCATE(':', REVERSE(p.HOST)))) AS hst,
      ${isOurs} AS ours, COUNT(*) AS n
    FROM information_schema.PROCESSLIST AS p
    WHERE p.ID <> CONNECTION_ID()
      AND NOT (LOCATE(':', p.HOST) = 0 AND (p.COMMAND = 'Daemon'
        OR p.USER IN ('system user', 'event_scheduler')
        OR (p.COMMAND = 'Connect' AND p.USER <> 'unauthenticated user')))
    GROUP BY 1, 2, 3, 4) AS g)`;
}

// Names as their bytes: no setting of the session changes how these are read.
function usersSql(roles: readonly string[]): string {
  const names = roles.map((role) => `_utf8mb4 X'${Buffer.from(role).toString("hex")}'`);
  if (names.length === 0) return "'[]'";
  return `(
  SELECT JSON_ARRAYAGG(JSON_OBJECT(
    'user', u.User, 'host', u.Host, 'limit', u.max_user_connections))
  FROM mysql.user AS u
  WHERE u.User IN (${names.join(", ")}))`;
}

/** Checks the row and brings it to the form of a reading. Throws Error if it is not one. */
export function readAnswer(row: Row, { roles, databases }: Question, ownName: string): Answer {
  const values = valuesOf(row);
  const number = (name: Column, max?: number): number => numberIn(values[name], max);
  const { user, host } = accountIn(text(values.account));
  const maxConnections = number("maxConnections", connectionsMax);
  const shown = list(parsedOrNone(values.sessions)).map((one) => shownGroup(one, ownName));
  const seen = shown.map(({ group }) => group).sort(byName);
  expectPossible(seen, maxConnections, besideTheLimit);
  const hidden = number("connected") - 1 - seen.reduce((sum, group) => sum + group.count, 0);
  // Without the right, a user is shown its own sessions, and nobody says that there are others.
  const seesAll = hidden <= 0 || seen.some((group) => group.user !== user);
  const own = { user, limit: limitIn(values.ownLimit) };
  const limits = { own, ofServer: limitIn(values.maxUserConnections), users: values.users };
  return {
    role: user,
    account: `${user}@${host}`,
    versionNumber: versionNumber(text(values.version)),
    systemIdentifier: `${text(values.uuid)} ${text(values.hostname)}:${number("port")}`.trim(),
    startedAtMicroseconds: number("startedAtSeconds") * 1_000_000,
    isStandby: values.isReadOnly !== "0",
    maxConnections,
    idleTimeoutSeconds: number("idleTimeout", idleTimeoutMax),
    withheld: [],
    roleLimits: roleLimits(limits, roles),
    databaseLimits: namesWith(databases, () => -1),
    seesAllSessions: seesAll,
    ...(shown.some(({ isNamed }) => isNamed) && { showsHostNames: true }),
    sessions: seesAll ? seen : [...seen, { ...nobody, count: hidden }],
  };
}

function valuesOf(row: Row): Readonly<Record<Column, string | null>> {
  if (row.length !== columnCount) throw new BrokenProtocol("an answer without its row");
  const values = columnNames.map((name, place) => [name, row[place]?.toString() ?? null] as const);
  return Object.fromEntries(values) as Record<Column, string | null>;
}

function parsedOrNone(value: string | null): unknown {
  return value === null ? null : parsed(value);
}

function numberIn(value: string | null, max?: number): number {
  const isNumber = value !== null && /^\d{1,15}(\.0*)?$/.test(value);
  return count(isNumber ? Number(value) : value, max);
}

/** -1 stands for none, as in a reading. */
function limitIn(value: string | null): number {
  return limitOf(value === "-1" ? -1 : numberIn(value));
}

/** 0 is none there; below it, on MariaDB, nobody may log in but administrators. */
function limitOf(told: unknown): number {
  if (typeof told === "number" && Number.isSafeInteger(told) && told < 0) return 0;
  return count(told) || -1;
}

function accountIn(account: string): { readonly user: string; readonly host: string } {
  const at = account.lastIndexOf("@");
  return { user: account.slice(0, at), host: account.slice(at + 1) };
}

/** 8.4.6 is 80406, 10.11.19-MariaDB is 101119. */
function versionNumber(version: string): number {
  const [, major, minor, patch] = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})/.exec(version) ?? [];
  return Number(major ?? 0) * 10_000 + Number(minor ?? 0) * 100 + Number(patch ?? 0);
}

interface Shown {
  readonly group: SessionGroup;
  /** The server shows the name of the client's machine in place of its address. */
  readonly isNamed: boolean;
}

/** Until somebody is logged in, it is nobody's session. */
const nobodyYet = "unauthenticated user";

function shownGroup(value: unknown, ownName: string): Shown {
  const row = record(value);
  const user = text(row["user"]);
  const from = addressIn(row["host"]);
  return {
    group: {
      user: user === nobodyYet ? "" : user,
      database: text(row["database"]),
      // Nobody's is shown; ours are known by their numbers.
      applicationName: count(row["isOurs"], 1) === 1 ? ownName : "",
      address: from,
      count: count(row["count"], connectionsMax),
    },
    isNamed: from === undefined,
  };
}

/**
 * Undefined for a name: unless skip_name_resolve is on, addresses that have one are not shown. A
 * name of the DNS may be longer than any other text here.
 */
function addressIn(value: unknown): string | undefined {
  if (typeof value === "string" && value.length > addressLengthMax) return undefined;
  const host = text(value);
  if (host === "localhost") return "127.0.0.1";
  return host === "" || isIP(host) !== 0 ? address(host) : undefined;
}

/** Of IPv6, with the name of an interface. */
const addressLengthMax = 64;

/** The server has no order for them. */
function byName(a: SessionGroup, b: SessionGroup): number {
  const key = ({ user, database, address = "" }: SessionGroup): string =>
    `${user}\0${database}\0${address}`;
  return key(a) < key(b) ? -1 : 1;
}

interface KnownLimits {
  readonly own: { readonly user: string; readonly limit: number };
  /** Of users that have none of their own; -1: none. */
  readonly ofServer: number;
  /** As the server told them; null where it does not tell. */
  readonly users: string | null;
}

/** Of users that are known to be there: the least that any of their accounts has. */
function roleLimits(limits: KnownLimits, roles: readonly string[]): Answer["roleLimits"] {
  const known = new Map<string, number>([[limits.own.user, limits.own.limit]]);
  for (const one of list(parsedOrNone(limits.users))) {
    const row = record(one);
    // No pod comes from the server's own machine.
    if (text(row["host"]) === "localhost") continue;
    const user = text(row["user"]);
    const own = limitOf(row["limit"]);
    known.set(user, least(known.get(user) ?? -1, own === -1 ? limits.ofServer : own));
  }
  return namesWith(
    roles.filter((role) => known.has(role)),
    (role) => known.get(role) ?? -1,
  );
}

/** -1 stands for no limit. */
function least(a: number, b: number): number {
  return a === -1 || b === -1 ? Math.max(a, b) : Math.min(a, b);
}

// Without a prototype: a role may be called `constructor`.
function namesWith(
  names: readonly string[],
  limitOf: (name: string) => number,
): Readonly<Record<string, number>> {
  const found = Object.create(null) as Record<string, number>;
  for (const name of names) found[name] = limitOf(name);
  return found;
}
