// What PgBouncer says where a reading fails, in the reasons that the status speaks in, and the way
// out of each. Nearly all that it says has the one code 08P01, so its words are looked at.

import {
  codeOf,
  type DatabaseFailed,
  type EngineFailure,
  type EngineWords,
  failureIn,
  messageOf,
  type Patterns,
  plain,
  reasonIfAny,
  type Server,
} from "../database/failures.ts";
import { words as postgresWords } from "../postgres/failures.ts";

/** What answers is no PgBouncer. */
export class NotAPooler extends Error {}

/** Its console does not name the programs of clients, so our own would pass for one of them. */
export class TooOld extends Error {}

/** Names what went wrong with this pooler. Total: any thrown value gets a reason. */
export function failureOf(error: unknown, uri: Server): DatabaseFailed {
  return failureIn(words, error, uri);
}

const reasons: Patterns = [
  [/^(no more connections allowed|client connections exceeded)/, "TooManyConnections"],
  [
    /^(not allowed|no such user|no authentication|(SASL|\S+) authentication failed)/,
    "AuthenticationFailed",
  ],
  [/^(SSL required|.*requires? (a )?(TLS|SSL))/i, "TlsRefused"],
  [
    /^(query_wait_timeout|pgbouncer cannot connect|server shutting down|.*shut(ting)? ?down)/i,
    "DatabaseUnreachable",
  ],
];

/** Of a PostgreSQL server: it has no such database, or no such setting to show. */
const isPostgresState = new Set(["3D000", "42704", "42601"]);

function isNoPooler(error: unknown): boolean {
  return error instanceof NotAPooler || isPostgresState.has(codeOf(error) ?? "");
}

function isNotAllowed(error: unknown): boolean {
  return messageOf(error) === "not allowed";
}

const words: EngineWords = {
  engine: "PgBouncer",
  reasonOf: (error) => {
    if (isNoPooler(error) || error instanceof TooOld) return "QueryFailed";
    return reasonIfAny(reasons, messageOf(error)) ?? postgresWords.reasonOf(error);
  },
  wantsPassword: (error) =>
    postgresWords.wantsPassword(error) || /authentication failed/.test(messageOf(error)),
  happened: (error) => {
    if (isNoPooler(error)) return "is not a PgBouncer";
    if (error instanceof TooOld) return "is too old";
    if (isNotAllowed(error)) return "does not let this user into its admin console";
    return postgresWords.happened(error);
  },
  wayOut,
};

function wayOut(reason: EngineFailure, error: unknown, uri: Server): string {
  if (isNoPooler(error)) {
    return "if it is a PostgreSQL server, remove spec.database.engine; if it is a pooler, check host and port";
  }
  if (error instanceof TooOld) return "PgBouncer 1.18 or newer can be read";
  const user = plain(uri.user);
  switch (reason) {
    case "AuthenticationFailed":
      return isNotAllowed(error)
        ? `add ${user} to stats_users in pgbouncer.ini`
        : `check user ${user} and its password in the secret, and PgBouncer's auth_file`;
    case "DatabaseTimeout":
      return "check that this is a PgBouncer, and that it is neither suspended nor overloaded";
    case "TlsRefused":
      return "check sslmode in the URI, client_tls_sslmode in pgbouncer.ini, the name in the certificate, and the CA in the secret";
    case "TooManyConnections":
      return `raise max_client_conn; or add ${user} to stats_users, who get in when it is full`;
    case "QueryFailed":
      return "see PgBouncer's log";
  }
}
