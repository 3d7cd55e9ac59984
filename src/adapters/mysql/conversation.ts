// In which order a server of MySQL or MariaDB may speak, which logins we make, and what an answer
// looks like, before the driver sees any of it: mysql2 takes every packet at any time, would send
// the password to whoever asks for it by another plugin, and encrypts it with whatever key it is
// sent. Our one question has one row, so there is nothing else that a server may say.

import { BrokenProtocol, LoginNotMade } from "../database/failures.ts";
import { checkRow, type Greeting, headerBytes, readGreeting } from "./packets.ts";

export interface LoginDemands {
  /** The line has TLS, or is to get it. */
  readonly isSecure: boolean;
  /** On a line without TLS, the password may be encrypted with a key that the server sends. */
  readonly trustsSentKey: boolean;
}

/** Logins that we make, as the server calls their plugins. */
const ours: readonly string[] = ["caching_sha2_password", "mysql_native_password"];
/** What mysql2 would send the password to, if the greeting names them. */
const neverGreeted: readonly string[] = ["mysql_clear_password", "sha256_password"];
/** In bytes. A nonce has 20, a key of 4,096 bits 800 as PEM. */
const [nonceMax, keyMax] = [64, 2_048];
/** Of errors, and of definitions of a column: names, and the texts that people wrote. */
const smallPacketMax = 2_048;

type Phase =
  | "greeting"
  | "login"
  | "fast or full"
  | "key"
  | "login's end"
  | "idle"
  | "columns"
  | "definitions"
  | "row"
  | "last";

/** Follows one session from its first packet on. */
export class Conversation {
  readonly #demands: LoginDemands;
  readonly #columns: number;
  #phase: Phase = "greeting";
  #plugin = "";
  #isSwitched = false;
  #definitions = 0;
  #sequence = 0;
  #greeting: Greeting | undefined;

  /** `columns`: of the one question. */
  constructor(demands: LoginDemands, columns: number) {
    this.#demands = demands;
    this.#columns = columns;
  }

  /** Undefined until it was sent. */
  get greeting(): Greeting | undefined {
    return this.#greeting;
  }

  /** Of what we send: the server counts on from there. */
  noteSent(sequence: number): void {
    this.#sequence = (sequence + 1) % 256;
  }

  /** From now on the answer to our question may come. */
  expectAnswer(): void {
    this.#phase = "columns";
    this.#definitions = 0;
  }

  /** Throws BrokenProtocol or LoginNotMade if mysql2 must not see it. */
  check(packet: Buffer): void {
    const body = packet.subarray(headerBytes);
    const kind = body[0];
    if (kind === undefined) throw new BrokenProtocol("an empty packet");
    // mysql2 would write a line to the operator's log for each.
    if (this.#phase !== "idle" && packet[3] !== this.#sequence) {
      throw new BrokenProtocol("a packet out of its order");
    }
    this.#sequence = (this.#sequence + 1) % 256;
    if (kind === 0xff) this.#fail(body);
    else this.#steps[this.#phase](kind, body);
  }

  readonly #steps: Readonly<Record<Phase, (kind: number, body: Buffer) => void>> = {
    greeting: (_kind, body) => {
      this.#greeting = readGreeting(body);
      this.#plugin = this.#greeting.plugin;
      if (neverGreeted.includes(this.#plugin)) throw notOurs(this.#plugin);
      this.#phase = "login";
    },
    login: (kind, body) => {
      this.#login(kind, body);
    },
    "fast or full": (kind, body) => {
      this.#login(kind, body);
    },
    key: (kind, body) => {
      const key = body.toString("latin1", 1);
      const isKey = kind === 1 && key.length <= keyMax && key.startsWith("-----BEGIN PUBLIC KEY");
      if (!isKey) throw new BrokenProtocol("no public key where one was asked for");
      this.#phase = "login's end";
    },
    "login's end": (kind) => {
      if (kind !== 0) throw new BrokenProtocol("a login out of its order");
      this.#phase = "idle";
    },
    idle: () => {
      throw new BrokenProtocol("a packet that nobody asked for");
    },
    columns: (kind, body) => {
      if (kind !== this.#columns || body.length !== 1) {
        throw new BrokenProtocol("another number of columns than was asked for");
      }
      this.#phase = "definitions";
    },
    definitions: (kind, body) => {
      if (this.#definitions === this.#columns) {
        expectEnd(kind, body);
        this.#phase = "row";
        return;
      }
      if (body.length > smallPacketMax) throw new BrokenProtocol("a definition that is too long");
      this.#definitions += 1;
    },
    row: (_kind, body) => {
      checkRow(body, this.#columns);
      this.#phase = "last";
    },
    last: (kind, body) => {
      expectEnd(kind, body);
      this.#phase = "idle";
    },
  };

  /** Nothing follows an error. */
  #fail(body: Buffer): void {
    if (body.length < 3 || body.length > smallPacketMax) {
      throw new BrokenProtocol("an error of an odd length");
    }
    this.#phase = "idle";
  }

  #login(kind: number, body: Buffer): void {
    if (kind === 0) this.#phase = "idle";
    else if (kind === 0xfe) this.#switch(body);
    else if (kind === 1 && this.#plugin === "caching_sha2_password") this.#proceed(body);
    else throw new BrokenProtocol("a login out of its order");
  }

  #switch(body: Buffer): void {
    if (this.#isSwitched) throw new BrokenProtocol("a second switch of the login");
    this.#isSwitched = true;
    const end = body.indexOf(0, 1);
    const plugin = end < 0 ? "mysql_old_password" : body.toString("latin1", 1, end);
    if (!ours.includes(plugin)) throw notOurs(plugin);
    if (body.length - end > nonceMax) throw new BrokenProtocol("a nonce that is too long");
    this.#plugin = plugin;
  }

  /** The server knows the proof by heart (3), or wants the password itself (4). */
  #proceed(body: Buffer): void {
    const asked = body[1];
    const isKnown = body.length === 2 && (asked === 3 || asked === 4);
    if (!isKnown || this.#phase === "fast or full") {
      throw new BrokenProtocol("a login out of its order");
    }
    const { isSecure, trustsSentKey } = this.#demands;
    if (asked === 3 || isSecure) this.#phase = "login's end";
    else if (trustsSentKey) this.#phase = "key";
    else {
      throw new LoginNotMade(
        "it asks for the password itself, and the line has no TLS (allowPublicKeyRetrieval=true or ssl-mode=DISABLED permit that)",
      );
    }
  }
}

function notOurs(plugin: string): LoginNotMade {
  const name = /^\w{1,40}$/.test(plugin) ? plugin : "a plugin of an odd name";
  return new LoginNotMade(`it asks for a login by ${name}`);
}

/** What ends the definitions, and what ends the rows. */
function expectEnd(kind: number, body: Buffer): void {
  const moreResults = 0x08;
  const isEnd = kind === 0xfe && body.length === 5;
  if (!isEnd || (body.readUInt16LE(3) & moreResults) !== 0) {
    throw new BrokenProtocol("an answer without its end");
  }
}
