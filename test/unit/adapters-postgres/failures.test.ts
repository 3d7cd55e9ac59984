// What pg, the socket, TLS and the server throw, one row each; the real ones are tried in
// test/integration. The password must not get out even if the server repeats it.

import { expect, test } from "vitest";
import { NoAnswer, TooLongAnswer } from "../../../src/adapters/database/failures.ts";
import { failureOf } from "../../../src/adapters/postgres/failures.ts";

const uri = { server: "db:5432", host: "db", user: "app", password: () => "s3cr3t" };

function thrown(message: string, code?: string): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

test.each([
  { error: thrown("wrong", "28P01"), want: "AuthenticationFailed" },
  { error: thrown("no pg_hba.conf entry", "28000"), want: "AuthenticationFailed" },
  { error: thrown("SASL: no password"), want: "AuthenticationFailed" },
  { error: thrown("sorry, too many clients already", "53300"), want: "TooManyConnections" },
  { error: thrown("refused", "ECONNREFUSED"), want: "DatabaseUnreachable" },
  { error: thrown("who?", "ENOTFOUND"), want: "DatabaseUnreachable" },
  { error: thrown("who?", "EAI_AGAIN"), want: "DatabaseUnreachable" },
  { error: thrown("no route", "EHOSTUNREACH"), want: "DatabaseUnreachable" },
  { error: thrown("", "ETIMEDOUT"), want: "DatabaseUnreachable" },
  { error: thrown("starting up", "57P03"), want: "DatabaseUnreachable" },
  { error: thrown("terminating connection", "57P01"), want: "DatabaseUnreachable" },
  { error: thrown("Connection terminated unexpectedly"), want: "DatabaseUnreachable" },
  { error: new NoAnswer(false, 5_000), want: "DatabaseUnreachable" },
  { error: new NoAnswer(true, 5_000), want: "DatabaseTimeout" },
  { error: thrown("canceling statement", "57014"), want: "DatabaseTimeout" },
  { error: thrown("self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT"), want: "TlsRefused" },
  { error: thrown("other name", "ERR_TLS_CERT_ALTNAME_INVALID"), want: "TlsRefused" },
  { error: thrown("expired", "CERT_HAS_EXPIRED"), want: "TlsRefused" },
  { error: thrown("The server does not support SSL connections"), want: "TlsRefused" },
  { error: thrown("unsupported startup parameter", "08P01"), want: "QueryFailed" },
  { error: thrown("no such database", "3D000"), want: "QueryFailed" },
  { error: new TooLongAnswer("4096 KiB"), want: "QueryFailed" },
  { error: thrown("something else"), want: "QueryFailed" },
  { error: "not even an error", want: "QueryFailed" },
  { error: undefined, want: "QueryFailed" },
])("$want: $error", ({ error, want }) => {
  const failure = failureOf(error, uri);
  expect(failure).toMatchObject({ kind: "failed", reason: want });
  expect(failure.message).toMatch(/^db:5432 .*: \w/);
});

test.each([
  { error: thrown("who?", "ENOTFOUND"), want: "write db.<namespace>.svc" },
  { error: thrown("unsupported startup parameter", "08P01"), want: "pooler" },
  { error: thrown("no such database", "3D000"), want: "name of the database" },
  {
    error: thrown("column a.backend_type does not exist", "42703"),
    want: "is too old, or is another server that speaks its protocol (42703: column a.backend_type",
  },
  { error: thrown('role "pg_read_all_stats" does not exist', "42704"), want: "13 or newer" },
  { error: thrown("function does not exist", "42883"), want: "declare database.address" },
  { error: thrown("full", "53300"), want: "pg_use_reserved_connections" },
  { error: new TooLongAnswer("4096 KiB"), want: "sent too much (more than 4096 KiB" },
  { error: thrown("connect ECONNREFUSED ::1", "ECONNREFUSED"), want: "(connect ECONNREFUSED ::1)" },
  {
    error: thrown("The server does not support SSL connections"),
    want: "db:5432 does not support TLS (The server does not support SSL connections): turn on ssl",
  },
])("the way out of $error is named", ({ error, want }) => {
  expect(failureOf(error, uri).message).toContain(want);
});

test.each([
  { error: thrown("SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string") },
  { error: thrown("empty password returned by client", "28P01") },
])("$error: a URI without a password is told so", ({ error }) => {
  const { reason, message } = failureOf(error, { ...uri, password: () => "" });
  expect(reason).toBe("AuthenticationFailed");
  expect(message).toContain("the connection URI has no password, and the server asks for one");
  expect(failureOf(error, uri).message).not.toContain("has no password");
});

test("a server that repeats the password, over many lines, does not get it into the status", () => {
  const { message } = failureOf(thrown(`bad s3cr3t\n\u0007${"x".repeat(9_000)}`, "XX000"), uri);
  expect(message).not.toContain("s3cr3t");
  expect(message).not.toMatch(/\p{Cc}/u);
  expect(message.length).toBeLessThan(500);
});
