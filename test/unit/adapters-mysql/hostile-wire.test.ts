// Packets that deceive, load or end a client that believes them, each on a real socket: every one
// is a failed reading of that server, with a message, and the process lives.

import { expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/clock.ts";
import { createMysqlDatabase } from "../../../src/adapters/mysql/database.ts";
import { startHostileServer } from "../../fuzz/hostile-server.ts";
import {
  answer,
  failure,
  goodRow,
  greeting,
  loggedIn,
  moreData,
  offersTls,
  packet,
  switchTo,
} from "../../fuzz/mysql-grammar.ts";
import { startTcpServer } from "../../support/tcp.ts";

async function messageFrom(port: number, query = "?ssl-mode=DISABLED"): Promise<string> {
  const limits = { connectTimeoutMs: 1_000, queryTimeoutMs: 1_000 };
  const database = createMysqlDatabase({ clock: systemClock, ...limits });
  const server = `127.0.0.1:${port}`;
  const uri = `mysql://app:s3cr3t@${server}/orders${query}`;
  const outcome = await database.read({ server, uri, ca: undefined, roles: [], databases: [] });
  await database.close();
  return outcome.kind === "read" ? "read" : `${outcome.reason}: ${outcome.message}`;
}

type Turns = readonly (readonly Buffer[])[];

async function messageOn(turns: Turns, query?: string): Promise<string> {
  const script = { turns: turns.map((turn) => Buffer.concat(turn)), greets: true, pieces: 1 };
  await using server = await startHostileServer({ ...script, then: "silence" });
  return await messageFrom(server.port, query);
}

const login: Turns = [[greeting()], [loggedIn]];
const sha2 = greeting("9.1.0", "caching_sha2_password");
const ok = (sequence: number): Buffer => packet(sequence, Buffer.alloc(7));

test("a server that keeps to the protocol is read", async () => {
  expect(await messageOn([...login, answer(goodRow)])).toBe("read");
  const switched = [[greeting()], [switchTo("mysql_native_password")], [ok(4)], answer(goodRow)];
  expect(await messageOn(switched)).toBe("read");
  expect(await messageOn([[sha2], [moreData(2, "\u0003"), ok(3)], answer(goodRow)])).toBe("read");
});

test.each<{ name: string; turns: Turns; want: string }>([
  {
    name: "another protocol",
    turns: [[Buffer.from("HTTP/1.1 400 Bad\r\n\r\n")]],
    want: "sent too",
  },
  {
    name: "an old greeting",
    turns: [[packet(0, Buffer.from("\u00095.0\0"))]],
    want: "does not greet",
  },
  { name: "an empty packet", turns: [[packet(0, Buffer.alloc(0))]], want: "an empty packet" },
  {
    name: "a packet out of its place",
    turns: [[packet(9, Buffer.alloc(50))]],
    want: "out of its order",
  },
  {
    name: "the password in the clear, at once",
    turns: [[greeting("8.4.6", "mysql_clear_password")]],
    want: "a login by mysql_clear_password",
  },
  {
    name: "the password in the clear, later",
    turns: [[greeting()], [switchTo("mysql_clear_password")]],
    want: "a login by mysql_clear_password",
  },
  {
    name: "a login of the last century",
    turns: [[greeting()], [packet(2, Buffer.from([0xfe]))]],
    want: "a login by mysql_old_password",
  },
  {
    name: "an odd login",
    turns: [[greeting()], [switchTo("\u001b[2J")]],
    want: "a plugin of an odd name",
  },
  {
    name: "MariaDB's ed25519",
    turns: [[greeting()], [switchTo("client_ed25519")]],
    want: "MariaDB: mysql_native_password",
  },
  {
    name: "a second switch",
    turns: [
      [greeting()],
      [switchTo("caching_sha2_password")],
      [switchTo("mysql_native_password", 4)],
    ],
    want: "a second switch",
  },
  {
    name: "a key that is none",
    turns: [[sha2], [moreData(2, "\u0004")], [moreData(4, "x".repeat(3_000))]],
    want: "no public key",
  },
  {
    name: "a second request for the password",
    turns: [[sha2], [moreData(2, "\u0003"), moreData(3, "\u0003")]],
    want: "out of its order",
  },
  {
    name: "a file of ours",
    turns: [...login, [packet(1, Buffer.from("\u00fb/etc/passwd", "latin1"))]],
    want: "another number of columns",
  },
  {
    name: "a second answer",
    turns: [
      ...login,
      [
        ...answer(goodRow).slice(0, -1),
        packet(answer(goodRow).length, Buffer.from([0xfe, 0, 0, 8, 0])),
      ],
    ],
    want: "without its end",
  },
  {
    name: "a row that is cut short",
    turns: [...login, answer(goodRow.slice(1))],
    want: "cut short",
  },
  {
    name: "a stream without end",
    turns: [...login, [Buffer.alloc(4 * 1024 * 1024, 0x61)]],
    want: "sent too much",
  },
  {
    name: "too many connections, in place of a greeting",
    turns: [[failure(0, 1040, "Too many connections")]],
    want: "TooManyConnections:",
  },
  {
    name: "a version that is too old",
    turns: [[greeting("5.7.44")], [loggedIn]],
    want: "is too old (version 5.7.44): MySQL 8.0 or newer",
  },
  {
    name: "an old MariaDB",
    turns: [[greeting("5.5.5-10.4.34-MariaDB")], [loggedIn]],
    want: "is too old",
  },
])("$name: $want", async ({ turns, want }) => {
  const message = await messageOn(turns);
  expect(message).toContain(want);
  expect(message).not.toContain("s3cr3t");
});

test("on an open line the password is not encrypted with whatever key is sent", async () => {
  const turns = [[sha2], [moreData(2, "\u0004")], [moreData(4, "-----BEGIN PUBLIC KEY-----")]];
  expect(await messageOn(turns, "?ssl-mode=PREFERRED")).toContain("the line has no TLS");
});

test("a packet behind the greeting does not count as said under TLS", async () => {
  const tls = greeting("8.4.6", "mysql_native_password", 0x008f_f7fe | offersTls);
  const early = Buffer.concat([tls, loggedIn.subarray(0, 5)]);
  expect(await messageOn([[early]], "?ssl-mode=REQUIRED")).toContain("before TLS began");
});

test("a silent server is told from one that is not there", async () => {
  await using silent = await startTcpServer(() => undefined);
  const message = await messageFrom(silent.port);
  expect(message).toContain("DatabaseTimeout:");
  expect(message).toContain("which speaks first (PostgreSQL waits)");
});
