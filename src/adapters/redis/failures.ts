// What a server of Redis says where a reading fails, in the reasons that the status speaks in, and
// the way out of each. A server says why in the first word of its sentence.

import {
  type DatabaseFailed,
  type EngineFailure,
  type EngineWords,
  failureIn,
  type FailureReason,
  plain,
  type Patterns,
  reasonIfAny,
  type Server,
} from "../database/failures.ts";

/** The other side closed the line, and said nothing. */
export class ConnectionLost extends Error {
  constructor() {
    super("the server closed the connection");
  }
}

/** The same, before it had answered anything. */
export class ClosedUnheard extends Error {
  readonly isTls: boolean;

  constructor(isTls: boolean) {
    super("it closed the connection without an answer");
    this.isTls = isTls;
  }
}

/** A server that lacks what a reading asks for. */
export class TooOld extends Error {
  constructor(version: string) {
    super(version === "" ? "it knows no HELLO" : `version ${plain(version)}`);
  }
}

/** A Sentinel watches servers, and is none. */
export class IsSentinel extends Error {
  constructor() {
    super("its mode is sentinel");
  }
}

/** What the server said in place of an answer. */
export class ServerRefusal extends Error {}

/** Names what went wrong with this server. Total: any thrown value gets a reason. */
export function failureOf(error: unknown, uri: Server): DatabaseFailed {
  return failureIn(words, error, uri);
}

const reasons: Patterns = [
  [/^ERR max number of clients/, "TooManyConnections"],
  [
    /^(WRONGPASS|NOAUTH|DENIED|ERR (Client sent )?AUTH|ERR invalid password)/,
    "AuthenticationFailed",
  ],
  // A script that does not end; a server that starts, or whose primary is away.
  [/^(BUSY|TRYAGAIN) /, "DatabaseTimeout"],
  [/^(LOADING|MASTERDOWN|CLUSTERDOWN) /, "DatabaseUnreachable"],
];

function saidBy(error: unknown): string {
  return error instanceof ServerRefusal ? error.message : "";
}

const words: EngineWords = {
  engine: "Redis",
  reasonOf: (error): FailureReason | undefined => {
    return error instanceof ConnectionLost
      ? "DatabaseUnreachable"
      : reasonIfAny(reasons, saidBy(error));
  },
  wantsPassword: (error) => /^(NOAUTH|WRONGPASS)/.test(saidBy(error)),
  happened,
  wayOut,
};

function happened(error: unknown): string | undefined {
  if (error instanceof TooOld) return "is too old";
  if (error instanceof IsSentinel) return "is a Sentinel";
  if (error instanceof ClosedUnheard) return "does not answer as Redis does";
  return saidBy(error).startsWith("DENIED") ? "is in protected mode" : undefined;
}

function wayOut(reason: EngineFailure, error: unknown, { user }: Server): string {
  switch (reason) {
    case "AuthenticationFailed":
      return loginOut(error, plain(user));
    case "DatabaseTimeout":
      return "check that this is a Redis server, that it runs no long script or command (SLOWLOG GET), and that a TLS port is named with rediss://";
    case "TlsRefused":
      return "check that the port is the server's tls-port (redis:// is without TLS), the name in the server's certificate, and the CA in the secret";
    case "TooManyConnections":
      return "end idle clients, or raise maxclients (CONFIG SET maxclients): Redis keeps no slot for administrators; or declare database.maxConnections, with which sizes can shrink unread";
    case "QueryFailed":
      return queryingOut(error, plain(user));
  }
}

function loginOut(error: unknown, user: string): string {
  return saidBy(error).startsWith("DENIED")
    ? "give the server a password (requirepass, or a user of an ACL), or set protected-mode no"
    : `check user ${user} and its password in the secret, and that the user is on (ACL LIST)`;
}

/** Everything that a reading needs. */
export function rightsOf(user: string): string {
  return `ACL SETUSER ${user} +info +client|list`;
}

function queryingOut(error: unknown, user: string): string {
  if (error instanceof TooOld) return "Redis 6.2 or newer, or Valkey, can be read";
  if (error instanceof IsSentinel) {
    return "name the Redis server itself (usually port 6379) in the URI, not the Sentinel (26379)";
  }
  if (error instanceof ClosedUnheard) return unheardOut(error);
  const said = saidBy(error);
  if (said.startsWith("NOPERM")) {
    return `${rightsOf(user)}; then ACL SAVE, or the same in the server's configuration`;
  }
  return /unknown command/i.test(said)
    ? "INFO must not be renamed or disabled (rename-command)"
    : "see the server's log";
}

function unheardOut({ isTls }: ClosedUnheard): string {
  return isTls
    ? "check that host and port are those of your Redis server's tls-port; a server that has no slot left closes so as well"
    : "check that host and port are those of your Redis server (PostgreSQL closes so), and that a TLS port is named with rediss://";
}
