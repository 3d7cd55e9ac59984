// Whatever decisions wish for, and however often: a server is read at most every two seconds
// between the readings of its interval, and while nothing moves soon no more often than by it.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { ReadingWish } from "../../src/domain/decide/reading-wish.ts";
import { Readings } from "../../src/reconcile/memory/readings.ts";
import { Rereads, shortestPauseMs } from "../../src/reconcile/memory/rereads.ts";
import { WorkQueue } from "../../src/runtime/work-queue.ts";
import { aReading } from "../support/builders.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const intervalMs = 30_000;
const server = "db:5432";

/** A server that is read whenever it is asked for; `readMs` are the moments. */
function open(): { clock: VirtualClock; rereads: Rereads; readMs: number[]; close: () => void } {
  const clock = new VirtualClock();
  const [queue, readings, readMs] = [new WorkQueue(clock), new Readings(), [] as number[]];
  const enqueueDatabase = (key: string, delayMs = 0): void => {
    if (delayMs > 0) queue.addAfter(key, delayMs);
    else queue.add(key);
  };
  const rereads = new Rereads({ readings, clock, intervalMs, enqueueDatabase });
  const work = async (): Promise<void> => {
    for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
      readings.record(key, { kind: "read", reading: aReading() }, clock.monotonicMs());
      readMs.push(clock.monotonicMs());
      queue.addAfter(key, intervalMs);
      queue.finish(key);
    }
  };
  void work();
  queue.add(server);
  return { clock, rereads, readMs, close: queue.close.bind(queue) };
}

interface Step {
  readonly waitMs: number;
  readonly wish: ReadingWish | undefined;
}

const wish: fc.Arbitrary<ReadingWish> = fc.record({
  why: fc.constantFrom("slots", "a broken line"),
  state: fc.constantFrom("a", "b", "c"),
  isHolding: fc.boolean(),
});
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ waitMs: fc.nat(3_000), wish: fc.option(wish, { nil: undefined }) }),
  { minLength: 5, maxLength: 60 },
);

test("two readings are at least two seconds apart", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (drawn) => {
      const { clock, rereads, readMs, close } = open();
      for (const { waitMs, wish: next } of drawn) {
        await clock.advance(waitMs);
        rereads.want(server, next);
      }
      await clock.advance(intervalMs);
      close();
      const pauses = readMs.slice(1).map((atMs, index) => atMs - (readMs[index] ?? 0));
      for (const pauseMs of pauses) expect(pauseMs).toBeGreaterThanOrEqual(shortestPauseMs);
    }),
  );
});

test("while nothing moves, five at most come between", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 100, max: 3_000 }), async (everyMs) => {
      const { clock, rereads, readMs, close } = open();
      const minutes = 5;
      for (let passedMs = 0; passedMs < minutes * 60_000; passedMs += everyMs) {
        rereads.want(server, { why: "slots", state: "a", isHolding: false });
        await clock.advance(everyMs);
      }
      close();
      expect(readMs.length).toBeLessThanOrEqual(1 + 5 + minutes * 2);
    }),
    { numRuns: 20 },
  );
});
