// Replies that deceive, load or end a client that believes them, each on a real socket: every one
// is a failed reading of that server, with a message, and the process lives.

import { expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/clock.ts";
import { createRedisDatabase } from "../../../src/adapters/redis/database.ts";
import { startHostileServer } from "../../fuzz/hostile-server.ts";
import {
  clientLine,
  clients,
  goodClients,
  hello,
  info,
  refusal,
  reply,
  wantsLogin,
} from "../../fuzz/redis-grammar.ts";
import { startTcpServer } from "../../support/tcp.ts";

async function messageFrom(port: number, scheme = "redis"): Promise<string> {
  const limits = { connectTimeoutMs: 1_000, queryTimeoutMs: 1_000 };
  const database = createRedisDatabase({ clock: systemClock, ...limits });
  const server = `127.0.0.1:${port}`;
  const uri = `${scheme}://app:s3cr3t@${server}/0`;
  const outcome = await database.read({ server, uri, ca: undefined, roles: [], databases: [] });
  await database.close();
  return outcome.kind === "read" ? "read" : `${outcome.reason}: ${outcome.message}`;
}

type Turns = readonly (readonly Buffer[])[];

async function messageOn(turns: Turns, then: "close" | "silence" = "silence"): Promise<string> {
  const script = { turns: turns.map((turn) => Buffer.concat(turn)), greets: false, pieces: 1 };
  await using server = await startHostileServer({ ...script, then });
  return await messageFrom(server.port);
}

/** A reading asks for as many sections of INFO. */
const fourTimes = (one: Buffer): readonly Buffer[] => [one, one, one, one];

const login: Turns = [[wantsLogin], [hello()]];

test("a server that keeps to the protocol is read", async () => {
  expect(await messageOn([...login, [info(), goodClients]])).toBe("read");
  expect(await messageOn([[hello()], [hello()], [info(), goodClients]])).toBe("read");
});

test.each<{ name: string; turns: Turns; want: string }>([
  {
    name: "another protocol",
    turns: [[Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")]],
    want: "QueryFailed: 127.0.0.1:* does not keep to Redis's protocol (a reply of no known kind): check that host and port",
  },
  {
    name: "a greeting of MySQL",
    turns: [[Buffer.from("J\0\0\0\n8.0.36\0")]],
    want: "check that host and port are those of your Redis server",
  },
  {
    name: "no slot",
    turns: [[refusal("ERR max number of clients reached")]],
    want: "TooManyConnections: 127.0.0.1:* has no slot left for the operator's own session (ERR max number of clients reached): end idle clients",
  },
  {
    name: "no slot in a cluster",
    turns: [[refusal("ERR max number of clients + cluster connections reached")]],
    want: "TooManyConnections:",
  },
  {
    name: "protected mode",
    turns: [[refusal("DENIED Redis is running in protected mode because protected mode is on")]],
    want: "AuthenticationFailed: 127.0.0.1:* is in protected mode",
  },
  {
    name: "a version that knows no HELLO",
    turns: [[refusal("ERR unknown command `HELLO`, with args beginning with: ")]],
    want: "is too old (it knows no HELLO): Redis 6.2 or newer",
  },
  {
    name: "Redis 6.0, whose HELLO wants a version",
    turns: [[refusal("ERR wrong number of arguments for 'hello' command")]],
    want: "is too old",
  },
  {
    name: "a version that does not say what it allows",
    turns: [...login, [...fourTimes(reply("redis_version:5.0.14\r\n")), goodClients]],
    want: "is too old (version 5.0.14)",
  },
  {
    name: "a wrong password",
    turns: [[wantsLogin], [refusal("WRONGPASS invalid username-password pair: s3cr3t")]],
    want: "AuthenticationFailed: 127.0.0.1:* refused the login (WRONGPASS invalid username-password pair: …): check user app",
  },
  {
    name: "a Sentinel",
    turns: [[wantsLogin], [hello("sentinel")]],
    want: "is a Sentinel (its mode is sentinel): name the Redis server itself",
  },
  {
    name: "no answer to HELLO",
    turns: [[wantsLogin], [reply("OK")]],
    want: "no answer to HELLO",
  },
  {
    name: "no right to read anything",
    turns: [
      ...login,
      [
        ...fourTimes(refusal("NOPERM this user has no permissions to run the 'info' command")),
        goodClients,
      ],
    ],
    want: "ACL SETUSER app +info +client|list; then ACL SAVE",
  },
  {
    name: "a list of clients that fails",
    turns: [...login, [info(), refusal("BUSY Redis is busy running a script.")]],
    want: "DatabaseTimeout:",
  },
  {
    name: "no list of clients",
    turns: [...login, [info(), reply(3)]],
    want: "no answer to CLIENT LIST",
  },
  {
    name: "a list of more clients than there are",
    turns: [...login, [info(), clients(...Array<string>(2_000).fill(clientLine(9)))]],
    want: "does not keep to Redis's protocol (more clients than it says it has)",
  },
  {
    name: "no text for a section of INFO",
    turns: [...login, [...fourTimes(reply(3)), goodClients]],
    want: "no answer to INFO",
  },
  {
    name: "a section of INFO that is said to have 8 MiB",
    turns: [...login, [Buffer.from("$8388608\r\n")]],
    want: "sent too much (more than 4096 KiB",
  },
  {
    name: "a third answer to two questions",
    turns: [...login, [info(), goodClients, info()]],
    want: "read",
  },
])("$name: $want", async ({ turns, want }) => {
  const message = await messageOn(turns);
  expect(message.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:*")).toContain(want);
  expect(message).not.toContain("s3cr3t");
});

test("the password is sent only to what has answered as Redis does", async () => {
  const received: string[] = [];
  await using server = await startTcpServer((socket) => {
    socket.on("data", (piece) => {
      received.push(piece.toString());
      socket.write("SSH-2.0-OpenSSH_9.2\r\n");
    });
  });
  expect(await messageFrom(server.port)).toContain("does not keep to Redis's protocol");
  expect(received).toEqual(["*1\r\n$5\r\nHELLO\r\n"]);
});

test("of a list that is said to have 32 GiB nothing is read, and it is not asked for again", async () => {
  const received: string[] = [];
  const long = Buffer.from("$34359738368\r\n");
  const answers = [wantsLogin, hello(), Buffer.concat([info(), long]), wantsLogin, hello(), info()];
  await using server = await startTcpServer((socket) => {
    socket.on("data", (piece) => {
      received.push(piece.toString());
      socket.write(answers[received.length - 1] ?? "");
    });
  });
  const database = createRedisDatabase({ clock: systemClock });
  const name = `127.0.0.1:${server.port}`;
  const target = { server: name, uri: `redis://${name}`, ca: undefined, roles: [], databases: [] };
  for (let reading = 0; reading < 2; reading++) {
    expect(await database.read(target)).toMatchObject({
      reading: { seesAllSessions: false, isInPart: true, sessions: [{ user: "", count: 3 }] },
    });
  }
  await database.close();
  expect(received.map((text) => text.includes("LIST"))).toEqual([
    false,
    false,
    true,
    false,
    false,
    false,
  ]);
});

test("of INFO only sections are asked for that no client makes longer", async () => {
  const received: string[] = [];
  const answers = [wantsLogin, hello(), Buffer.concat([info(), goodClients])];
  await using server = await startTcpServer((socket) => {
    socket.on("data", (piece) => {
      received.push(piece.toString());
      socket.write(answers[received.length - 1] ?? "");
    });
  });
  expect(await messageFrom(server.port)).toBe("read");
  const words = [...(received[2] ?? "").matchAll(/\r\n([A-Za-z]+)/g)].map(([, word]) => word);
  const sections = ["server", "clients", "replication", "cluster"];
  expect(words).toEqual([...sections.flatMap((one) => ["INFO", one]), "CLIENT", "LIST"]);
});

test.each([
  { turns: [], want: "QueryFailed: * does not answer as Redis does" },
  { turns: [[wantsLogin]], want: "DatabaseUnreachable: * could not be reached" },
  { turns: login, want: "DatabaseUnreachable: * could not be reached" },
])("a server that closes after $turns.length answers: $want", async ({ turns, want }) => {
  const said = turns.length === 0 ? [[Buffer.alloc(0)]] : turns;
  const message = await messageOn(said, "close");
  expect(message.replaceAll(/127\.0\.0\.1:\d+/g, "*")).toContain(want);
});

test("a silent server is told from one that is not there", async () => {
  await using silent = await startTcpServer(() => undefined);
  for (const scheme of ["redis", "rediss"]) {
    const message = await messageFrom(silent.port, scheme);
    expect(message).toContain("DatabaseTimeout:");
    expect(message).toContain("a TLS port is named with rediss://");
  }
});

test("one byte a moment does not keep the reading longer than its limit", async () => {
  const bytes = Buffer.concat([info(), goodClients]);
  await using slow = await startTcpServer((socket) => {
    let [turn, at] = [0, 0];
    const timer = setInterval(() => {
      if (turn === 3) socket.write(bytes.subarray(at, ++at));
    }, 5).unref();
    socket.on("close", () => {
      clearInterval(timer);
    });
    socket.on("data", () => {
      turn += 1;
      if (turn < 3) socket.write(turn === 1 ? wantsLogin : hello());
    });
  });
  expect(await messageFrom(slow.port)).toContain("DatabaseTimeout:");
});
