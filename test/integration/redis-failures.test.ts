// What goes wrong with a real Redis, and with a server of another engine behind the port: each is a
// failed reading that names the server, quotes its words and tells the way out.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { createMysqlDatabase } from "../../src/adapters/mysql/database.ts";
import { createRedisDatabase } from "../../src/adapters/redis/database.ts";
import type { DatabaseOutcome, DatabaseTarget } from "../../src/ports.ts";
import { createCertificateAuthority } from "../support/certificates.ts";
import type { CertificateAuthority } from "../support/certificates.ts";
import { findMariaDb, noMariaDb, startMariaDb } from "../support/mariadb.ts";
import { limits, messageIn, outcomeBy } from "../support/one-reading.ts";
import { startPostgres } from "../support/postgres.ts";
import { openDatabase, targetOf } from "../support/postgres-readings.ts";
import { waitUntil } from "../support/processes.ts";
import { findRedis, noRedis, openRedis, type Redis, startRedis } from "../support/redis.ts";

function outcomeOf(uri: string, more?: Partial<DatabaseTarget>): Promise<DatabaseOutcome> {
  return outcomeBy(createRedisDatabase, uri, more);
}

async function messageOf(uri: string, more?: Partial<DatabaseTarget>): Promise<string> {
  return messageIn(await outcomeOf(uri, more));
}

const users = {
  app: "~* +get",
  half: "-@all +info",
  watcher: "-@all +info +client|list",
};

function describeServer(program: string): void {
  let ours: CertificateAuthority;
  let theirs: CertificateAuthority;
  let server: Redis;
  beforeAll(async () => {
    ours = await createCertificateAuthority("ours");
    theirs = await createCertificateAuthority("theirs");
    const tls = await ours.issue({ ip: "127.0.0.1" });
    const lines = ["user default on >default ~* +@all", "cluster-enabled no"];
    server = await startRedis(program, { tls, users, lines });
  });
  afterAll(() => server.stop());

  test.each([
    { query: "", ca: "none", want: "TlsRefused" },
    { query: "ssl_cert_reqs=none", ca: "none", want: "read" },
    { query: "skip_verify=true", ca: "none", want: "read" },
    { query: "", ca: "right", want: "read" },
    { query: "", ca: "wrong", want: "TlsRefused" },
    { query: "ssl_check_hostname=false", ca: "right", want: "read" },
    { query: "ssl_check_hostname=false", ca: "wrong", want: "TlsRefused" },
    { query: "", ca: "no PEM", want: "TlsRefused" },
  ])("rediss:// with $query and CA $ca: $want", async ({ query, ca, want }) => {
    const pems: Readonly<Record<string, string>> = { right: ours.pem, wrong: theirs.pem };
    const pem = ca === "none" ? undefined : (pems[ca] ?? "hello");
    const uri = `rediss://watcher:watcher@127.0.0.1:${server.tlsPort}?${query}`;
    expect(await messageOf(uri, { ca: pem })).toMatch(new RegExp(`^${want}`));
  });

  test("a certificate for another name is told so", async () => {
    const uri = `rediss://watcher:watcher@localhost:${server.tlsPort}`;
    expect(await messageOf(uri, { ca: ours.pem })).toMatch(
      /TlsRefused: .*(localhost|altnames).*the name in the server's certificate/,
    );
  });

  test("TLS on the plain port, and none on the port of TLS", async () => {
    expect(await messageOf(`rediss://watcher:watcher@127.0.0.1:${server.port}`)).toMatch(
      /(TlsRefused|DatabaseTimeout|QueryFailed): .*tls/i,
    );
    expect(await messageOf(`redis://watcher:watcher@127.0.0.1:${server.tlsPort}`)).toMatch(
      /QueryFailed: .*does not answer as Redis does.*TLS port is named with rediss:/,
    );
  });

  test.each([
    { login: "app:s3cr3t@", want: /AuthenticationFailed: .*WRONGPASS.*check user app and its/ },
    { login: "nobody:s3cr3t@", want: /AuthenticationFailed: .*WRONGPASS.*check user nobody/ },
    { login: ":s3cr3t@", want: /AuthenticationFailed: .*WRONGPASS.*check user default/ },
    { login: "", want: /AuthenticationFailed: .*has no password, and the server asks for one/ },
    { login: "app@", want: /AuthenticationFailed: .*has no password, and the server asks for/ },
    { login: ":default@", want: /^read$/ },
    { login: "app:app@", want: /QueryFailed: .*NOPERM.*ACL SETUSER app \+info \+client\|list/ },
  ])("$login: $want", async ({ login, want }) => {
    const message = await messageOf(`redis://${login}127.0.0.1:${server.port}`);
    expect(message).toMatch(want);
    expect(message).not.toContain("s3cr3t");
  });

  test("the line that a message says gives all that a reading needs", async () => {
    const before = await messageOf(server.uri("app"));
    const [, line = ""] = /(ACL SETUSER [^;]*);/.exec(before) ?? [];
    await server.run(...line.split(" "));
    expect(await outcomeOf(server.uri("app"))).toMatchObject({
      reading: { seesAllSessions: true },
    });
    await server.run("ACL", "SETUSER", "app", "-info", "-client|list");
  });

  test("clients that a user may not list are counted, and a right counts at once", async () => {
    const client = await openRedis(server.uri("app"));
    const database = createRedisDatabase({ clock: systemClock });
    const target = targetOf(server.uri("half"));
    expect(await database.read(target)).toMatchObject({
      reading: { seesAllSessions: false, sessions: [{ address: undefined, count: 1 }] },
    });
    await server.run("ACL", "SETUSER", "half", "+client|list");
    expect(await database.read(target)).toMatchObject({
      reading: { seesAllSessions: true, sessions: [{ user: "app", address: "127.0.0.1" }] },
    });
    await database.close();
    await client.end();
  });

  test("subscribers, blocked clients and monitors hold slots, and are shown as what they are", async () => {
    const [subscriber, blocked, monitor] = await Promise.all(
      ["s", "b", "m"].map(() => openRedis(server.uri())),
    );
    await subscriber?.send("SUBSCRIBE", "x");
    void blocked?.send("BLPOP", "x", "0").catch(() => undefined);
    await monitor?.send("MONITOR");
    await waitUntil("the client to wait", async () =>
      (await server.run("INFO", "clients")).includes("blocked_clients:1"),
    );
    const outcome = await outcomeOf(server.uri("watcher"));
    const shown = outcome.kind === "read" ? outcome.reading.sessions : [];
    expect(shown.map(({ applicationName, count }) => [applicationName, count])).toEqual([
      ["", 1],
      ["MONITOR", 1],
      ["subscriber", 1],
    ]);
    await server.run("CLIENT", "KILL", "USER", "administrator", "SKIPME", "yes");
  });

  test("a replica holds a slot, and is a standby itself", async () => {
    const lines = [
      `replicaof 127.0.0.1 ${server.port}`,
      ...["masteruser administrator", "masterauth administrator", "repl-diskless-sync-delay 0"],
    ];
    await using replica = await startRedis(program, { users, lines });
    await waitUntil("the replica to follow", async () =>
      (await replica.run("INFO", "replication")).includes("master_link_status:up"),
    );
    const [primary, standby] = await Promise.all(
      [server, replica].map((one) => outcomeOf(one.uri("watcher"))),
    );
    expect(primary).toMatchObject({
      reading: { isStandby: false, sessions: [{ applicationName: "replica", count: 1 }] },
    });
    expect(standby).toMatchObject({
      reading: { isStandby: true, sessions: [{ applicationName: "primary", count: 1 }] },
    });
  });

  test("a full server says so, and what it allows is read back", async () => {
    await using small = await startRedis(program, { maxClients: 3, users });
    const held = await Promise.all(["a", "b", "c"].map(() => openRedis(small.uri("app"))));
    expect(await messageOf(small.uri("watcher"))).toMatch(
      /TooManyConnections: .*max number of clients reached.*raise maxclients/,
    );
    await held.pop()?.end();
    expect(await outcomeOf(small.uri("watcher"))).toMatchObject({ reading: { maxConnections: 3 } });
    // Lowered below what is there, nobody is cut, and the reading goes on.
    const database = createRedisDatabase({ clock: systemClock });
    await held.pop()?.end();
    const target = targetOf(small.uri("watcher"));
    expect(messageIn(await database.read(target))).toBe("read");
    await small.run("CONFIG", "SET", "maxclients", "1");
    expect(await database.read(target)).toMatchObject({
      reading: { maxConnections: 1, sessions: [{ user: "app", count: 1 }] },
    });
    await database.close();
    await Promise.all(held.map((one) => one.end()));
  });

  test("a server without any password is read without one", async () => {
    await using open = await startRedis(program, { lines: ["user default on nopass ~* +@all"] });
    expect(await messageOf(`redis://127.0.0.1:${open.port}`)).toBe("read");
  });

  test("a node of a cluster is one server, and says that it is a node", async () => {
    const lines = ["cluster-enabled yes"];
    await using node = await startRedis(program, { users, lines });
    expect(await outcomeOf(node.uri("watcher"))).toMatchObject({
      reading: { isClusterNode: true, maxConnections: 100 },
    });
  });

  test("a Sentinel is no server", async () => {
    await using sentinel = await startRedis(program, {
      sentinel: `sentinel monitor main 127.0.0.1 ${server.port} 1`,
    });
    expect(await messageOf(sentinel.uri())).toMatch(
      /QueryFailed: .*is a Sentinel.*name the Redis server itself/,
    );
  });

  test("behind a postgresql:// or a mysql:// URI it is told to be neither", async () => {
    await using database = openDatabase(limits);
    const address = `app:s3cr3t@127.0.0.1:${server.port}/orders`;
    const postgres = await database.read(targetOf(`postgresql://${address}?sslmode=disable`));
    const mysql = await outcomeBy(createMysqlDatabase, `mysql://${address}`);
    for (const outcome of [postgres, mysql]) {
      expect(messageIn(outcome)).toMatch(/(QueryFailed|Database\w+): .*check /);
      expect(messageIn(outcome)).not.toContain("s3cr3t");
    }
  });
}

const program = await findRedis();
if (program === undefined) {
  test("a real Redis", (context) => {
    context.skip(noRedis);
  });
} else {
  describe("a real Redis", () => {
    describeServer(program);
  });
}

test("a PostgreSQL behind a redis:// URI closes the connection", async () => {
  await using postgres = await startPostgres();
  const message = await messageOf(`redis://app:s3cr3t@127.0.0.1:${postgres.port}`);
  expect(message).toMatch(/QueryFailed: .*does not answer as Redis does.*PostgreSQL closes so/);
  expect(message).not.toContain("s3cr3t");
});

test("a MariaDB behind a redis:// URI is no Redis", async (context) => {
  const programs = await findMariaDb();
  context.skip(programs === undefined, noMariaDb);
  if (programs === undefined) return;
  await using mariadb = await startMariaDb(programs);
  const message = await messageOf(`redis://app:s3cr3t@127.0.0.1:${mariadb.port}`);
  expect(message).toMatch(/QueryFailed: .*does not keep to Redis's protocol/);
});

test("nobody listens, and no such host", async () => {
  expect(await messageOf("redis://:s3cr3t@127.0.0.1:9")).toContain("DatabaseUnreachable");
  expect(await messageOf("redis://:s3cr3t@nowhere.invalid")).toContain("check the host name");
});
