// One session on one server, opened as the URI's ssl-mode says. mysql2 would look names up itself,
// keep timers of its own, write files that a server asks for, and compile a program for each shape
// of a row: so the line, TLS, the time limits and the shape of an answer are given from here.

import type { ConnectionOptions } from "node:tls";
import {
  type Connection as Client,
  type ConnectionOptions as Options,
  createConnection,
} from "mysql2";
import type { MysqlUri } from "../../domain/supply/mysql-uri.ts";
import { Frames } from "../database/frames.ts";
import { LineMeter } from "../database/line-meter.ts";
import { type Limits, lineWith, openOneWay, within } from "../database/line.ts";
import type { SessionSettings } from "../database/reader.ts";
import { Conversation } from "./conversation.ts";
import { asTheServerSaid, ConnectionLost, speaksNoTls } from "./failures.ts";
import { type Greeting, headerBytes, lengthIn } from "./packets.ts";
import { Wire, type WireParts } from "./wire.ts";

export type Row = readonly (Buffer | null)[];

export interface Connection {
  readonly greeting: Greeting;
  /** False as soon as either side has closed it. */
  readonly isOpen: () => boolean;
  /** The one row of the question. After a time-out or a call-off the connection is closed. */
  readonly query: (sql: string, limits: Limits) => Promise<Row>;
  /** Says good-bye and closes the socket. Never throws, takes at most a second. */
  readonly close: () => Promise<void>;
}

export interface ConnectionSettings extends Omit<SessionSettings<MysqlUri>, "statementTimeoutMs"> {
  /** Of the question that is asked. */
  readonly columns: number;
}

type Tls = ConnectionOptions | undefined;

const keepAliveAfterMs = 30_000;
const farewellMs = 1_000;

/** Opens a session within the time limit. Throws what mysql2, the socket or the server threw. */
export async function openConnection(
  settings: ConnectionSettings,
  limits: Limits,
): Promise<Connection> {
  const ways = settings.busy.run(() => encryptions(settings));
  return await openOneWay(ways, limits, {
    open: (tls, limitsLeft) => open(settings, tls, limitsLeft),
    dependsOnWay: speaksNoTls,
  });
}

function encryptions(settings: ConnectionSettings): readonly [Tls, ...Tls[]] {
  const { sslMode } = settings.uri;
  if (sslMode === "DISABLED") return [undefined];
  const tls = tlsOptions(settings);
  return sslMode === "PREFERRED" ? [tls, undefined] : [tls];
}

/** A CA that is given is always checked against; without one, the roots that Node brings. */
function tlsOptions({
  uri,
  trusted: { hasCa, contextFor },
}: ConnectionSettings): ConnectionOptions {
  const isNameChecked = uri.sslMode === "VERIFY_IDENTITY";
  return {
    secureContext: contextFor(uri),
    rejectUnauthorized: hasCa || isNameChecked,
    ...(isNameChecked ? {} : { checkServerIdentity: () => undefined }),
  };
}

async function open(settings: ConnectionSettings, tls: Tls, limits: Limits): Promise<Connection> {
  const { uri } = settings;
  const line = lineWith(settings);
  const { socket } = line;
  const parts = checksOf(settings, tls !== undefined);
  const wire = new Wire({ line, ...parts });
  const meter = new LineMeter(socket);
  const lost = endOf(wire);
  socket.setNoDelay(true).setKeepAlive(true, keepAliveAfterMs);
  socket.connect(uri.port, uri.host);
  const client = clientOn(wire, settings, tls);
  const isLost = endsOf(client, wire);
  const login = (): Promise<void> => Promise.race([loggedIn(client), lost]);
  await within(limits, socket, login).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  wire.endHandshake();
  const query = async (sql: string, queryLimits: Limits): Promise<Row> => {
    for (const one of [parts.frames, meter, parts.conversation]) one.expectAnswer();
    const work = (): Promise<Row> => Promise.race([rowOf(client, sql), lost]);
    return await within(queryLimits, socket, work).finally(() => {
      for (const one of [parts.frames, meter]) one.expectNothing();
    });
  };
  const greeting = greetingOf(parts.conversation);
  return { greeting, isOpen: () => !isLost(), query, close: () => sayFarewell(wire) };
}

function checksOf(
  { uri, columns }: ConnectionSettings,
  isSecure: boolean,
): Pick<WireParts, "frames" | "conversation"> {
  const conversation = new Conversation({ ...uri, isSecure }, columns);
  const check = (packet: Buffer): void => {
    conversation.check(packet);
  };
  return { conversation, frames: new Frames({ headerBytes, lengthOf: lengthIn, check }) };
}

function clientOn(wire: Wire, settings: ConnectionSettings, tls: Tls): Client {
  const client = createConnection(clientOptions(settings, { wire, isSecure: tls !== undefined }));
  // mysql2 puts TLS on its socket in a method that has no setting.
  const startTLS = (onSecure: () => void): void => {
    wire.secure(tls ?? {}, settings.uri.host, onSecure);
  };
  return Object.assign(client, { startTLS });
}

/** Whether either side has closed it. */
function endsOf(client: Client, wire: Wire): () => boolean {
  let isLost = false;
  const close = (): void => {
    isLost = true;
  };
  // mysql2 emits this for every end that is not ours; unheard, it would end the process.
  client.on("error", close);
  wire.on("close", close);
  return () => isLost;
}

function clientOptions(
  { uri, applicationName }: ConnectionSettings,
  { wire, isSecure }: { readonly wire: Wire; readonly isSecure: boolean },
): Options {
  return {
    stream: () => wire,
    // TLS is put on by clientOn; this says that the server is to be asked for it.
    ...(isSecure && { ssl: {} }),
    host: uri.host,
    port: uri.port,
    user: uri.user,
    password: uri.password(),
    ...(uri.database !== "" && { database: uri.database }),
    connectAttributes: { program_name: applicationName },
    // Time is kept by within().
    connectTimeout: 0,
    // No files are sent, and nothing is told that was not asked for.
    flags: ["-LOCAL_FILES", "-SESSION_TRACK", "-MULTI_RESULTS"],
    // The server's names of columns never become a program.
    disableEval: true,
    rowsAsArray: true,
  };
}

/** Rejects once the line has ended, with what ended it. */
function endOf(wire: Wire): Promise<never> {
  let reason: Error | undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    wire.on("error", (error: Error) => {
      reason ??= error;
    });
    // With TLS, the line may end before it is told why.
    wire.on("close", () => {
      setImmediate(() => {
        reject(reason ?? new ConnectionLost());
      });
    });
  });
  // It may end while nobody waits.
  ended.catch(() => undefined);
  return ended;
}

function loggedIn(client: Client): Promise<void> {
  return new Promise((resolve, reject) => {
    client.connect((error) => {
      if (error === null) resolve();
      else reject(asTheServerSaid(error));
    });
  });
}

/** As the bytes that the server sent: it chooses the types, and with them mysql2's parsers. */
function rowOf(client: Client, sql: string): Promise<Row> {
  return new Promise((resolve, reject) => {
    client.query({ sql, rowsAsArray: true, typeCast: false }, (error, rows) => {
      if (error) reject(asTheServerSaid(error));
      else resolve((rows as unknown as readonly Row[])[0] ?? []);
    });
  });
}

function greetingOf({ greeting }: Conversation): Greeting {
  if (greeting === undefined) throw new ConnectionLost();
  return greeting;
}

/** COM_QUIT: the server closes the line, and lets go of the slot. */
const quit = Buffer.from([1, 0, 0, 0, 1]);

async function sayFarewell(wire: Wire): Promise<void> {
  if (wire.destroyed) return;
  const closed = new Promise<void>((resolve) => {
    wire.once("close", resolve);
  });
  const timer = setTimeout(() => {
    wire.destroy();
  }, farewellMs);
  wire.end(quit);
  await closed;
  clearTimeout(timer);
}
