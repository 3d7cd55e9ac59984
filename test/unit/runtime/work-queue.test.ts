// A key is worked on once at a time and never lost.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WorkQueue } from "../../../src/runtime/work-queue.ts";
import { settle, VirtualClock } from "../../support/virtual-clock.ts";

function setUp(): { queue: WorkQueue; clock: VirtualClock; taken: string[] } {
  const clock = new VirtualClock();
  return { queue: new WorkQueue(clock), clock, taken: [] };
}

test("a key that is added many times is handed out once", async () => {
  const { queue } = setUp();
  for (const key of ["a", "b", "a", "a"]) queue.add(key);
  expect(queue.size).toBe(2);
  expect([await queue.take(), await queue.take()]).toEqual(["a", "b"]);
  expect(queue.size).toBe(0);
});

test("a key that is added while it is worked on comes again, and not before", async () => {
  const { queue, taken } = setUp();
  queue.add("a");
  await queue.take();
  void queue.take().then((key) => taken.push(key ?? "closed"));
  queue.add("a");
  queue.add("a");
  await settle();
  expect(taken).toEqual([]);
  queue.finish("a");
  await settle();
  expect(taken).toEqual(["a"]);
});

describe("with a pause of 250 ms", () => {
  function setUpWithPause(): { queue: WorkQueue; clock: VirtualClock; taken: string[] } {
    const clock = new VirtualClock();
    const queue = new WorkQueue(clock, { pauseMs: 250 });
    const taken: string[] = [];
    const work = async (): Promise<void> => {
      for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
        taken.push(key);
        queue.finish(key);
      }
    };
    void work();
    return { queue, clock, taken };
  }

  test("the first of a burst is handed out at once, the others together when it is over", async () => {
    const { queue, clock, taken } = setUpWithPause();
    queue.add("a");
    await clock.advance(0);
    expect(taken).toEqual(["a"]);
    for (let event = 0; event < 10; event++) {
      queue.add("a");
      queue.addAfter("a", 5);
      await clock.advance(10);
    }
    expect(taken).toEqual(["a"]);
    await clock.advance(150);
    expect(taken).toEqual(["a", "a"]);
    await clock.advance(10_000);
    expect(taken).toEqual(["a", "a"]);
  });

  test("other keys wait for nobody, and a later look stays as late", async () => {
    const { queue, clock, taken } = setUpWithPause();
    queue.add("a");
    await clock.advance(0);
    queue.addAfter("a", 400);
    queue.add("b");
    await clock.advance(399);
    expect(taken).toEqual(["a", "b"]);
    await clock.advance(1);
    expect(taken).toEqual(["a", "b", "a"]);
  });

  test("what comes during a run waits for the pause after it", async () => {
    const clock = new VirtualClock();
    const queue = new WorkQueue(clock, { pauseMs: 250 });
    queue.add("a");
    await queue.take();
    queue.add("a");
    queue.finish("a");
    await clock.advance(249);
    expect(queue.size).toBe(0);
    await clock.advance(1);
    expect(queue.size).toBe(1);
  });
});

test("of several delays the soonest counts", async () => {
  const { queue, clock } = setUp();
  queue.addAfter("a", 500);
  queue.addAfter("a", 100);
  queue.addAfter("a", 900);
  await clock.advance(99);
  expect(queue.size).toBe(0);
  await clock.advance(1);
  expect(queue.size).toBe(1);
  await queue.take();
  queue.finish("a");
  await clock.advance(10_000);
  expect(queue.size).toBe(0);
});

test("a wall clock that was set forward does not hide a sooner look", async () => {
  const { queue, clock } = setUp();
  queue.addAfter("a", 60_000);
  clock.setForward(3_600_000);
  queue.addAfter("a", 1_000);
  await clock.advance(1_000);
  expect(queue.size).toBe(1);
});

test("a run that starts makes a planned look superfluous", async () => {
  const { queue, clock } = setUp();
  queue.addAfter("a", 500);
  queue.add("a");
  await queue.take();
  queue.finish("a");
  await clock.advance(1_000);
  expect(queue.size).toBe(0);
});

test("a look planned during a run is kept", async () => {
  const { queue, clock } = setUp();
  queue.add("a");
  await queue.take();
  queue.addAfter("a", 100);
  queue.finish("a");
  await clock.advance(100);
  expect(queue.size).toBe(1);
});

test("closing wakes every taker and forgets the rest", async () => {
  const { queue, clock } = setUp();
  const takers = [queue.take(), queue.take()];
  queue.addAfter("a", 100);
  queue.close();
  queue.add("b");
  expect(await Promise.all(takers)).toEqual([undefined, undefined]);
  expect(await queue.take()).toBeUndefined();
  expect(clock.pending).toBe(0);
});

test("no key is worked on twice at once, and every key added is worked on afterwards", async () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom("add", "finish"), fc.constantFrom("a", "b", "c")),
  );
  await fc.assert(
    fc.asyncProperty(steps, async (actions) => {
      const { queue } = setUp();
      const running = new Set<string>();
      const owed = new Set<string>();
      const work = async (): Promise<void> => {
        for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
          expect(running.has(key)).toBe(false);
          running.add(key);
          owed.delete(key);
        }
      };
      const working = work();
      const finish = (key: string): void => {
        if (running.delete(key)) queue.finish(key);
      };
      for (const [action, key] of actions) {
        if (action === "add") owed.add(key);
        if (action === "add") queue.add(key);
        else finish(key);
        await Promise.resolve();
      }
      for (let round = 0; round < 2; round++) {
        await settle();
        for (const key of [...running]) finish(key);
      }
      await settle();
      expect([...owed]).toEqual([]);
      queue.close();
      await working;
    }),
    { numRuns: 60 },
  );
});

test("whoever is charged with a run for longer than it took leaves others their turn", async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock, {
    ...{ groupsOf: (key) => [key.slice(0, 1)], runningMax: 2 },
    chargedMs: (key) => (key.endsWith("large") ? 100 : 0),
  });
  const taken: string[] = [];
  const work = async (): Promise<void> => {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      taken.push(`${key} ${clock.monotonicMs()}`);
      queue.finish(key);
    }
  };
  for (const key of ["a1 large", "a2 large", "a3 large", "a4", "a5", "b1 large"]) queue.add(key);

  void work();
  await clock.advance(1_000);

  const later = ["a3 large 100", "a4 100", "a5 100"];
  expect(taken).toEqual(["a1 large 0", "b1 large 0", "a2 large 0", ...later]);
});

test("a queue that is closed waits for nothing", async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock, { groupsOf: () => ["a"], chargedMs: () => 100 });
  queue.add("a1");
  queue.add("a2");
  await queue.take();
  await queue.take();
  queue.finish("a1");
  queue.close();
  queue.finish("a2");
  expect(clock.pending).toBe(0);
});
