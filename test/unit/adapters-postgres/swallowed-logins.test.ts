// Logins of ours that the network swallowed: the server holds such a session until it notices, and
// shows it to the next reading.

import type { Socket } from "node:net";
import { expect, test } from "vitest";
import { answer, goodAnswer, loggedIn, message, ready } from "../../fuzz/postgres-grammar.ts";
import { openDatabase, readingOf, targetOf, wordOf } from "../../support/postgres-readings.ts";
import { startTcpServer } from "../../support/tcp.ts";

const limits = { connectTimeoutMs: 300, queryTimeoutMs: 300 };
const login = { user: "app", database: "shop" };
const welcome = Buffer.concat([loggedIn, message("K", Buffer.alloc(8)), ready]);
const refusal = message("E", Buffer.from("SFATAL\0C28P01\0Mwrong password\0\0"));

interface Row {
  readonly name: string;
  /** What the first session gets to read; nothing more comes. */
  readonly first: Buffer | undefined;
  readonly fails: string;
  readonly own: number;
}

test.each<Row>([
  { name: "got no answer to its login", first: undefined, fails: "DatabaseTimeout", own: 2 },
  { name: "got no answer to its question", first: welcome, fails: "DatabaseTimeout", own: 2 },
  { name: "was refused", first: refusal, fails: "AuthenticationFailed", own: 1 },
])("a session of that application name, after one of ours that $name", async (row) => {
  let sessions = 0;
  await using server = await startTcpServer((socket) => {
    sessions += 1;
    if (sessions === 1) socket.once("data", () => row.first && socket.write(row.first));
    else showOneMore(socket);
  });
  await using database = openDatabase(limits);
  const uri = `postgresql://${login.user}:s3cr3t@127.0.0.1:${server.port}/${login.database}?sslmode=disable`;
  const target = targetOf(uri);

  expect(wordOf(await database.read(target))).toBe(row.fails);
  const reading = readingOf(await database.read(target));

  const own = reading.ownSessions.reduce((sum, { count }) => sum + count, 0);
  expect([own, reading.sessions.length]).toEqual([row.own, 2 - row.own]);
});

/** Beside the session that reads, one that carries our name. */
function showOneMore(socket: Socket): void {
  socket.once("data", (startup) => {
    const [, applicationName] = /application_name\0([^\0]*)/.exec(startup.toString("latin1")) ?? [];
    const shown = { ...login, applicationName, address: "10.0.0.9", count: 1 };
    socket.write(welcome);
    const said = { ...goodAnswer, roleLimits: {}, databaseLimits: {}, sessions: [shown] };
    socket.on("data", () => socket.write(Buffer.concat(answer(JSON.stringify(said)))));
  });
}
