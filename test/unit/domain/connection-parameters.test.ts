// A parameter of a connection URI is kept, or has no bearing, or is refused with its name.

import { describe, expect, test } from "vitest";
import { parseConnectionUri } from "../../../src/domain/supply/connection-uri.ts";
import type { ConnectionUri } from "../../../src/domain/supply/connection-uri.ts";

function read(query: string, ca?: string): ConnectionUri | string {
  const result = parseConnectionUri(`postgresql://u:hunter2@h/d?${query}`, { ca });
  return result.kind === "uri" ? result.uri : result.message;
}

const all = ["none", "password", "md5", "scram-sha-256"];

describe("what a URI asks for is kept", () => {
  test.each([
    { query: "channel_binding=require", want: { channelBinding: true } },
    { query: "channel_binding=prefer", want: { channelBinding: false } },
    { query: "", want: { loginMethods: all } },
    { query: "require_auth=scram-sha-256", want: { loginMethods: ["scram-sha-256"] } },
    {
      query: "require_auth=md5,scram-sha-256,gss",
      want: { loginMethods: ["md5", "scram-sha-256"] },
    },
    { query: "require_auth=!password,!none", want: { loginMethods: ["md5", "scram-sha-256"] } },
    { query: "", want: { minTlsVersion: "TLSv1.2", maxTlsVersion: "TLSv1.3" } },
    { query: "ssl_min_protocol_version=TLSv1.3", want: { minTlsVersion: "TLSv1.3" } },
    { query: "ssl_min_protocol_version=TLSv1", want: { minTlsVersion: "TLSv1.2" } },
    { query: "ssl_max_protocol_version=TLSv1.2", want: { maxTlsVersion: "TLSv1.2" } },
    { query: "options=-c%20geqo%3Doff", want: { options: "-c geqo=off" } },
    { query: "options=--search-path%3Da%5C%20b", want: { options: "--search-path=a\\ b" } },
    { query: "options=endpoint%3Dep-cool-1", want: { options: "endpoint=ep-cool-1" } },
  ])("$query", ({ query, want }) => {
    expect(read(query)).toMatchObject(want);
  });

  test.each([
    "gssencmode=prefer&sslsni=1&target_session_attrs=primary&connect_timeout=5",
    "schema=public&pgbouncer=true&connection_limit=5",
    "pool_max_conns=5&application_name=a%20b&ssl=false",
    "unknown=",
  ])("and what has no bearing is left alone: %s", (query) => {
    expect(read(query)).toMatchObject({ server: "h:5432" });
  });
});

describe("what cannot be kept is refused by its name", () => {
  test.each([
    { query: "gssencmode=require", want: "gssencmode=require" },
    { query: "channel_binding=yes", want: "channel_binding must be one of" },
    { query: "require_auth=gss", want: "require_auth allows none of the methods" },
    { query: "require_auth=md5,!none", want: "require_auth is no list" },
    { query: "require_auth=magic", want: "require_auth is no list" },
    { query: "ssl_min_protocol_version=SSLv3", want: "ssl_min_protocol_version must be one of" },
    { query: "ssl_max_protocol_version=TLSv1.1", want: "ssl_max_protocol_version is below" },
    { query: "sslnegotiation=indirect", want: "sslnegotiation must be one of" },
    { query: "SSLMODE=verify-full", want: "unknown parameter, SSLMODE:" },
    { query: "sslaccept=strict", want: "does not support sslaccept" },
    { query: "requirepeer=postgres", want: "does not support requirepeer" },
    { query: "replication=database", want: "does not support replication" },
    { query: "min_protocol_version=3.2", want: "does not support min_protocol_version" },
    { query: "sslsni=0", want: "does not support sslsni" },
    { query: "ssl=verify-full", want: "ssl must be one of" },
    { query: "passfile=/x", want: "passfile names a file" },
    { query: "hunter2%0A=1", want: "control character" },
    { query: "application_name=x%0D%0ASET", want: "control character" },
  ])("$query", ({ query, want }) => {
    expect(read(query)).toContain(want);
  });

  test("unless the name may be a piece of a password", () => {
    const text = "postgresql://u:p@x?hunter2=1@h/d";
    const result = parseConnectionUri(text);
    expect(result).toMatchObject({ kind: "problem" });
    expect(JSON.stringify(result)).not.toContain("hunter2");
  });

  test.each([
    "-c rds.rds_superuser_reserved_connections=999999",
    "-crds.rds_superuser_reserved_connections=999999",
    "--rds.rds_superuser_reserved_connections=999999",
    "-c geqo=off -c role=other",
    "-c  max_connections=1",
    "-c search_path=a\\ b -c session_preload_libraries=x",
    "-p 1234",
    "-c geqo",
  ])("options: %s", (options) => {
    expect(read(`options=${encodeURIComponent(options)}`)).toContain("options may set only");
  });
});

describe("a CA beside the URI", () => {
  test.each([
    { query: "", want: { sslMode: "verify-full" } },
    { query: "ssl=true", want: { sslMode: "require" } },
    { query: "sslmode=require", want: { sslMode: "require" } },
    { query: "sslmode=verify-ca", want: { sslMode: "verify-ca" } },
  ])("is always asked: $query", ({ query, want }) => {
    expect(read(query, "PEM")).toMatchObject(want);
  });

  test.each(["disable", "allow", "prefer"])("does not go with sslmode=%s", (mode) => {
    expect(read(`sslmode=${mode}`, "PEM")).toContain(
      `sslmode=${mode} would not check the server against secretRef.caKey`,
    );
  });
});

test.each(["x%0D%0ASET%20pwned:p@h/y", "x:p@h/y%0A", "x:p@h/y?user=a%1Fb"])(
  "a control character in what the first packet carries is refused: %s",
  (rest) => {
    expect(parseConnectionUri(`postgresql://${rest}`)).toMatchObject({
      message: expect.stringContaining("control character") as string,
    });
  },
);

test("a password may have any character", () => {
  const result = parseConnectionUri("postgresql://u:a%0Ab@h/d?");
  expect(result.kind === "uri" && result.uri.password()).toBe("a\nb");
});
