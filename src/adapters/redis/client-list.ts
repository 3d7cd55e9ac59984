// What CLIENT LIST shows, grouped as it comes: ten thousand clients are some megabytes of text, of
// which a line at a time is kept, and of each line who it is and where it comes from.

import { isIP } from "node:net";
import type { SessionGroup } from "../../domain/facts/facts.ts";
import { BrokenProtocol, TooLongAnswer } from "../database/failures.ts";
import type { TextSink } from "./replies.ts";

/** Kinds of clients in one answer. */
const groupsMax = 10_000;
/** In bytes; what is beyond, such as a very long name, is not looked at. */
const lineKept = 2_048;
/** What a line has on average at most: 330 on Redis 7, 420 on Valkey 9, and names. */
const bytesPerClient = 1_024;
/** Clients that may have come meanwhile. */
const moreClients = 1_024;
/** All of them take time that is everybody's. */
const bytesMax = 20 * 1024 * 1024;
const clientsMax = 50_000;
const nameMax = 64;
const newline = 0x0a;

export class ClientList implements TextSink {
  readonly #ownId: number;
  readonly #clients: () => number;
  readonly #groups = new Map<
    string,
    { -readonly [Key in keyof SessionGroup]: SessionGroup[Key] }
  >();
  #line = "";
  #linesLeft = 0;

  /** `ownId`: the client that asks; `clients`: how many there are, as the server said before. */
  constructor(ownId: number, clients: () => number) {
    this.#ownId = ownId;
    this.#clients = clients;
  }

  /** Without the client that asks. */
  get groups(): readonly SessionGroup[] {
    return [...this.#groups.values()];
  }

  maxBytes(): number {
    const clients = this.#clients() + moreClients;
    this.#linesLeft = Math.min(clients, clientsMax);
    return Math.min(bytesMax, clients * bytesPerClient);
  }

  take(piece: Buffer): void {
    let at = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, at)) {
      this.#keep(piece, at, end);
      this.#endLine();
      at = end + 1;
    }
    this.#keep(piece, at, piece.length);
  }

  end(): void {
    if (this.#line !== "") this.#endLine();
  }

  #keep(piece: Buffer, from: number, to: number): void {
    const room = lineKept - this.#line.length;
    if (to > from && room > 0)
      this.#line += piece.toString("latin1", from, Math.min(to, from + room));
  }

  #endLine(): void {
    const line = this.#line;
    this.#line = "";
    if (line === "") return;
    this.#linesLeft -= 1;
    if (this.#linesLeft < 0) throw new TooLongAnswer("the clients that the server says it has");
    const id = Number(/^id=(\d{1,16}) /.exec(line)?.[1] ?? NaN);
    if (!(id >= 0)) throw new BrokenProtocol("a line of CLIENT LIST without its id");
    if (id !== this.#ownId) this.#count(line);
  }

  #count(line: string): void {
    const applicationName = nameIn(line);
    const user = fieldIn(line, "user").slice(0, nameMax);
    const address = addressIn(fieldIn(line, "addr"));
    const key = `${user} ${applicationName} ${address}`;
    const known = this.#groups.get(key);
    if (known) {
      known.count += 1;
      return;
    }
    if (this.#groups.size === groupsMax) {
      throw new TooLongAnswer(`${groupsMax} kinds of clients, by user, name and address`);
    }
    this.#groups.set(key, { user, database: "", applicationName, address, count: 1 });
  }
}

/** No value has a space in it. */
function fieldIn(line: string, name: string): string {
  const at = line.indexOf(` ${name}=`);
  if (at < 0) return "";
  const from = at + name.length + 2;
  const end = line.indexOf(" ", from);
  return line.slice(from, end < 0 ? undefined : end);
}

/** What is no client of anybody's has a name of its own, whatever it calls itself. */
function nameIn(line: string): string {
  const flags = fieldIn(line, "flags");
  if (flags.includes("S")) return "replica";
  if (flags.includes("M")) return "primary";
  if (flags.includes("O")) return "MONITOR";
  const name = fieldIn(line, "name").replaceAll(/[^!-~]/g, "?");
  return name === "" && flags.includes("P") ? "subscriber" : name.slice(0, nameMax);
}

/** `10.0.0.1:4711`, `[2001:db8::1]:4711`; a socket of the machine has a path, and no address. */
function addressIn(text: string): string {
  const host = text.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? "" : host;
}
