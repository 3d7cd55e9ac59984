// What comes over the line, below the protocol: TLS has messages of its own (key updates, session
// tickets) that cost processor time and never reach the protocol. A session that stays open between
// readings would let a server send them without end. So the bytes of the line itself are counted,
// once a second, and a line that carries more than sessions need is closed.

import type { Socket } from "node:net";
import { TooLongAnswer } from "./failures.ts";

/** Twice what the protocol may have: records and their padding are the sender's choice. */
const maxAnswerBytes = 4 * 1024 * 1024;
const maxUnaskedBytes = 512 * 1024;
const usualCheckMs = 1_000;

export class LineMeter {
  readonly #socket: Socket;
  #sinceBytes = 0;
  #maxBytes = maxUnaskedBytes;

  constructor(socket: Socket, checkEveryMs: number = usualCheckMs) {
    this.#socket = socket;
    const timer = setInterval(() => {
      this.#check();
    }, checkEveryMs).unref();
    socket.once("close", () => {
      clearInterval(timer);
    });
  }

  /** From now on an answer may come, of usual length unless told otherwise. */
  expectAnswer(maxBytes: number = maxAnswerBytes): void {
    this.#allow(maxBytes);
  }

  /** From now on nothing was asked. */
  expectNothing(): void {
    this.#allow(maxUnaskedBytes);
  }

  #allow(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#sinceBytes = this.#socket.bytesRead;
  }

  #check(): void {
    if (this.#socket.bytesRead - this.#sinceBytes <= this.#maxBytes) return;
    this.#socket.destroy(new TooLongAnswer(`${this.#maxBytes / 1024} KiB`));
  }
}
