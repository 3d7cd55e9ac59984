// What a server of Redis says in a login and an answer, and what may become of it: cut short, too
// long, twice, out of order, of another kind, nested, or full of what a line can hold. Most of a
// hostile conversation is right, since a server that is wrong at once is left at once.

import type { Random } from "../../src/ports.ts";
import { drawFrom, type Fault } from "./conversation.ts";
import type { Script } from "./hostile-server.ts";
import { pick } from "./pick.ts";

type Value = string | number | null | readonly Value[];

/** As the server writes it: texts with their length. */
export function reply(value: Value): Buffer {
  if (value === null) return Buffer.from("$-1\r\n");
  if (typeof value === "number") return Buffer.from(`:${value}\r\n`);
  if (typeof value === "string") {
    return Buffer.from(`$${Buffer.byteLength(value)}\r\n${value}\r\n`);
  }
  return Buffer.concat([Buffer.from(`*${value.length}\r\n`), ...value.map(reply)]);
}

export function refusal(text: string): Buffer {
  return Buffer.from(`-${text}\r\n`);
}

export const wantsLogin = refusal(
  "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client",
);

export function hello(mode = "standalone", id: Value = 7): Buffer {
  const modules: Value = [["name", "search", "ver", 80_000, "path", "/x.so", "args", []]];
  const values = { server: "redis", version: "7.0.15", proto: 2, id, mode, role: "master" };
  return reply([...Object.entries(values).flat(), "modules", modules]);
}

/** What INFO says of itself, the clients and the replication. */
export const goodInfo: Readonly<Record<string, string>> = {
  redis_version: "7.0.15",
  run_id: "ee398a7ee9697300a1232c3ab02c3e48c68c26df",
  server_time_usec: "1796029524482681",
  uptime_in_seconds: "24",
  connected_clients: "3",
  cluster_connections: "0",
  maxclients: "10000",
  role: "master",
  connected_slaves: "1",
  master_replid: "36b73c5d010c5329abc7d2514ac8f3c16a59284a",
  cluster_enabled: "0",
};

/** The answer to each section that a reading asks for. */
export function infoSections(changes: Readonly<Record<string, string>> = {}): readonly Buffer[] {
  const all = Object.entries({ ...goodInfo, ...changes });
  const sections = [0, 4, 7, 10].map((from, place, starts) => all.slice(from, starts[place + 1]));
  return sections.map((lines) =>
    reply(`# Section\r\n${lines.map((pair) => pair.join(":")).join("\r\n")}\r\n`),
  );
}

export function info(changes: Readonly<Record<string, string>> = {}): Buffer {
  return Buffer.concat(infoSections(changes));
}

/** A line of CLIENT LIST as Redis 7 writes it. */
export function clientLine(id: number, changes: Readonly<Record<string, string>> = {}): string {
  const fields = {
    ...{ addr: "10.0.0.1:4711", laddr: "10.0.0.9:6379", fd: "8", name: "", age: "0", idle: "0" },
    ...{ flags: "N", db: "0", sub: "0", psub: "0", multi: "-1", qbuf: "0", events: "r" },
    ...{ cmd: "get", user: "app", redir: "-1", resp: "2" },
    ...changes,
  };
  const pairs = Object.entries({ id: String(id), ...fields }).map((pair) => pair.join("="));
  return pairs.join(" ");
}

export function clients(...lines: readonly string[]): Buffer {
  return reply(lines.map((line) => `${line}\n`).join(""));
}

export const goodClients = clients(
  clientLine(3),
  clientLine(4, { flags: "S", addr: "10.0.0.2:51000", user: "default" }),
  clientLine(5, { addr: "[2001:db8::1]:4711", name: "batch" }),
  clientLine(7, { cmd: "client|list", user: "watcher" }),
);

/** A conversation with about one fault in it, and how many replies it has. */
export function drawRedisConversation(random: Random): { script: Script; frames: number } {
  const drawn = [...logins(random), drawAnswer(random)];
  const { script, turns } = drawFrom({ turns: drawn, faults, greets: 0.03 }, random);
  return { script, frames: turns.reduce((sum, turn) => sum + turn.length, 0) };
}

function logins(random: Random): (readonly Buffer[])[] {
  return pick(random, [
    [[wantsLogin], [hello()]],
    [[hello()], [hello()]],
    [[hello()], [hello("cluster", 2 ** 40)]],
    [[wantsLogin], [hello("sentinel")]],
    [[wantsLogin], [refusal("WRONGPASS invalid username-password pair or user is disabled.")]],
    [[refusal("ERR max number of clients reached")]],
    [[refusal("DENIED Redis is running in protected mode because protected mode is enabled")]],
    [[refusal("ERR unknown command 'HELLO'")]],
    [[wantsLogin], [hello("x".repeat(random.next() * 5_000), -1)]],
    [[wantsLogin], [reply(pick<Value>(random, [[], ["id"], "id", 7, null, [[["id", 7]]]]))]],
  ]);
}

function drawAnswer(random: Random): readonly Buffer[] {
  const isWild = random.next() > 0.7;
  const told = infoSections(isWild ? { [pick(random, names)]: pick(random, wild) } : {});
  const listed = pick(random, [
    ...[goodClients, goodClients, goodClients, clients()],
    refusal("NOPERM this user has no permissions to run the 'client|list' command"),
    clients(...Array.from({ length: 300 }, (_, id) => clientLine(id))),
    clients(clientLine(3, { [pick(random, fields)]: pick(random, wild) })),
    clients("x".repeat(random.next() * 10_000), "id=", "id=9", "\n", " "),
    reply([goodClients.toString()]),
  ]);
  return [...told, listed];
}

const names = Object.keys(goodInfo);
const fields = ["id", "addr", "flags", "user", "name", "cmd"];
const wild = [
  ...["", "-1", "1e99", "9".repeat(30), "\u0000", "slave", "a=b c=d", "\u202e", "[[[]]]", "1"],
  ...["x".repeat(9_000), "\u001b[2J", "999999999", "__proto__", "\u00e9".repeat(3_000)],
];

const faults: readonly Fault[] = [
  () => [],
  (frame) => [frame, frame],
  (frame, random) => [frame.subarray(0, Math.floor(random.next() * frame.length))],
  (frame, random) => [
    Buffer.from(`$${Math.floor(random.next() * 2 ** 31)}\r\n`),
    frame.subarray(4),
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
  (_frame, random) => [refusal(pick(random, ["ERR no", "NOPERM no", "BUSY no", "LOADING no", ""]))],
  (_frame, random) => [Buffer.from("*1\r\n".repeat(Math.floor(random.next() * 100)))],
  () => [Buffer.from("*100000\r\n"), Buffer.alloc(400_000, ":1\r\n")],
  () => [Buffer.alloc(3 * 1024 * 1024, 0x2b)],
  () => [Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
  () => [Buffer.from("J\0\0\0\n8.0.36\0")],
];
