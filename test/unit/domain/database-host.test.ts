// One name for one server, however it is written, and no work on what cannot be one.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseConnectionUri } from "../../../src/domain/supply/connection-uri.ts";
import { engineNames, engines } from "../../../src/api/engines.ts";
import { canonicalAddress } from "../../../src/domain/supply/database-host.ts";

describe("an address", () => {
  test.each([
    { text: "DB.shop.svc:6000", want: "db.shop.svc:6000" },
    { text: "db", want: "db:5432" },
    { text: "db:", want: "db:5432" },
    { text: "db.shop.svc.", want: "db.shop.svc:5432" },
    { text: "[::1]:6000", want: "[::1]:6000" },
    { text: "2001:db8:0::1", want: "[2001:db8::1]:5432" },
    { text: `${"h.".repeat(126)}h.`, want: `${"h.".repeat(126)}h:5432` },
    { text: `${"h".repeat(63)}.db`, want: `${"h".repeat(63)}.db:5432` },
    { text: " db:5432\n", want: "db:5432" },
  ])("is brought to its canonical form: $text", ({ text, want }) => {
    expect(canonicalAddress(text)).toEqual({ kind: "address", server: want });
  });

  test.each([
    "",
    ":5432",
    "db:x",
    "db:70000",
    "a b",
    "a/b",
    "u@h",
    "[::1",
    "a,b",
    "/tmp",
    "db..:5432",
    ".db",
    "a..b",
    `${"h.".repeat(127)}h`,
    `${"h".repeat(64)}.db`,
    "\u00e4".repeat(60),
  ])("is refused: %j", (text) => {
    expect(canonicalAddress(text).kind).toBe("problem");
  });
});

test("a canonical name is its own canonical name", () => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()), fc.nat(65_534), (host, port) => {
      const address = host.includes(":") ? `[${host}]` : host;
      const once = canonicalAddress(`${address}:${port + 1}`);
      if (once.kind === "problem") throw new Error(once.message);
      expect(canonicalAddress(once.server)).toEqual(once);
      const parsed = parseConnectionUri(`postgresql://u@${once.server}/d`);
      expect(parsed).toMatchObject({ uri: { server: once.server } });
    }),
  );
});

test("an address without a port has the usual one of its engine", () => {
  const servers = engineNames.map((name) => canonicalAddress("db.shop.svc", engines[name]));
  expect(servers).toEqual([
    { kind: "address", server: "db.shop.svc:5432" },
    { kind: "address", server: "db.shop.svc:3306" },
    { kind: "address", server: "db.shop.svc:6379" },
    { kind: "address", server: "db.shop.svc:5432" },
  ]);
});
