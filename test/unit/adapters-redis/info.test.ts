// Of what INFO says only that is kept which a reading needs, however much any client adds to it.

import { expect, test } from "vitest";
import { checkInfo, type Info, InfoLines, infoSections } from "../../../src/adapters/redis/info.ts";

function infoOf(...sections: readonly string[]): Info {
  const lines = new InfoLines();
  for (const text of sections) {
    lines.take(Buffer.from(text));
    lines.end();
  }
  return lines.values;
}

const version = "# Server\r\nredis_version:7.0.15\r\n";

test("the sections that a reading needs are one after the other", () => {
  const info = infoOf(version, "# Clients\r\nconnected_clients:3\r\nmaxclients:100\r\n");
  expect(Object.fromEntries(checkInfo(info))).toEqual({
    ...{ redis_version: "7.0.15", connected_clients: "3", maxclients: "100" },
  });
});

test("no section is asked for that grows by what clients do", () => {
  expect(infoSections).toEqual(["server", "clients", "replication", "cluster"]);
});

test("the first of a name counts, and what nobody needs is not kept", () => {
  const text = `${version}redis_version:1\r\nerrorstat_X:count=1\r\n__proto__:x\r\nlonely\r\n:\r\n`;
  expect([...infoOf(text)]).toEqual([["redis_version", "7.0.15"]]);
});

test("ten thousand replicas hide nothing of what follows them", () => {
  const replica = (place: number): string => `slave${place}:ip=10.0.0.1,state=online,lag=0\r\n`;
  const replicas = Array.from({ length: 10_000 }, (_, place) => replica(place)).join("");
  const info = infoOf(version, `role:slave\r\n${replicas}master_replid:36b73c5d\r\n`);
  expect(info.get("master_replid")).toBe("36b73c5d");
  expect(info.size).toBe(3);
});

test("what is no INFO, and one of an old version", () => {
  expect(() => checkInfo(infoOf("hello"))).toThrow("without a version");
  expect(() => checkInfo(infoOf("redis_version:5.0.14\r\n"))).toThrow("version 5.0.14");
});
