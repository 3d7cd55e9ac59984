// What TLS may cost to begin with. OpenSSL checks every signature of the chain that a server sends,
// and takes part in whatever key exchange it names, in one turn of the event loop, and whether we
// check the certificate or not: a chain of 96 KiB took 0.6 s, a Diffie-Hellman group of 10,000 bits
// 1.2 s. So finite-field Diffie-Hellman is not offered (PostgreSQL prefers elliptic curves by
// itself), and until the login is done the line carries no more than such a beginning needs.

import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { type ConnectionOptions, DEFAULT_CIPHERS } from "node:tls";
import { TooLongAnswer } from "./failures.ts";

/** Certificates, their chain and the messages of the login; three of RSA 4096 have 6 KiB. */
const limitKiB = 24;

export const keyExchanges: ConnectionOptions = {
  ciphers: `${DEFAULT_CIPHERS}:!DHE`,
  ecdhCurve: "X25519MLKEM768:X25519:P-256:P-384:P-521",
};

/** The line below TLS until somebody is logged in, and afterwards without a limit of its own. */
export class HandshakeLine extends Duplex {
  readonly #socket: Socket;
  #leftBytes = limitKiB * 1024;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on("data", (piece: Buffer) => {
      this.#take(piece);
    });
    socket.once("end", () => this.push(null));
    socket.once("error", (error) => this.destroy(error));
    socket.once("close", () => this.destroy());
  }

  endLimit(): void {
    this.#leftBytes = Infinity;
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(
    piece: Buffer,
    _encoding: BufferEncoding,
    done: (error?: Error | null) => void,
  ): void {
    this.#socket.write(piece, done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #take(piece: Buffer): void {
    this.#leftBytes -= piece.length;
    if (this.#leftBytes < 0) this.#socket.destroy(new TooLongAnswer(`${limitKiB} KiB at login`));
    else if (!this.push(piece)) this.#socket.pause();
  }
}
