// Reads what a server of Redis sends, byte by byte as it comes: the five kinds of replies that it
// has for us, each where one was asked for, and each with a limit on its length, its number and
// its depth. A client library would keep whatever it is sent until its end, and a reply may say
// that it has 512 MiB; so the reader is our own, and three commands need no library besides.

import { BrokenProtocol, TooLongAnswer } from "../database/failures.ts";

/** What the server answers in place of a reply: a word in capitals, and a sentence. */
export class Refusal {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Reply = string | number | null | Refusal | readonly Reply[];

/** Takes a long text as it comes, so that it is never kept whole. */
export interface TextSink {
  /** Of the whole text, in bytes; asked once its length is known. */
  readonly maxBytes: () => number;
  readonly take: (piece: Buffer) => void;
  readonly end: () => void;
}

/** Of a text that is kept, such as the arguments of a module in HELLO. */
const keptMax = 128 * 1024;
/** Of what stands in one line; the longest error is that of the protected mode, of 1 KiB. */
const lineMax = 4_096;
/** Of one reply: HELLO has 14 and those of each module. */
const itemsMax = 512;
const depthMax = 4;
const [carriageReturn, newline] = [0x0d, 0x0a];

export interface Wanted {
  /** Where a long text goes. */
  readonly sink?: TextSink;
}

interface Expected extends Wanted {
  readonly resolve: (reply: Reply) => void;
}

interface OpenText {
  readonly sink: TextSink;
  /** Undefined where the sink has it. */
  readonly pieces: Buffer[] | undefined;
  leftBytes: number;
}

interface OpenList {
  readonly items: Reply[];
  readonly length: number;
}

export class Replies {
  readonly #expected: Expected[] = [];
  #line = Buffer.alloc(0);
  #text: OpenText | undefined;
  #lists: OpenList[] = [];
  #itemsLeft = itemsMax;

  /** The reply to the next command. */
  expect(wanted: Wanted): Promise<Reply> {
    return new Promise((resolve) => {
      this.#expected.push({ ...wanted, resolve });
    });
  }

  /** Throws what is to end the session. */
  take(piece: Buffer): void {
    let at = 0;
    while (at < piece.length) {
      if (this.#expected.length === 0) throw new BrokenProtocol("a reply that nobody asked for");
      at = this.#text ? this.#takeText(this.#text, piece, at) : this.#takeLine(piece, at);
    }
  }

  #takeLine(piece: Buffer, at: number): number {
    if (this.#line.length === 0 && !isKind(piece[at])) {
      throw new BrokenProtocol("a reply of no known kind");
    }
    const found = piece.indexOf(newline, at);
    const end = found < 0 ? piece.length : found + 1;
    if (this.#line.length + end - at > lineMax) throw new BrokenProtocol("a line without end");
    this.#line = Buffer.concat([this.#line, piece.subarray(at, end)]);
    if (found >= 0) this.#endLine();
    return end;
  }

  #endLine(): void {
    const line = this.#line;
    this.#line = Buffer.alloc(0);
    if (line.at(-2) !== carriageReturn) throw new BrokenProtocol("a line of an odd end");
    const rest = line.toString("utf8", 1, line.length - 2);
    switch (String.fromCharCode(line[0] ?? 0)) {
      case "+":
        this.#end(rest);
        break;
      case "-":
        this.#end(new Refusal(rest));
        break;
      case ":":
        this.#end(wholeNumber(rest));
        break;
      case "$":
        this.#beginText(wholeNumber(rest));
        break;
      default:
        this.#beginList(wholeNumber(rest));
    }
  }

  #beginText(length: number): void {
    if (length < 0) {
      this.#end(null);
      return;
    }
    const sink = this.#lists.length === 0 ? this.#expected[0]?.sink : undefined;
    const pieces: Buffer[] = [];
    const maxBytes = sink ? sink.maxBytes() : keptMax;
    if (length > maxBytes) throw new TooLongAnswer(`${maxBytes / 1024} KiB`);
    const kept = { maxBytes: () => keptMax, take: (one: Buffer) => pieces.push(one) };
    this.#text = {
      sink: sink ?? { ...kept, end: () => undefined },
      pieces: sink ? undefined : pieces,
      leftBytes: length + 2,
    };
  }

  #takeText(text: OpenText, piece: Buffer, at: number): number {
    const end = Math.min(piece.length, at + text.leftBytes);
    const bodyEnd = Math.min(end, at + Math.max(0, text.leftBytes - 2));
    if (bodyEnd > at) text.sink.take(piece.subarray(at, bodyEnd));
    for (let place = bodyEnd; place < end; place++) {
      const wanted = text.leftBytes - (place - at) === 2 ? carriageReturn : newline;
      if (piece[place] !== wanted)
        throw new BrokenProtocol("a text of another length than it says");
    }
    text.leftBytes -= end - at;
    if (text.leftBytes === 0) this.#endText(text);
    return end;
  }

  #endText({ sink, pieces }: OpenText): void {
    this.#text = undefined;
    sink.end();
    this.#end(pieces ? Buffer.concat(pieces).toString("utf8") : "");
  }

  #beginList(length: number): void {
    if (length > this.#itemsLeft || this.#lists.length === depthMax) {
      throw new BrokenProtocol("a list that is too long, or too deep");
    }
    this.#itemsLeft -= Math.max(0, length);
    if (length > 0) this.#lists.push({ items: [], length });
    else this.#end(length < 0 ? null : []);
  }

  /** Of a value, and with it of every list that it is the last of. */
  #end(value: Reply): void {
    const list = this.#lists.at(-1);
    if (!list) {
      this.#itemsLeft = itemsMax;
      const expected = this.#expected.shift();
      expected?.resolve(value);
      return;
    }
    list.items.push(value);
    if (list.items.length < list.length) return;
    this.#lists.pop();
    this.#end(list.items);
  }
}

function isKind(byte: number | undefined): boolean {
  return byte !== undefined && "+-:$*".includes(String.fromCharCode(byte));
}

/** -1 stands where there is nothing. */
function wholeNumber(text: string): number {
  if (!/^(-1|\d{1,15})$/.test(text)) throw new BrokenProtocol("a number that is none");
  return Number(text);
}

/** A command as the server takes it. */
export function command(words: readonly string[]): Buffer {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return Buffer.from(`*${words.length}\r\n${parts.join("")}`);
}
