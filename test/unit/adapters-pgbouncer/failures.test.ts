// What PgBouncer says, one row each: nearly everything has the same code. Recorded from 1.18; the
// real ones are tried in test/integration.

import { expect, test } from "vitest";
import { BrokenProtocol, NoAnswer } from "../../../src/adapters/database/failures.ts";
import { failureOf, NotAPooler, TooOld } from "../../../src/adapters/pgbouncer/failures.ts";

const uri = { server: "pooler:6432", host: "pooler", user: "app", password: () => "s3cr3t" };

function thrown(message: string, code = "08P01"): Error {
  return Object.assign(new Error(message), { code });
}

test.each([
  { error: thrown("not allowed"), want: "AuthenticationFailed", out: "add app to stats_users" },
  { error: thrown("SASL authentication failed"), want: "AuthenticationFailed", out: "auth_file" },
  {
    error: thrown("password authentication failed"),
    want: "AuthenticationFailed",
    out: "auth_file",
  },
  { error: thrown("no such user: app"), want: "AuthenticationFailed", out: "auth_file" },
  { error: thrown("wrong", "28P01"), want: "AuthenticationFailed", out: "auth_file" },
  {
    error: thrown("no more connections allowed (max_client_conn)"),
    ...{ want: "TooManyConnections", out: "raise max_client_conn" },
  },
  {
    error: thrown("client connections exceeded (max_user_client_connections)"),
    ...{ want: "TooManyConnections", out: "raise max_client_conn" },
  },
  { error: thrown("SSL required"), want: "TlsRefused", out: "client_tls_sslmode" },
  {
    error: thrown("server shutting down"),
    want: "DatabaseUnreachable",
    out: "check host and port",
  },
  { error: thrown("refused", "ECONNREFUSED"), want: "DatabaseUnreachable", out: "check host" },
  { error: new NoAnswer(true, 5_000), want: "DatabaseTimeout", out: "neither suspended" },
  { error: thrown("invalid command 'SHOW X'"), want: "QueryFailed", out: "PgBouncer's log" },
  {
    error: thrown('database "pgbouncer" does not exist', "3D000"),
    ...{ want: "QueryFailed", out: "is not a PgBouncer" },
  },
  {
    error: thrown('unrecognized configuration parameter "version"', "42704"),
    ...{ want: "QueryFailed", out: "remove spec.database.engine" },
  },
  { error: new TooOld("PgBouncer 1.15.0"), want: "QueryFailed", out: "is too old" },
  { error: new TooOld("PgBouncer 1.15.0"), want: "QueryFailed", out: "1.18 or newer can be" },
  { error: new NotAPooler("another version"), want: "QueryFailed", out: "is not a PgBouncer" },
  { error: new BrokenProtocol("nonsense"), want: "QueryFailed", out: "of your PgBouncer server" },
])("$want: $error", ({ error, want, out }) => {
  const failure = failureOf(error, uri);
  expect(failure).toMatchObject({ kind: "failed", reason: want });
  expect(failure.message).toContain(out);
  expect(failure.message).toMatch(/^pooler:6432 .*: \w/);
});

test("a URI without a password is told so", () => {
  const failure = failureOf(thrown("SASL authentication failed"), { ...uri, password: () => "" });
  expect(failure.message).toContain("the connection URI has no password");
});
