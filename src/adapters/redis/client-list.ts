// What CLIENT LIST shows, grouped as it comes: ten thousand clients are some megabytes of text, of
// which a line at a time is kept, and of each line who it is and where it comes from.

import { isIP } from "node:net";
import type { SessionGroup } from "../../domain/facts/facts.ts";
import { BrokenProtocol } from "../database/failures.ts";
import { SessionKinds } from "../database/session-kinds.ts";
import { Lines } from "./lines.ts";

/** Clients that may have come meanwhile. */
const moreClients = 1_024;
/** All of them take time that is everybody's. A line has 330 bytes, 420 on Valkey 9, and names. */
export const listBytesMax = 32 * 1024 * 1024;
/** Of more clients it is counted only that they are there. */
const clientsMax = 50_000;
const nameMax = 64;

export class ClientList extends Lines {
  readonly #ownId: number;
  readonly #clients: () => number;
  readonly #kinds = new SessionKinds();
  #linesLeft = 0;
  #clientsLeft = clientsMax;
  #isBegun = false;

  /** `ownId`: the client that asks; `clients`: how many there are, as the server said before. */
  constructor(ownId: number, clients: () => number) {
    super();
    this.#ownId = ownId;
    this.#clients = clients;
  }

  /** Without the client that asks. */
  get groups(): readonly SessionGroup[] {
    return this.#kinds.groups;
  }

  /** There are more clients, or kinds of them, than are looked at. */
  get isInPart(): boolean {
    return this.#kinds.isInPart || this.#clientsLeft < 0;
  }

  /** Its length is known. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  maxBytes(): number {
    this.#isBegun = true;
    this.#linesLeft = this.#clients() + moreClients;
    return listBytesMax;
  }

  protected override takeLine(line: string): void {
    this.#linesLeft -= 1;
    if (this.#linesLeft < 0) throw new BrokenProtocol("more clients than it says it has");
    this.#clientsLeft -= 1;
    if (this.#clientsLeft < 0) return;
    const id = Number(/^id=(\d{1,16}) /.exec(line)?.[1] ?? NaN);
    if (!(id >= 0)) throw new BrokenProtocol("a line of CLIENT LIST without its id");
    if (id !== this.#ownId) this.#count(line);
  }

  #count(line: string): void {
    const applicationName = nameIn(line);
    const user = fieldIn(line, "user").slice(0, nameMax);
    const address = addressIn(fieldIn(line, "addr"));
    this.#kinds.add({ user, database: "", applicationName, address, count: 1 });
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
