// Turns whatever pg, the socket, TLS and the server throw into the closed set of reasons that the
// status speaks in, with a sentence that names the server and the way out. What the server says is
// quoted, since only it knows; the password never is, even if the server repeats it.

import type { ConnectionUri } from "../../domain/supply/connection-uri.ts";
import type { DatabaseOutcome } from "../../ports.ts";

export type DatabaseFailed = Extract<DatabaseOutcome, { readonly kind: "failed" }>;
/** Which server it is that a login leads to is not for one reading to say. */
type FailureReason = Exclude<DatabaseFailed["reason"], "AnotherServer">;

/** The deadline passed, or the read was called off. */
export class NoAnswer extends Error {
  /** True where at least the TCP connection came about. */
  readonly reached: boolean;

  constructor(reached: boolean, timeoutMs: number) {
    super(`no answer within ${(timeoutMs / 1000).toFixed(1)} s`);
    this.reached = reached;
  }
}

/** The server sent more than an answer of ours can be. */
export class TooLongAnswer extends Error {
  /** `limit`: with its unit. */
  constructor(limit: string) {
    super(`more than ${limit}, the limit of one answer`);
  }
}

/** The server sent what PostgreSQL never sends. The message repeats none of it. */
export class BrokenProtocol extends Error {}

/** The server asks for a login that pg does not speak, or that the URI rules out. */
export class LoginNotMade extends Error {}

/** It asks for a SCRAM login whose proof is too cheap to guess from, or too dear to make. */
export class UnfitRounds extends LoginNotMade {
  readonly allowed: string;

  constructor(asked: string, allowed: string) {
    super(`it asks for ${asked} rounds of SCRAM, and only ${allowed} are accepted`);
    this.allowed = allowed;
  }
}

/** The CA cannot be used, for a reason that its message says whole. */
export class UnusableCa extends Error {}

/** The server's name means an address that must not be contacted by that name. */
export class AddressNotAllowed extends Error {
  constructor() {
    super("its name leads to a loopback, link-local or metadata address");
  }
}

type Server = Pick<ConnectionUri, "server" | "host" | "user" | "password">;

/** Names what went wrong with this server. Total: any thrown value gets a reason. */
export function failureOf(error: unknown, uri: Server): DatabaseFailed {
  if (error instanceof UnusableCa) {
    const message = `the CA given for ${uri.server} ${error.message}`;
    return { kind: "failed", reason: "TlsRefused", message };
  }
  const reason = reasonOf(error);
  const happened = ownWords(error) ?? whatHappened[reason];
  if (lacksPassword(error, uri)) {
    const message = `${uri.server}: the connection URI has no password, and the server asks for one: add it to the URI in the secret`;
    return { kind: "failed", reason, message };
  }
  const said = `${uri.server} ${happened} (${quote(error, uri)})`;
  return { kind: "failed", reason, message: `${said}: ${wayOut(reason, error, uri)}` };
}

/** pg then complains of a variable of its own, or the server of an empty password. */
function lacksPassword(error: unknown, uri: Server): boolean {
  if (uri.password() !== "" || error instanceof LoginNotMade) return false;
  return codeOf(error) === "28P01" || /^SASL.*password must be/.test(messageOf(error));
}

function ownWords(error: unknown): string | undefined {
  if (error instanceof TooLongAnswer) return "sent too much";
  if (error instanceof AddressNotAllowed) return "was not contacted";
  if (speaksNoTls(error)) return "does not support TLS";
  if (error instanceof BrokenProtocol) return "does not keep to PostgreSQL's protocol";
  return error instanceof LoginNotMade
    ? "asks for a login that the operator does not make"
    : undefined;
}

/** SQLSTATE or system error code; undefined where there is none. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** True where the same login may succeed with the other of TLS and plain text. */
export function dependsOnEncryption(error: unknown): boolean {
  const code = codeOf(error);
  return reasonOf(error) === "TlsRefused" || code === "28000" || code === "ECONNRESET";
}

const reasonsOfCodes: Readonly<Record<string, FailureReason>> = {
  "53300": "TooManyConnections",
  "57014": "DatabaseTimeout",
  ETIMEDOUT: "DatabaseUnreachable",
};

// Classes of SQLSTATE: 08 connection, 57P the server stops or starts.
const reasonsOfPatterns: readonly (readonly [RegExp, FailureReason])[] = [
  [/^28/, "AuthenticationFailed"],
  [
    /^(57P0[1-5]|08[0-9A-OQ-Z]..|E(CONN|NOTFOUND|AI_|HOST|NET|PIPE|ADDR)\w*)$/,
    "DatabaseUnreachable",
  ],
  [
    /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|INVALID_CA|EPROTO)/,
    "TlsRefused",
  ],
  [/^(HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED|INVALID_PURPOSE)$/, "TlsRefused"],
];

// Errors of pg that carry no code.
const reasonsOfMessages: readonly (readonly [RegExp, FailureReason])[] = [
  [/does not support SSL|establishing an SSL connection/, "TlsRefused"],
  [/^SASL/, "AuthenticationFailed"],
  [/^Connection terminated|not queryable/, "DatabaseUnreachable"],
];

function speaksNoTls(error: unknown): boolean {
  return messageOf(error).includes("does not support SSL");
}

function reasonOf(error: unknown): FailureReason {
  if (error instanceof NoAnswer) return error.reached ? "DatabaseTimeout" : "DatabaseUnreachable";
  if (error instanceof TooLongAnswer || error instanceof BrokenProtocol) return "QueryFailed";
  if (error instanceof LoginNotMade) return "AuthenticationFailed";
  if (error instanceof AddressNotAllowed) return "DatabaseUnreachable";
  const code = codeOf(error);
  if (code !== undefined) return reasonsOfCodes[code] ?? match(reasonsOfPatterns, code);
  return match(reasonsOfMessages, messageOf(error));
}

function match(
  patterns: readonly (readonly [RegExp, FailureReason])[],
  text: string,
): FailureReason {
  return patterns.find(([pattern]) => pattern.test(text))?.[1] ?? "QueryFailed";
}

const whatHappened: Readonly<Record<FailureReason, string>> = {
  InvalidConnectionUri: "is not named",
  AuthenticationFailed: "refused the login",
  DatabaseUnreachable: "could not be reached",
  DatabaseTimeout: "accepted the connection and did not answer in time",
  TlsRefused: "does not speak TLS, or its certificate was not accepted",
  TooManyConnections: "has no slot left for the operator's own session",
  QueryFailed: "answered with an error",
};

function wayOut(reason: FailureReason, error: unknown, uri: Server): string {
  switch (reason) {
    case "InvalidConnectionUri":
      return "correct the URI in the secret";
    case "AuthenticationFailed":
      if (error instanceof LoginNotMade) return loginOut(error, uri);
      return `check user ${plain(uri.user)} and its password in the secret, and the server's pg_hba.conf`;
    case "DatabaseUnreachable":
      return reachingOut(error, uri);
    case "DatabaseTimeout":
      return "check that this is a PostgreSQL server and that it is not overloaded";
    case "TlsRefused":
      if (speaksNoTls(error)) return "turn on ssl on the server, or set sslmode=disable in the URI";
      return "check sslmode in the URI, the name in the server's certificate, and the CA in the secret";
    case "TooManyConnections":
      return "end idle sessions; to let the operator in always, give it a role of its own, GRANT it pg_use_reserved_connections and set reserved_connections to 2 (PostgreSQL 16 and newer); or declare database.maxConnections, with which sizes can shrink unread";
    case "QueryFailed":
      return queryingOut(error);
  }
}

function loginOut(error: LoginNotMade, { user }: Server): string {
  if (error instanceof UnfitRounds) {
    return `set scram_iterations of the server (${error.allowed}), and then the password of user ${plain(user)} anew`;
  }
  return `set scram-sha-256 for user ${plain(user)} in the server's pg_hba.conf, with TLS if the URI requires it`;
}

function reachingOut(error: unknown, { host }: Server): string {
  if (error instanceof AddressNotAllowed) {
    return "such addresses need an entry in --allowed-database-hosts";
  }
  const isName = ["ENOTFOUND", "EAI_AGAIN"].includes(codeOf(error) ?? "");
  if (isName && !host.includes(".")) {
    return `the operator looks names up from its own namespace, so write ${host}.<namespace>.svc`;
  }
  if (isName) return "check the host name in the URI";
  return "check host and port in the URI, network policies, and whether the server runs";
}

// 08P01 to a startup message is what PgBouncer says to settings that it does not pass on.
function queryingOut(error: unknown): string {
  if (error instanceof TooLongAnswer || error instanceof BrokenProtocol) {
    return "check that host and port are those of your PostgreSQL server";
  }
  const code = codeOf(error);
  if (code === "08P01") {
    return "if this is a connection pooler, name the PostgreSQL server behind it instead";
  }
  return code === "3D000" ? "check the name of the database in the URI" : "see the server's log";
}

function quote(error: unknown, uri: Server): string {
  const password = uri.password();
  const said = messageOf(error);
  const shown = password === "" ? said : said.replaceAll(password, "…");
  const code = said.includes(codeOf(error) ?? "") ? undefined : codeOf(error);
  return [code, plain(shown)].filter((part) => part !== undefined && part !== "").join(": ");
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

// One line of limited length, whatever a server or a URI put into it.
function plain(text: string): string {
  return text.replace(/[\p{C}\p{Z}]+/gu, " ").slice(0, 300);
}
