// Turns whatever a driver, the socket, TLS and the server throw into the closed set of reasons that
// the status speaks in, with a sentence that names the server and the way out. What the server says
// is quoted, since only it knows; the password never is, even if the server repeats it. What only
// one engine's servers say is for its own words.

import type { ServerAddress } from "../../domain/supply/database-host.ts";
import type { DatabaseOutcome } from "../../ports.ts";

export type DatabaseFailed = Extract<DatabaseOutcome, { readonly kind: "failed" }>;
/** Which server it is that a login leads to is not for one reading to say. */
export type FailureReason = Exclude<DatabaseFailed["reason"], "AnotherServer">;

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

/** The server sent what its engine never sends. The message repeats none of it. */
export class BrokenProtocol extends Error {}

/** The server asks for a login that we do not make, or that the URI rules out. */
export class LoginNotMade extends Error {}

/** The CA cannot be used, for a reason that its message says whole. */
export class UnusableCa extends Error {}

/** The server's name means an address that must not be contacted by that name. */
export class AddressNotAllowed extends Error {
  constructor() {
    super("its name leads to a loopback, link-local or metadata address");
  }
}

/** Whom a failure is about. */
export interface Server extends Pick<ServerAddress, "server" | "host"> {
  readonly user: string;
  readonly password: () => string;
}

/** Of which each engine has words of its own. */
export type EngineFailure = Exclude<FailureReason, "InvalidConnectionUri" | "DatabaseUnreachable">;

/** What the servers of one engine say, and what helps there. */
export interface EngineWords {
  readonly engine: string;
  /** Undefined where it is for the line and for TLS to say. */
  readonly reasonOf: (error: unknown) => FailureReason | undefined;
  /** It asks for a password, and the URI has none. */
  readonly wantsPassword: (error: unknown) => boolean;
  /** Follows the server's name; undefined where the reason says it all. */
  readonly happened: (error: unknown) => string | undefined;
  readonly wayOut: (reason: EngineFailure, error: unknown, uri: Server) => string;
}

/** Names what went wrong with this server. Total: any thrown value gets a reason. */
export function failureIn(words: EngineWords, error: unknown, uri: Server): DatabaseFailed {
  if (error instanceof UnusableCa) {
    const message = `the CA given for ${uri.server} ${error.message}`;
    return { kind: "failed", reason: "TlsRefused", message };
  }
  const reason = reasonIn(words, error);
  if (uri.password() === "" && !(error instanceof LoginNotMade) && words.wantsPassword(error)) {
    const message = `${uri.server}: the connection URI has no password, and the server asks for one: add it to the URI in the secret`;
    return { kind: "failed", reason, message };
  }
  const happened = ownWords(words, error) ?? words.happened(error) ?? whatHappened[reason];
  const said = `${uri.server} ${happened} (${quote(error, uri)})`;
  return { kind: "failed", reason, message: `${said}: ${wayOut(words, reason, error, uri)}` };
}

function ownWords({ engine }: EngineWords, error: unknown): string | undefined {
  if (error instanceof TooLongAnswer) return "sent too much";
  if (error instanceof AddressNotAllowed) return "was not contacted";
  if (error instanceof BrokenProtocol) return `does not keep to ${engine}'s protocol`;
  return error instanceof LoginNotMade
    ? "asks for a login that the operator does not make"
    : undefined;
}

/** What the server or the system calls it; undefined where there is none. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

export type Patterns = readonly (readonly [RegExp, FailureReason])[];

/** Of the first pattern that fits. */
export function reasonIfAny(patterns: Patterns, text: string): FailureReason | undefined {
  return patterns.find(([pattern]) => pattern.test(text))?.[1];
}

const reasonsOfCodes: Patterns = [
  [/^E(TIMEDOUT|(CONN|NOTFOUND|AI_|HOST|NET|PIPE|ADDR)\w*)$/, "DatabaseUnreachable"],
  [
    /^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|INVALID_CA|EPROTO)/,
    "TlsRefused",
  ],
  [/^(HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED|INVALID_PURPOSE)$/, "TlsRefused"],
];

export function reasonIn(words: EngineWords, error: unknown): FailureReason {
  if (error instanceof NoAnswer) return error.reached ? "DatabaseTimeout" : "DatabaseUnreachable";
  if (error instanceof TooLongAnswer || error instanceof BrokenProtocol) return "QueryFailed";
  if (error instanceof LoginNotMade) return "AuthenticationFailed";
  if (error instanceof AddressNotAllowed) return "DatabaseUnreachable";
  const own = words.reasonOf(error);
  return own ?? reasonIfAny(reasonsOfCodes, codeOf(error) ?? "") ?? "QueryFailed";
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

function wayOut(words: EngineWords, reason: FailureReason, error: unknown, uri: Server): string {
  if (reason === "InvalidConnectionUri") return "correct the URI in the secret";
  if (reason === "DatabaseUnreachable") return reachingOut(error, uri);
  if (error instanceof TooLongAnswer || error instanceof BrokenProtocol) {
    return `check that host and port are those of your ${words.engine} server`;
  }
  return words.wayOut(reason, error, uri);
}

function reachingOut(error: unknown, { host }: Server): string {
  if (error instanceof AddressNotAllowed) {
    return `such addresses need an entry of their own: add ${host} to --allowed-database-hosts, after * if it was not set`;
  }
  const isName = ["ENOTFOUND", "EAI_AGAIN"].includes(codeOf(error) ?? "");
  if (isName && !host.includes(".")) {
    return `the operator looks names up from its own namespace, so write ${host}.<namespace>.svc`;
  }
  if (isName) return "check the host name in the URI";
  return "check host and port in the URI, network policies, and whether the server runs";
}

function quote(error: unknown, uri: Server): string {
  const password = uri.password();
  const said = messageOf(error);
  const shown = password === "" ? said : said.replaceAll(password, "…");
  const code = said.includes(codeOf(error) ?? "") ? undefined : codeOf(error);
  return [code, plain(shown)].filter((part) => part !== undefined && part !== "").join(": ");
}

/** One line of limited length, whatever a server or a URI put into it. */
export function plain(text: string): string {
  return text.replace(/[\p{C}\p{Z}]+/gu, " ").slice(0, 300);
}
