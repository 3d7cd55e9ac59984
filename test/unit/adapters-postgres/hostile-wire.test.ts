// Packets that end, hang or load a client that believes them, each on a real socket: every one is
// a failed reading of that server, with a message, and the process lives.

import { lookup } from "node:dns/promises";
import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { startHostileServer } from "../../fuzz/hostile-server.ts";
import {
  answer,
  cstring,
  goodAnswer,
  int16,
  int32,
  loggedIn,
  message,
  ready,
  request,
  scram,
  types,
} from "../../fuzz/postgres-grammar.ts";
import { openDatabase, targetOf } from "../../support/postgres-readings.ts";
import { startTcpServer } from "../../support/tcp.ts";

const limits = { connectTimeoutMs: 2_000, queryTimeoutMs: 2_000 };

async function messageFrom(port: number, query = "", within = limits): Promise<string> {
  await using database = openDatabase(within);
  const uri = `postgresql://app:s3cr3t@127.0.0.1:${port}/postgres?sslmode=disable${query}`;
  const outcome = await database.read(targetOf(uri));
  return outcome.kind === "read" ? "read" : `${outcome.reason}: ${outcome.message}`;
}

const open = Buffer.from("SFATAL");
const key = (length: number): Buffer => message("K", Buffer.alloc(length));

test.each<{ name: string; turns: readonly (readonly Buffer[])[]; want: string }>([
  { name: "a request for GSSAPI", turns: [[request(7)]], want: "asks for GSSAPI" },
  { name: "a request for SSPI", turns: [[request(9)]], want: "asks for SSPI" },
  { name: "a request nobody knows", turns: [[request(99)]], want: "asks for request 99" },
  { name: "an empty request", turns: [[message("R", Buffer.alloc(0))]], want: "cut short" },
  { name: "an error without an end", turns: [[message("E", open)]], want: "without an end" },
  { name: "a notice without an end", turns: [[message("N", open)]], want: "without an end" },
  { name: "a key that is too short", turns: [[loggedIn, key(1)]], want: "cut short" },
  { name: "no length", turns: [[message("R", Buffer.alloc(4), 0)]], want: "without a length" },
  { name: "another protocol", turns: [[Buffer.from("HTTP/1.1 400 Bad\r\n")]], want: "a kind that" },
  { name: "an answer that was not asked for", turns: [answer("{}")], want: "out of its order" },
  {
    name: "a row with fewer columns than none",
    turns: [[loggedIn, key(8), ready], [message("D", int16(-1))]],
    want: "negative number of entries",
  },
  {
    name: "a value of negative length",
    turns: [[loggedIn, ready], [message("D", Buffer.concat([int16(1), int32(-7)]))]],
    want: "negative length",
  },
  {
    name: "a login that ends before the server has proven itself",
    turns: [[scram], [loggedIn, ready]],
    want: "out of its order",
  },
  {
    name: "a login that begins anew",
    turns: [[loggedIn, ready], [request(3)]],
    want: "out of its order",
  },
  {
    name: "an answer of two columns",
    turns: [[loggedIn, ready], [message("T", int16(2))]],
    want: "another number of columns",
  },
  {
    name: "a row of two values",
    turns: [[loggedIn, ready], [message("D", int16(2))]],
    want: "another number of columns",
  },
  {
    name: "a message of 2 GiB",
    turns: [[message("E", open, 2 ** 31)]],
    want: "sent too much (more than 256 KiB",
  },
  {
    name: "notices without end",
    turns: [Array<Buffer>(5_000).fill(message("N", cstring("")))],
    want: "more than 1000 messages",
  },
])("$name is a failed reading", async ({ turns, want }) => {
  const script = { turns: turns.map((turn) => Buffer.concat(turn)), greets: false, pieces: 1 };
  await using server = await startHostileServer({ ...script, then: "silence" });
  expect(await messageFrom(server.port)).toContain(want);
});

/** pg reads the list up to the empty name, and would choose what has no channel binding. */
const hidden = request(10, Buffer.from("SCRAM-SHA-256\0\0SCRAM-SHA-256-PLUS\0\0"));

test.each([
  { name: "a bytea that its parser reads for ever", type: types.bytea, text: "\\z" },
  { name: "a date of 200,000 digits", type: types.timestamp, text: "1".repeat(200_000) },
  { name: "a list of dates", type: types.timestamps, text: `{${"1".repeat(200_000)}}` },
  { name: "an interval", type: types.interval, text: "1 ".repeat(100_000) },
])("an answer that is said to be $name is read as the text that it is", async ({ type, text }) => {
  const turns = [[loggedIn, key(8), ready], answer(text, type)].map((turn) => Buffer.concat(turn));
  await using server = await startHostileServer({
    turns,
    greets: false,
    pieces: 1,
    then: "silence",
  });
  expect(await messageFrom(server.port)).toContain("the server's answer ");
});

test.each([
  { name: "more reserved slots than there are", lie: { reservedConnections: 999_999 } },
  { name: "more connections than PostgreSQL can have", lie: { maxConnections: 1e9 } },
  { name: "more kinds of sessions than are read", lie: kindsOfSessions(20_000) },
  { name: "a name of a hundred thousand letters", lie: { role: "a".repeat(100_000) } },
])("an answer with $name is a failed reading", async ({ lie }) => {
  const turns = [[loggedIn, key(8), ready], answer(JSON.stringify({ ...goodAnswer, ...lie }))];
  const script = { turns: turns.map((turn) => Buffer.concat(turn)), greets: false, pieces: 1 };
  await using server = await startHostileServer({ ...script, then: "silence" });
  expect(await messageFrom(server.port)).toContain("the server's answer");
});

function kindsOfSessions(count: number): object {
  const kind = { user: "u", database: "", applicationName: "", address: null, count: 1 };
  return { maxConnections: 262_143, sessions: Array<object>(count).fill(kind) };
}

test.each([
  { asks: request(3), query: "channel_binding=require", want: "requires channel binding" },
  { asks: loggedIn, query: "channel_binding=require", want: "requires channel binding" },
  { asks: scram, query: "channel_binding=require", want: "offers no channel binding" },
  { asks: hidden, query: "channel_binding=require", want: "a login mechanism without a name" },
  { asks: request(3), query: "require_auth=scram-sha-256", want: "require_auth does not allow" },
  { asks: loggedIn, query: "require_auth=!none", want: "require_auth does not allow" },
  { asks: request(3), query: "sslmode=prefer", want: "in clear text, and the line has no TLS" },
])("no password is given away, $query: $want", async ({ asks, query, want }) => {
  const heard: string[] = [];
  await using server = await startTcpServer((socket) => {
    socket.on("data", (piece) => {
      heard.push(piece.toString("latin1"));
      socket.write(piece.length === 8 ? "N" : asks);
    });
  });
  expect(await messageFrom(server.port, `&${query}`)).toContain(want);
  expect(heard.join()).not.toContain("s3cr3t");
});

test("of a flood of SCRAM challenges nothing is derived, and no look-up of a name waits", async () => {
  await using server = await startTcpServer((socket) => {
    socket.on("data", (piece) => {
      challenge(socket, piece.toString("latin1"));
    });
  });
  const before = process.cpuUsage();
  expect(await messageFrom(server.port)).toContain("a login out of its order");
  // It has the threads that derive keys: its turn comes when they have done what was asked before.
  await lookup("localhost");
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(1_000);
});

test.each([
  {
    rounds: "1",
    want: "asks for 1 rounds of SCRAM, and only 4096 to 100000 are accepted): set scram_",
  },
  { rounds: "4095", want: "asks for 4095 rounds of SCRAM" },
  { rounds: "100001", want: "asks for 100001 rounds of SCRAM" },
  { rounds: "1,i=4096", want: "a SCRAM challenge without its rounds" },
  { rounds: "4096,i=1", want: "a SCRAM challenge without its rounds" },
  { rounds: "04096", want: "a SCRAM challenge without its rounds" },
])("of a SCRAM challenge of $rounds rounds no proof is sent", async ({ rounds, want }) => {
  const heard: string[] = [];
  await using server = await startTcpServer((socket) => {
    socket.on("data", (piece) => {
      const said = piece.toString("latin1");
      heard.push(said);
      const nonce = nonceIn(said);
      const asked = `r=${nonce ?? ""}x,s=QUFBQQ==,i=${rounds}`;
      socket.write(nonce === undefined ? scram : request(11, Buffer.from(asked)));
    });
  });
  expect(await messageFrom(server.port)).toContain(want);
  expect(heard.join()).not.toContain("p=");
});

test.each([4_096, 100_000])("a SCRAM challenge of %i rounds is answered", async (rounds) => {
  const heard: string[] = [];
  await using server = await startTcpServer((socket) => {
    socket.on("data", (piece) => {
      const said = piece.toString("latin1");
      heard.push(said);
      const nonce = nonceIn(said);
      if (said.includes("p=")) socket.destroy();
      else if (nonce === undefined) socket.write(scram);
      else socket.write(request(11, Buffer.from(`r=${nonce}x,s=QUFBQQ==,i=${rounds}`)));
    });
  });
  await messageFrom(server.port);
  expect(heard.join()).toContain("p=");
});

/** Of the client, in its first message. */
function nonceIn(said: string): string | undefined {
  return /r=([A-Za-z0-9+/=]+)/.exec(said)?.[1];
}

/** Each would cost 25 ms of CPU: with the client's own nonce, and as many rounds as pg accepts. */
function challenge(socket: Socket, said: string): void {
  const nonce = nonceIn(said);
  if (nonce === undefined) socket.write(scram);
  else {
    const one = request(11, Buffer.from(`r=${nonce}x,s=QUFBQQ==,i=100000`));
    socket.write(Buffer.concat(Array<Buffer>(160).fill(one)));
  }
}

const hasty = { connectTimeoutMs: 300, queryTimeoutMs: 300 };
const honest = [[request(3)], [loggedIn, key(8), ready], answer(JSON.stringify(goodAnswer))];
const halves = honest.flatMap((turn, place) =>
  turn.map((half, whole) => ({ place, whole, half: half.subarray(0, 3) })),
);

test.each(halves)(
  "silence in turn $place after $whole messages and a half ends with the time limit",
  async ({ place, whole, half }) => {
    const last = [...(honest[place] ?? []).slice(0, whole), half];
    const turns = [...honest.slice(0, place), last].map((turn) => Buffer.concat(turn));
    const script = { turns, greets: false, pieces: 1 };
    await using server = await startHostileServer({ ...script, then: "silence" });
    expect(await messageFrom(server.port, "", hasty)).toMatch(/^DatabaseTimeout: /);
  },
);

test("a byte now and then for ever ends with the time limit", async () => {
  await using server = await startTcpServer((socket) => {
    const timer = setInterval(() => socket.write("N"), 20);
    socket.once("data", () => socket.write(message("N", open, 200_000).subarray(0, 5)));
    socket.on("close", () => {
      clearInterval(timer);
    });
  });
  expect(await messageFrom(server.port, "", hasty)).toMatch(/^DatabaseTimeout: /);
});

test("an honest answer that comes byte by byte is a reading", async () => {
  const turns = [[loggedIn, key(8), ready], answer(JSON.stringify(goodAnswer))];
  const script = { turns: turns.map((turn) => Buffer.concat(turn)), greets: false };
  await using server = await startHostileServer({ ...script, pieces: 10_000, then: "silence" });
  expect(await messageFrom(server.port)).toBe("read");
});

test("a name that leads where nobody may go is left before a packet is sent", async () => {
  let connections = 0;
  await using server = await startTcpServer(() => {
    connections += 1;
  });
  const asked: string[] = [];
  await using database = openDatabase({
    ...limits,
    mayConnect: (key, address) => {
      asked.push(`${key} ${address}`);
      return false;
    },
  });
  const uri = `postgresql://app:s3cr3t@localhost:${server.port}/postgres?sslmode=disable`;
  const outcome = await database.read(targetOf(uri));
  expect(outcome).toMatchObject({ reason: "DatabaseUnreachable" });
  expect(JSON.stringify(outcome)).toContain("was not contacted (its name leads to a loopback");
  expect(asked[0]).toMatch(/^localhost:\d+ (127\.0\.0\.1|::1)$/);
  expect(connections).toBe(0);
});

test.each([
  { name: "MD5", asks: request(5, Buffer.from("salt")), want: true },
  { name: "a password", asks: request(3), want: undefined },
  { name: "nothing", asks: Buffer.alloc(0), want: undefined },
])("a server that asks for $name: whether the reading says MD5", async ({ asks, want }) => {
  const login = asks.length > 0 ? [[asks]] : [];
  const turns = [...login, [loggedIn, key(8), ready], answer(JSON.stringify(goodAnswer))];
  const script = { turns: turns.map((turn) => Buffer.concat(turn)), greets: false, pieces: 1 };
  await using server = await startHostileServer({ ...script, then: "silence" });
  await using database = openDatabase(limits);
  const uri = `postgresql://app:s3cr3t@127.0.0.1:${server.port}/postgres?sslmode=disable`;
  const outcome = await database.read(targetOf(uri));
  expect(outcome.kind === "read" ? outcome.reading.isLoginByMd5 : outcome).toBe(want);
});
