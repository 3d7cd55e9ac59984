// What mysql2 takes for its socket. It gets whole and checked packets only, and TLS is put on the
// line here: mysql2 would do that without a limit of what a handshake may send, with a context of
// its own for each session, and would look the server up by itself.

import { EventEmitter } from "node:events";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect, type ConnectionOptions } from "node:tls";
import { BrokenProtocol } from "../database/failures.ts";
import type { Frames } from "../database/frames.ts";
import { guarded, type Line } from "../database/guarded.ts";
import { HandshakeLine } from "../database/handshake.ts";
import type { Conversation } from "./conversation.ts";

export interface WireParts {
  readonly line: Line;
  readonly frames: Frames;
  readonly conversation: Conversation;
}

/** As much of a stream as mysql2 uses. */
export class Wire extends EventEmitter {
  readonly #parts: WireParts;
  #stream: Duplex;
  #handshake: HandshakeLine | undefined;

  constructor(parts: WireParts) {
    super();
    this.#parts = parts;
    const { socket } = parts.line;
    this.#stream = socket;
    socket.on("data", this.#take);
    socket.on("error", (error) => this.emit("error", error));
    socket.on("close", () => this.emit("close"));
  }

  get destroyed(): boolean {
    return this.#parts.line.socket.destroyed;
  }

  write(packet: Buffer, done?: (error?: Error | null) => void): boolean {
    this.#parts.conversation.noteSent(packet.readUInt8(3));
    return this.#stream.write(packet, done);
  }

  end(packet?: Buffer): void {
    if (packet === undefined) this.#stream.end();
    else this.#stream.end(packet);
  }

  destroy(error?: Error): void {
    this.#parts.line.socket.destroy(error);
  }

  /** mysql2 has asked for TLS, and the server expects nothing else by now. */
  secure(tls: ConnectionOptions, host: string, onSecure: () => void): void {
    const { line, frames } = this.#parts;
    // What came behind the greeting would count as said under TLS.
    if (frames.isMidway) throw new BrokenProtocol("a packet before TLS began");
    line.socket.off("data", this.#take);
    const handshake = guarded(new HandshakeLine(line.socket), line);
    this.#handshake = handshake;
    const name = isIP(host) === 0 ? { servername: host } : {};
    const secured = guarded(connect({ ...tls, ...name, host, socket: handshake }), line);
    this.#stream = secured;
    secured.on("secureConnect", onSecure);
    secured.on("data", this.#take);
    // The line below ends at once, and knows no reason.
    secured.on("error", (error) => {
      this.emit("error", error);
      line.socket.destroy();
    });
  }

  /** Somebody is logged in: TLS may carry as much as the line may. */
  endHandshake(): void {
    this.#handshake?.endLimit();
  }

  readonly #take = (piece: Buffer): void => {
    const { frames, line } = this.#parts;
    // What TLS still holds after that is of no interest.
    if (line.socket.destroyed) return;
    const whole = frames.take(piece);
    if (whole.length > 0) this.emit("data", whole);
  };
}
