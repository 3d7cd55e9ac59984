// One session on one server, opened as the URI's sslmode says. pg's own reading of sslmode is not
// libpq's (it takes require for verify-full), its settings fall back to PG… variables and to
// ~/.pgpass, and its time-outs leave sockets behind: so TLS, every setting, and the socket itself
// are given from here.

import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import pg from "pg";
import type { LoginMethod } from "../../domain/supply/connection-parameters.ts";
import type { ConnectionUri, SslMode } from "../../domain/supply/connection-uri.ts";
import { type AnswerRoom, usualRoom } from "../database/frames.ts";
import { guarded } from "../database/guarded.ts";
import { HandshakeLine } from "../database/handshake.ts";
import { LineMeter } from "../database/line-meter.ts";
import { type Limits, lineWith, openOneWay, within } from "../database/line.ts";
import type { SessionSettings } from "../database/reader.ts";
import { Conversation, type LoginDemands } from "./conversation.ts";
import { dependsOnEncryption } from "./failures.ts";
import { guard } from "./guard.ts";

export interface Connection {
  /** How the login was made. */
  readonly loginMethod: LoginMethod;
  /** False as soon as either side has closed it. */
  isOpen(): boolean;
  /** Number of the process that serves it, as the server has told it in the login. */
  readonly processId: number | undefined;
  /** To whom the line leads, and not always to whom it was dialed. */
  readonly remoteAddress: string | undefined;
  /**
   * Rows of one statement, which is not prepared where it has no values. After a time-out or a
   * call-off the connection is closed.
   */
  query(text: string, values: unknown[] | undefined, limits: Limits): Promise<readonly unknown[]>;
  /** Says good-bye and closes the socket. Never throws, takes at most a second. */
  close(): Promise<void>;
}

export interface ConnectionSettings extends Omit<
  SessionSettings<ConnectionUri>,
  "statementTimeoutMs" | "noteConnection"
> {
  /**
   * Server settings of the session, as in libpq's `options`; they follow the URI's own. Undefined
   * where the server takes none.
   */
  readonly options: string | undefined;
  /** How much an answer may be. Default: one column, and what a reading of PostgreSQL takes. */
  readonly answers?: { readonly columns: number; readonly room: AnswerRoom };
}

type Tls = ConnectionOptions | false;

const keepAliveAfterMs = 30_000;
const farewellMs = 1_000;

/** Opens a session within the time limit. Throws what pg, the socket or the server threw. */
export async function openConnection(
  settings: ConnectionSettings,
  limits: Limits,
): Promise<Connection> {
  const ways = settings.busy.run(() => encryptions(settings));
  return await openOneWay(ways, limits, {
    open: (tls, limitsLeft) => open(settings, tls, limitsLeft),
    dependsOnWay: dependsOnEncryption,
  });
}

// What libpq tries, in its order: a CA that is given is always checked against, a name only in
// verify-full. Without a CA, verify-full trusts the roots that Node brings.
function encryptions({ uri, trusted }: ConnectionSettings): readonly [Tls, ...Tls[]] {
  if (uri.sslMode === "disable") return [false];
  const tls = tlsOptions(uri, trusted);
  switch (uri.sslMode) {
    case "allow":
      return [false, tls];
    case "prefer":
      return [tls, false];
    case "require":
    case "verify-ca":
    case "verify-full":
      return [tls];
  }
}

function tlsOptions(
  uri: ConnectionUri,
  { hasCa, contextFor }: ConnectionSettings["trusted"],
): ConnectionOptions {
  const mode: SslMode = uri.sslMode;
  return {
    secureContext: contextFor(uri),
    rejectUnauthorized: hasCa || mode === "verify-full",
    ...(mode === "verify-full" ? {} : { checkServerIdentity: () => undefined }),
  };
}

async function open(settings: ConnectionSettings, tls: Tls, limits: Limits): Promise<Connection> {
  const line = lineWith(settings);
  const { socket } = line;
  let handshake: HandshakeLine | undefined;
  const ssl = tls && over(tls, () => (handshake = guarded(new HandshakeLine(socket), line)));
  const client = new pg.Client({ ...clientConfig(settings), ssl, stream: () => socket });
  const { columns, room } = settings.answers ?? { columns: 1, room: usualRoom };
  const conversation = new Conversation(demandsOf(settings, tls), columns);
  const frames = guard(client, line, { conversation, room });
  const meter = new LineMeter(socket);
  let isOpen = true;
  // pg emits this for every end that is not ours; unheard, it would end the process.
  client.on("error", () => {
    isOpen = false;
  });
  await within(limits, socket, () => client.connect()).catch((error: unknown) => {
    // pg leaves a refused socket to the server.
    socket.destroy();
    throw error;
  });
  handshake?.endLimit();
  return {
    loginMethod: conversation.method,
    processId: (client as { readonly processID?: number | null }).processID ?? undefined,
    remoteAddress: socket.remoteAddress,
    isOpen: () => isOpen,
    query: async (text, values, queryLimits) => {
      frames.expectAnswer();
      // Records of TLS and their padding are the sender's choice.
      meter.expectAnswer(2 * room.bytes);
      const work = (): Promise<pg.QueryResult<object>> => client.query<object>(text, values);
      const result = await within(queryLimits, socket, work).finally(() => {
        frames.expectNothing();
        meter.expectNothing();
      });
      return result.rows;
    },
    close: () => sayFarewell(client, socket),
  };
}

// pg asks for the options when TLS begins, and would put it on the socket itself.
function over(tls: ConnectionOptions, begin: () => HandshakeLine): ConnectionOptions {
  return Object.defineProperty({ ...tls }, "socket", { enumerable: true, get: begin });
}

// With `prefer` somebody hoped for TLS; whoever means plain text says so.
function demandsOf({ uri }: ConnectionSettings, tls: Tls): LoginDemands {
  const isPlainByChance = tls === false && uri.sslMode === "prefer";
  const secrecy = isPlainByChance
    ? "the line has no TLS (sslmode=disable or allow permit that)"
    : undefined;
  return { ...uri, secrecy };
}

// The server chooses the type of a column, and with it the parser of pg that reads it: some never
// end on two bytes, or take minutes for what is no date. We read text, and look at it ourselves.
const asText: pg.CustomTypesConfig = {
  getTypeParser: () => (value: string | Buffer) => value.toString(),
};

function clientConfig({ uri, options, applicationName }: ConnectionSettings): pg.ClientConfig {
  return {
    host: uri.host,
    port: uri.port,
    user: uri.user,
    password: uri.password,
    database: uri.database,
    sslnegotiation: uri.directTls ? "direct" : "postgres",
    enableChannelBinding: uri.channelBinding,
    options: options === undefined ? "" : `${uri.options} ${options}`.trim(),
    application_name: applicationName,
    client_encoding: "UTF8",
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    types: asText,
  };
}

async function sayFarewell(client: pg.Client, socket: Socket): Promise<void> {
  const timer = setTimeout(() => {
    socket.destroy();
  }, farewellMs);
  await client.end().catch(() => undefined);
  clearTimeout(timer);
  socket.destroy();
}
