// What a server of MySQL says in a login and an answer, and what may become of it: cut short, too
// long, twice, out of order, of another kind, or full of what JSON can hold. Most of a hostile
// conversation is right, since a server that is wrong at once is left at once.

import type { Random } from "../../src/ports.ts";
import { drawFrom, type Fault } from "./conversation.ts";
import type { Script } from "./hostile-server.ts";
import { pick } from "./pick.ts";

/** One packet; the length is said as it is unless told otherwise. */
export function packet(sequence: number, body: Buffer, length = body.length): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, body]);
}

const cstring = (text: string): Buffer => Buffer.from(`${text}\0`);
const bytes = (...values: readonly number[]): Buffer => Buffer.from(values);

/** A length and what it is of; null for NULL. */
export function value(text: string | null): Buffer {
  if (text === null) return bytes(0xfb);
  const body = Buffer.from(text);
  if (body.length < 251) return Buffer.concat([bytes(body.length), body]);
  const length = Buffer.alloc(4);
  length.writeUIntLE(body.length, 1, 3);
  length[0] = 0xfd;
  return Buffer.concat([length, body]);
}

/** CLIENT_SSL. */
export const offersTls = 0x0800;
const usualCapabilities = 0x008f_f7fe & ~offersTls;

/** What a server says first. */
export function greeting(
  version = "8.4.6",
  plugin = "mysql_native_password",
  capabilities = usualCapabilities,
): Buffer {
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(capabilities);
  const body = [
    ...[bytes(10), cstring(version), bytes(7, 0, 0, 0), Buffer.alloc(8, 0x41), bytes(0)],
    ...[flags.subarray(0, 2), bytes(45, 2, 0), flags.subarray(2), bytes(21), Buffer.alloc(10)],
    ...[Buffer.alloc(12, 0x42), bytes(0), cstring(plugin)],
  ];
  return packet(0, Buffer.concat(body));
}

export const loggedIn = packet(2, bytes(0, 0, 0, 2, 0, 0, 0));

export function switchTo(plugin: string, sequence = 2): Buffer {
  return packet(sequence, Buffer.concat([bytes(0xfe), cstring(plugin), Buffer.alloc(21, 0x43)]));
}

export function moreData(sequence: number, data: string): Buffer {
  return packet(sequence, Buffer.concat([bytes(1), Buffer.from(data, "latin1")]));
}

export function failure(sequence: number, code: number, text: string): Buffer {
  const number = bytes(code & 255, code >> 8);
  return packet(sequence, Buffer.concat([bytes(0xff), number, Buffer.from(`#HY000${text}`)]));
}

/** The values of one reading, in the order of its columns. */
export const goodRow: readonly (string | null)[] = [
  ...["8.4.6", "watcher@%", "mysql-0", "3306", "3e11fa47-71ca-11e1-9e33-c80aa9429562"],
  ...["1790000000", "0", "151", "0", "0", "4", "28800"],
  '[{"user":"app","database":"orders","host":"10.0.0.1","isOurs":0,"count":3}]',
  '[{"user":"app","host":"%","limit":20}]',
];

const ended = bytes(0xfe, 0, 0, 2, 0);

/** The answer to our one question. */
export function answer(row: readonly (string | null)[], type = 0xfd): readonly Buffer[] {
  const names = ["def", "", "", "", "x", ""].map(value);
  const fixed = bytes(0x0c, 45, 0, 0, 1, 0, 0, type, 0, 0, 0, 0, 0);
  const definition = Buffer.concat([...names, fixed]);
  const bodies = [
    ...[bytes(goodRow.length), ...goodRow.map(() => definition), ended],
    ...[Buffer.concat(row.map(value)), ended],
  ];
  return bodies.map((body, place) => packet(place + 1, body));
}

/** A conversation with about one fault in it, and how many packets it has. */
export function drawMysqlConversation(random: Random): { script: Script; frames: number } {
  const drawn = [...logins(random), drawAnswer(random)];
  const { script, turns } = drawFrom({ turns: drawn, faults, greets: 0.97 }, random);
  return { script, frames: turns.reduce((sum, turn) => sum + turn.length, 0) };
}

function logins(random: Random): (readonly Buffer[])[] {
  const sha2 = greeting("9.1.0", "caching_sha2_password");
  const key = `-----BEGIN PUBLIC KEY-----\n${"A".repeat(300)}\n-----END PUBLIC KEY-----\n`;
  return pick(random, [
    [[greeting()], [loggedIn]],
    [[greeting("5.5.5-10.11.19-MariaDB")], [loggedIn]],
    [
      [greeting()],
      [switchTo("caching_sha2_password")],
      [moreData(4, "\u0003"), packet(5, bytes(0, 0, 0))],
    ],
    [[sha2], [moreData(2, "\u0003"), packet(3, bytes(0, 0, 0))]],
    [[sha2], [moreData(2, "\u0004")], [moreData(4, key)], [packet(6, bytes(0, 0, 0))]],
    [[greeting("8.4.6", pick(random, ["sha256_password", "x", "", "a".repeat(400)]))], [loggedIn]],
    [[failure(0, 1040, "Too many connections")]],
    [[greeting("x".repeat(random.next() * 300))], [loggedIn]],
    [[greeting("8.4.6", "mysql_native_password", random.next() * 2 ** 32)], [loggedIn]],
  ]);
}

function drawAnswer(random: Random): readonly Buffer[] {
  const row = random.next() < 0.5 ? goodRow : lie(random);
  return answer(row, random.next() < 0.8 ? 0xfd : Math.floor(random.next() * 256));
}

/** A row that says something else in one place. */
function lie(random: Random): readonly (string | null)[] {
  const wild = pick(random, [
    ...[null, "-1", "1e99", "", "{}", "[]", "[[]]", '{"__proto__":{"a":1}}', "{", "true"],
    ...["\\z", "1".repeat(100_000), "{".repeat(1_000), "[".repeat(50_000)],
    ...["\u202e".repeat(2_000), `["${"a".repeat(200_000)}"]`],
    `[${Array<string>(20_000).fill('{"user":"a","database":"b","host":"","isOurs":0,"count":1}').join(",")}]`,
  ]);
  return goodRow.with(Math.floor(random.next() * goodRow.length), wild);
}

const faults: readonly Fault[] = [
  () => [],
  (frame) => [frame, frame],
  (frame, random) => [frame.subarray(0, Math.floor(random.next() * frame.length))],
  (frame, random) => [
    packet(frame[3] ?? 0, frame.subarray(4), Math.floor(random.next() * 2 ** 24)),
  ],
  (frame, random) => [
    frame,
    Buffer.alloc(1 + Math.floor(random.next() * 200), random.next() * 256),
  ],
  (frame, random) => {
    const flipped = Buffer.from(frame);
    const place = Math.floor(random.next() * flipped.length);
    flipped[place] = Math.floor(random.next() * 256);
    return [flipped];
  },
  (frame, random) => [failure(frame[3] ?? 0, Math.floor(random.next() * 4_000), "no")],
  (frame) => [packet(frame[3] ?? 0, Buffer.alloc(0))],
  () => [Buffer.alloc(3 * 1024 * 1024, 0x61)],
  () => [Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
];
