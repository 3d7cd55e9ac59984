// Clients that say or leave as much as they can on a shared server: none of them keeps the server
// from being read for all others.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { beforeEach, describe, expect, test } from "vitest";
import { createPgbouncerDatabase } from "../../src/adapters/pgbouncer/database.ts";
import { createRedisDatabase } from "../../src/adapters/redis/database.ts";
import type { DatabaseReading } from "../../src/domain/facts/facts.ts";
import type { DatabaseOutcome } from "../../src/ports.ts";
import { messageIn, outcomeBy } from "../support/one-reading.ts";
import { findPgBouncer, noPgBouncer, startPgBouncer } from "../support/pgbouncer.ts";
import { findRedis, noRedis, openRedis, startRedis } from "../support/redis.ts";
import { waitUntil } from "../support/processes.ts";

function readingOf(outcome: DatabaseOutcome): DatabaseReading {
  if (outcome.kind === "failed") throw new Error(messageIn(outcome));
  return outcome.reading;
}

const redis = await findRedis();

describe("on Redis", () => {
  beforeEach((context) => {
    context.skip(redis === undefined, noRedis);
  });

  const users = {
    watcher: "-@all +info +client|list",
    t1: "~t1:* -@all +@read +@write +@connection +@scripting",
    t2: "~t2:* -@all +@read +@write",
  };
  const start = (): ReturnType<typeof startRedis> => startRedis(redis ?? "", { users });
  const read = async (uri: string): Promise<DatabaseReading> =>
    readingOf(await outcomeBy(createRedisDatabase, uri));

  test("a name of a megabyte is cut, also where it comes with the login", async () => {
    await using server = await start();
    const one = await openRedis(server.uri("t1"));
    await one.send("CLIENT", "SETNAME", "x".repeat(1_200_000));
    const other = await openRedis(server.uri("t2"), { name: "z".repeat(1_200_000) });
    const { sessions, seesAllSessions } = await read(server.uri("watcher"));
    expect(seesAllSessions).toBe(true);
    const common = { database: "", address: "127.0.0.1", count: 1 };
    expect(sessions).toEqual([
      { user: "t1", applicationName: "x".repeat(64), ...common },
      { user: "t2", applicationName: "z".repeat(64), ...common },
    ]);
    await Promise.all([one.end(), other.end()]);
  });

  test("names longer than what is read leave the numbers of all", async () => {
    await using server = await start();
    const clients = await Promise.all([1, 2].map(() => openRedis(server.uri("t1"))));
    for (const one of clients) await one.send("CLIENT", "SETNAME", "x".repeat(20_000_000));
    expect(await read(server.uri("watcher"))).toMatchObject({
      ...{ maxConnections: 100, seesAllSessions: false, isInPart: true },
      sessions: [{ user: "", address: undefined, count: 2 }],
    });
    await Promise.all(clients.map((one) => one.end()));
  });

  test("errors of all kinds, which INFO counts on old versions, are not read", async () => {
    await using server = await start();
    const one = await openRedis(server.uri("t1"));
    const script = `for i = 1, 3000 do
      redis.pcall('GET') redis.pcall('SET', 'other:' .. i, 1) end return 1`;
    await one.send("EVAL", script, "0");
    for (let at = 0; at < 3_000; at++) {
      const code = `E${String(at).padStart(40, "0")} x`;
      const answer = one.send("EVAL", "return redis.error_reply(ARGV[1])", "0", code);
      await answer.catch(() => undefined);
    }
    await one.end();
    const { maxConnections, sessions } = await read(server.uri("watcher"));
    expect({ maxConnections, sessions }).toEqual({ maxConnections: 100, sessions: [] });
  });
});

const pgbouncer = await findPgBouncer();

describe("on PgBouncer", () => {
  beforeEach((context) => {
    context.skip(pgbouncer === undefined, noPgBouncer);
  });

  const start = (settings: object = {}): ReturnType<typeof startPgBouncer> =>
    startPgBouncer(pgbouncer ?? "", {
      databases: ["* = host=127.0.0.1 port=1"],
      users: { t1: "t1", watcher: "watcher" },
      settings: { auth_type: "trust", stats_users: "watcher", max_client_conn: "100", ...settings },
    });
  const read = async (uri: string): Promise<DatabaseReading> =>
    readingOf(await outcomeBy(createPgbouncerDatabase, uri.replace("postgresql", "pgbouncer")));

  test("an application_name is cut where PostgreSQL would cut it", async () => {
    await using pooler = await start();
    const words = { user: "t1", database: "d1", application_name: "n".repeat(1_000) };
    const client = startupOf(pooler.port, words);
    await waitUntil("the client to be in", async () => {
      const rows = await pooler.command("SHOW CLIENTS");
      return rows.some(({ user }) => user === "t1");
    });
    const { sessions } = await read(pooler.uri("watcher", "pgbouncer", "watcher"));
    expect(sessions).toEqual([
      {
        ...{ user: "t1", database: "d1", applicationName: "n".repeat(64) },
        ...{ address: "127.0.0.1", count: 1 },
      },
    ]);
    client.destroy();
  });

  test("connections without a login, of which it has more than it lets in, are counted", async () => {
    await using pooler = await start({ max_client_conn: "10" });
    const silent: Socket[] = [];
    // As many at once as fit into the line of those that wait to be accepted.
    while (silent.length < 1_100) {
      const some = Array.from({ length: 100 }, () => connect(pooler.port, "127.0.0.1"));
      for (const socket of some) socket.on("error", () => undefined);
      await Promise.all(some.map((socket) => once(socket, "connect")));
      silent.push(...some);
    }
    await waitUntil("all of them to be there", async () => {
      const lists = await pooler.command("SHOW LISTS");
      return lists.some(({ list, items }) => list === "login_clients" && Number(items) >= 1_090);
    });
    const { maxConnections, sessions } = await read(pooler.uri("watcher", "pgbouncer", "watcher"));
    expect(maxConnections).toBe(10);
    expect(sessions).toMatchObject([{ user: "", count: 10 }]);
    for (const socket of silent) socket.destroy();
  });
});

/** What a client says first; nobody waits for an answer. */
function startupOf(port: number, words: Readonly<Record<string, string>>): Socket {
  const texts = Object.entries(words)
    .flat()
    .map((text) => `${text}\0`);
  const body = Buffer.concat([Buffer.from([0, 3, 0, 0]), Buffer.from(`${texts.join("")}\0`)]);
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.write(Buffer.concat([length, body]));
  return socket;
}
