// What a greeting and a row must look like before mysql2 may see them: it reads what it expects and
// believes every length.

import { BrokenProtocol } from "../database/failures.ts";

/** Of each packet: three for its length, one for its place. */
export const headerBytes = 4;

/** Of what a packet's header says: the whole packet, in bytes. */
export function lengthIn(header: Buffer): number {
  return header.length + header.readUIntLE(0, 3);
}

export interface Greeting {
  /** As the server writes it: `8.4.6`, or `5.5.5-10.11.19-MariaDB`. */
  readonly version: string;
  /** How its session is called there, in its process list. */
  readonly thread: number;
  /** By which accounts log in unless they say otherwise. */
  readonly plugin: string;
}

const protocol = 10;
const versionMax = 128;
/** Behind the version: thread, nonce, capabilities, character set, status, and room to grow. */
const fixedBytes = 31;
const nonceRest = 13;
/** CLIENT_PROTOCOL_41, CLIENT_SECURE_CONNECTION and CLIENT_PLUGIN_AUTH: since MySQL 5.5. */
const needed = 0x0008_8200;

/** Throws BrokenProtocol for what is none, or one of an old protocol. */
export function readGreeting(body: Buffer): Greeting {
  const end = body.indexOf(0, 1);
  if (body[0] !== protocol || end < 2 || end > versionMax) throw noGreeting();
  const fixed = body.subarray(end + 1);
  if (fixed.length < fixedBytes + nonceRest || body.length > 512) throw noGreeting();
  const capabilities = (fixed.readUInt16LE(18) << 16) | fixed.readUInt16LE(13);
  if ((capabilities & needed) !== needed) throw noGreeting();
  const nonceBytes = Math.max(nonceRest, fixed.readUInt8(20) - 8);
  const name = fixed.subarray(fixedBytes + nonceBytes);
  const nameEnd = name.indexOf(0);
  return {
    version: body.toString("latin1", 1, end),
    thread: fixed.readUInt32LE(0),
    plugin: name.toString("latin1", 0, nameEnd < 0 ? name.length : nameEnd),
  };
}

function noGreeting(): BrokenProtocol {
  return new BrokenProtocol("it does not greet as MySQL or MariaDB do");
}

/** Values one after the other, each with its length, up to the very end. */
export function checkRow(body: Buffer, columns: number): void {
  let at = 0;
  for (let column = 0; column < columns; column++) at = endOfValue(body, at);
  if (at !== body.length) throw new BrokenProtocol("a row of another length than its values");
}

const isNull = 0xfb;
/** What says in how many bytes the length stands; a length of eight bytes is none of ours. */
const lengthBytes: Readonly<Record<number, number>> = { 0xfc: 2, 0xfd: 3 };

function endOfValue(body: Buffer, at: number): number {
  const first = body[at];
  if (first === undefined) throw new BrokenProtocol("a row that is cut short");
  if (first === isNull) return at + 1;
  if (first < isNull) return at + 1 + first;
  const size = lengthBytes[first];
  if (size === undefined || at + 1 + size > body.length) {
    throw new BrokenProtocol("a value without a length");
  }
  return at + 1 + size + body.readUIntLE(at + 1, size);
}
