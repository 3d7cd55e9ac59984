// The lease while others delete it and wipe it, and while processes sleep and have their clocks
// set.

import { describe, expect, test } from "vitest";
import type { LeaseRecord } from "../../../src/ports.ts";
import { MemoryLease } from "../../support/memory-lease.ts";
import { lookMs, setUp, setUpTwo } from "./contender.ts";

describe("a Lease that is not there", () => {
  test("is made, and its maker waits for whoever held the one before", async () => {
    const { clock, lease, contend } = setUp(new MemoryLease());
    const a = contend("a");
    await clock.advance(15_000);
    expect(lease.holder).toBe("a");
    expect(a.mayWrite).toBe(false);
    await clock.advance(lookMs);
    expect(a.told).toEqual(["elected"]);
  });

  test("its leader makes it anew and goes on", async () => {
    const { clock, lease, a, b } = await setUpTwo();
    lease.delete();
    await clock.advance(60_000);
    expect(a.told).toEqual(["elected"]);
    expect([a.mayWrite, b.mayWrite]).toEqual([true, false]);
  });

  test("a leader that slept meanwhile finds another's name and is lost; that one has waited", async () => {
    const { clock, lease, a, b } = await setUpTwo();
    a.pause();
    lease.delete();
    await clock.advance(18_000);
    expect([lease.holder, b.mayWrite]).toEqual(["b", false]);
    a.resume();
    await clock.advance(3_000);
    expect(a.told).toEqual(["elected", "lost"]);
    expect(b.mayWrite).toBe(true);
  });

  test("a leader whose renewal is too old does not make it anew", async () => {
    const { clock, lease, contend } = setUp();
    const a = contend("a");
    await clock.advance(1_000);
    a.pause();
    await clock.advance(12_000);
    lease.delete();
    a.resume();
    await clock.advance(100);
    expect(a.told).toEqual(["elected", "lost"]);
  });

  test("who waits and ends gives nothing away: a third one would not know of the first", async () => {
    const { clock, lease, a, b, contend } = await setUpTwo();
    a.pause();
    lease.delete();
    await clock.advance(5_000);
    expect(lease.holder).toBe("b");
    const stopped = b.election.stop();
    await clock.advance(100);
    await stopped;
    const c = contend("c");
    await clock.advance(14_000);
    expect(c.mayWrite).toBe(false);
  });

  test("one that was wiped is no release", async () => {
    const { clock, lease, a, b } = await setUpTwo();
    a.pause();
    lease.put({ holder: "", durationMs: 0, acquiredAtMs: 0, renewedAtMs: 0, transitions: 0 });
    await clock.advance(14_000);
    expect(b.mayWrite).toBe(false);
    a.resume();
    await clock.advance(3_000);
    expect(a.told).toEqual(["elected", "lost"]);
    expect(b.mayWrite).toBe(true);
  });
});

describe("a Lease that nobody holds", () => {
  test("because somebody took out its leader's name: the standby waits until that one is silent", async () => {
    const { clock, lease, a, b } = await setUpTwo();
    const record = lease.stored?.record;
    if (record) lease.put({ ...record, holder: "" });
    for (let ms = 0; ms < 15_000; ms += 10) {
      await clock.advance(10);
      expect(b.mayWrite).toBe(false);
    }
    expect(a.told).toEqual(["elected", "lost"]);
    await clock.advance(2 * lookMs);
    expect(b.mayWrite).toBe(true);
  });

  test.each<{ name: string; changes: Partial<LeaseRecord>; wantWaitMs: number }>([
    { name: "as installed: at once", changes: {}, wantWaitMs: 0 },
    {
      name: "given away by its leader: at once",
      changes: { durationMs: 1_000, renewedAtMs: 1, transitions: 3 },
      wantWaitMs: 0,
    },
    {
      name: "emptied by somebody: for its duration",
      changes: { durationMs: 60_000, renewedAtMs: 1, transitions: 3 },
      wantWaitMs: 60_000,
    },
    {
      name: "emptied, and its duration with it: for our own",
      changes: { renewedAtMs: 1, transitions: 3 },
      wantWaitMs: 15_000,
    },
    {
      name: "emptied when it had never changed hands: for its duration",
      changes: { durationMs: 5_000, renewedAtMs: 1 },
      wantWaitMs: 5_000,
    },
    {
      name: "emptied, and its time of renewal with it: for its duration",
      changes: { durationMs: 5_000, transitions: 1 },
      wantWaitMs: 5_000,
    },
  ])("is taken by who sees it first $name", async ({ changes, wantWaitMs }) => {
    const { clock, lease, contend } = setUp();
    const free = { holder: "", durationMs: 0, acquiredAtMs: 0, renewedAtMs: 0, transitions: 0 };
    lease.put({ ...free, ...changes });
    const a = contend("a");
    await clock.advance(wantWaitMs);
    expect(a.mayWrite).toBe(false);
    await clock.advance(lookMs);
    expect(a.mayWrite).toBe(true);
  });

  test("where leases last a second a release looks like any other, and is waited for", async () => {
    const { clock, lease, contend } = setUp();
    lease.put({ holder: "", durationMs: 1_000, acquiredAtMs: 1, renewedAtMs: 1, transitions: 3 });
    const short = { leaseDurationMs: 1_000, renewDeadlineMs: 800, retryMs: 200 };
    const a = contend("a", { times: short });
    await clock.advance(1_000);
    expect(a.mayWrite).toBe(false);
    await clock.advance(lookMs);
    expect(a.mayWrite).toBe(true);
  });
});

describe("time that does odd things", () => {
  test.each([
    { name: "less than the deadline", pauseMs: 7_000, wantOnWaking: true },
    { name: "longer than the deadline", pauseMs: 13_000, wantOnWaking: false },
  ])("a leader that was stopped for $name", async ({ pauseMs, wantOnWaking }) => {
    const { clock, contend } = setUp();
    const a = contend("a");
    await clock.advance(1_000);
    a.pause();
    await clock.advance(pauseMs);
    expect(a.mayWrite).toBe(wantOnWaking);
    a.resume();
    await clock.advance(100);
    expect(a.mayWrite).toBe(true);
    expect(a.told).toEqual(["elected"]);
  });

  test("a stopped leader that wakes after another took over may not write for a moment", async () => {
    const { clock, a, b } = await setUpTwo();
    a.pause();
    await clock.advance(20_000);
    expect(b.mayWrite).toBe(true);
    expect(a.mayWrite).toBe(false);
    a.resume();
    expect(a.mayWrite).toBe(false);
    await clock.advance(100);
    expect(a.told).toEqual(["elected", "lost"]);
  });

  test("a wall clock that is set forward shuts the fence until the next renewal", async () => {
    const { clock, a, b } = await setUpTwo();
    a.setClockForward(3_600_000);
    expect(a.mayWrite).toBe(false);
    await clock.advance(2_100);
    expect([a.mayWrite, b.mayWrite]).toEqual([true, false]);
  });

  test("a wall clock that is set back makes no renewal young", async () => {
    const { clock, contend } = setUp();
    const a = contend("a");
    await clock.advance(30);
    a.isCut = true;
    a.setClockForward(-3_600_000);
    await clock.advance(10_000);
    expect(a.mayWrite).toBe(false);
  });

  test("a standby does not believe in its wall clock", async () => {
    const { clock, b } = await setUpTwo();
    b.setClockForward(3_600_000);
    await clock.advance(10_000);
    expect(b.mayWrite).toBe(false);
  });
});
