// What MySQL, MariaDB and mysql2 say where a reading fails, in the reasons that the status speaks
// in, and the way out of each.

import {
  codeOf,
  type DatabaseFailed,
  type EngineFailure,
  type EngineWords,
  failureIn,
  type FailureReason,
  LoginNotMade,
  messageOf,
  plain,
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
  return /insecure transport/i.test(messageOf(error));
}

/** What the server said, by its number: from 1900 on, MariaDB's have other names than MySQL's. */
class ServerError extends Error {
  readonly code: string;

  constructor(number: number, message: string) {
    super(message);
    this.code = `error ${number}`;
  }
}

/** mysql2 names each number as MySQL does. */
export function asTheServerSaid(error: Error & { readonly errno?: number | undefined }): Error {
  const { errno } = error;
  return errno === undefined || errno <= 0 ? error : new ServerError(errno, error.message);
}

const numbers: Readonly<Record<number, FailureReason>> = {
  // Of the server, and of a user: by the server's limit, and by the account's own.
  ...{ 1040: "TooManyConnections", 1203: "TooManyConnections", 1226: "TooManyConnections" },
  // A limit of time on MariaDB and on MySQL, a query that was killed, a lock.
  ...{ 1969: "DatabaseTimeout", 3024: "DatabaseTimeout", 1317: "DatabaseTimeout" },
  1205: "DatabaseTimeout",
  // No such login, none for this database, from this host; a plugin that is not there.
  ...{ 1045: "AuthenticationFailed", 1698: "AuthenticationFailed", 1044: "AuthenticationFailed" },
  ...{ 1130: "AuthenticationFailed", 1129: "AuthenticationFailed", 1524: "AuthenticationFailed" },
  ...{ 1251: "AuthenticationFailed", 1820: "AuthenticationFailed", 1862: "AuthenticationFailed" },
  // Locked, on MySQL and on MariaDB.
  ...{ 3118: "AuthenticationFailed", 3955: "AuthenticationFailed", 4151: "AuthenticationFailed" },
  // It stops, or somebody ended the session.
  ...{ 1053: "DatabaseUnreachable", 3169: "DatabaseUnreachable", 1927: "DatabaseUnreachable" },
};

function numberOf(error: unknown): number {
  return error instanceof ServerError ? Number(error.code.replace(/\D+/, "")) : 0;
}

/** It lacks a right on a table, on columns of it, or on the server. */
export function lacksRight(error: unknown): boolean {
  return [1142, 1143, 1227].includes(numberOf(error));
}

const words: EngineWords = {
  engine: "MySQL",
  reasonOf: (error) => {
    if (error instanceof ConnectionLost) return "DatabaseUnreachable";
    if (wantsTls(error) || speaksNoTls(error)) return "TlsRefused";
    return numbers[numberOf(error)];
  },
  wantsPassword: (error) => {
    return messageOf(error).includes("(using password: NO)");
  },
  happened,
  wayOut,
};

function happened(error: unknown): string | undefined {
  if (error instanceof TooOld) return "is too old";
  if (speaksNoTls(error)) return "does not support TLS";
  return wantsTls(error) ? "lets nobody in without TLS" : undefined;
}

function wayOut(reason: EngineFailure, error: unknown, { user }: Server): string {
  switch (reason) {
    case "AuthenticationFailed":
      return loginOut(error, plain(user));
    case "DatabaseTimeout":
      return "check that this is a MySQL or MariaDB server, which speaks first (PostgreSQL waits), and that it is not overloaded";
    case "TlsRefused":
      return tlsOut(error);
    case "TooManyConnections":
      return slotOut(error, plain(user));
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
  return numberOf(error) !== 1040
    ? `give the operator a user of its own, or raise max_user_connections of user ${user}`
    : "end idle sessions; to let the operator in always, give it a user of its own with CONNECTION_ADMIN (MariaDB: CONNECTION ADMIN), for whom the server keeps one slot; or declare database.maxConnections, with which sizes can shrink unread";
}

function loginOut(error: unknown, user: string): string {
  if (error instanceof LoginNotMade) {
    return `give user ${user} caching_sha2_password (MariaDB: mysql_native_password), with TLS if the URI requires it`;
  }
  const number = numberOf(error);
  if (number === 1129 || number === 1130) {
    return "let the operator's addresses in: the host part of the account, FLUSH HOSTS if they are blocked";
  }
  if (number === 1044) {
    return `grant user ${user} the database of the URI, or leave the database out`;
  }
  return `check user ${user}, the host part of its account and its password in the secret`;
}

function queryingOut(error: unknown): string {
  if (error instanceof TooOld) return "MySQL 8.0 or newer, or MariaDB 10.5 or newer, can be read";
  return numberOf(error) === 1049
    ? "check the name of the database in the URI"
    : "see the server's log";
}
