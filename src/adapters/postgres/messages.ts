// What each message of a server must look like before pg may see it. pg reads what it expects and
// believes every length and every end: a message cut short throws inside an event, where it would
// end the process, and an error without its last zero is read for ever. So each body is walked
// here first, from its beginning to its very end. What pg could not use anyway has no entry.

import { BrokenProtocol } from "../database/failures.ts";

/** Throws BrokenProtocol. `columns`: how many a row of the answer may have at most. */
type Shape = (body: Body, columns: number) => void;

/** Of every message that a session of ours can meet, by its first byte. */
const shapes: Readonly<Record<string, Shape>> = {
  R: (body) => {
    body.skip(4);
    body.skipRest();
  },
  // Longer than the key of four bytes only in newer protocols, which we do not ask for.
  K: (body) => {
    body.skip(8);
    body.skipRest();
  },
  S: (body) => {
    body.skipTexts(2);
  },
  A: (body) => {
    body.skip(4);
    body.skipTexts(2);
  },
  C: (body) => {
    body.skipTexts(1);
  },
  Z: (body) => {
    body.skip(1);
  },
  E: fields,
  N: fields,
  T: (body, columns) => {
    for (let left = body.columns(columns); left > 0; left -= 1) {
      body.skipTexts(1);
      body.skip(18);
    }
  },
  D: (body, columns) => {
    for (let left = body.columns(columns); left > 0; left -= 1) body.skipValue();
  },
  t: (body) => {
    body.skip(4 * body.count());
  },
  "1": nothing,
  "2": nothing,
  "3": nothing,
  I: nothing,
  n: nothing,
  s: nothing,
};

/** Checks one message: `code` is its first byte, `bytes` what follows its length. */
export function checkMessage(code: string, bytes: Buffer, columns = 1): void {
  const body = new Body(bytes);
  shapeOf(code)(body, columns);
  body.end();
}

/** Throws BrokenProtocol unless a message may begin so: another protocol is left at its start. */
export function shapeOf(code: string): Shape {
  const shape = Object.hasOwn(shapes, code) ? shapes[code] : undefined;
  if (!shape) throw new BrokenProtocol("a message of a kind that no answer has");
  return shape;
}

/** Names of the mechanisms of AuthenticationSASL; each ends with a zero, the list with another. */
export function mechanismsIn(bytes: Buffer): readonly string[] {
  const names = bytes.toString("latin1").split("\0");
  const [last, beforeLast] = [names.pop(), names.pop()];
  if (last !== "" || beforeLast !== "") {
    throw new BrokenProtocol("a list of login mechanisms without an end");
  }
  // pg stops reading there, and whoever reads on would see others than pg chooses from.
  if (names.includes("")) throw new BrokenProtocol("a login mechanism without a name");
  return names;
}

/** Of errors and notices: each is one byte and a text, and a zero ends them. */
function fields(body: Body): void {
  while (body.byte() !== 0) body.skipTexts(1);
}

function nothing(): void {
  // The body must be empty.
}

class Body {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  byte(): number {
    this.skip(1);
    return this.#bytes.readUInt8(this.#at - 1);
  }

  /** How many entries follow. */
  count(): number {
    this.skip(2);
    const count = this.#bytes.readInt16BE(this.#at - 2);
    if (count < 0) throw new BrokenProtocol("a message with a negative number of entries");
    return count;
  }

  /** Of a row: from one to `most`. */
  columns(most: number): number {
    const count = this.count();
    if (count >= 1 && count <= most) return count;
    throw new BrokenProtocol(
      `another number of columns than ${most === 1 ? "one" : `1 to ${most}`}`,
    );
  }

  skip(length: number): void {
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new BrokenProtocol("a message that is cut short");
  }

  skipTexts(number: number): void {
    for (let left = number; left > 0; left -= 1) {
      const end = this.#bytes.indexOf(0, this.#at);
      if (end < 0) throw new BrokenProtocol("a text without an end");
      this.#at = end + 1;
    }
  }

  /** Its length, and that many bytes; -1 stands for NULL. */
  skipValue(): void {
    this.skip(4);
    const length = this.#bytes.readInt32BE(this.#at - 4);
    if (length < -1) throw new BrokenProtocol("a value of negative length");
    this.skip(Math.max(0, length));
  }

  skipRest(): void {
    this.#at = this.#bytes.length;
  }

  end(): void {
    if (this.#at < this.#bytes.length) throw new BrokenProtocol("a message that is too long");
  }
}
