// What a PostgreSQL server says in a login and an answer, and what may become of it: cut short,
// too long, twice, out of order, of another kind, or full of what JSON can hold. Most of a hostile
// conversation is right, since a server that is wrong at once is left at once.

import type { Random } from "../../src/ports.ts";
import { drawFrom, type Fault } from "./conversation.ts";
import type { Script } from "./hostile-server.ts";
import { pick } from "./pick.ts";

/** One message; the code is its first byte, the length is said as it is unless told otherwise. */
export function message(code: string, body: Buffer, length = body.length + 4): Buffer {
  const frame = Buffer.alloc(5 + body.length);
  frame.write(code, 0, "latin1");
  frame.writeUInt32BE(length >>> 0, 1);
  body.copy(frame, 5);
  return frame;
}

export const int16 = (value: number): Buffer => Buffer.from([(value >> 8) & 255, value & 255]);
export const int32 = (value: number): Buffer => Buffer.concat([int16(value >> 16), int16(value)]);
export const cstring = (text: string): Buffer => Buffer.from(`${text}\0`);

/** An authentication request. */
export function request(number: number, body: Buffer = Buffer.alloc(0)): Buffer {
  return message("R", Buffer.concat([int32(number), body]));
}

export const scram = request(10, Buffer.from("SCRAM-SHA-256\0\0"));
export const loggedIn = request(0);
export const ready = message("Z", Buffer.from("I"));

/** The answer to our one question, with this text in its one column, said to be of this type. */
export function answer(text: string, type: number = types.json): readonly Buffer[] {
  const value = Buffer.from(text);
  const column = [int32(0), int16(0), int32(type), int16(-1), int32(-1), int16(0)];
  return [
    message("1", Buffer.alloc(0)),
    message("2", Buffer.alloc(0)),
    message("T", Buffer.concat([int16(1), cstring("answer"), ...column])),
    message("D", Buffer.concat([int16(1), int32(value.length), value])),
    message("C", cstring("SELECT 1")),
    ready,
  ];
}

/** What pg has a parser for: each could be made to read our answer. */
export const types = {
  ...{ bool: 16, bytea: 17, int8: 20, json: 114, point: 600, float8: 701, date: 1082 },
  ...{ timestamp: 1114, timestamptz: 1184, timestamps: 1115, interval: 1186, texts: 1009 },
} as const;

export const goodAnswer = {
  role: "app",
  versionNumber: 180_000,
  systemIdentifier: "7000",
  startedAtMicroseconds: 1_790_000_000_000_000,
  isStandby: false,
  maxConnections: 200,
  superuserReservedConnections: 3,
  reservedConnections: 0,
  roleLimits: { app: -1 },
  databaseLimits: { postgres: -1 },
  seesAllSessions: true,
  sessions: [{ user: "app", database: "x", applicationName: "web", address: "10.0.0.1", count: 3 }],
};

/** A conversation with about one fault in it, and how many messages it has. */
export function drawConversation(random: Random): { script: Script; frames: number } {
  const drawn = [...logins(random), drawAnswer(random)];
  const { script, turns } = drawFrom({ turns: drawn, faults, greets: 0.05 }, random);
  // A storm of equal notices counts as one.
  return { script, frames: turns.reduce((sum, turn) => sum + new Set(turn).size, 0) };
}

/** Each way in, up to the greeting. */
export function logins(random: Random): (readonly Buffer[])[] {
  const status = message("S", Buffer.concat([cstring("server_version"), cstring("18.0")]));
  const key = message("K", Buffer.alloc(8));
  const welcome = [loggedIn, ...Array<Buffer>(14).fill(status), key, ready];
  const challenge = `r=${"n".repeat(30)},s=QUFBQQ==,i=4096`;
  return pick(random, [
    [welcome],
    [welcome],
    [[request(3)], welcome],
    [[request(5, Buffer.alloc(4))], welcome],
    [[scram], [request(11, Buffer.from(challenge))], [request(12, Buffer.from("v=QUFB"))], welcome],
  ]);
}

function drawAnswer(random: Random): readonly Buffer[] {
  const notice = message("N", Buffer.concat([Buffer.from("SNOTICE\0Mhello\0"), Buffer.from([0])]));
  const notices = random.next() < 0.05 ? Array<Buffer>(1_500).fill(notice) : [];
  const text = random.next() < 0.5 ? JSON.stringify(goodAnswer) : lie(random);
  const type = random.next() < 0.8 ? types.json : pick(random, Object.values(types));
  return [...notices, ...answer(text, type)];
}

/** JSON that says something else in one place. */
function lie(random: Random): string {
  const names = Object.keys(goodAnswer);
  const wild = pick(random, [
    ...["null", "-1", "1e99", '""', "{}", "[]", "[[]]", '{"__proto__":{"a":1}}', "{", "true"],
    ...["\\z", "1".repeat(100_000), "{".repeat(1_000)],
    ...["[".repeat(50_000), `"${"\\u202e".repeat(2_000)}"`, `"${"a".repeat(200_000)}"`],
    `[${Array<string>(20_000).fill(JSON.stringify(goodAnswer.sessions[0])).join(",")}]`,
  ]);
  const lied = pick(random, names);
  const entries = Object.entries(goodAnswer).map(([name, value]) => {
    return `"${name}":${name === lied ? wild : JSON.stringify(value)}`;
  });
  return random.next() < 0.1 ? wild : `{${entries.join(",")}}`;
}

const codes = Array.from("RSKZENTDC123tnsIAGHWdcvV\0\xff");

export const faults: readonly Fault[] = [
  // A length that is not the length.
  (frame, random) => {
    const lengths = [0, 1, 3, 4, 5, frame.length - 2, frame.length, 65_536, 2 ** 31, 2 ** 32 - 1];
    return [message(String.fromCharCode(frame[0] ?? 0), frame.subarray(5), pick(random, lengths))];
  },
  // Cut short, with a length that is right.
  (frame, random) => {
    const end = 5 + Math.floor(random.next() * (frame.length - 5));
    return [message(String.fromCharCode(frame[0] ?? 0), frame.subarray(5, end))];
  },
  // Longer than it is.
  (frame) => [
    message(String.fromCharCode(frame[0] ?? 0), Buffer.concat([frame.subarray(5), frame])),
  ],
  // Another kind of message.
  (frame, random) => [message(pick(random, codes), frame.subarray(5))],
  // Any bytes in it.
  (frame, random) => {
    const changed = Buffer.from(frame);
    for (let left = 3; left > 0; left -= 1) {
      changed[Math.floor(random.next() * frame.length)] = Math.floor(random.next() * 256);
    }
    return [changed];
  },
  // More than once, or never.
  (frame, random) => Array<Buffer>(pick(random, [0, 2, 3, 40])).fill(frame),
  // A request that is none of ours.
  (_, random) => [request(Math.floor(random.next() * 14), Buffer.from("\0\0\0\0"))],
  (_, random) => [request(pick(random, [99, -1, 2 ** 31 - 1]))],
  // An error or a notice without an end, and one with it.
  (_, random) => [message(pick(random, ["E", "N"]), Buffer.from("SFATAL"))],
  (_, random) => [message(pick(random, ["E", "N"]), Buffer.from("SFATAL\0C28000\0M\x1b[2Jno\0\0"))],
  // Numbers of entries and lengths of values that cannot be.
  () => [message("D", int16(-1))],
  () => [message("T", int16(32_767))],
  () => [message("D", Buffer.concat([int16(1), int32(-7)]))],
  () => [message("D", Buffer.concat([int16(32_767), Buffer.alloc(4 * 32_767, 255)]))],
  // Everything that anybody could send.
  (_, random) => [Buffer.from(Array.from({ length: 40 }, () => Math.floor(random.next() * 256)))],
];
