// Connection URIs of Redis and Valkey, as the clients of many languages write them: what they ask
// of TLS is kept, by whatever name, and what nobody here would do is refused.

import { expect, test } from "vitest";
import { parseRedisUri, redisServersNamedIn } from "../../../src/domain/supply/redis-uri.ts";

const ca = "-----BEGIN CERTIFICATE-----";

function messageOf(uri: string, beside: { readonly ca?: string } = {}): string {
  return JSON.stringify(parseRedisUri(uri, beside));
}

test("user, password, host and usual port are read, and the number of a database is none", () => {
  const parsed = parseRedisUri(" redis://w%61tcher:p%40ss@DB.shop.svc./3\n");
  expect(parsed).toMatchObject({
    kind: "uri",
    uri: { server: "db.shop.svc:6379", user: "watcher", database: "", tls: "none" },
  });
  expect(parsed.kind === "uri" && parsed.uri.password()).toBe("p@ss");
  expect(JSON.stringify(parsed)).not.toContain("p@ss");
});

test.each([
  { uri: "redis://db", user: "default", password: "" },
  { uri: "redis://app@db", user: "app", password: "" },
  { uri: "valkey://:secret@db:7000", user: "default", password: "secret" },
  { uri: "redis://app:secret@[2001:db8::1]:7000/0", user: "app", password: "secret" },
])("$uri is the login of $user", ({ uri, user, password }) => {
  const parsed = parseRedisUri(uri);
  expect(parsed).toMatchObject({ uri: { user } });
  expect(parsed.kind === "uri" && parsed.uri.password()).toBe(password);
});

test.each([
  { uri: "redis://:s@db", given: undefined, want: "none" },
  { uri: "rediss://:s@db", given: undefined, want: "identity" },
  { uri: "valkeys://:s@db", given: ca, want: "identity" },
  { uri: "rediss://:s@db?ssl_check_hostname=false", given: ca, want: "authority" },
  { uri: "rediss://:s@db?ssl_cert_reqs=none", given: undefined, want: "unchecked" },
  { uri: "rediss://:s@db?ssl_cert_reqs=CERT_REQUIRED", given: ca, want: "identity" },
  { uri: "rediss://:s@db?skip_verify=true", given: undefined, want: "unchecked" },
  { uri: "rediss://:s@db?skip_verify=false", given: undefined, want: "identity" },
])("$uri asks for TLS: $want", ({ uri, given, want }) => {
  expect(parseRedisUri(uri, { ca: given })).toMatchObject({ uri: { tls: want } });
});

test("a CA implies that it is checked against, and nothing weaker", () => {
  expect(messageOf("redis://:s@db", { ca })).toContain("write rediss://, or remove caKey");
  for (const query of ["ssl_cert_reqs=none", "skip_verify=1"]) {
    expect(messageOf(`rediss://:s@db?${query}`, { ca })).toContain("would not check the server");
  }
});

test.each([
  { uri: "redis://:s3cr3t@a,b:7000", want: "names several hosts" },
  { uri: "redis://:s3cr3t@db/%0A", want: "has a control character" },
  { uri: "redis://:s3cr3t/x@db", want: "an @ after the first slash" },
  { uri: "redis-sentinel://:s3cr3t@db", want: "does not begin with" },
  { uri: "redis://:s3cr3t@db?ssl_ca_certs=/ca.pem", want: "ssl_ca_certs names a file" },
  { uri: "redis://:s3cr3t@db?sentinelMasterId=a", want: "does not support sentinelMasterId" },
  { uri: "redis://:s3cr3t@db?odd=1", want: "unknown parameter, odd" },
  { uri: "redis://:s3cr3t@db?pool_size=1&poolSize=2", want: "poolSize is given twice" },
  { uri: "rediss://:s3cr3t@db?ssl_cert_reqs=maybe", want: "ssl_cert_reqs must be one of" },
  { uri: "rediss://:s3cr3t@db?skip_verify=maybe", want: "skip_verify must be true or false" },
  { uri: "rediss://:s3cr3t@db?sslCheckHostname=x", want: "ssl_check_hostname must be" },
])("$uri: $want", ({ uri, want }) => {
  expect(messageOf(uri)).toContain(want);
  expect(messageOf(uri)).not.toContain("s3cr3t");
});

test("how a client pools and waits has no bearing", () => {
  const query = "protocol=3&max_connections=50&socket_timeout=5&client_name=web&pool-size=10";
  expect(parseRedisUri(`redis://:s@db?${query}`)).toMatchObject({ kind: "uri" });
});

test("the server is named whatever else is wrong", () => {
  expect(redisServersNamedIn("rediss://app@DB/x?odd=1")).toEqual(["db:6379"]);
  expect(redisServersNamedIn("hello")).toEqual([]);
  expect(redisServersNamedIn("redis://a,b")).toEqual([]);
});
