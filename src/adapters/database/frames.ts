// Cuts what a server sends into whole messages and counts them. A driver would keep a message until
// its end, and a message may say that it has 2 GiB: a time limit alone would let a hostile server
// fill our memory. One kind of session is about 200 bytes of a reading, so an answer has room for
// 10,000 kinds. What comes unasked (the login, notices between two readings) is a few KiB, and may
// be kept for long.

import { TooLongAnswer } from "./failures.ts";

const maxUnaskedBytes = 256 * 1024;

interface Room {
  readonly bytes: number;
  readonly messages: number;
}

/** The most that an answer may be. */
export interface AnswerRoom extends Room {
  /** What several answers may be together. */
  readonly shared?: SharedRoom;
}

/** Answers of several lines make up one reading: however many lines, it takes no more than this. */
export class SharedRoom {
  readonly #room: Room;
  #left: Room;

  constructor(room: Room) {
    this.#room = room;
    this.#left = room;
  }

  /** A new reading begins. */
  refill(): void {
    this.#left = this.#room;
  }

  /** Throws TooLongAnswer for what does not fit. */
  spend({ bytes = 0, messages = 0 }: Partial<Room>): void {
    const { bytes: maxBytes, messages: maxMessages } = this.#room;
    this.#left = { bytes: this.#left.bytes - bytes, messages: this.#left.messages - messages };
    if (this.#left.bytes < 0) throw new TooLongAnswer(`${maxBytes / 1024} KiB`);
    if (this.#left.messages < 0) throw new TooLongAnswer(`${maxMessages} messages`);
  }
}

/** An answer has 6 messages, a login about 20; the rest is for notices. */
export const usualRoom: AnswerRoom = { bytes: 2 * 1024 * 1024, messages: 1_000 };

const leastRoom = 4_096;

/** How a protocol tells where its messages end. */
export interface Framing {
  /** Of each message, in bytes: what says its length. */
  readonly headerBytes: number;
  /** Of a whole message, in bytes, by its header. Throws BrokenProtocol where none may begin so. */
  readonly lengthOf: (header: Buffer) => number;
  /** Sees each whole message before the driver does. Throws what is to end the session. */
  readonly check: (message: Buffer) => void;
}

export class Frames {
  readonly #framing: Framing;
  readonly #room: AnswerRoom;
  #kept = Buffer.alloc(0);
  #keptBytes = 0;
  #maxBytes = maxUnaskedBytes;
  #leftBytes = maxUnaskedBytes;
  #leftMessages: number;

  constructor(framing: Framing, room: AnswerRoom = usualRoom) {
    this.#framing = framing;
    this.#room = room;
    this.#leftMessages = room.messages;
  }

  /** Whether the beginning of a message is kept. */
  get isMidway(): boolean {
    return this.#keptBytes > 0;
  }

  /** From now on an answer may come. */
  expectAnswer(): void {
    this.#allow(this.#room.bytes);
  }

  /** From now on nothing was asked. */
  expectNothing(): void {
    this.#allow(maxUnaskedBytes);
  }

  /** All messages that are whole by now, one after the other; may be none. */
  take(piece: Buffer): Buffer {
    this.#leftBytes -= piece.length;
    if (this.#leftBytes < 0) throw this.#tooLong();
    this.#room.shared?.spend({ bytes: piece.length });
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
    this.#leftMessages = this.#room.messages;
  }

  #checkFrame(from: number, to: number): void {
    this.#leftMessages -= 1;
    if (this.#leftMessages < 0) throw new TooLongAnswer(`${this.#room.messages} messages`);
    this.#room.shared?.spend({ messages: 1 });
    this.#framing.check(this.#kept.subarray(from, to));
  }

  /** Where the message that begins there ends; undefined until it is whole. */
  #endOf(from: number): number | undefined {
    const { headerBytes, lengthOf } = this.#framing;
    if (this.#keptBytes - from < headerBytes) return undefined;
    const end = from + lengthOf(this.#kept.subarray(from, from + headerBytes));
    if (end <= this.#keptBytes) return end;
    // Before the rest of it is waited for.
    if (end - this.#keptBytes > this.#leftBytes) throw this.#tooLong();
    return undefined;
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
