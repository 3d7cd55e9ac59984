// libpq is the reference for what a URI means; the tables below follow its documentation and its
// own tests, and say where we differ on purpose.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConnectionUri, sslModes } from "../../../src/domain/supply/connection-uri.ts";
import type { ConnectionUri } from "../../../src/domain/supply/connection-uri.ts";

function parsed(text: string, ca?: string): ConnectionUri {
  const result = parseConnectionUri(text, { ca });
  if (result.kind === "problem") throw new Error(result.message);
  return result.uri;
}

function problem(text: string, ca?: string): string {
  const result = parseConnectionUri(text, { ca });
  return result.kind === "problem" ? result.message : `no problem: ${result.uri.server}`;
}

describe("a connection URI", () => {
  const p = "postgresql://";
  test.each([
    { name: "short scheme", text: "postgres://u@h/d", wantServer: "h:5432" },
    { name: "with everything", text: `${p}u:secret@h:6543/d?schema=x`, wantServer: "h:6543" },
    { name: "upper case", text: `${p}u@DB.Example.COM/d`, wantServer: "db.example.com:5432" },
    { name: "trailing dot", text: `${p}u@db.example.com./d`, wantServer: "db.example.com:5432" },
    { name: "IPv4", text: `${p}u@10.0.0.7/d`, wantServer: "10.0.0.7:5432" },
    { name: "IPv6", text: `${p}u@[2001:DB8:0:0::1]:6000/d`, wantServer: "[2001:db8::1]:6000" },
    { name: "IPv6, no port", text: `${p}u@[::1]/d`, wantServer: "[::1]:5432" },
    { name: "several hosts", text: `${p}u@A:1111,b:2222/d`, wantServer: "a:1111" },
    { name: "several, IPv6 first", text: `${p}u@[::1]:1111,b:2222/d`, wantServer: "[::1]:1111" },
    { name: "empty port", text: `${p}u@h:/d`, wantServer: "h:5432" },
    { name: "host as parameter", text: `${p}/d?user=u&host=A,b&port=1,2`, wantServer: "a:1" },
    { name: "host parameter wins", text: `${p}u@x:9/d?host=y`, wantServer: "y:9" },
    { name: "hostaddr alone", text: `${p}u@/d?hostaddr=10.0.0.7`, wantServer: "10.0.0.7:5432" },
    { name: "percent-encoded host", text: `${p}u@d%62/d`, wantServer: "db:5432" },
    { name: "underscore in the host", text: `${p}u@my_db/d`, wantServer: "my_db:5432" },
    { name: "as many as may be", text: `${p}u@${"h,".repeat(31)}h/d`, wantServer: "h:5432" },
    { name: "encoded @ in the database", text: `${p}u@h/a%40b`, wantServer: "h:5432" },
    { name: "a newline behind", text: `${p}u@h/d\n`, wantServer: "h:5432" },
    { name: "international name", text: `${p}u@dätenbank/d`, wantServer: "xn--dtenbank-0za:5432" },
  ])("names its server: $name", ({ text, wantServer }) => {
    expect(parsed(text).server).toBe(wantServer);
  });

  test.each([
    { name: "plain", text: `${p}u:pw@h/d`, want: ["u", "pw", "d"] },
    { name: "no database", text: `${p}u:pw@h`, want: ["u", "pw", "u"] },
    { name: "empty database", text: `${p}u:pw@h/?schema=x`, want: ["u", "pw", "u"] },
    { name: "no password", text: `${p}u@h/d`, want: ["u", "", "d"] },
    { name: "empty password", text: `${p}u:@h/d`, want: ["u", "", "d"] },
    { name: "encoded", text: `${p}u%40x:p%2Fw%3A%25@h/d%20e%3F`, want: ["u@x", "p/w:%", "d e?"] },
    { name: "colon in the password", text: `${p}u:a:b@h/d`, want: ["u", "a:b", "d"] },
    { name: "bare @ in the password", text: `${p}u:a@b@h/d`, want: ["u", "a@b", "d"] },
    { name: "bare ? and # in the password", text: `${p}u:a?b#c@h/d`, want: ["u", "a?b#c", "d"] },
    { name: "plus stays plus", text: `${p}a+b:c+d@h/e+f`, want: ["a+b", "c+d", "e+f"] },
    { name: "slash in the database", text: `${p}u@h/a/b`, want: ["u", "", "a/b"] },
    {
      name: "as parameters",
      text: `${p}h?user=a&password=b&dbname=c`,
      want: ["a", "b", "c"],
    },
    { name: "@ behind a query", text: `${p}u:pw@h?application_name=a@b`, want: ["u", "pw", "u"] },
  ])("names user, password and database: $name", ({ text, want }) => {
    const uri = parsed(text);
    expect([uri.user, uri.password(), uri.database]).toEqual(want);
    expect(uri.host).toBe("h");
  });

  test.each([
    { query: "", wantMode: "prefer" },
    ...sslModes
      .filter((mode) => mode !== "verify-ca")
      .map((mode) => ({ query: `?sslmode=${mode}`, wantMode: mode })),
    { query: "?ssl=true", wantMode: "require" },
    { query: "?ssl=true&sslmode=disable", wantMode: "disable" },
    { query: "?sslrootcert=system", wantMode: "verify-full" },
    { query: "?sslmode=", wantMode: "prefer" },
  ])("takes sslmode as libpq does: $query", ({ query, wantMode }) => {
    expect(parsed(`${p}u@h/d${query}`).sslMode).toBe(wantMode);
  });

  test("allows verify-ca where a CA stands beside it", () => {
    expect(parsed(`${p}u@h/d?sslmode=verify-ca`, "PEM").sslMode).toBe("verify-ca");
  });

  test("keeps what the session needs and ignores what only other clients need", () => {
    const uri = parsed(
      `${p}u@h/d?options=-c%20geqo%3Doff&sslmode=require&sslnegotiation=direct&channel_binding=require&schema=public&pgbouncer=true`,
    );
    expect(uri).toMatchObject({ options: "-c geqo=off", directTls: true, channelBinding: true });
  });

  test("shows no password when it is logged", () => {
    const uri = parsed(`${p}u:hunter2@h/d`);
    expect(JSON.stringify(uri)).not.toContain("hunter2");
    expect(uri.password()).toBe("hunter2");
  });
});

describe("what is no usable connection URI", () => {
  const p = "postgresql://";
  test.each([
    { name: "empty", text: " \n", want: "is empty" },
    { name: "another scheme", text: "mysql://u:hunter2@h/d", want: "does not begin with" },
    { name: "JDBC", text: "jdbc:postgresql://h/d?password=hunter2", want: "JDBC URL" },
    { name: "keywords", text: "host=h password=hunter2", want: "keyword/value string" },
    { name: "just a password", text: "hunter2", want: "does not begin with" },
    { name: "no user", text: `${p}h/d`, want: "has no user name" },
    { name: "no host", text: `${p}u:hunter2@/d`, want: "no host is named" },
    { name: "slash in the password", text: `${p}u:hunter2/x@h/d`, want: "percent-encoded" },
    { name: "digits and a slash", text: `${p}u:4711/hunter2@h/d`, want: "percent-encoded" },
    { name: "socket", text: `${p}u:hunter2@%2Fvar%2Frun/d`, want: "Unix socket" },
    { name: "socket as parameter", text: `${p}/d?user=u&host=/tmp`, want: "Unix socket" },
    {
      name: "@ and slash in the password",
      text: `${p}u:p@hun/ter2@h/d`,
      want: "percent-encoded (/ is %2F, @ is %40",
    },
    { name: "longer than any", text: `${p}u:${"hunter2".repeat(1_200)}@h/d`, want: "8192" },
    {
      name: "a long password beyond ASCII",
      text: `${p}u:hunter2${"é".repeat(250)}@h/d`,
      want: "256",
    },
    { name: "many hosts", text: `${p}u:hunter2@${"h,".repeat(32)}h/d`, want: "32 hosts" },
    {
      name: "a long name",
      text: `${p}u:hunter2@${"h.".repeat(127)}h/d`,
      want: "not a valid host name",
    },
    {
      name: "a long label",
      text: `${p}u:hunter2@${"h".repeat(64)}.db/d`,
      want: "not a valid host name",
    },
    {
      name: "one that is long once encoded",
      text: `${p}u@${"ä".repeat(60)}/d`,
      want: "not a valid host name",
    },
    { name: "bad host", text: `${p}u:hunter2@a b/d`, want: "the host is not a valid host name" },
    { name: "two dots at its end", text: `${p}u@db../d`, want: "not a valid host name" },
    { name: "an encoded dot more", text: `${p}u@db.%2e/d`, want: "not a valid host name" },
    { name: "an ideographic dot more", text: `${p}u@db.\u3002/d`, want: "not a valid host name" },
    { name: "two dots inside", text: `${p}u@db..shop/d`, want: "not a valid host name" },
    { name: "a dot in front", text: `${p}u@.db/d`, want: "not a valid host name" },
    { name: "nothing but a dot", text: `${p}u@./d`, want: "not a valid host name" },
    {
      name: "two dots behind an address",
      text: `${p}u@10.0.0.7../d`,
      want: "not a valid host name",
    },
    { name: "host that is a bad number", text: `${p}u@1.2.3.4.5/d`, want: "not a valid host name" },
    { name: "port out of range", text: `${p}u:hunter2@h:65536/d`, want: "the port" },
    { name: "port 0", text: `${p}u:hunter2@h:0/d`, want: "the port" },
    { name: "port of letters", text: `${p}u@h:hunter2/d`, want: "the port" },
    { name: "half an escape", text: `${p}u:hunter2%4@h/d`, want: "%25" },
    { name: "escaped zero byte", text: `${p}u:hunter2%00@h/d`, want: "%25" },
    { name: "unknown sslmode", text: `${p}u@h/d?sslmode=hunter2`, want: "sslmode must be one of" },
    { name: "verify-ca, no CA", text: `${p}u@h/d?sslmode=verify-ca`, want: "secretRef.caKey" },
    { name: "CA as a file", text: `${p}u@h/d?sslrootcert=/hunter2`, want: "secretRef.caKey" },
    {
      name: "client key as a file",
      text: `${p}u@h/d?sslkey=/hunter2`,
      want: "sslkey names a file",
    },
    {
      name: "system roots, weak mode",
      text: `${p}u@h/d?sslrootcert=system&sslmode=require`,
      want: "verify-full",
    },
    { name: "direct TLS, weak mode", text: `${p}u@h/d?sslnegotiation=direct`, want: "require" },
  ])("is said, without its secrets: $name", ({ text, want }) => {
    expect(problem(text)).toContain(want);
    expect(problem(text)).not.toContain("hunter2");
  });
});

describe("laws", () => {
  const word = fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" });

  test("whatever is percent-encoded comes back", () => {
    const name = word.filter((text) => !/\p{Cc}/u.test(text));
    const secret = word.filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(name, secret, name, (user, password, database) => {
        const [u, w, d] = [user, password, database].map(encodeURIComponent);
        const uri = parsed(`postgresql://${u ?? ""}:${w ?? ""}@h/${d ?? ""}`);
        expect([uri.user, uri.password(), uri.database]).toEqual([user, password, database]);
      }),
    );
  });

  test("no text makes it throw, and no problem repeats the text", () => {
    const secret = "s3cr3t-w0rd";
    const noise = fc.stringMatching(/^[a-z@:/?#%&=,[\]. ]{0,12}$/);
    fc.assert(
      fc.property(noise, noise, noise, (before, between, after) => {
        const message = problem(`postgresql://${before}:${secret}${between}@h${after}`);
        if (message.startsWith("no problem")) return;
        expect(message).not.toContain(secret);
      }),
      { numRuns: 2000 },
    );
  });
});
