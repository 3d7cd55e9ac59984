// What goes wrong with a real MariaDB, and with a server of another engine behind the port: each is
// a failed reading that names the server, quotes its words and tells the way out.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMysqlDatabase } from "../../src/adapters/mysql/database.ts";
import type { DatabaseOutcome, DatabaseTarget } from "../../src/ports.ts";
import { createCertificateAuthority } from "../support/certificates.ts";
import type { CertificateAuthority } from "../support/certificates.ts";
import {
  findMariaDb,
  noMariaDb,
  openMysql,
  startMariaDb,
  type MariaDb,
  type MariaDbPrograms,
} from "../support/mariadb.ts";
import { limits, messageIn, outcomeBy } from "../support/one-reading.ts";
import { startPostgres } from "../support/postgres.ts";
import { openDatabase, targetOf } from "../support/postgres-readings.ts";

function outcomeOf(uri: string, more?: Partial<DatabaseTarget>): Promise<DatabaseOutcome> {
  return outcomeBy(createMysqlDatabase, uri, more);
}

async function messageOf(uri: string, more?: Partial<DatabaseTarget>): Promise<string> {
  return messageIn(await outcomeOf(uri, more));
}

const accounts = [
  "CREATE DATABASE orders",
  "CREATE USER 'app'@'%' IDENTIFIED BY 'app' WITH MAX_USER_CONNECTIONS 1",
  "CREATE USER 'safe'@'%' IDENTIFIED BY 'safe' REQUIRE SSL",
  "CREATE USER 'far'@'10.1.2.3' IDENTIFIED BY 'far'",
  "CREATE USER 'locked'@'%' IDENTIFIED BY 'locked' ACCOUNT LOCK",
];

function describeServer(programs: MariaDbPrograms): void {
  let ours: CertificateAuthority;
  let theirs: CertificateAuthority;
  let server: MariaDb;
  let plain: MariaDb;
  beforeAll(async () => {
    ours = await createCertificateAuthority("ours");
    theirs = await createCertificateAuthority("theirs");
    const tls = await ours.issue({ ip: "127.0.0.1" });
    [server, plain] = await Promise.all([
      startMariaDb(programs, { tls }),
      startMariaDb(programs, { maxConnections: 10 }),
    ]);
    for (const statement of accounts) await server.query(statement);
  });
  afterAll(async () => {
    await server.stop();
    await plain.stop();
  });

  test.each([
    { query: "", ca: "none", want: "read" },
    { query: "ssl-mode=DISABLED", ca: "none", want: "AuthenticationFailed" },
    { query: "ssl-mode=REQUIRED", ca: "none", want: "read" },
    { query: "ssl-mode=REQUIRED&tls-version=TLSv1.2", ca: "none", want: "read" },
    { query: "useSSL=true", ca: "none", want: "read" },
    { query: "ssl-mode=VERIFY_IDENTITY", ca: "none", want: "TlsRefused" },
    { query: "", ca: "right", want: "read" },
    { query: "", ca: "wrong", want: "TlsRefused" },
    { query: "ssl-mode=VERIFY_CA", ca: "right", want: "read" },
    { query: "ssl-mode=VERIFY_CA", ca: "wrong", want: "TlsRefused" },
    { query: "", ca: "no PEM", want: "TlsRefused" },
  ])("an account that needs TLS, $query with CA $ca: $want", async ({ query, ca, want }) => {
    const pems: Readonly<Record<string, string>> = { right: ours.pem, wrong: theirs.pem };
    const pem = ca === "none" ? undefined : (pems[ca] ?? "hello");
    const uri = `${server.uri("safe", "", "safe")}?${query}`;
    expect(await messageOf(uri, { ca: pem })).toMatch(new RegExp(`^${want}`));
  });

  test.each([
    {
      user: "app",
      database: "orders",
      want: "AuthenticationFailed: .*to database 'orders'.*leave the database out",
    },
    { user: "app", database: "nowhere", want: "AuthenticationFailed: .*nowhere" },
    {
      user: "administrator",
      database: "nowhere",
      want: "QueryFailed: .*Unknown database 'nowhere'.*check the name of the database",
    },
    {
      user: "nobody",
      database: "",
      want: "AuthenticationFailed: .*Access denied.*check user nobody",
    },
    {
      user: "far",
      database: "",
      want: "AuthenticationFailed: .*Access denied.*host part of its account",
    },
    { user: "locked", database: "", want: "AuthenticationFailed: .*locked" },
  ])("$user on $database: $want", async ({ user, database, want }) => {
    expect(await messageOf(server.uri(user, database, user))).toMatch(new RegExp(want));
  });

  test("a URI without a password is told so", async () => {
    const uri = server.uri("app", "", "");
    expect(await messageOf(uri)).toContain("has no password, and the server asks for one");
  });

  test("a limit of the user is told from a full server", async () => {
    const session = await openMysql(server.uri("app", "", "app"));
    expect(await messageOf(server.uri("app", "", "app"))).toMatch(
      /TooManyConnections: .*max_user_connections.*raise max_user_connections of user app/,
    );
    await session.end();
    const all = await Promise.all(Array.from({ length: 10 }, () => openMysql(plain.uri())));
    const silent = await openMysql(plain.uri());
    expect(await messageOf(plain.uri())).toMatch(
      /TooManyConnections: .*Too many connections.*CONNECTION_ADMIN/,
    );
    await Promise.all([...all, silent].map((one) => one.end()));
  });

  test("TLS that the server does not have is not gone without", async () => {
    const uri = plain.uri();
    expect(await messageOf(`${uri}?ssl-mode=REQUIRED`)).toMatch(
      /TlsRefused: .*does not support TLS/,
    );
    expect(await messageOf(`${uri}?ssl-mode=PREFERRED`)).toBe("read");
  });

  test("behind a postgresql:// URI it is told to be no PostgreSQL", async () => {
    await using database = openDatabase(limits);
    const uri = `postgresql://app:s3cr3t@127.0.0.1:${plain.port}/orders`;
    for (const mode of ["disable", "prefer", "require"]) {
      const message = messageIn(await database.read(targetOf(`${uri}?sslmode=${mode}`)));
      expect(message).toContain("check that");
      expect(message).not.toContain("s3cr3t");
    }
  });

  test("a process list with more than one's own is not seen without PROCESS", async () => {
    const session = await openMysql(server.uri());
    const outcome = await outcomeOf(server.uri("app", "", "app"), { roles: ["app", "safe"] });
    await session.end();
    expect(outcome).toMatchObject({
      kind: "read",
      reading: { role: "app", account: "app@%", seesAllSessions: false },
    });
    expect(outcome.kind === "read" && { ...outcome.reading.roleLimits }).toEqual({ app: 1 });
  });
}

const programs = await findMariaDb();
if (programs === undefined) {
  test("a real MariaDB", (context) => {
    context.skip(noMariaDb);
  });
} else {
  describe("a real MariaDB", () => {
    describeServer(programs);
  });
}

test("a PostgreSQL behind a mysql:// URI is a server that says nothing", async () => {
  await using postgres = await startPostgres();
  expect(await messageOf(`mysql://app:s3cr3t@127.0.0.1:${postgres.port}/orders`)).toMatch(
    /DatabaseTimeout: .*which speaks first \(PostgreSQL waits\)/,
  );
});

test("nobody listens, and no such host", async () => {
  expect(await messageOf("mysql://app:s3cr3t@127.0.0.1:9/orders")).toContain("DatabaseUnreachable");
  expect(await messageOf("mysql://app:s3cr3t@nowhere.invalid/orders")).toContain(
    "check the host name",
  );
});
