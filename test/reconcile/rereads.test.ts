// Readings between two of the interval: how soon, how often, and with which logins.

import { describe, expect, test } from "vitest";
import type { ReadingWish } from "../../src/domain/decide/reading-wish.ts";
import { Readings } from "../../src/reconcile/memory/readings.ts";
import { Rereads } from "../../src/reconcile/memory/rereads.ts";
import { aReading, sessions } from "../support/builders.ts";
import { minuteMs, MemoryWorld, server as memoryServer } from "../support/memory-world/world.ts";

const intervalMs = 30_000;
const server = "db:5432";
const wish: ReadingWish = { why: "slots", state: "a", isHolding: false };

class Bench {
  nowMs = 1_000_000;
  readonly readings = new Readings();
  readonly rereads: Rereads;
  asked: number | undefined;

  constructor(interval: number = intervalMs) {
    this.rereads = new Rereads({
      readings: this.readings,
      clock: { monotonicMs: () => this.nowMs },
      intervalMs: interval,
      enqueueDatabase: (_, delayMs = 0) => (this.asked = delayMs),
    });
    this.read();
  }

  read(): boolean {
    const isBetween = this.rereads.isBetween(server);
    this.readings.record(server, { kind: "read", reading: aReading() }, this.nowMs);
    return isBetween;
  }

  /** How soon it is to be read; undefined: when the interval is over. */
  want(next: ReadingWish | undefined): number | undefined {
    this.asked = undefined;
    this.rereads.want(server, next);
    return this.asked;
  }

  /** The pauses between readings while every decision wishes the same. */
  pauses(next: ReadingWish, times: number): (number | undefined)[] {
    return Array.from({ length: times }, () => {
      const delayMs = this.want(next);
      this.nowMs += delayMs ?? intervalMs;
      this.read();
      return delayMs;
    });
  }
}

describe("a server is read again", () => {
  test("at once where the last reading is old enough, else when two seconds are over", () => {
    const bench = new Bench();
    expect(bench.want(wish)).toBe(2_000);
    bench.nowMs += 500;
    expect(bench.want(wish)).toBe(1_500);
    bench.nowMs += 9_000;
    expect(bench.want(wish)).toBe(0);
  });

  test("half as often each time while nothing moves, down to the interval", () => {
    const seconds = [2_000, 4_000, 8_000, 16_000, undefined, undefined];
    expect(new Bench().pauses(wish, 6)).toEqual(seconds);
  });

  test("as soon as at first when something has moved, or something is held back for it", () => {
    const bench = new Bench();
    bench.pauses(wish, 3);
    expect(bench.want({ ...wish, state: "b" })).toBe(2_000);
    bench.pauses({ ...wish, state: "b" }, 3);
    expect(bench.want({ ...wish, state: "b", isHolding: true })).toBe(2_000);
  });

  test("not between two of the interval where nobody wishes it, or the interval is as short", () => {
    expect(new Bench().want(undefined)).toBeUndefined();
    expect(new Bench(2_000).want(wish)).toBeUndefined();
  });

  test("not between two of the interval where the last reading failed", () => {
    const bench = new Bench();
    const failed = { kind: "failed", reason: "DatabaseTimeout", message: "" } as const;
    bench.readings.record(server, failed, bench.nowMs);
    expect(bench.want({ ...wish, isHolding: true })).toBeUndefined();
  });

  test("at most every two seconds, however often decisions wish and whatever moves", () => {
    const bench = new Bench();
    const reads: number[] = [];
    for (let step = 0; step < 600; step++) {
      bench.nowMs += 100;
      if (bench.want({ ...wish, state: String(step) }) !== 0) continue;
      bench.read();
      reads.push(bench.nowMs);
    }
    expect(reads.length).toBe(30);
  });
});

test("a reading of the interval is told from one between, and comes in its time all the same", () => {
  const bench = new Bench();
  const kinds = Array.from({ length: 16 }, (_, step) => {
    bench.want({ ...wish, state: String(step) });
    bench.nowMs += 2_000;
    return bench.read();
  });
  expect(kinds.filter((isBetween) => !isBetween)).toHaveLength(1);
});

test("a decision has the server read as soon as pods have gone whose sessions it still shows", async () => {
  const world = new MemoryWorld();
  world.policy("orders", { workloads: [{ name: "web" }] });
  world.deployment("web", { replicas: 3 });
  await world.pass(minuteMs);
  expect(world.operator.asked.get(memoryServer)).toBeUndefined();
  const [pod] = world.stores.pods.values();
  const [address = ""] = pod?.addresses ?? [];
  world.read({ sessions: [sessions(2, { address })] });
  await world.look();
  expect(world.operator.asked.get(memoryServer)).toBeUndefined();
  world.nowMs += 10_000;

  world.deployment("web", { replicas: 0 });
  await world.look();
  await world.look();

  expect(world.operator.asked.get(memoryServer)).toBe(0);
  expect(world.plan().readAgain?.why).toBe("sessions of pods that are gone");
  world.read({});
  await world.look();
  expect(world.plan().readAgain).toBeUndefined();
});
