// One session on one server of Redis: the line, TLS, the login, and questions within their time.
// The password goes only to what has answered as Redis does: the first command is sent without it.

import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect, type ConnectionOptions } from "node:tls";
import type { RedisUri } from "../../domain/supply/redis-uri.ts";
import { codeOf } from "../database/failures.ts";
import { guarded, type Line } from "../database/guarded.ts";
import { HandshakeLine } from "../database/handshake.ts";
import { LineMeter } from "../database/line-meter.ts";
import { type Limits, lineWith, within } from "../database/line.ts";
import type { SessionSettings } from "../database/reader.ts";
import { type Hello, readHello } from "./answers.ts";
import { listBytesMax } from "./client-list.ts";
import { ClosedUnheard, ConnectionLost, IsSentinel, ServerRefusal, TooOld } from "./failures.ts";
import { command, Refusal, Replies, type Reply, type Wanted } from "./replies.ts";

export interface Asked extends Wanted {
  readonly words: readonly string[];
}

export interface Connection {
  readonly hello: Hello;
  /** False as soon as either side has closed it. */
  readonly isOpen: () => boolean;
  /** One reply for each command. After a time-out or a call-off the connection is closed. */
  readonly ask: (asked: readonly Asked[], limits: Limits) => Promise<readonly Reply[]>;
  /** Closes the socket. Never throws, takes at most a second. */
  readonly close: () => Promise<void>;
}

type Settings = SessionSettings<RedisUri>;

const keepAliveAfterMs = 30_000;
const farewellMs = 1_000;
/** Twice the longest list of clients: records of TLS and their padding are the sender's choice. */
const answerBytesMax = 2 * listBytesMax;

/** Opens a session within the time limit. Throws what the socket or the server threw. */
export async function openConnection(settings: Settings, limits: Limits): Promise<Connection> {
  const wire = new Wire(settings);
  const { socket } = wire.line;
  const hello = await within(limits, socket, () => login(wire, settings)).catch(
    (error: unknown) => {
      socket.destroy();
      throw error;
    },
  );
  const meter = new LineMeter(socket);
  return {
    hello,
    isOpen: () => !socket.destroyed && !wire.isEnded,
    ask: async (asked, askLimits) => {
      meter.expectAnswer(answerBytesMax);
      const work = (): Promise<readonly Reply[]> => wire.ask(asked);
      return await within(askLimits, socket, work).finally(() => {
        meter.expectNothing();
      });
    },
    close: () => wire.close(),
  };
}

async function login(wire: Wire, { uri, applicationName }: Settings): Promise<Hello> {
  await wire.open();
  const [first = null] = await wire.ask([{ words: ["HELLO"] }]);
  if (first instanceof Refusal && !first.text.startsWith("NOAUTH")) throw refusalOf(first);
  // A user of an ACL may have no password; the default one is logged in from the beginning then.
  const isNobody = uri.user === "default" && uri.password() === "";
  const proof = isNobody ? [] : ["AUTH", uri.user, uri.password()];
  const words = ["HELLO", "2", ...proof, "SETNAME", applicationName];
  const [reply = null] = await wire.ask([{ words }]);
  if (reply instanceof Refusal) throw refusalOf(reply);
  const hello = readHello(reply);
  if (hello.mode === "sentinel") throw new IsSentinel();
  wire.endHandshake();
  return hello;
}

/** HELLO is there from Redis 6 on, and works without a version from 6.2 on. */
function refusalOf({ text }: Refusal): Error {
  return /^ERR (unknown command|wrong number of arguments for 'hello')/i.test(text)
    ? new TooOld("")
    : new ServerRefusal(text);
}

/** Commands go out, replies come in. */
class Wire {
  readonly line: Line;
  readonly #settings: Settings;
  readonly #replies = new Replies();
  readonly #lost: Promise<never>;
  #stream: Duplex;
  #handshake: HandshakeLine | undefined;
  #isHeard = false;
  /** Why the line ends, as far as anybody knows. */
  #reason: Error | undefined;
  isEnded = false;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.line = lineWith(settings);
    this.#stream = this.line.socket;
    this.#lost = this.#endOf();
  }

  async open(): Promise<void> {
    const { uri } = this.#settings;
    const { socket } = this.line;
    socket.setNoDelay(true).setKeepAlive(true, keepAliveAfterMs);
    const opened = new Promise<void>((resolve) => {
      // What the server says at once, such as that it is full, must not be missed.
      socket.once("connect", () => {
        if (uri.tls === "none") this.#listen(socket);
        else this.#secure(resolve);
        if (uri.tls === "none") resolve();
      });
    });
    socket.connect(uri.port, uri.host);
    await Promise.race([opened, this.#lost]);
  }

  async ask(asked: readonly Asked[]): Promise<readonly Reply[]> {
    const replies = asked.map((one) => this.#replies.expect(one));
    this.#stream.write(Buffer.concat(asked.map(({ words }) => command(words))));
    return await Promise.race([Promise.all(replies), this.#lost]);
  }

  /** Somebody is logged in: TLS may carry as much as the line may. */
  endHandshake(): void {
    this.#handshake?.endLimit();
  }

  async close(): Promise<void> {
    const { socket } = this.line;
    if (socket.destroyed) return;
    const closed = new Promise<void>((resolve) => {
      socket.once("close", () => {
        resolve();
      });
    });
    const timer = setTimeout(() => {
      socket.destroy();
    }, farewellMs);
    this.#stream.end();
    await closed;
    clearTimeout(timer);
  }

  #secure(onSecure: () => void): void {
    const { uri } = this.#settings;
    const { line } = this;
    const handshake = guarded(new HandshakeLine(line.socket), line);
    this.#handshake = handshake;
    const name = isIP(uri.host) === 0 ? { servername: uri.host } : {};
    const options = { ...tlsOptions(this.#settings), ...name, host: uri.host, socket: handshake };
    const secured = guarded(connect(options), line);
    this.#stream = secured;
    secured.once("secureConnect", onSecure);
    // The line below ends at once, and knows no reason.
    secured.on("error", (error) => {
      this.#reason ??= error;
      line.socket.destroy();
    });
    this.#listen(secured);
  }

  #listen(stream: Duplex): void {
    stream.on("data", (piece: Buffer) => {
      // What TLS still holds after that is of no interest.
      if (this.line.socket.destroyed) return;
      this.#isHeard = true;
      this.#replies.take(piece);
    });
    stream.on("end", () => {
      this.isEnded = true;
    });
  }

  /** Rejects once the line has ended, with what ended it. */
  #endOf(): Promise<never> {
    const { socket } = this.line;
    const ended = new Promise<never>((_resolve, reject) => {
      socket.on("error", (error: Error) => {
        this.#reason ??= error;
      });
      socket.on("close", () => {
        setImmediate(() => {
          reject(this.#lossFor(this.#reason));
        });
      });
    });
    // It may end while nobody waits.
    ended.catch(() => undefined);
    return ended;
  }

  #lossFor(reason: Error | undefined): Error {
    const isCut = reason === undefined || ["ECONNRESET", "EPIPE"].includes(codeOf(reason) ?? "");
    if (!isCut) return reason;
    if (this.#isHeard) return reason ?? new ConnectionLost();
    return new ClosedUnheard(this.#settings.uri.tls !== "none");
  }
}

/** A CA that is given is always checked against; without one, the roots that Node brings. */
function tlsOptions({ uri, trusted: { contextFor } }: Settings): ConnectionOptions {
  return {
    secureContext: contextFor(uri),
    rejectUnauthorized: uri.tls !== "unchecked",
    ...(uri.tls === "identity" ? {} : { checkServerIdentity: () => undefined }),
  };
}
