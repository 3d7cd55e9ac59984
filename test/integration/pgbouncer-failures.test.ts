// What goes wrong with a real PgBouncer, and with a server of another engine behind the port: each
// is a failed reading that names the server, quotes its words and tells the way out.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createPgbouncerDatabase } from "../../src/adapters/pgbouncer/database.ts";
import { createRedisDatabase } from "../../src/adapters/redis/database.ts";
import { createMysqlDatabase } from "../../src/adapters/mysql/database.ts";
import type { DatabaseTarget } from "../../src/ports.ts";
import { type CertificateAuthority, createCertificateAuthority } from "../support/certificates.ts";
import { startFloodingServer } from "../support/flooding-server.ts";
import { findMariaDb, noMariaDb, startMariaDb } from "../support/mariadb.ts";
import { messageIn, outcomeBy } from "../support/one-reading.ts";
import {
  findPgBouncer,
  noPgBouncer,
  type PgBouncer,
  type PgBouncerOptions,
  startPgBouncer,
} from "../support/pgbouncer.ts";
import { findRedis, noRedis, startRedis } from "../support/redis.ts";
import { startTcpServer } from "../support/tcp.ts";

async function messageOf(uri: string, more?: Partial<DatabaseTarget>): Promise<string> {
  const asPooler = uri.replace("postgresql://", "pgbouncer://");
  return messageIn(await outcomeBy(createPgbouncerDatabase, asPooler, more));
}

const options: PgBouncerOptions = {
  // Nobody listens there: the console needs no server behind it.
  databases: ["orders = host=127.0.0.1 port=9"],
  users: { app: "app", watcher: "watcher" },
  settings: { stats_users: "watcher" },
};

function describePooler(program: string): void {
  let pooler: PgBouncer;
  beforeAll(async () => {
    pooler = await startPgBouncer(program, options);
  });
  afterAll(() => pooler.stop());

  test("is read although the server behind it is not there", async () => {
    expect(await messageOf(pooler.uri("watcher", "orders", "watcher"))).toBe("read");
  });

  test.each([
    { user: "watcher", password: "s3cr3t", want: /user watcher and its password.*auth_file/ },
    { user: "nobody", password: "s3cr3t", want: /user nobody and its password.*auth_file/ },
    { user: "watcher", password: "", want: /the connection URI has no password/ },
    { user: "app", password: "app", want: /admin console.*add app to stats_users/ },
  ])("$user with '$password': $want", async ({ user, password, want }) => {
    const message = await messageOf(pooler.uri(user, "orders", password));
    expect(message).toMatch(/^AuthenticationFailed: /);
    expect(message).toMatch(want);
    expect(message).not.toContain("s3cr3t");
  });

  test("TLS that it does not have is not gone without", async () => {
    const message = await messageOf(
      `${pooler.uri("watcher", "orders", "watcher")}?sslmode=require`,
    );
    expect(message).toMatch(/^TlsRefused: .*client_tls_sslmode in pgbouncer\.ini/);
  });

  test("behind URIs of other engines it is told to be none of them", async () => {
    const address = `app:s3cr3t@127.0.0.1:${pooler.port}`;
    for (const [create, scheme] of [
      [createMysqlDatabase, "mysql"],
      [createRedisDatabase, "redis"],
    ] as const) {
      const message = messageIn(await outcomeBy(create, `${scheme}://${address}`));
      expect(message).toMatch(/^(QueryFailed|Database\w+): .*check /);
      expect(message).not.toContain("s3cr3t");
    }
  });
}

function describeTls(program: string): void {
  let ours: CertificateAuthority;
  let theirs: CertificateAuthority;
  beforeAll(async () => {
    ours = await createCertificateAuthority("ours");
    theirs = await createCertificateAuthority("theirs");
  });

  test.each([
    { query: "sslmode=disable", ca: "none", want: "TlsRefused" },
    { query: "sslmode=require", ca: "none", want: "read" },
    { query: "sslmode=verify-full", ca: "right", want: "read" },
    { query: "sslmode=verify-full", ca: "wrong", want: "TlsRefused" },
  ])("with $query and CA $ca one that requires TLS: $want", async ({ query, ca, want }) => {
    const tls = await ours.issue({ ip: "127.0.0.1" });
    await using pooler = await startPgBouncer(program, { ...options, tls });
    const pems: Readonly<Record<string, string>> = { right: ours.pem, wrong: theirs.pem };
    const uri = `${pooler.uri("watcher", "orders", "watcher")}?${query}`;
    expect(await messageOf(uri, { ca: pems[ca] })).toMatch(new RegExp(`^${want}`));
  });
}

const program = await findPgBouncer();
if (program === undefined) {
  test("a real PgBouncer", (context) => {
    context.skip(noPgBouncer);
  });
} else {
  describe("a real PgBouncer", () => {
    describePooler(program);
    describeTls(program);
  });
}

test("a MariaDB behind the port is no PgBouncer", async (context) => {
  const programs = await findMariaDb();
  context.skip(programs === undefined, noMariaDb);
  if (programs === undefined) return;
  await using mariadb = await startMariaDb(programs);
  const message = await messageOf(`postgresql://app:s3cr3t@127.0.0.1:${mariadb.port}/orders`);
  expect(message).toMatch(/^(QueryFailed|TlsRefused|Database\w+): .*check /);
  expect(message).not.toContain("s3cr3t");
});

test("a Redis behind the port is no PgBouncer", async (context) => {
  const redis = await findRedis();
  context.skip(redis === undefined, noRedis);
  if (redis === undefined) return;
  await using server = await startRedis(redis);
  const message = await messageOf(`postgresql://app:s3cr3t@127.0.0.1:${server.port}/orders`);
  expect(message).toMatch(/^(QueryFailed|TlsRefused|Database\w+): .*check /);
  expect(message).not.toContain("s3cr3t");
});

test("one that accepts and says nothing, nobody listens, and no such host", async () => {
  await using silent = await startTcpServer(() => undefined);
  const login = "postgresql://app:s3cr3t@";
  expect(await messageOf(`${login}127.0.0.1:${silent.port}/orders`)).toMatch(
    /^DatabaseTimeout: .*check that this is a PgBouncer/,
  );
  expect(await messageOf(`${login}127.0.0.1:9/orders`)).toMatch(/^DatabaseUnreachable: /);
  expect(await messageOf(`${login}nowhere.invalid:6432/orders`)).toContain("check the host name");
});

test.each(["login", "question"] as const)("a stream without end at the %s", async (when) => {
  await using flooding = await startFloodingServer({ when, tls: undefined });
  const uri = `postgresql://app:s3cr3t@127.0.0.1:${flooding.port}/orders?sslmode=disable`;
  expect(await messageOf(uri)).toMatch(/^(QueryFailed|DatabaseTimeout): /);
});
