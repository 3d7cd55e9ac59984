// What a large event of a watch is about, without making anything of the rest: to parse a
// Deployment of 1.4 MB takes 30 ms of the only thread, and a tenant may change one 20 times a
// second. Where the name stands is not fixed: of built-in kinds it comes first, of custom resources
// after annotations and managed fields, which may be long. So the bytes are walked, each value that
// is not asked for is skipped, and the walk ends with the metadata.

import { longest } from "./raw-values.ts";

/** What Kubernetes says of any object, as it came: nothing is checked yet. */
export interface EventHeading {
  readonly type: string;
  readonly metadata: Readonly<Record<string, string>>;
}

const asked = ["name", "namespace", "uid", "resourceVersion"];
const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const [openList, closeList, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];
/** With quotes, and a character of six bytes each. */
const textLimitBytes = 6 * longest.name;

/** Undefined for what is no event of an object: whoever parses it all may say what it is. */
export function headingOf(line: Buffer): EventHeading | undefined {
  const heading = new Walk(line).heading();
  return heading?.type === undefined ? undefined : heading;
}

class Walk {
  readonly #line: Buffer;
  #at = 0;

  constructor(line: Buffer) {
    this.#line = line;
  }

  heading(): EventHeading | undefined {
    let type: string | undefined;
    for (const key of this.#keys()) {
      if (key === "type") type = this.#text();
      else if (key !== "object") this.#skip();
      else return type === undefined ? undefined : this.#ofObject(type);
    }
    return undefined;
  }

  #ofObject(type: string): EventHeading | undefined {
    for (const key of this.#keys()) {
      if (key !== "metadata") this.#skip();
      else return { type, metadata: this.#metadata() };
    }
    return undefined;
  }

  #metadata(): Record<string, string> {
    const found: Record<string, string> = {};
    for (const key of this.#keys()) {
      const text = asked.includes(key) ? this.#text() : undefined;
      if (text === undefined) this.#skip();
      else found[key] = text;
      if (Object.keys(found).length === asked.length) break;
    }
    return found;
  }

  /** Of the object that begins here. Whoever takes one has its value read before the next. */
  *#keys(): Generator<string> {
    if (this.#next() !== openObject) return;
    this.#at += 1;
    while (this.#next() === quote) {
      const key = this.#text();
      if (key === undefined) this.#skip();
      if (this.#next() !== colon) return;
      this.#at += 1;
      yield key ?? "";
      if (this.#next() === comma) this.#at += 1;
    }
  }

  /** The byte that is not white space, and stands here now. */
  #next(): number | undefined {
    while ((this.#line[this.#at] ?? quote) <= 0x20) this.#at += 1;
    return this.#line[this.#at];
  }

  /** The text that begins here; undefined, and nothing read, if it is none, or a long one. */
  #text(): string | undefined {
    if (this.#next() !== quote) return undefined;
    const begin = this.#at;
    const end = this.#endOfText(begin);
    if (end - begin > textLimitBytes || end > this.#line.length) return undefined;
    try {
      const text: unknown = JSON.parse(this.#line.toString("utf8", begin, end));
      this.#at = end;
      return String(text);
    } catch {
      return undefined;
    }
  }

  #endOfText(begin: number): number {
    let at = begin + 1;
    for (let byte = this.#line[at]; byte !== quote; byte = this.#line[at]) {
      if (byte === undefined) return Infinity;
      at += byte === backslash ? 2 : 1;
    }
    return at + 1;
  }

  /** Moves behind the value that begins here. */
  #skip(): void {
    const first = this.#next();
    if (first === quote) this.#at = this.#endOfText(this.#at);
    else if (first === openObject || first === openList) this.#skipNested();
    else while (!isEndOfValue(this.#line[this.#at])) this.#at += 1;
  }

  #skipNested(): void {
    const line = this.#line;
    let depth = 0;
    let at = this.#at;
    do {
      const byte = line[at];
      if (byte === undefined) break;
      if (byte === quote) at = this.#endOfText(at) - 1;
      else if (byte === openObject || byte === openList) depth += 1;
      else if (byte === closeObject || byte === closeList) depth -= 1;
      at += 1;
    } while (depth > 0);
    this.#at = at;
  }
}

/** Of a number or a word. */
function isEndOfValue(byte: number | undefined): boolean {
  return byte === undefined || byte === comma || byte === closeObject || byte === closeList;
}
