// Clients are counted by who they are and where they come from, whatever else their lines say.

import fc from "fast-check";
import { TooLongAnswer } from "../../../src/adapters/database/failures.ts";
import { expect, test } from "vitest";
import { ClientList } from "../../../src/adapters/redis/client-list.ts";
import type { SessionGroup } from "../../../src/domain/facts/facts.ts";
import { clientLine } from "../../fuzz/redis-grammar.ts";

function groupsOf(
  lines: readonly string[],
  { known = lines.length, pieceBytes = 65_536 } = {},
): readonly SessionGroup[] {
  const list = new ClientList(7, () => known);
  const text = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  list.maxBytes();
  for (let at = 0; at < text.length; at += pieceBytes) {
    list.take(text.subarray(at, at + pieceBytes));
  }
  list.end();
  return list.groups;
}

const app = { user: "app", database: "", applicationName: "", address: "10.0.0.1", count: 1 };

test("those that look alike are one group, and the client that asks is none", () => {
  const lines = [clientLine(1), clientLine(2, { addr: "10.0.0.1:9" }), clientLine(7)];
  expect(groupsOf(lines)).toEqual([{ ...app, count: 2 }]);
});

test.each([
  { changes: { addr: "[2001:db8::1]:4711" }, want: { address: "2001:db8::1" } },
  { changes: { addr: "/run/redis.sock:0" }, want: { address: "" } },
  { changes: { addr: "?:0" }, want: { address: "" } },
  { changes: { name: "web-7" }, want: { applicationName: "web-7" } },
  { changes: { name: "x".repeat(100) }, want: { applicationName: "x".repeat(64) } },
  { changes: { name: "\u001b[2J" }, want: { applicationName: "?[2J" } },
  { changes: { flags: "S", name: "web" }, want: { applicationName: "replica" } },
  { changes: { flags: "M" }, want: { applicationName: "primary" } },
  { changes: { flags: "O" }, want: { applicationName: "MONITOR" } },
  { changes: { flags: "P" }, want: { applicationName: "subscriber" } },
  { changes: { flags: "P", name: "web" }, want: { applicationName: "web" } },
  { changes: { user: "" }, want: { user: "" } },
])("a client with $changes is $want", ({ changes, want }) => {
  expect(groupsOf([clientLine(1, changes)])).toEqual([{ ...app, ...want }]);
});

test("a line that is too long is counted with what is in reach", () => {
  const [group] = groupsOf([clientLine(1, { name: "x".repeat(20_000) })]);
  expect(group).toMatchObject({ address: "10.0.0.1", count: 1, user: "" });
});

test("the list is the same wherever the line cuts it", () => {
  const lines = Array.from({ length: 20 }, (_, id) => clientLine(id, { addr: `10.0.0.${id}:1` }));
  const whole = groupsOf(lines);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), (pieceBytes) => {
      expect(groupsOf(lines, { pieceBytes })).toEqual(whole);
    }),
  );
});

test("ten thousand clients are counted", () => {
  const lines = Array.from({ length: 10_000 }, (_, id) =>
    clientLine(id + 10, { addr: `10.1.${id % 100}.1:${id}` }),
  );
  const groups = groupsOf(lines);
  expect(groups).toHaveLength(100);
  expect(groups.reduce((sum, { count }) => sum + count, 0)).toBe(10_000);
});

test("more clients than the server says it has are what only a liar shows", () => {
  const lines = Array.from({ length: 1_100 }, (_, id) => clientLine(id + 10));
  expect(() => groupsOf(lines, { known: 10 })).toThrow("the clients that the server says it has");
});

test("more clients than anybody has time for are not read, whatever the server says of them", () => {
  const lines = Array.from({ length: 50_001 }, (_, id) => `id=${id + 10} addr=10.0.0.1:1`);
  expect(groupsOf(lines.slice(1), { known: 900_000 })).toHaveLength(1);
  expect(() => groupsOf(lines, { known: 900_000 })).toThrow(TooLongAnswer);
});

test("more kinds of clients than anybody needs are not kept", () => {
  const lines = Array.from({ length: 10_001 }, (_, id) => clientLine(id + 10, { name: `n${id}` }));
  expect(() => groupsOf(lines)).toThrow("10000 kinds of clients");
});

test("what is no line of a client is not taken for one", () => {
  expect(() => groupsOf(["hello"])).toThrow("without its id");
});

test("the text may be as long as so many clients need, and no longer than 20 MiB", () => {
  expect(new ClientList(7, () => 9_000).maxBytes()).toBe((9_000 + 1_024) * 1_024);
  expect(new ClientList(7, () => 1_000_000).maxBytes()).toBe(20 * 1024 * 1024);
});
