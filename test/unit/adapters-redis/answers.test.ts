// What servers of Redis and Valkey say of themselves, in the form of a reading. And what none of
// them would say.

import { expect, test } from "vitest";
import { readAnswer, readHello, type Seen } from "../../../src/adapters/redis/answers.ts";
import type { Answer } from "../../../src/adapters/database/reader.ts";
import type { SessionGroup } from "../../../src/domain/facts/facts.ts";
import { goodInfo } from "../../fuzz/redis-grammar.ts";

const question = { roles: ["app", "constructor"], databases: ["0"] };
const app = { user: "app", database: "", applicationName: "", address: "10.0.0.1", count: 3 };

function answer(
  changes: Readonly<Record<string, string>> = {},
  seen: readonly SessionGroup[] = [app],
): Answer {
  return answerOf({ ...goodInfo, ...changes }, { groups: seen });
}

function answerOf(info: Readonly<Record<string, string>>, seen: Seen | undefined): Answer {
  return readAnswer(new Map(Object.entries(info)), seen, { question, user: "watcher" });
}

const unlimited = { app: -1, constructor: -1 };

test("who it is, since when, and what it allows", () => {
  const { roleLimits, databaseLimits, ...rest } = answer();
  expect(rest).toEqual({
    ...{ role: "watcher", versionNumber: 70_015, isStandby: false, maxConnections: 10_000 },
    systemIdentifier: "ee398a7ee9697300a1232c3ab02c3e48c68c26df",
    startedAtMicroseconds: 1_796_029_500_000_000,
    withheld: [{ by: "cluster_connections", slots: 0 }],
    ...{ seesAllSessions: true, sessions: [app] },
  });
  expect({ ...roleLimits }).toEqual(unlimited);
  expect({ ...databaseLimits }).toEqual({ "0": -1 });
});

test("a server of Valkey is of its own version", () => {
  const versions = { redis_version: "7.2.4", valkey_version: "9.1.2" };
  expect(answer(versions).versionNumber).toBe(90_102);
});

test("a replica is a standby, known by what it replicates", () => {
  expect(answer({ role: "slave" })).toMatchObject({
    isStandby: true,
    systemIdentifier: goodInfo["master_replid"],
  });
});

test("the links of a cluster are kept from applications, and the node says that it is one", () => {
  expect(answer({ cluster_enabled: "1", cluster_connections: "10" })).toMatchObject({
    withheld: [{ by: "cluster_connections", slots: 10 }],
    isClusterNode: true,
  });
});

test.each([
  { name: "a login that may not list them", seen: undefined, sees: false, shown: [] },
  { name: "a list that leaves some out", seen: [{ ...app, count: 1 }], sees: true, shown: [1] },
  { name: "a list of all", seen: [app], sees: true, shown: [3] },
])("with $name all clients count", ({ seen, sees, shown }) => {
  const { seesAllSessions, sessions } = readWith(seen);
  expect(seesAllSessions).toBe(sees);
  // 3 clients and a replica, of which one asks.
  const hidden = 3 - shown.reduce((sum, count) => sum + count, 0);
  const unseen = { user: "", address: undefined, count: hidden };
  expect(sessions).toMatchObject([
    ...shown.map((count) => ({ user: "app", count })),
    ...(hidden > 0 ? [unseen] : []),
  ]);
});

function readWith(seen: readonly SessionGroup[] | undefined): Answer {
  return answerOf(goodInfo, seen && { groups: seen });
}

test("what is left out of a list counts, and nobody's right is missing", () => {
  const seen = { groups: [{ ...app, count: 1 }], isInPart: true };
  expect(answerOf(goodInfo, seen)).toMatchObject({
    ...{ seesAllSessions: false, isInPart: true },
    sessions: [
      { user: "app", count: 1 },
      { user: "", address: undefined, count: 2 },
    ],
  });
});

test("sessions come in an order of their own, so that equal readings are equal", () => {
  const other = { ...app, address: "10.0.0.2", count: 1 };
  expect(answer({}, [other, app]).sessions).toEqual(answer({}, [app, other]).sessions);
});

test.each([
  { changes: { maxclients: "-1" }, want: "where a count belongs" },
  { changes: { maxclients: "9999999" }, want: "the engine's own maximum is 1000000" },
  { changes: { connected_clients: "many" }, want: "where a count belongs" },
])("$changes: $want", ({ changes, want }) => {
  expect(() => answer(changes)).toThrow(want);
});

test("a time of start that is none is not known", () => {
  expect(answer({ uptime_in_seconds: "x" }).startedAtMicroseconds).toBeUndefined();
  expect(answer({ server_time_usec: "1e300" }).startedAtMicroseconds).toBeUndefined();
});

test("an answer to HELLO has an id, and may say of which kind the server is", () => {
  expect(readHello(["server", "redis", "id", 3, "mode", "sentinel"])).toEqual({
    ...{ id: 3, mode: "sentinel" },
  });
  expect(readHello(["id", 3])).toEqual({ id: 3, mode: "" });
  expect(() => readHello(["x", "id"])).toThrow("without an id");
  expect(() => readHello("OK")).toThrow("no answer to HELLO");
});
