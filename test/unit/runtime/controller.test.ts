// The worker loop: what a result and an exception lead to, and that nothing ends it.

import { expect, test } from "vitest";
import { OperatorError } from "../../../src/errors.ts";
import { Backoff } from "../../../src/runtime/backoff.ts";
import { Controller } from "../../../src/runtime/controller.ts";
import type { Reconcile } from "../../../src/runtime/controller.ts";
import { after, done, soonest } from "../../../src/runtime/result.ts";
import { WorkQueue } from "../../../src/runtime/work-queue.ts";
import { MemoryLog, MemoryMetrics } from "../../support/memory-log.ts";
import { constantRandom } from "../../support/prng.ts";
import { settle, VirtualClock } from "../../support/virtual-clock.ts";

interface Setup {
  readonly clock: VirtualClock;
  readonly queue: WorkQueue;
  readonly log: MemoryLog;
  readonly metrics: MemoryMetrics;
  readonly controller: Controller;
}

function start(reconcile: Reconcile, workers: number = 1): Setup {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock);
  const log = new MemoryLog();
  const metrics = new MemoryMetrics();
  const random = constantRandom(0);
  const backoff = new Backoff({ random, baseMs: 2_000, maxMs: 60_000 });
  const options = { name: "test", queue, reconcile, backoff, clock, random, log, metrics, workers };
  const controller = new Controller(options);
  controller.start();
  return { clock, queue, log, metrics, controller };
}

test("a key is reconciled, and again after the delay that its result says", async () => {
  const atMs: number[] = [];
  const { clock, queue, metrics } = start(() => {
    atMs.push(clock.nowMs() - beganMs);
    return Promise.resolve(atMs.length < 3 ? after(5_000) : done);
  });
  const beganMs = clock.nowMs();
  queue.add("a");
  await clock.advance(60_000);
  expect(atMs).toEqual([0, 5_000, 10_000]);
  expect(metrics.counts).toEqual(
    new Map([
      ["poolwarden_reconcile_total test after", 2],
      ["poolwarden_reconcile_total test done", 1],
    ]),
  );
});

test("an exception backs off, and a success begins anew", async () => {
  const atMs: number[] = [];
  const outcomes = ["fail", "fail", "fail", "ok", "fail", "ok"];
  const { clock, queue, log } = start(() => {
    atMs.push(clock.nowMs() - beganMs);
    const failure = new OperatorError("K8S_UNAVAILABLE", "no answer");
    return outcomes.shift() === "fail" ? Promise.reject(failure) : Promise.resolve(done);
  });
  const beganMs = clock.nowMs();
  queue.add("a");
  await clock.advance(60_000);
  expect(atMs).toEqual([0, 1_000, 3_000, 7_000]);
  queue.add("a");
  await clock.advance(60_000);
  expect(atMs.slice(4)).toEqual([60_000, 61_000]);
  expect(log.messages("warn")).toEqual(Array(4).fill("reconcile failed"));
});

const failures = [
  {
    name: "a server that names its time is asked then",
    retry: { afterMs: 30_000 },
    wantRuns: 2,
    wantFirstDelayMs: 30_000,
  },
  {
    name: "what is useless is not tried again",
    retry: "never" as const,
    wantRuns: 1,
    wantFirstDelayMs: undefined,
  },
  {
    name: "anything else backs off",
    retry: "backoff" as const,
    wantRuns: 6,
    wantFirstDelayMs: 1_000,
  },
];

test.each(failures)("$name", async ({ retry, wantRuns, wantFirstDelayMs }) => {
  let runs = 0;
  const { clock, queue, log } = start(() => {
    runs++;
    return Promise.reject(new OperatorError("K8S_UNAVAILABLE", "busy", { retry }));
  });
  queue.add("a");
  await clock.advance(40_000);
  expect(runs).toBe(wantRuns);
  expect(log.lines[0]?.fields).toMatchObject({ retryInMs: wantFirstDelayMs });
});

test("a bug is told as an error, with its code, and the loop goes on", async () => {
  const { clock, queue, log, metrics } = start((key) =>
    key === "bad" ? Promise.reject(new TypeError("x is undefined")) : Promise.resolve(done),
  );
  queue.add("bad");
  queue.add("good");
  await clock.advance(0);
  expect(log.lines.at(0)).toMatchObject({
    level: "error",
    fields: { controller: "test", key: "bad", code: "UNEXPECTED", attempts: 1, retryInMs: 1_000 },
  });
  expect(metrics.counts.get("poolwarden_reconcile_total test done")).toBe(1);
});

test("a reconcile that throws before its first await does no harm either", async () => {
  const { clock, queue, metrics } = start(() => {
    throw new Error("at once");
  });
  queue.add("a");
  await clock.advance(0);
  expect(metrics.counts.get("poolwarden_reconcile_total test UNEXPECTED")).toBe(1);
});

test("keys run side by side, one key never does", async () => {
  let most = 0;
  const running: string[] = [];
  const { clock, queue } = start(async (key) => {
    expect(running).not.toContain(key);
    running.push(key);
    most = Math.max(most, running.length);
    await new Promise((resolve) =>
      clock.after(100, () => {
        resolve(undefined);
      }),
    );
    running.splice(running.indexOf(key), 1);
    return done;
  }, 2);
  for (const key of ["a", "b", "c"]) queue.add(key);
  await clock.advance(10);
  for (const key of ["a", "b", "c"]) queue.add(key);
  await clock.advance(1_000);
  expect(most).toBe(2);
});

test("stopping waits for the run under way, tells it, and begins no other", async () => {
  const events: string[] = [];
  const { clock, queue, controller } = start(async (key, { signal }) => {
    await new Promise((resolve) =>
      clock.after(100, () => {
        resolve(undefined);
      }),
    );
    events.push(`${key} ended, aborted ${String(signal.aborted)}`);
    return done;
  });
  queue.add("a");
  queue.add("b");
  await settle();
  const stopped = controller.stop().then(() => events.push("stopped"));
  await clock.advance(1_000);
  await stopped;
  expect(events).toEqual(["a ended, aborted true", "stopped"]);
});

test("the heartbeat tells idle from busy, whatever the wall clock does", async () => {
  const { clock, queue, controller } = start(() => new Promise(() => undefined));
  await clock.advance(30_000);
  expect(controller.heartbeat()).toEqual({ lastAliveMs: clock.monotonicMs(), longestRunningMs: 0 });
  const beganMs = clock.monotonicMs();
  queue.add("a");
  await clock.advance(45_000);
  clock.setForward(3_600_000);
  expect(controller.heartbeat()).toEqual({ lastAliveMs: beganMs, longestRunningMs: 45_000 });
});

test("a run that hangs is seen although its key was added during the run before it", async () => {
  let runs = 0;
  const { clock, queue, controller } = start(async () => {
    runs++;
    await new Promise<void>((resolve) => {
      if (runs === 1) clock.after(100, resolve);
    });
    return done;
  }, 2);
  queue.add("a");
  await clock.advance(50);
  queue.add("a");

  await clock.advance(45_050);

  expect(runs).toBe(2);
  expect(controller.heartbeat().longestRunningMs).toBe(45_000);
});

test("of several results the soonest look counts", () => {
  expect(soonest(done, after(500), after(100))).toEqual(after(100));
  expect(soonest(done, done)).toEqual(done);
  expect(after(-1)).toEqual(after(0));
});
