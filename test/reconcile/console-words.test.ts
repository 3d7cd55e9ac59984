// What is remembered of the consoles of poolers.

import { beforeEach, expect, test } from "vitest";
import type { ConsoleAnswer } from "../../src/console-port.ts";
import type { ConsoleFacts } from "../../src/domain/facts/facts.ts";
import { ConsoleWords } from "../../src/reconcile/memory/console-words.ts";
import { aWorkload, pods, startMs } from "../support/builders.ts";

const pod = { name: "shop/pooler-1", uid: "a" };

let words: ConsoleWords;

beforeEach(() => {
  words = new ConsoleWords();
});

function look(
  told: number | undefined,
  answer: Partial<ConsoleAnswer> = {},
  atMs = 0,
): ConsoleFacts {
  const size = told ?? 20;
  const usual = { foundSize: size, poolSize: size, openMost: size, reconnected: false };
  words.note(pod, {
    answer: { kind: "answered", ...usual, ...answer },
    ...{ told, now: { nowMs: startMs + atMs, monotonicMs: atMs } },
  });
  return words.factsOf(pod) ?? { poolSize: -1 };
}

test("its pools have come down once each of them has no more than it was told", () => {
  expect(look(5, { foundSize: 20, openMost: 20 })).toEqual({ poolSize: 5, exceeded: 20 });
  expect(look(5, { openMost: 6 }, 1_000).within).toBeUndefined();
  expect(look(5, {}, 2_000).within).toEqual({ poolSize: 5, sinceMs: 2_000 });
});

test("for a moment one more is open while connections are made anew: that is covered", () => {
  look(5);
  expect(look(5, { openMost: 6 }, 1_000).within).toEqual({ poolSize: 5, sinceMs: 0 });
});

test("what is set and not taken is not believed", () => {
  expect(look(5, { foundSize: 20, poolSize: 20, openMost: 3 }).within).toBeUndefined();
});

test("nobody is told a size: nothing is concluded", () => {
  expect(look(undefined)).toEqual({ poolSize: 20 });
});

test("a size that somebody has put back is told for ten minutes, once", () => {
  look(5);
  const undone = { atMs: startMs + 1_000, found: 20 };
  const found = look(5, { foundSize: 20 }, 1_000);
  expect(found).toMatchObject({ undone, exceeded: 20, within: { poolSize: 5, sinceMs: 1_000 } });
  expect(look(5, {}, 2_000).undone).toEqual(undone);
  const told = (monotonicMs: number): unknown => {
    const pool = aWorkload("pooler", { console: "Followed", pods: pods(1, { ...pod }) });
    const [same] = words.within([pool], { nowMs: startMs, monotonicMs });
    return same?.pods[0]?.console?.undone;
  };
  expect(told(600_999)).toEqual(undone);
  expect(told(601_000)).toBeUndefined();
});

test("a container that was restarted with the size that it is told now has put nothing back", () => {
  look(20);
  expect(look(8, { foundSize: 8 }, 1_000).undone).toBeUndefined();
});

test("a reading that was asked for after it had come down ends what it was found with", () => {
  look(5, { foundSize: 20 }, 1_000);
  words.noteProof(pod.uid, 999);
  expect(words.factsOf(pod)?.exceeded).toBe(20);
  words.noteProof(pod.uid, 1_000);
  expect(words.factsOf(pod)?.exceeded).toBeUndefined();
});

test("connections are asked back once a minute, and at once for a new size", () => {
  const may = (monotonicMs: number): boolean => words.mayReconnect(pod, { nowMs: 0, monotonicMs });
  expect(may(0)).toBe(true);
  look(5, { foundSize: 20 });
  look(5, { openMost: 20, reconnected: true }, 1_000);
  expect([may(60_999), may(61_000)]).toEqual([false, true]);
  look(3, { foundSize: 5 }, 2_000);
  expect(may(3_000)).toBe(true);
});

test("one failed look says nothing, three do; one that has never answered says it at once", () => {
  words.noteFailure(pod, "no answer");
  expect(words.factsOf(pod)).toEqual({ poolSize: 0, failure: "no answer" });
  look(5);
  const failures = [1, 2, 3].map(() => {
    words.noteFailure(pod, "no answer");
    return words.factsOf(pod)?.failure;
  });
  expect(failures).toEqual([undefined, undefined, "no answer"]);
  expect(look(5).failure).toBeUndefined();
});

test("a size of a pool's own is believed at the second look, and while it cannot be told apart", () => {
  const ownSize = { poolSize: 30, where: "database orders" };
  expect(look(5, { ownSize }).ownSize).toBeUndefined();
  expect(look(5, { ownSize }).ownSize).toEqual(ownSize);
  expect(look(30, {}).ownSize).toEqual(ownSize);
  expect(look(5, { foundSize: 30, ownSize }).ownSize).toEqual(ownSize);
  expect(look(5, {}).ownSize).toBeUndefined();
});

test("another pod of the name begins anew, and one that is gone is forgotten", () => {
  look(5);
  words.noteFailure({ ...pod, uid: "b" }, "not yet");
  expect(words.factsOf(pod)).toBeUndefined();
  expect([...words.names()]).toEqual([pod.name]);
  expect([words.countIn("shop"), words.countIn("sho")]).toEqual([1, 0]);
  words.forget(pod.name);
  expect([...words.names()]).toEqual([]);
  expect(words.factsOf({ ...pod, uid: "b" })).toBeUndefined();
});

test("a pool that is followed elsewhere hears nothing of it", () => {
  look(5);
  const pool = aWorkload("pooler", { pods: pods(1, { ...pod }) });
  const [same] = words.within([pool], { nowMs: startMs, monotonicMs: 0 });
  expect(same).toBe(pool);
});

test("a look that fails after a larger size was sent ends what was seen before", () => {
  look(5);
  words.noteFailure(pod, "no answer", 5);
  expect(words.factsOf(pod)?.within).toEqual({ poolSize: 5, sinceMs: 0 });
  words.noteFailure(pod, "no answer", 20);
  expect(words.factsOf(pod)?.within).toBeUndefined();
});
