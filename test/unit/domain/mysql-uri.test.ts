// Connection URIs of MySQL and MariaDB, as the clients of many languages write them: what they ask
// of TLS is kept, by whatever name, and what nobody here would do is refused.

import { expect, test } from "vitest";
import { mysqlServersNamedIn, parseMysqlUri } from "../../../src/domain/supply/mysql-uri.ts";

const ca = "-----BEGIN CERTIFICATE-----";

function read(query: string, beside: { readonly ca?: string } = {}): object {
  return parseMysqlUri(`mysql://app:s3cr3t@db.shop.svc/orders${query}`, beside);
}

function messageOf(query: string, beside?: { readonly ca?: string }): string {
  return JSON.stringify(read(query, beside));
}

test("user, password, host, usual port and database are read", () => {
  const parsed = parseMysqlUri(" mariadb://sh%6Fp:p%40ss@DB.shop.svc./orders\n");
  expect(parsed).toMatchObject({
    kind: "uri",
    uri: { server: "db.shop.svc:3306", user: "shop", database: "orders", sslMode: "PREFERRED" },
  });
  expect(parsed.kind === "uri" && parsed.uri.password()).toBe("p@ss");
  expect(JSON.stringify(parsed)).not.toContain("p@ss");
  expect(parseMysqlUri("mysql://app@db:3307")).toMatchObject({ uri: { database: "" } });
});

test.each([
  { query: "?ssl-mode=DISABLED", want: "DISABLED" },
  { query: "?sslMode=disable", want: "DISABLED" },
  { query: "?sslmode=preferred", want: "PREFERRED" },
  { query: "?ssl_mode=REQUIRED", want: "REQUIRED" },
  { query: "?sslMode=trust", want: "REQUIRED" },
  { query: "?sslMode=VERIFY_IDENTITY", want: "VERIFY_IDENTITY" },
  { query: "?sslMode=verify-full", want: "VERIFY_IDENTITY" },
  { query: "?useSSL=true", want: "REQUIRED" },
  { query: "?ssl=true&ssl-mode=DISABLED", want: "REQUIRED" },
  { query: "?requireSSL=true&ssl-mode=VERIFY_IDENTITY", want: "VERIFY_IDENTITY" },
  { query: "?ssl=false", want: "PREFERRED" },
])("$query asks for $want", ({ query, want }) => {
  expect(read(query)).toMatchObject({ kind: "uri", uri: { sslMode: want } });
});

test("a CA implies that it is checked against, and nothing weaker", () => {
  expect(read("", { ca })).toMatchObject({ uri: { sslMode: "VERIFY_IDENTITY" } });
  expect(read("?ssl-mode=VERIFY_CA", { ca })).toMatchObject({ uri: { sslMode: "VERIFY_CA" } });
  for (const mode of ["DISABLED", "PREFERRED", "REQUIRED"]) {
    expect(messageOf(`?ssl-mode=${mode}`, { ca })).toContain("would not check the server");
  }
  expect(messageOf("?ssl-mode=VERIFY_CA")).toContain("needs the CA's certificate");
});

test.each([
  { query: "", want: { minTlsVersion: "TLSv1.2", maxTlsVersion: "TLSv1.3" } },
  { query: "?tls-version=TLSv1.3", want: { minTlsVersion: "TLSv1.3", maxTlsVersion: "TLSv1.3" } },
  {
    query: "?tlsVersions=TLSv1.1,TLSv1.2",
    want: { minTlsVersion: "TLSv1.2", maxTlsVersion: "TLSv1.2" },
  },
])("versions of TLS: $query", ({ query, want }) => {
  expect(read(query)).toMatchObject({ uri: want });
});

test.each([
  { query: "", want: false },
  { query: "?ssl-mode=DISABLED", want: true },
  { query: "?allowPublicKeyRetrieval=true", want: true },
])("a key that the server sends is trusted: $query $want", ({ query, want }) => {
  expect(read(query)).toMatchObject({ uri: { trustsSentKey: want } });
});

test("how to pool, to wait and to write values has no bearing on a reading", () => {
  const query =
    "?connection_limit=10&serverTimezone=UTC&rewriteBatchedStatements=true&charset=utf8mb4";
  expect(read(query)).toMatchObject({ kind: "uri" });
});

test.each([
  { query: "?ssl-mode=SOMETIMES", want: "ssl-mode must be one of DISABLED, PREFERRED" },
  { query: "?ssl={}", want: "ssl must be true or false" },
  { query: "?tls-version=TLSv1.1", want: "tls-version allows none of" },
  { query: "?sslMode=REQUIRED&ssl-mode=DISABLED", want: "ssl-mode is given twice" },
  { query: "?ssl-ca=/etc/ca.pem", want: "ssl-ca names a file" },
  { query: "?sslaccept=strict", want: "does not support sslaccept" },
  { query: "?verifyServerCertificate=true", want: "does not support verifyServerCertificate" },
  { query: "?socketPath=/run/mysqld.sock", want: "does not support socketPath" },
  { query: "?host=other", want: "does not support host" },
  { query: "?SLLMODE=x", want: "unknown parameter, SLLMODE" },
  { query: "?pass@s3cr3t=1", want: "unknown parameter:" },
])("$query is refused: $want", ({ query, want }) => {
  expect(messageOf(query)).toContain(want);
  expect(messageOf(query)).not.toContain("s3cr3t");
});

test.each([
  { text: "mysql://db/orders", want: "has no user name" },
  { text: "mysql://app@/orders", want: "no host is named" },
  { text: "mysql://app@one,two/orders", want: "names several hosts" },
  { text: "mysql://app@db:0/orders", want: "the port must be a number" },
  { text: "jdbc:mysql://db/orders", want: "this is a JDBC URL: write mysql://" },
])("$text is refused: $want", ({ text, want }) => {
  expect(JSON.stringify(parseMysqlUri(text))).toContain(want);
});

test("the one server that it names is told, whatever else is wrong with it", () => {
  expect(mysqlServersNamedIn("mysql://db:3307/?what=ever")).toEqual(["db:3307"]);
  expect(mysqlServersNamedIn("no URI")).toEqual([]);
});
