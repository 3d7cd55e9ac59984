// What a server or the network can do to a reading, on real sockets and a real PostgreSQL: each
// gives a reason and a way out in time, none ends the process, and the next reading works again.

import { connect } from "node:net";
import type { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { DatabaseOutcome } from "../../src/ports.ts";
import { createCertificateAuthority } from "../support/certificates.ts";
import { flood, startFloodingServer } from "../support/flooding-server.ts";
import { findInstalledPostgres, startPostgres, startPostgresFrom } from "../support/postgres.ts";
import type { Postgres } from "../support/postgres.ts";
import {
  openDatabase,
  openSession,
  readingOf,
  targetOf,
  wordOf,
} from "../support/postgres-readings.ts";
import { waitUntil } from "../support/processes.ts";
import { startLine, startTcpServer } from "../support/tcp.ts";

// Short where nobody will ever answer; long enough for a PostgreSQL on a busy machine.
const soon = { connectTimeoutMs: 400, queryTimeoutMs: 400 };
const inTime = { connectTimeoutMs: 2_000, queryTimeoutMs: 2_000 };

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres({ maxConnections: 10 });
  await postgres.query("CREATE ROLE app LOGIN PASSWORD 'app'");
});
afterAll(() => postgres.stop());

const app = (): string => postgres.uri("app", "postgres", "app");
const at = (port: number, query = ""): string =>
  `postgresql://app:s3cr3t@127.0.0.1:${port}/postgres${query}`;

async function readOnce(uri: string, limits = inTime): Promise<DatabaseOutcome> {
  await using database = openDatabase(limits);
  return await database.read(targetOf(uri));
}

describe("a name that the database cannot read", () => {
  test.each([
    { name: "of characters that its encoding has not", role: "заказы" },
    { name: "with a zero byte", role: "a\0b" },
  ])("$name takes nobody else's reading", async ({ role }) => {
    await postgres.query("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    await using database = openDatabase(inTime);
    const target = targetOf(postgres.uri("app", "latin", "app"), { roles: ["app", role] });
    const { roleLimits } = readingOf(await database.read(target));
    expect({ ...roleLimits }).toEqual({ app: -1 });
    await database.close();
    await postgres.query("DROP DATABASE latin WITH (FORCE)");
  });
});

describe("a server that is no PostgreSQL", () => {
  const http = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
  test.each([
    { name: "accepts and says nothing", say: undefined, query: "", want: "DatabaseTimeout" },
    {
      name: "accepts and says nothing, without TLS",
      say: undefined,
      query: "?sslmode=disable",
      want: "DatabaseTimeout",
    },
    { name: "speaks HTTP", say: http, query: "", want: "QueryFailed" },
    { name: "speaks HTTP, TLS required", say: http, query: "?sslmode=require", want: "TlsRefused" },
    { name: "hangs up", say: "", query: "", want: "DatabaseUnreachable" },
    { name: "agrees to TLS and hangs", say: "S", query: "", want: "DatabaseTimeout" },
  ])("$name: $want", async ({ say, query, want }) => {
    await using server = await startTcpServer((socket) => {
      socket.on("data", () => {
        if (say === "") socket.end();
        else if (say !== undefined) socket.write(say);
      });
    });
    const outcome = await readOnce(at(server.port, query), soon);
    expect(outcome).toMatchObject({ kind: "failed", reason: want });
    const { message } = outcome as Extract<DatabaseOutcome, { kind: "failed" }>;
    expect(message).toContain(`127.0.0.1:${server.port} `);
    expect(message).not.toContain("s3cr3t");
  });
});

describe("a server that never stops sending", () => {
  const patient = { connectTimeoutMs: 20_000, queryTimeoutMs: 20_000 };
  test.each([
    { when: "login", withTls: false, query: "?sslmode=disable", want: "256 KiB" },
    { when: "login", withTls: true, query: "?sslmode=require", want: "24 KiB" },
    { when: "question", withTls: false, query: "?sslmode=disable", want: "2048 KiB" },
    { when: "question", withTls: true, query: "?sslmode=require", want: "2048 KiB" },
  ] as const)(
    "at the $when, with TLS: $withTls, is left after $want",
    async ({ when, withTls, query, want }) => {
      const tls = withTls
        ? await (await createCertificateAuthority("ours")).issue({ ip: "127.0.0.1" })
        : undefined;
      await using server = await startFloodingServer({ when, tls });
      const outcome = await readOnce(at(server.port, query), patient);
      expect(outcome).toMatchObject({ kind: "failed", reason: "QueryFailed" });
      expect(JSON.stringify(outcome)).toContain(`sent too much (more than ${want}`);
    },
  );

  test("between two readings, is left, and read again", async () => {
    const lines: Socket[] = [];
    await using server = await startTcpServer((near) => {
      lines.push(near);
      const far = connect(postgres.port, "127.0.0.1");
      far.on("error", () => undefined);
      near.on("close", () => far.destroy());
      near.pipe(far).pipe(near);
    });
    await using database = openDatabase(patient);
    const target = targetOf(at(server.port).replace("s3cr3t", "app"));
    expect(wordOf(await database.read(target))).toBe("read");
    for (const line of lines) flood(line);
    await waitUntil("the operator has hung up", () => lines.every((line) => line.destroyed));
    expect(wordOf(await database.read(target))).toBe("read");
  });
});

describe("a PostgreSQL that asks for a login we do not make", async () => {
  const installed = await findInstalledPostgres(15);
  // The PostgreSQL from npm is built without it.
  test("by GSSAPI, is a failed reading that says so", async ({ skip }) => {
    skip(installed === undefined, "PostgreSQL 15 is not installed (Debian: postgresql-15)");
    const hostAuth = ["host all app 127.0.0.0/8 gss"];
    await using server = await startPostgresFrom(installed ?? "", { hostAuth });
    const outcome = await readOnce(server.uri("app", "postgres", "app"));
    expect(outcome).toMatchObject({ kind: "failed", reason: "AuthenticationFailed" });
    expect(JSON.stringify(outcome)).toContain("it asks for GSSAPI");
    expect(JSON.stringify(outcome)).toContain(
      "set scram-sha-256 for user app in the server's pg_hba.conf",
    );
  });
});

describe("a server that is there", () => {
  test("but refuses every new connection its answer, keeps answering the session it has", async () => {
    await using database = openDatabase(inTime);
    expect(wordOf(await database.read(targetOf(app())))).toBe("read");
    postgres.pause();
    expect(wordOf(await database.read(targetOf(app())))).toBe("read");
    expect(wordOf(await readOnce(app()))).toBe("DatabaseTimeout");
    postgres.resume();
    expect(wordOf(await readOnce(app()))).toBe("read");
  });

  test("but is busy, gives up by itself and keeps the session", async () => {
    await using database = openDatabase(inTime);
    await database.read(targetOf(app()));
    const before = await ownSessions();
    await using admin = await openSession(postgres.uri());
    await admin.query("BEGIN; LOCK TABLE pg_authid IN ACCESS EXCLUSIVE MODE");
    const outcome = await database.read(targetOf(app(), { roles: ["app"] }));
    expect(outcome).toMatchObject({ reason: "DatabaseTimeout" });
    expect(JSON.stringify(outcome)).toContain("57014");
    await admin.query("ROLLBACK");
    expect(wordOf(await database.read(targetOf(app(), { roles: ["app"] })))).toBe("read");
    expect(await ownSessions()).toEqual(before);
  });

  test("but behind a line that is cut, is left within the time limit and found again", async () => {
    await using line = await startLine(postgres.port);
    await using database = openDatabase(inTime);
    const target = targetOf(at(line.port).replace("s3cr3t", "app"));
    expect(wordOf(await database.read(target))).toBe("read");
    line.freeze();
    expect(wordOf(await database.read(target))).toBe("DatabaseTimeout");
    expect(wordOf(await database.read(target))).toBe("DatabaseTimeout");
    line.thaw();
    expect(wordOf(await database.read(target))).toBe("read");
    expect(await ownSessions()).toHaveLength(1);
  });

  test("but ends our session between two readings, gets a new one", async () => {
    await using database = openDatabase(inTime);
    await database.read(targetOf(app()));
    await postgres.query(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name LIKE 'poolwarden-%'",
    );
    expect(wordOf(await database.read(targetOf(app())))).toBe("read");
  });

  test("but lets the role in no more often, has no slot for us", async () => {
    await postgres.query("ALTER ROLE app CONNECTION LIMIT 0");
    expect(wordOf(await readOnce(app()))).toBe("TooManyConnections");
    await postgres.query("ALTER ROLE app CONNECTION LIMIT -1");
  });

  test("but has no such database, says so", async () => {
    const outcome = await readOnce(postgres.uri("app", "nowhere", "app"));
    expect(outcome).toMatchObject({ reason: "QueryFailed" });
    expect(JSON.stringify(outcome)).toContain("name of the database");
  });

  test.each([
    { name: "no password", uri: () => postgres.uri("app", "postgres", "") },
    { name: "no such role", uri: () => postgres.uri("nobody", "postgres", "x") },
  ])("but refuses the login: $name", async ({ uri }) => {
    expect(wordOf(await readOnce(uri()))).toBe("AuthenticationFailed");
  });
});

describe("without the server", () => {
  test.each([
    { name: "nobody listens", uri: at(1) },
    { name: "no such name", uri: "postgresql://app@no-such-host.invalid/postgres" },
  ])("$name: DatabaseUnreachable", async ({ uri }) => {
    expect(wordOf(await readOnce(uri))).toBe("DatabaseUnreachable");
  });
});

describe("being closed", () => {
  test("calls off a reading that waits, at once and as a value", async () => {
    await using server = await startTcpServer(() => undefined);
    await using database = openDatabase({ connectTimeoutMs: 3_600_000 });
    const reading = database.read(targetOf(at(server.port)));
    const other = database.read(targetOf(at(server.port), { roles: ["app"] }));
    await database.close();
    expect([wordOf(await reading), wordOf(await other)]).not.toContain("read");
  });

  test("keeps one slow server from holding up another", async () => {
    await using server = await startTcpServer(() => undefined);
    await using database = openDatabase({ connectTimeoutMs: 3_600_000 });
    const slow = database.read(targetOf(at(server.port)));
    readingOf(await database.read(targetOf(app())));
    await database.forget(`127.0.0.1:${server.port}`);
    expect(wordOf(await slow)).not.toBe("read");
  });

  afterEach(async () => {
    expect(await ownSessions()).toEqual([]);
  });
});

function ownSessions(): Promise<unknown[]> {
  return postgres.query(
    "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'poolwarden-%'",
  );
}
