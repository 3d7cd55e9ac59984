// Whatever breaks, the cache keeps what it has, comes back, and says so when it is old.

import { expect, test } from "vitest";
import { failure, keysOf, minuteMs, pages, setUp } from "./informer-setup.ts";
import { aThing } from "./scripted-source.ts";

test("a watch that ends at once, again and again, is not asked in a hot loop", async () => {
  const { informer, source, clock } = setUp();
  informer.start();
  for (let second = 0; second < 60; second++) {
    await clock.advance(1_000);
    source.streams.at(-1)?.end();
  }
  expect(source.watchPositions.length).toBeLessThan(10);
  expect(source.watchPositions.length).toBeGreaterThan(3);
});

test("while the server is down tries grow rarer, and the cache keeps what it has", async () => {
  const { informer, source, clock, changes } = setUp();
  source.lists = [pages(9, aThing("a", 3))];
  informer.start();
  await clock.advance(minuteMs / 2);
  source.refusals = Array.from({ length: 5 }, () => failure("K8S_UNAVAILABLE"));
  source.stream.fail(failure("K8S_UNAVAILABLE"));
  await clock.advance(minuteMs);
  // 0.8 + 1.6 + 3.2 + 6.4 + 12.8 s, and then it worked.
  expect(source.watchPositions).toHaveLength(7);
  expect(source.listCount).toBe(1);
  expect(changes).toEqual([">a-1@3"]);
});

test("a busy server is asked when it said", async () => {
  const { informer, source, clock } = setUp();
  source.lists = [failure("K8S_UNAVAILABLE", 20_000), pages(9)];
  informer.start();
  await clock.advance(19_000);
  expect(source.listCount).toBe(1);
  await clock.advance(1_000);
  expect(source.listCount).toBe(2);
});

test("after a forgotten position it lists anew and tells only what differs", async () => {
  const { informer, source, clock, changes, log } = setUp();
  source.lists = [
    pages(9, aThing("same", 1), aThing("changed", 2), aThing("gone", 3), aThing("reborn", 4)),
    pages(50, aThing("same", 1), aThing("changed", 20), aThing("reborn", 40, 2), aThing("new", 41)),
  ];
  informer.start();
  await clock.advance(minuteMs / 2);
  changes.length = 0;
  source.stream.fail(failure("K8S_GONE"));
  await clock.advance(minuteMs);
  expect(changes).toEqual([
    "changed-1@2>changed-1@20",
    "reborn-1@4>",
    ">reborn-2@40",
    ">new-1@41",
    "gone-1@3>",
  ]);
  expect(source.watchPositions).toEqual(["9", "50"]);
  expect(log.messages("warn")).toEqual([]);
});

test("after a forgotten position the cache is not relied on until it is listed", async () => {
  const { informer, source, clock } = setUp();
  source.lists = [pages(9, aThing("a", 3)), failure("K8S_UNAVAILABLE"), pages(50)];
  informer.start();
  await clock.advance(minuteMs / 2);
  expect(informer.store.synced).toBe(true);
  source.stream.fail(failure("K8S_GONE"));
  await clock.advance(100);
  expect(informer.store.synced).toBe(false);
  expect(keysOf(informer)).toEqual(["a"]);
  await clock.advance(minuteMs);
  expect(informer.store.synced).toBe(true);
});

test("what a process that slept hears first was sent before: it lists anew", async () => {
  const { informer, source, clock, changes } = setUp();
  source.lists = [pages(9, aThing("a", 3)), pages(50, aThing("a", 49))];
  informer.start();
  await clock.advance(minuteMs);
  changes.length = 0;
  clock.sleep(4 * minuteMs);
  source.stream.send({ type: "set", object: aThing("a", 10) });
  await clock.advance(100);
  expect(informer.store.synced).toBe(false);
  await clock.advance(minuteMs / 2);
  expect(changes).toEqual(["a-1@3>a-1@49"]);
  expect(informer.store.synced).toBe(true);
});

test("a list that is too old to be continued starts over", async () => {
  const { informer, source, clock } = setUp();
  source.lists = [failure("K8S_GONE"), pages(9, aThing("a", 3))];
  informer.start();
  await clock.advance(2_000);
  expect(keysOf(informer)).toEqual(["a"]);
});

test("a list that breaks off takes nothing out of the cache", async () => {
  const { informer, source, clock } = setUp();
  source.lists = [pages(9, aThing("a", 3)), failure("K8S_UNAVAILABLE")];
  informer.start();
  await clock.advance(0);
  source.stream.fail(failure("K8S_GONE"));
  await clock.advance(10 * minuteMs);
  expect(keysOf(informer)).toEqual(["a"]);
});

test("a missing permission is told, soon asked for only twice a minute, and found when it comes", async () => {
  const { informer, source, clock, problems, log } = setUp();
  const forbidden = failure("K8S_FORBIDDEN");
  const refusals = Array.from({ length: 7 }, () => forbidden);
  source.lists = [...refusals, pages(9, aThing("a", 3))];
  informer.start();
  await clock.advance(5_000);
  expect(source.listCount).toBe(6);
  await clock.advance(40_000);
  expect(source.listCount).toBe(7);
  expect(informer.store.synced).toBe(false);
  expect(problems.list()).toEqual([
    { kind: "Thing", code: "K8S_FORBIDDEN", message: "K8S_FORBIDDEN" },
  ]);
  await clock.advance(35_000);
  expect(informer.store.synced).toBe(true);
  expect(problems.list()).toEqual([]);
  expect(log.messages("warn")).toEqual(["a permission is missing, trying again"]);
  expect(log.messages("info")).toEqual(["reading works again"]);
});

test("an API that need not be served is synced and empty until it is", async () => {
  const { informer, source, clock, problems } = setUp({ optional: true });
  source.lists = [failure("K8S_NOT_FOUND"), pages(9, aThing("a", 3))];
  informer.start();
  await clock.advance(0);
  expect(informer.store.synced).toBe(true);
  expect(problems.list()).toEqual([]);
  await clock.advance(minuteMs);
  expect(keysOf(informer)).toEqual(["a"]);
});

test("an optional API that is removed empties the cache, a needed one does not", async () => {
  for (const [optional, want] of [
    [true, []],
    [false, ["a"]],
  ] as const) {
    const { informer, source, clock } = setUp({ optional });
    source.lists = [pages(9, aThing("a", 3)), failure("K8S_NOT_FOUND")];
    informer.start();
    await clock.advance(0);
    source.stream.fail(failure("K8S_NOT_FOUND"));
    await clock.advance(minuteMs);
    expect(keysOf(informer)).toEqual(want);
  }
});

test("a watch without a word for 150 s is dead, and its position doubted", async () => {
  const { informer, source, clock } = setUp();
  informer.start();
  await clock.advance(100_000);
  source.stream.send({ type: "bookmark", resourceVersion: "5" });
  await clock.advance(149_000);
  expect(source.streams).toHaveLength(1);
  await clock.advance(4_000);
  expect(source.streams[0]?.signal.aborted).toBe(true);
  expect(source.listCount).toBe(2);
});

test("a gap of more than three minutes ends being synced, and the next answer begins it", async () => {
  const { informer, source, clock } = setUp();
  informer.start();
  await clock.advance(0);
  source.refusals = Array.from({ length: 1_000 }, () => failure("K8S_UNAVAILABLE"));
  source.lists = [failure("K8S_UNAVAILABLE")];
  source.stream.fail(failure("K8S_UNAVAILABLE"));
  await clock.advance(181_000);
  expect(informer.store.synced).toBe(false);
  source.refusals = [];
  source.lists = [pages(9)];
  await clock.advance(30_000);
  expect(informer.store.synced).toBe(true);
});

test("a wall clock that is set back does not keep a silent cache fresh", async () => {
  const { informer, source, clock } = setUp();
  informer.start();
  await clock.advance(0);
  clock.setForward(-60 * minuteMs);
  await clock.advance(149_000);
  expect(informer.store.synced).toBe(true);
  source.lists = Array.from({ length: 100 }, () => failure("K8S_UNAVAILABLE"));
  await clock.advance(32_000);
  expect(informer.store.synced).toBe(false);
});

test("after the machine has slept for an hour the cache is old until the server has spoken", async () => {
  const { informer, source, clock } = setUp();
  informer.start();
  await clock.advance(minuteMs);
  clock.setForward(60 * minuteMs);
  expect(informer.store.synced).toBe(false);
  source.stream.send({ type: "bookmark", resourceVersion: "5" });
  await clock.advance(0);
  expect(informer.store.synced).toBe(true);
  expect(source.streams).toHaveLength(1);
});

test("a source that throws what is no error of ours is survived as well", async () => {
  const { informer, source, clock, problems } = setUp();
  source.lists = [new TypeError("odd"), pages(9, aThing("a", 3))];
  informer.start();
  await clock.advance(0);
  expect(problems.list()[0]?.code).toBe("UNEXPECTED");
  await clock.advance(2_000);
  expect(keysOf(informer)).toEqual(["a"]);
});
