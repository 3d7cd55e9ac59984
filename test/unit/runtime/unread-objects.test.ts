// Objects of which a watch has only told that they changed: none of their changes is lost, and what
// is read by itself is never taken back by what the watch brings later.

import { expect, test } from "vitest";
import type { UnreadEvent } from "../../../src/ports.ts";
import { failure, type InformerSetup, pages, setUp } from "./informer-setup.ts";
import { aThing, type Thing } from "./scripted-source.ts";

interface Scene extends InformerSetup {
  readonly told: string[];
  readonly readLate: () => Promise<void>;
}

/** An informer that has listed `a` at 3, and watches from 9. */
async function begin(): Promise<Scene> {
  const scene = setUp();
  const told: string[] = [];
  scene.informer.onUnread((key) => told.push(key));
  scene.source.lists = [pages(9, aThing("a", 3))];
  scene.informer.start();
  await scene.clock.advance(0);
  scene.changes.length = 0;
  const means = [new AbortController().signal, () => undefined] as const;
  return { ...scene, told, readLate: () => scene.informer.readLate("a", ...means) };
}

/** The object is large, and is read as it is when somebody asks. */
function unread(version: number, read: () => Promise<Thing | undefined>): UnreadEvent<Thing> {
  return { type: "unread", key: "a", resourceVersion: String(version), read };
}

function answer(thing: Thing | undefined): () => Promise<Thing | undefined> {
  return () => Promise.resolve(thing);
}

test("it is told of, and read when somebody says so", async () => {
  const { source, clock, changes, told, readLate } = await begin();
  source.stream.send(unread(10, answer(aThing("a", 10))));
  await clock.advance(0);
  expect([told, changes]).toEqual([["a"], []]);
  await readLate();
  await readLate();
  expect(changes).toEqual(["a-1@3>a-1@10"]);
});

test("a watch that ends resumes behind it, and it is still to be read", async () => {
  const { source, clock, changes, readLate } = await begin();
  source.stream.send(unread(10, answer(aThing("a", 10))));
  await clock.advance(60_000);
  source.stream.end();
  await clock.advance(10_000);
  expect(source.watchPositions).toEqual(["9", "10"]);
  await readLate();
  expect(changes).toEqual(["a-1@3>a-1@10"]);
});

test("however often it changes while it is read, what was read counts", async () => {
  const { source, clock, changes, told, readLate } = await begin();
  const first = Promise.withResolvers<Thing>();
  source.stream.send(unread(10, () => first.promise));
  await clock.advance(0);
  const reading = readLate();
  source.stream.send(unread(11, answer(aThing("a", 11))));
  await clock.advance(0);
  first.resolve(aThing("a", 10));
  await reading;
  expect(changes).toEqual(["a-1@3>a-1@10"]);
  await readLate();
  expect([told, changes.at(-1)]).toEqual([["a", "a"], "a-1@10>a-1@11"]);
});

test("what was deleted while it was read stays deleted", async () => {
  const { source, clock, informer, changes, readLate } = await begin();
  const answered = Promise.withResolvers<Thing>();
  source.stream.send(unread(10, () => answered.promise));
  await clock.advance(0);
  const reading = readLate();
  source.stream.send({ type: "delete", key: "a", uid: "a-1" });
  await clock.advance(0);
  answered.resolve(aThing("a", 10));
  await reading;
  expect(informer.store.get("a")).toBeUndefined();
  expect(changes).toEqual(["a-1@3>"]);
});

test.each([
  { name: "small and large ones", events: [{ type: "set", object: aThing("a", 11) }] as const },
  { name: "large ones only", events: [unread(11, answer(undefined))] },
])("what the watch brings late takes nothing back: $name", async ({ events }) => {
  const { source, clock, changes, told, readLate } = await begin();
  source.stream.send(unread(10, answer(aThing("a", 12))));
  await clock.advance(0);
  await readLate();
  source.stream.send(...events, { type: "set", object: aThing("a", 12) });
  source.stream.send({ type: "set", object: aThing("a", 13) });
  await clock.advance(0);
  expect(changes).toEqual(["a-1@3>a-1@12", "a-1@12>a-1@13"]);
  expect(told).toEqual(["a"]);
});

test("once the watch brings it small again, nothing is left to read", async () => {
  const { source, clock, changes, readLate } = await begin();
  source.stream.send(unread(10, answer(aThing("a", 10))), { type: "set", object: aThing("a", 11) });
  await clock.advance(0);
  await readLate();
  expect(changes).toEqual(["a-1@3>a-1@11"]);
});

test("a list reads all of it", async () => {
  const { source, clock, informer, changes, readLate } = await begin();
  const answered = Promise.withResolvers<Thing>();
  source.stream.send(unread(10, () => answered.promise));
  await clock.advance(0);
  const reading = readLate();
  source.lists = [pages(20, aThing("a", 15))];
  informer.relist();
  await clock.advance(0);
  answered.resolve(aThing("a", 10));
  await reading;
  expect(changes).toEqual(["a-1@3>a-1@15"]);
});

test("one that could not be read is still to be read", async () => {
  const { source, clock, changes, readLate } = await begin();
  let isAway = true;
  const read = (): Promise<Thing> =>
    isAway ? Promise.reject(failure("K8S_UNAVAILABLE")) : Promise.resolve(aThing("a", 10));
  source.stream.send(unread(10, read));
  await clock.advance(0);
  await expect(readLate()).rejects.toMatchObject({ code: "K8S_UNAVAILABLE" });
  isAway = false;
  await readLate();
  expect(changes).toEqual(["a-1@3>a-1@10"]);
});

test("one that is gone is left to the watch, which tells of its end", async () => {
  const { source, clock, changes, readLate } = await begin();
  source.stream.send(unread(10, answer(undefined)));
  await clock.advance(0);
  await readLate();
  expect(changes).toEqual([]);
  source.stream.send({ type: "delete", key: "a", uid: "a-1" });
  await clock.advance(0);
  expect(changes).toEqual(["a-1@3>"]);
});

test("nobody is told of one that was read when the informer had stopped", async () => {
  const { source, clock, changes, informer, readLate } = await begin();
  source.stream.send(unread(10, answer(aThing("a", 10))));
  await clock.advance(0);
  await informer.stop();
  await readLate();
  expect(changes).toEqual([]);
});

test("it is told since when it is to be read: since its first change that was not read", async () => {
  const { source, clock, informer, readLate } = await begin();
  const since = (): number[] => [...informer.unreadSince()].map(([, sinceMs]) => sinceMs);
  const beganMs = clock.monotonicMs();
  source.stream.send(unread(10, answer(aThing("a", 11))));
  await clock.advance(2_000);
  source.stream.send(unread(11, answer(aThing("a", 11))));
  await clock.advance(1_000);
  expect(since()).toEqual([beganMs]);
  await readLate();
  expect(since()).toEqual([]);
});
