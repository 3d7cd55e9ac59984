// How the process begins and ends.

import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { Lifecycle } from "../../../src/runtime/lifecycle.ts";
import type { Part } from "../../../src/runtime/lifecycle.ts";
import { MemoryLog } from "../../support/memory-log.ts";
import { settle, VirtualClock } from "../../support/virtual-clock.ts";

interface Setup {
  readonly lifecycle: Lifecycle;
  readonly signals: EventEmitter;
  readonly clock: VirtualClock;
  readonly log: MemoryLog;
  readonly events: string[];
  readonly add: (name: string, changes?: Partial<Part>) => void;
}

function setUp(): Setup {
  const signals = new EventEmitter();
  const clock = new VirtualClock();
  const log = new MemoryLog();
  const lifecycle = new Lifecycle({ signals, clock, log });
  const events: string[] = [];
  const note = (event: string) => (): void => {
    events.push(event);
  };
  const add = (name: string, changes: Partial<Part> = {}): void => {
    lifecycle.add({ name, start: note(`start ${name}`), stop: note(`stop ${name}`), ...changes });
  };
  return { lifecycle, signals, clock, log, events, add };
}

const never = (): Promise<void> => new Promise(() => undefined);

test.each(["SIGTERM", "SIGINT"])(
  "%s stops what was started, in reverse, with code 0",
  async (name) => {
    const { lifecycle, signals, events, add } = setUp();
    add("a");
    add("b");
    const code = lifecycle.run();
    await settle();
    expect(events).toEqual(["start a", "start b"]);
    expect(lifecycle.signal.aborted).toBe(false);
    signals.emit(name);
    expect(lifecycle.signal.aborted).toBe(true);
    expect(await code).toBe(0);
    expect(events).toEqual(["start a", "start b", "stop b", "stop a"]);
    expect(signals.listenerCount(name)).toBe(0);
  },
);

test("the end waits for the write in hand", async () => {
  const { lifecycle, signals, clock, events, add } = setUp();
  add("a", { stop: () => new Promise((resolve) => void clock.after(9_000, resolve)) });
  const code = lifecycle.run();
  await settle();
  signals.emit("SIGTERM");
  await clock.advance(8_999);
  void code.then(() => events.push("ended"));
  await settle();
  expect(events).not.toContain("ended");
  await clock.advance(1);
  expect(await code).toBe(0);
});

test("a part that cannot start ends the process with code 1, and what ran is stopped", async () => {
  const { lifecycle, log, events, add } = setUp();
  add("a");
  add("b", { start: () => Promise.reject(new Error("port in use")) });
  add("c");
  expect(await lifecycle.run()).toBe(1);
  expect(events).toEqual(["start a", "stop b", "stop a"]);
  expect(log.messages("error")).toEqual(["a part could not start"]);
});

test("what does not stop in ten seconds is named and left behind, with code 1", async () => {
  const { lifecycle, signals, clock, log, add } = setUp();
  add("a");
  add("stubborn", { stop: never });
  const code = lifecycle.run();
  await settle();
  signals.emit("SIGTERM");
  await clock.advance(10_000);
  expect(await code).toBe(1);
  expect(log.lines.at(-1)?.fields).toMatchObject({ part: "stubborn" });
});

test("a second signal does not wait", async () => {
  const { lifecycle, signals, add } = setUp();
  add("stubborn", { stop: never });
  const code = lifecycle.run();
  await settle();
  signals.emit("SIGINT");
  signals.emit("SIGINT");
  expect(await code).toBe(1);
});

test("a signal while something is still starting stops it", async () => {
  const { lifecycle, signals, events, add } = setUp();
  add("slow", { start: never });
  add("b");
  const code = lifecycle.run();
  await settle();
  signals.emit("SIGTERM");
  expect(await code).toBe(0);
  expect(events).toEqual(["stop slow"]);
});

test("a part that stops with an error does not keep the others from stopping", async () => {
  const { lifecycle, signals, events, log, add } = setUp();
  add("a");
  add("b", { stop: () => Promise.reject(new Error("odd")) });
  const code = lifecycle.run();
  await settle();
  signals.emit("SIGTERM");
  expect(await code).toBe(0);
  expect(events).toContain("stop a");
  expect(log.messages("warn")).toEqual(["a part did not stop cleanly"]);
});

test("a part that cannot go on ends the process in order, with code 1", async () => {
  const { lifecycle, events, add } = setUp();
  add("a");
  const code = lifecycle.run();
  await settle();
  lifecycle.fail("the lease is lost");
  expect(await code).toBe(1);
  expect(events).toEqual(["start a", "stop a"]);
});
