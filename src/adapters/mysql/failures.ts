// What MySQL, MariaDB and mysql2 say where a reading fails, in the reasons that the status speaks
// in, and the way out of each.

import {
  codeOf,
  type DatabaseFailed,
  type EngineWords,
  failureIn,
  type FailureReason,
  LoginNotMade,
  type Patterns,
  plain,
  reasonIfAny,
  type Server,
} from "../database/failures.ts";

/** The other side closed the line, and said nothing. */
export class ConnectionLost extends Error {
  constructor() {
    super("the server closed the connection");
  }
}

/** A server that lacks what a reading asks for. */
export class TooOld extends Error {
  constructor(version: string) {
    super(`version ${plain(version)}`);
  }
}

/** Names what went wrong with this server. Total: any thrown value gets a reason. */
export function failureOf(error: unknown, uri: Server): DatabaseFailed {
  return failureIn(words, error, uri);
}

/** It greets without offering TLS. */
export function speaksNoTls(error: unknown): boolean {
  return codeOf(error) === "HANDSHAKE_NO_SSL_SUPPORT";
}

/** It lets nobody in without TLS. */
function wantsTls(error: unknown): boolean {
  return codeOf(error) === "ER_SECURE_TRANSPORT_REQUIRED" || codeOf(error) === "ERR_3159";
}

/** As mysql2 names the server's errors; those that it does not know have a number alone. */
const reasons: Patterns = [
  [/^ER_(CON_COUNT_ERROR|TOO_MANY_USER_CONNECTIONS|USER_LIMIT_REACHED)$/, "TooManyConnections"],
  [/^ER_(QUERY_TIMEOUT|STATEMENT_TIMEOUT|LOCK_WAIT_TIMEOUT)$/, "DatabaseTimeout"],
  [
    /^ER_(ACCESS_DENIED\w*|DBACCESS_DENIED\w*|NOT_SUPPORTED_AUTH_MODE|MUST_CHANGE_PASSWORD\w*)$/,
    "AuthenticationFailed",
  ],
  [
    /^ER_(ACCOUNT_HAS_BEEN_LOCKED|HOST_NOT_PRIVILEGED|HOST_IS_BLOCKED|PLUGIN_IS_NOT_LOADED)$/,
    "AuthenticationFailed",
  ],
  [/^(ER_SECURE_TRANSPORT_REQUIRED|ERR_3159|HANDSHAKE_\w+)$/, "TlsRefused"],
  [/^(ER_SERVER_SHUTDOWN|ER_NORMAL_SHUTDOWN|PROTOCOL_CONNECTION_LOST)$/, "DatabaseUnreachable"],
];

const words: EngineWords = {
  engine: "MySQL",
  reasonOf: (error) => {
    if (error instanceof ConnectionLost) return "DatabaseUnreachable";
    return reasonIfAny(reasons, codeOf(error) ?? "");
  },
  wantsPassword: (error) => {
    return error instanceof Error && /\(using password: NO\)/.test(error.message);
  },
  happened,
  wayOut,
};

function happened(error: unknown): string | undefined {
  if (error instanceof TooOld) return "is too old";
  if (speaksNoTls(error)) return "does not support TLS";
  return wantsTls(error) ? "lets nobody in without TLS" : undefined;
}

const limitOfUser = /^ER_(TOO_MANY_USER_CONNECTIONS|USER_LIMIT_REACHED)$/;

function wayOut(reason: FailureReason, error: unknown, { user }: Server): string {
  switch (reason) {
    case "AuthenticationFailed":
      return loginOut(error, plain(user));
    case "DatabaseTimeout":
      return "check that this is a MySQL or MariaDB server, which speaks first (PostgreSQL waits), and that it is not overloaded";
    case "TlsRefused":
      return tlsOut(error);
    case "TooManyConnections":
      return slotOut(error, plain(user));
    case "InvalidConnectionUri":
    case "DatabaseUnreachable":
    case "QueryFailed":
      return queryingOut(error);
  }
}

function tlsOut(error: unknown): string {
  if (speaksNoTls(error)) return "turn on TLS on the server, or set ssl-mode=DISABLED";
  return wantsTls(error)
    ? "set ssl-mode=REQUIRED or a stricter one in the URI"
    : "check ssl-mode in the URI, the name in the server's certificate, and the CA in the secret";
}

function slotOut(error: unknown, user: string): string {
  return limitOfUser.test(codeOf(error) ?? "")
    ? `give the operator a user of its own, or raise max_user_connections of user ${user}`
    : "end idle sessions; to let the operator in always, give it a user of its own with CONNECTION_ADMIN (MariaDB: CONNECTION ADMIN), for whom the server keeps one slot; or declare database.maxConnections, with which sizes can shrink unread";
}

function loginOut(error: unknown, user: string): string {
  if (error instanceof LoginNotMade) {
    return `give user ${user} caching_sha2_password (MariaDB: mysql_native_password), with TLS if the URI requires it`;
  }
  const code = codeOf(error) ?? "";
  if (code.startsWith("ER_HOST_")) {
    return "let the operator's addresses in: the host part of the account, FLUSH HOSTS if they are blocked";
  }
  if (code.startsWith("ER_DBACCESS")) {
    return `grant user ${user} the database of the URI, or leave the database out`;
  }
  return `check user ${user}, the host part of its account and its password in the secret`;
}

function queryingOut(error: unknown): string {
  if (error instanceof TooOld) return "MySQL 8.0 or newer, or MariaDB 10.5 or newer, can be read";
  return codeOf(error) === "ER_BAD_DB_ERROR"
    ? "check the name of the database in the URI"
    : "see the server's log";
}
