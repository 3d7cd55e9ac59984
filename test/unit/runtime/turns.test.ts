// Nobody's slow keys cost the others their turn.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WorkQueue } from "../../../src/runtime/work-queue.ts";
import { settle, VirtualClock } from "../../support/virtual-clock.ts";

interface Bench {
  readonly queue: WorkQueue;
  /** Keys that workers have and have not given back, in the order in which they took them. */
  readonly running: string[];
  finish(key: string): Promise<void>;
}

/** A queue with so many workers; the key `a/1` is of group `a`, `a+b/1` of the groups `a`, `b`. */
function open(workers: number, runningMax?: number): Bench {
  const groupsOf = (key: string): string[] => (key.split("/")[0] ?? "").split("+");
  const fairness = runningMax === undefined ? { groupsOf } : { groupsOf, runningMax };
  const queue = new WorkQueue(new VirtualClock(), fairness);
  const running: string[] = [];
  const work = async (): Promise<void> => {
    const key = await queue.take();
    if (key !== undefined) running.push(key);
  };
  for (let worker = 0; worker < workers; worker++) void work();
  const finish = async (key: string): Promise<void> => {
    running.splice(running.indexOf(key), 1);
    queue.finish(key);
    void work();
    await settle();
  };
  return { queue, running, finish };
}

async function add({ queue }: Bench, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) queue.add(key);
  await settle();
}

const many = Array.from({ length: 500 }, (_, index) => `a/${index}`);

describe("a group with many keys", () => {
  test("has no more under work than it may, and the others' keys begin at once", async () => {
    const bench = open(16, 4);
    await add(bench, ...many);
    expect(bench.running).toEqual(["a/0", "a/1", "a/2", "a/3"]);

    await add(bench, "b/0");

    expect(bench.running).toContain("b/0");
  });

  test("gets a turn for each that one of its own gives back", async () => {
    const bench = open(16, 4);
    await add(bench, ...many);
    await bench.finish("a/2");
    expect(bench.running).toEqual(["a/0", "a/1", "a/3", "a/4"]);
  });

  test("stands behind whoever has fewer under work, though it came first", async () => {
    const bench = open(2);
    await add(bench, ...many, "b/0", "b/1");
    await bench.finish("a/0");
    expect(bench.running).toEqual(["a/1", "b/0"]);
  });

  test("does not hold up a key that it shares with another group", async () => {
    const bench = open(16, 4);
    await add(bench, ...many, "a+b/0");
    expect(bench.running).toContain("a+b/0");
  });
});

test("a key whose group has room is never left waiting beside an idle worker", async () => {
  const deed = fc.record({ group: fc.constantFrom("a", "b", "c", "a+b"), add: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 60 }), async (deeds) => {
      const bench = open(4, 2);
      let added = 0;
      for (const { group, add: isAdded } of deeds) {
        const [first] = bench.running;
        if (isAdded) await add(bench, `${group}/${added++}`);
        else if (first !== undefined) await bench.finish(first);
        expect(bench.running.filter((key) => key.startsWith("a/")).length).toBeLessThanOrEqual(2);
      }
      while (bench.running[0] !== undefined) await bench.finish(bench.running[0]);
      expect(bench.queue.size).toBe(0);
    }),
    { numRuns: 50 },
  );
});
