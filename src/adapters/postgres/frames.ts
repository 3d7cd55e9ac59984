// Cuts what a server sends into whole messages and counts them. pg would keep a message until its
// end, and a message may say that it has 2 GiB: a time limit alone would let a hostile server fill
// our memory. One kind of session is about 200 bytes of a reading, so an answer has room for 10,000
// kinds. What comes unasked (the login, notices between two readings) is a few KiB, and may be kept
// for long.

import { BrokenProtocol, TooLongAnswer } from "./failures.ts";
import { shapeOf } from "./messages.ts";

const maxAnswerBytes = 2 * 1024 * 1024;
const maxUnaskedBytes = 256 * 1024;
/** An answer has 6 messages, a login about 20; the rest is for notices. */
const maxMessages = 1_000;

const headerBytes = 5;
const leastRoom = 4_096;

export class Frames {
  readonly #check: (code: string, body: Buffer) => void;
  #kept = Buffer.alloc(0);
  #keptBytes = 0;
  #maxBytes = maxUnaskedBytes;
  #leftBytes = maxUnaskedBytes;
  #leftMessages = maxMessages;

  /** `check` sees the first byte of each message, and what follows its length. */
  constructor(check: (code: string, body: Buffer) => void) {
    this.#check = check;
  }

  /** From now on an answer may come. */
  expectAnswer(): void {
    this.#allow(maxAnswerBytes);
  }

  /** From now on nothing was asked. */
  expectNothing(): void {
    this.#allow(maxUnaskedBytes);
  }

  /** All messages that are whole by now, one after the other; may be none. */
  take(piece: Buffer): Buffer {
    this.#leftBytes -= piece.length;
    if (this.#leftBytes < 0) throw this.#tooLong();
    this.#keep(piece);
    let end = 0;
    for (let next = this.#endOf(end); next !== undefined; next = this.#endOf(end)) {
      this.#checkFrame(end, next);
      end = next;
    }
    return this.#cut(end);
  }

  #allow(maxBytes: number): void {
    this.#maxBytes = maxBytes;
    this.#leftBytes = maxBytes;
    this.#leftMessages = maxMessages;
  }

  #checkFrame(from: number, to: number): void {
    this.#leftMessages -= 1;
    if (this.#leftMessages < 0) throw new TooLongAnswer(`${maxMessages} messages`);
    this.#check(this.#codeAt(from), this.#kept.subarray(from + headerBytes, to));
  }

  /** Where the message that begins there ends; undefined until it is whole. */
  #endOf(from: number): number | undefined {
    if (this.#keptBytes - from < headerBytes) return undefined;
    shapeOf(this.#codeAt(from));
    const length = this.#kept.readUInt32BE(from + 1);
    if (length < headerBytes - 1) throw new BrokenProtocol("a message without a length");
    const end = from + 1 + length;
    if (end <= this.#keptBytes) return end;
    // Before the rest of it is waited for.
    if (end - this.#keptBytes > this.#leftBytes) throw this.#tooLong();
    return undefined;
  }

  #codeAt(place: number): string {
    return String.fromCharCode(this.#kept.readUInt8(place));
  }

  /** Grows by doubling, so that single bytes are not copied over and over. */
  #keep(piece: Buffer): void {
    const bytes = this.#keptBytes + piece.length;
    if (bytes > this.#kept.length) {
      const room = Buffer.allocUnsafe(Math.max(bytes, 2 * this.#kept.length, leastRoom));
      this.#kept.copy(room, 0, 0, this.#keptBytes);
      this.#kept = room;
    }
    piece.copy(this.#kept, this.#keptBytes);
    this.#keptBytes = bytes;
  }

  #cut(end: number): Buffer {
    const whole = Buffer.from(this.#kept.subarray(0, end));
    this.#keptBytes -= end;
    if (this.#keptBytes === 0) this.#kept = Buffer.alloc(0);
    else this.#kept.copyWithin(0, end, end + this.#keptBytes);
    return whole;
  }

  #tooLong(): TooLongAnswer {
    return new TooLongAnswer(`${this.#maxBytes / 1024} KiB`);
  }
}
