// Texts of lines that a server of Redis sends, line by line as they come. What stands in a line may
// be the word of any client, and as long as it likes (CLIENT SETNAME knows no limit but that of a
// command), so of each word no more is kept than anybody looks at, and the rest is dropped unread.

import type { TextSink } from "./replies.ts";

/** In bytes, of a line whose words are cut; usual lines of clients have 330 to 420. */
const lineKept = 2_048;
/** Of a word in a line that is longer: a name of a field, and its value. */
const wordKept = 128;
const [newline, space] = [0x0a, 0x20];
const longWords = new RegExp(`[^ ]{${wordKept + 1},}`, "g");

class KeptLine {
  #text = "";
  /** In a word of which enough is kept. */
  #isSkipping = false;

  get text(): string {
    return this.#text;
  }

  add(piece: Buffer, from: number, to: number): void {
    let at = from;
    while (at < to) {
      if (this.#isSkipping) at = this.#afterWord(piece, at, to);
      const end = Math.min(to, at + lineKept - this.#text.length);
      this.#text += piece.toString("latin1", at, end);
      at = end;
      if (this.#text.length < lineKept) continue;
      if (!this.#shorten()) return;
    }
  }

  #afterWord(piece: Buffer, at: number, to: number): number {
    const end = piece.subarray(at, to).indexOf(space);
    this.#isSkipping = end < 0;
    return end < 0 ? to : at + end;
  }

  /** False: what follows in the line is no client's word, and nobody's. */
  #shorten(): boolean {
    const isOpen = this.#text.length - this.#text.lastIndexOf(" ") > wordKept;
    const short = this.#text.replaceAll(longWords, (word) => word.slice(0, wordKept));
    if (short.length > lineKept / 2) return false;
    this.#isSkipping = isOpen;
    this.#text = short;
    return true;
  }
}

export abstract class Lines implements TextSink {
  #line = new KeptLine();

  abstract maxBytes(): number;

  /** Without its end. */
  protected abstract takeLine(line: string): void;

  take(piece: Buffer): void {
    let at = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, at)) {
      this.#line.add(piece, at, end);
      this.#endLine();
      at = end + 1;
    }
    this.#line.add(piece, at, piece.length);
  }

  end(): void {
    this.#endLine();
  }

  #endLine(): void {
    const { text } = this.#line;
    this.#line = new KeptLine();
    if (text !== "") this.takeLine(text);
  }
}
