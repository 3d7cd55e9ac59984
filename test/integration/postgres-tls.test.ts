// sslmode as libpq means it, against a real PostgreSQL with and without TLS. pg alone would take
// require for verify-full and know no prefer.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCertificateAuthority } from "../support/certificates.ts";
import type { CertificateAuthority } from "../support/certificates.ts";
import { startPostgres } from "../support/postgres.ts";
import type { Postgres } from "../support/postgres.ts";
import { openDatabase, targetOf, wordOf } from "../support/postgres-readings.ts";

type Ca = "none" | "right" | "wrong" | "no PEM";

let ours: CertificateAuthority;
let theirs: CertificateAuthority;
beforeAll(async () => {
  ours = await createCertificateAuthority("ours");
  theirs = await createCertificateAuthority("theirs");
});

// How our one session on the server is encrypted: "TLS", "plain", or why there is none.
async function connectWith(postgres: Postgres, query: string, ca: Ca): Promise<string> {
  const pems = { none: undefined, right: ours.pem, wrong: theirs.pem, "no PEM": "hello" };
  await using database = openDatabase();
  const uri = `${postgres.uri("app", "postgres", "app")}?${query}`;
  const word = wordOf(await database.read(targetOf(uri, { ca: pems[ca] })));
  if (word !== "read") return word;
  const rows = await postgres.query(
    "SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.usename = 'app'",
  );
  return rows.map((row) => (row["ssl"] === true ? "TLS" : "plain")).join();
}

describe("a server that insists on TLS, with a certificate for its address", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres({
      tls: await ours.issue({ ip: "127.0.0.1" }),
      hostAuth: [
        "hostssl all app 127.0.0.0/8 scram-sha-256",
        "hostnossl all app 127.0.0.0/8 reject",
      ],
    });
    await postgres.query("CREATE ROLE app LOGIN PASSWORD 'app'");
  });
  afterAll(() => postgres.stop());

  test.each<{ query: string; ca: Ca; want: string }>([
    { query: "", ca: "none", want: "TLS" },
    { query: "sslmode=disable", ca: "none", want: "AuthenticationFailed" },
    { query: "sslmode=allow", ca: "none", want: "TLS" },
    { query: "sslmode=prefer", ca: "none", want: "TLS" },
    { query: "sslmode=require", ca: "none", want: "TLS" },
    { query: "sslmode=require", ca: "right", want: "TLS" },
    { query: "sslmode=require", ca: "wrong", want: "TlsRefused" },
    { query: "sslmode=verify-ca", ca: "right", want: "TLS" },
    { query: "sslmode=verify-ca", ca: "wrong", want: "TlsRefused" },
    { query: "sslmode=verify-full", ca: "right", want: "TLS" },
    { query: "sslmode=verify-full", ca: "wrong", want: "TlsRefused" },
    { query: "sslmode=verify-full", ca: "none", want: "TlsRefused" },
    { query: "sslmode=require", ca: "no PEM", want: "TlsRefused" },
    { query: "sslmode=require&sslnegotiation=direct", ca: "none", want: "TLS" },
    { query: "sslmode=require&channel_binding=require", ca: "none", want: "TLS" },
    { query: "sslmode=require&require_auth=scram-sha-256", ca: "none", want: "TLS" },
    { query: "sslmode=require&require_auth=md5", ca: "none", want: "AuthenticationFailed" },
    { query: "sslmode=require&ssl_min_protocol_version=TLSv1.3", ca: "none", want: "TLS" },
    { query: "", ca: "right", want: "TLS" },
    { query: "", ca: "wrong", want: "TlsRefused" },
    { query: "ssl=true", ca: "none", want: "TLS" },
  ])("$query with CA $ca: $want", async ({ query, ca, want }) => {
    expect(await connectWith(postgres, query, ca)).toBe(want);
  });
});

describe("a server that offers TLS with a certificate for another name", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres({ tls: await ours.issue({ dns: "other.example" }) });
    await postgres.query("CREATE ROLE app LOGIN PASSWORD 'app'");
  });
  afterAll(() => postgres.stop());

  test.each<{ query: string; ca: Ca; want: string }>([
    { query: "sslmode=disable", ca: "none", want: "plain" },
    { query: "sslmode=allow", ca: "none", want: "plain" },
    { query: "sslmode=prefer", ca: "right", want: "InvalidConnectionUri" },
    { query: "sslmode=allow", ca: "wrong", want: "InvalidConnectionUri" },
    { query: "", ca: "right", want: "TlsRefused" },
    { query: "sslmode=require", ca: "right", want: "TLS" },
    { query: "sslmode=verify-ca", ca: "right", want: "TLS" },
    { query: "sslmode=verify-full", ca: "right", want: "TlsRefused" },
  ])("$query with CA $ca: $want", async ({ query, ca, want }) => {
    expect(await connectWith(postgres, query, ca)).toBe(want);
  });
});

describe("a server without TLS", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
    await postgres.query("CREATE ROLE app LOGIN PASSWORD 'app'");
  });
  afterAll(() => postgres.stop());

  test.each<{ query: string; ca: Ca; want: string }>([
    { query: "", ca: "none", want: "plain" },
    { query: "sslmode=disable", ca: "none", want: "plain" },
    { query: "sslmode=allow", ca: "none", want: "plain" },
    { query: "sslmode=prefer", ca: "none", want: "plain" },
    { query: "channel_binding=require", ca: "none", want: "AuthenticationFailed" },
    { query: "sslmode=require", ca: "none", want: "TlsRefused" },
    { query: "sslmode=verify-full", ca: "right", want: "TlsRefused" },
  ])("$query with CA $ca: $want", async ({ query, ca, want }) => {
    expect(await connectWith(postgres, query, ca)).toBe(want);
  });
});
