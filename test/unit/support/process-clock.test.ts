// What a process that was stopped does when it goes on, and what a dead one does not.

import { expect, test } from "vitest";
import { ProcessClock } from "../../support/process-clock.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

test("a stopped process catches up with its timers, in their order", async () => {
  const time = new VirtualClock();
  const clock = new ProcessClock(time);
  const ran: string[] = [];
  clock.after(10, () => ran.push("first"));
  clock.after(20, () => ran.push("second"));
  clock.stop();
  await time.advance(30);
  expect(ran).toEqual([]);
  clock.resume();
  expect(ran).toEqual(["first", "second"]);
});

test("what it cancels while it catches up does not run", async () => {
  const time = new VirtualClock();
  const clock = new ProcessClock(time);
  const ran: string[] = [];
  clock.after(10, () => {
    ran.push("first");
    cancelSecond();
  });
  const cancelSecond = clock.after(20, () => ran.push("second"));
  clock.stop();
  await time.advance(30);
  clock.resume();
  expect(ran).toEqual(["first"]);
});

test("a timer that is cancelled in time is not left behind", () => {
  const time = new VirtualClock();
  new ProcessClock(time).after(10, () => undefined)();
  expect(time.pending).toBe(0);
});

test("nothing of a dead process runs, also not what waited in a stopped one", async () => {
  const time = new VirtualClock();
  const clock = new ProcessClock(time);
  const ran: string[] = [];
  clock.after(10, () => ran.push("waiting"));
  clock.after(40, () => ran.push("later"));
  clock.stop();
  await time.advance(30);
  clock.kill();
  clock.resume();
  await time.advance(30);
  expect(ran).toEqual([]);
  expect(clock.isAlive).toBe(false);
});

test("its wall clock may be wrong; its durations are not", () => {
  const time = new VirtualClock();
  const clock = new ProcessClock(time);
  clock.skewMs = -5_000;
  expect(clock.nowMs()).toBe(time.nowMs() - 5_000);
  expect(clock.monotonicMs()).toBe(time.monotonicMs());
});
