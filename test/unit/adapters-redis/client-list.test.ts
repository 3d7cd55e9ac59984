// Clients are counted by who they are and where they come from, whatever else their lines say.

import fc from "fast-check";
import { expect, test } from "vitest";
import { ClientList } from "../../../src/adapters/redis/client-list.ts";
import type { SessionGroup } from "../../../src/domain/facts/facts.ts";
import { clientLine } from "../../fuzz/redis-grammar.ts";

function listOf(
  lines: readonly string[],
  { known = lines.length, pieceBytes = 65_536 } = {},
): ClientList {
  const list = new ClientList(7, () => known);
  const text = Buffer.from(lines.map((line) => `${line}\n`).join(""));
  list.maxBytes();
  for (let at = 0; at < text.length; at += pieceBytes) {
    list.take(text.subarray(at, at + pieceBytes));
  }
  list.end();
  return list;
}

function groupsOf(...told: Parameters<typeof listOf>): readonly SessionGroup[] {
  return listOf(...told).groups;
}

const nobody = { user: "", database: "", applicationName: "", address: undefined };

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

test("what a client calls itself is cut, and hides nothing of what follows it", () => {
  const long = "x".repeat(1_200_000);
  const changes = { name: long, user: "t1", "lib-name": long, "lib-ver": long };
  const lines = [clientLine(1, changes), clientLine(2)];
  const names = { user: "t1", applicationName: "x".repeat(64) };
  for (const pieceBytes of [65_536, 1_000, 2_048, 4_097]) {
    expect(groupsOf(lines, { pieceBytes })).toEqual([{ ...app, ...names }, app]);
  }
});

test("of a line with more fields than any client has, what is in reach counts", () => {
  const fields = Array.from({ length: 9_000 }, (_, place) => [`f${place}`, "1"] as const);
  const [group] = groupsOf([`id=1 addr=10.0.0.1:1 ${fields.map((f) => f.join("=")).join(" ")}`]);
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
  expect(() => groupsOf(lines, { known: 10 })).toThrow("more clients than it says it has");
});

test("of more clients than anybody has time for it is known that they are in part", () => {
  const lines = Array.from({ length: 50_002 }, (_, id) => `id=${id + 10} addr=10.0.0.1:1`);
  const list = listOf(lines, { known: 900_000 });
  expect([list.isInPart, list.groups.map(({ count }) => count)]).toEqual([true, [50_000]]);
  expect(listOf(lines.slice(2), { known: 900_000 }).isInPart).toBe(false);
});

test("of very many kinds of clients the names are dropped, and then all but their number", () => {
  const lines = Array.from({ length: 11_000 }, (_, id) =>
    clientLine(id + 10, { name: `n${id}`, addr: `10.${id >> 8}.${id % 256}.1:1` }),
  );
  const list = listOf(lines);
  expect(list.groups.filter(({ applicationName: name }) => name !== "")).toHaveLength(5_000);
  expect(list.groups.at(-1)).toEqual({ ...nobody, count: 1_000 });
  expect(list.isInPart).toBe(true);
  expect(list.groups.reduce((sum, { count }) => sum + count, 0)).toBe(11_000);
});

test("what is no line of a client is not taken for one", () => {
  expect(() => groupsOf(["hello"])).toThrow("without its id");
});

test("the text may have 32 MiB, however many clients there are", () => {
  expect(new ClientList(7, () => 3).maxBytes()).toBe(32 * 1024 * 1024);
});
