// The cache follows the list and the watch, and tells each change once.

import { expect, test } from "vitest";
import { failure, keysOf, minuteMs, pages, setUp } from "./informer-setup.ts";
import { aThing, type Thing } from "./scripted-source.ts";

test("it lists page by page, then follows the watch", async () => {
  const { informer, source, clock, changes } = setUp();
  source.lists = [[...pages(9, aThing("a", 3)), ...pages(9, aThing("b", 4))]];
  expect(informer.store.synced).toBe(false);
  informer.start();
  await clock.advance(0);
  expect(informer.store.synced).toBe(true);
  expect(source.watchPositions).toEqual(["9"]);
  source.stream.send(
    { type: "set", object: aThing("c", 10) },
    { type: "set", object: aThing("a", 11) },
    { type: "delete", key: "b", uid: "b-1" },
  );
  await clock.advance(0);
  expect(keysOf(informer)).toEqual(["a", "c"]);
  expect(changes).toEqual([">a-1@3", ">b-1@4", ">c-1@10", "a-1@3>a-1@11", "b-1@4>"]);
});

test("indexes follow every change", async () => {
  const { informer, source, clock } = setUp();
  source.lists = [pages(9, aThing("ax", 3), aThing("ay", 4), aThing("bz", 5))];
  informer.start();
  await clock.advance(0);
  source.stream.send({ type: "delete", key: "ax", uid: "ax-1" });
  await clock.advance(0);
  expect(informer.store.byIndex("letter", "a").map(({ key }) => key)).toEqual(["ay"]);
  expect(informer.store.byIndex("letter", "c")).toEqual([]);
  expect(informer.store.byIndex("unknown", "a")).toEqual([]);
  expect(informer.store.get("bz")?.resourceVersion).toBe("5");
});

test("what is kept is as its budget says, which is told of each object that goes", async () => {
  const told: string[] = [];
  const budget = {
    fit: (thing: Thing) => {
      told.push(`+${thing.resourceVersion}`);
      return { ...thing, isCut: true };
    },
    forget: (thing: Thing) => {
      told.push(`-${thing.resourceVersion}${"isCut" in thing ? "" : " as it came"}`);
    },
  };
  const { informer, source, clock } = setUp({ budget });
  source.lists = [pages(9, aThing("a", 3))];
  informer.start();
  await clock.advance(0);
  source.stream.send(
    { type: "set", object: aThing("a", 10) },
    { type: "set", object: aThing("a", 10) },
    { type: "set", object: aThing("a", 11, 2) },
  );
  await clock.advance(0);
  expect(informer.store.get("a")).toMatchObject({ resourceVersion: "11", isCut: true });
  source.stream.send({ type: "delete", key: "a", uid: "a-2" });
  await clock.advance(0);
  expect(told).toEqual(["+3", "-3", "+10", "-10", "+11", "-11"]);
});

test("a watch that ends after minutes resumes at once, where it was", async () => {
  const { informer, source, clock, metrics } = setUp();
  informer.start();
  await clock.advance(0);
  source.stream.send({ type: "bookmark", resourceVersion: "77" });
  await clock.advance(minuteMs);
  source.stream.end();
  await clock.advance(0);
  expect(source.watchPositions).toEqual(["1", "77"]);
  expect(source.listCount).toBe(1);
  expect(metrics.counts.get("poolwarden_watch_restarts_total Thing")).toBe(1);
});

test("deleted and made anew while watching is two changes", async () => {
  const { informer, source, clock, changes } = setUp();
  source.lists = [pages(9, aThing("a", 3))];
  informer.start();
  await clock.advance(0);
  source.stream.send({ type: "set", object: aThing("a", 10, 2) });
  source.stream.send({ type: "delete", key: "a", uid: "a-1" });
  await clock.advance(0);
  expect(changes).toEqual([">a-1@3", "a-1@3>", ">a-2@10"]);
});

test("an event that was seen before changes nothing", async () => {
  const { informer, source, clock, changes } = setUp();
  source.lists = [pages(9, aThing("a", 3))];
  informer.start();
  await clock.advance(0);
  source.stream.send({ type: "set", object: aThing("a", 3) });
  source.stream.send({ type: "delete", key: "b", uid: "b-1" });
  await clock.advance(0);
  expect(changes).toEqual([">a-1@3"]);
});

test("a handler that throws is told and does no harm", async () => {
  const { informer, source, clock, log, changes } = setUp();
  informer.onChange(() => {
    throw new Error("a bug");
  });
  source.lists = [pages(9, aThing("a", 3), aThing("b", 4))];
  informer.start();
  await clock.advance(0);
  expect(changes).toEqual([">a-1@3", ">b-1@4"]);
  expect(log.lines.filter(({ level }) => level === "error")).toHaveLength(2);
});

test("after stop no handler is called, whatever was under way", async () => {
  const { informer, source, clock, changes } = setUp();
  informer.start();
  await clock.advance(0);
  source.stream.send({ type: "set", object: aThing("a", 10) });
  const stopped = informer.stop();
  await stopped;
  await clock.advance(10 * minuteMs);
  expect(changes).toEqual([]);
  expect(source.streams).toHaveLength(1);
  expect(clock.pending).toBe(0);
});

test("a stop in the middle of a page ends the telling, even if the source ignores it", async () => {
  const { informer, source, clock, changes } = setUp();
  source.lists = [pages(9, aThing("a", 3), aThing("b", 4))];
  let stopped: Promise<void> | undefined;
  informer.onChange(() => {
    stopped ??= informer.stop();
  });
  informer.start();
  await clock.advance(minuteMs);
  await stopped;
  expect(changes).toEqual([">a-1@3"]);
  expect(source.streams).toHaveLength(0);
});

test("stopping during a pause ends it", async () => {
  const { informer, source, clock } = setUp();
  source.lists = [failure("K8S_FORBIDDEN")];
  informer.start();
  await clock.advance(500);
  await informer.stop();
  expect(clock.pending).toBe(0);
  expect(source.listCount).toBe(1);
});

test("to list anew shuts the cache until all is listed again, and tells only what differs", async () => {
  const { informer, source, clock, changes } = setUp();
  source.lists = [
    pages(9, aThing("same", 3), aThing("gone", 4)),
    pages(30, aThing("same", 3), aThing("new", 25)),
  ];
  informer.start();
  await clock.advance(0);
  changes.length = 0;
  const { stream } = source;

  informer.relist();

  expect(informer.store.synced).toBe(false);
  expect(stream.signal.aborted).toBe(true);
  await clock.advance(0);
  expect(informer.store.synced).toBe(true);
  expect(changes).toEqual([">new-1@25", "gone-1@4>"]);
  expect(source.watchPositions).toEqual(["9", "30"]);
});

test("a list that was under way when it was to list anew does not count", async () => {
  const { informer, source, clock } = setUp();
  source.lists = [pages(9, aThing("old", 3)), pages(30, aThing("new", 25))];
  informer.start();
  informer.relist();
  await clock.advance(0);
  expect(keysOf(informer)).toEqual(["new"]);
  expect(source.watchPositions).toEqual(["30"]);
});

test("to list anew does not wait for the back-off of what went wrong before", async () => {
  const { informer, source, clock } = setUp();
  source.lists = [failure("K8S_FORBIDDEN"), pages(9, aThing("a", 3))];
  informer.start();
  await clock.advance(0);
  informer.relist();
  await clock.advance(0);
  expect(informer.store.synced).toBe(true);
});
