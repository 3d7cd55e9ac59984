// What PostgreSQL and pg say where a reading fails, in the reasons that the status speaks in, and
// the way out of each.

import {
  codeOf,
  type DatabaseFailed,
  type EngineFailure,
  type EngineWords,
  failureIn,
  LoginNotMade,
  messageOf,
  type Patterns,
  plain,
  reasonIfAny,
  reasonIn,
  type Server,
} from "../database/failures.ts";

/** It asks for a SCRAM login whose proof is too cheap to guess from, or too dear to make. */
export class UnfitRounds extends LoginNotMade {
  readonly allowed: string;

  constructor(asked: string, allowed: string) {
    super(`it asks for ${asked} rounds of SCRAM, and only ${allowed} are accepted`);
    this.allowed = allowed;
  }
}

/** Names what went wrong with this server. Total: any thrown value gets a reason. */
export function failureOf(error: unknown, uri: Server): DatabaseFailed {
  return failureIn(words, error, uri);
}

/** True where the same login may succeed with the other of TLS and plain text. */
export function dependsOnEncryption(error: unknown): boolean {
  const code = codeOf(error);
  return reasonIn(words, error) === "TlsRefused" || code === "28000" || code === "ECONNRESET";
}

// Classes of SQLSTATE: 08 connection, 57P the server stops or starts.
const reasonsOfStates: Patterns = [
  [/^53300$/, "TooManyConnections"],
  [/^57014$/, "DatabaseTimeout"],
  [/^28/, "AuthenticationFailed"],
  [/^(57P0[1-5]|08[0-9A-OQ-Z]..)$/, "DatabaseUnreachable"],
];

// Errors of pg that carry no code.
const reasonsOfMessages: Patterns = [
  [/does not support SSL|establishing an SSL connection/, "TlsRefused"],
  [/^SASL/, "AuthenticationFailed"],
  [/^Connection terminated|not queryable/, "DatabaseUnreachable"],
];

export const words: EngineWords = {
  engine: "PostgreSQL",
  reasonOf: (error) => {
    const code = codeOf(error);
    if (code !== undefined) return reasonIfAny(reasonsOfStates, code);
    return reasonIfAny(reasonsOfMessages, messageOf(error));
  },
  // pg then complains of a variable of its own, or the server of an empty password.
  wantsPassword: (error) =>
    codeOf(error) === "28P01" || /^SASL.*password must be/.test(messageOf(error)),
  happened: (error) => {
    if (isNoPostgres(error)) return "answered the request for TLS as no PostgreSQL does";
    if (lacksWhatIsRead(error)) return "is too old, or is another server that speaks its protocol";
    return speaksNoTls(error) ? "does not support TLS" : undefined;
  },
  wayOut,
};

function speaksNoTls(error: unknown): boolean {
  return messageOf(error).includes("does not support SSL");
}

/** pg's words for an answer that is neither yes nor no: a MySQL greets there, for example. */
function isNoPostgres(error: unknown): boolean {
  return messageOf(error).includes("establishing an SSL connection");
}

/** A column, a function or a role that a reading names, and each PostgreSQL from 10 on has. */
function lacksWhatIsRead(error: unknown): boolean {
  return ["42703", "42883", "42704"].includes(codeOf(error) ?? "");
}

function wayOut(reason: EngineFailure, error: unknown, uri: Server): string {
  switch (reason) {
    case "AuthenticationFailed":
      if (error instanceof LoginNotMade) return loginOut(error, uri);
      return `check user ${plain(uri.user)} and its password in the secret, and the server's pg_hba.conf`;
    case "DatabaseTimeout":
      return "check that this is a PostgreSQL server and that it is not overloaded";
    case "TlsRefused":
      return tlsOut(error);
    case "TooManyConnections":
      return "end idle sessions; to let the operator in always, give it a role of its own, GRANT it pg_use_reserved_connections and set reserved_connections to 2 (PostgreSQL 16 and newer); or declare database.maxConnections, with which sizes can shrink unread";
    case "QueryFailed":
      return queryingOut(error);
  }
}

function tlsOut(error: unknown): string {
  if (isNoPostgres(error)) return "check that host and port are those of your PostgreSQL server";
  return speaksNoTls(error)
    ? "turn on ssl on the server, or set sslmode=disable in the URI"
    : "check sslmode in the URI, the name in the server's certificate, and the CA in the secret";
}

function loginOut(error: LoginNotMade, { user }: Server): string {
  if (error instanceof UnfitRounds) {
    return `set scram_iterations of the server (${error.allowed}), and then the password of user ${plain(user)} anew`;
  }
  return `set scram-sha-256 for user ${plain(user)} in the server's pg_hba.conf, with TLS if the URI requires it`;
}

// 08P01 to a startup message is what PgBouncer says to settings that it does not pass on.
function queryingOut(error: unknown): string {
  const code = codeOf(error);
  if (lacksWhatIsRead(error)) {
    return "PostgreSQL 13 or newer can be read; for another server declare database.address and database.maxConnections";
  }
  if (code === "08P01") {
    return "if this is a connection pooler, name the PostgreSQL server behind it instead; for the pooler's own limit, set database.engine: PgBouncer";
  }
  return code === "3D000" ? "check the name of the database in the URI" : "see the server's log";
}
