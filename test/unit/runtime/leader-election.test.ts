// Who leads, from when on, and until when it may write, while requests are lost and answers too.

import { describe, expect, test } from "vitest";
import { type ElectionTimes, writeLimitMs } from "../../../src/runtime/leader-election.ts";
import type { Passage } from "../../support/memory-lease.ts";
import { lookMs, setUp, setUpTwo, times } from "./contender.ts";

const quick: Passage = { requestMs: 5, answerMs: 5 };

describe("taking the lease", () => {
  test("of a Lease that nobody holds: at once, and it says who, since when and for how long", async () => {
    const { clock, lease, contend } = setUp();
    const a = contend("a");
    await clock.advance(30);
    expect(a.told).toEqual(["elected"]);
    expect(a.mayWrite).toBe(true);
    expect(lease.stored?.record).toMatchObject({ holder: "a", durationMs: 15_000, transitions: 1 });
  });

  test("renewing it changes the time of renewal and nothing else", async () => {
    const { clock, lease, contend } = setUp();
    contend("a");
    await clock.advance(30);
    const first = lease.stored?.record;
    await clock.advance(10_000);
    const { renewedAtMs = 0, ...rest } = lease.stored?.record ?? {};
    expect({ ...rest, renewedAtMs: first?.renewedAtMs }).toEqual(first);
    expect(clock.nowMs() - renewedAtMs).toBeLessThanOrEqual(times.retryMs);
  });

  test("of two that want it at the same moment one gets it", async () => {
    const { clock, contend } = setUp();
    const both = [contend("a"), contend("b")];
    await clock.advance(60_000);
    expect(both.filter(({ mayWrite }) => mayWrite)).toHaveLength(1);
    expect(both.map(({ told }) => told.length).sort()).toEqual([0, 1]);
  });

  test("a standby never takes what is renewed", async () => {
    const { clock, a, b } = await setUpTwo();
    await clock.advance(600_000);
    expect([a.mayWrite, b.mayWrite]).toEqual([true, false]);
    expect(b.log.messages("info")).toEqual(["another one leads"]);
  });

  test("from a dead leader: when its time is over, and not before", async () => {
    const { clock, lease, a, b } = await setUpTwo();
    a.kill();
    const leftMs = (lease.stored?.record.renewedAtMs ?? 0) + 15_000 - clock.nowMs();
    await clock.advance(leftMs - 1);
    expect(b.mayWrite).toBe(false);
    await clock.advance(lookMs + 50);
    expect(b.mayWrite).toBe(true);
    expect(lease.stored?.record).toMatchObject({ holder: "b", transitions: 2 });
  });

  test("from one that ended in order: at its next look", async () => {
    const { clock, lease, a, b } = await setUpTwo();
    const stopped = a.election.stop();
    await clock.advance(20);
    await stopped;
    expect(lease.stored?.record).toMatchObject({ holder: "", durationMs: 1_000 });
    expect(a.mayWrite).toBe(false);
    await clock.advance(lookMs + 50);
    expect(b.mayWrite).toBe(true);
    expect(a.told).toEqual(["elected"]);
  });

  test.each([
    { name: "longer than our own", durationMs: 60_000, wantWaitMs: 60_000 },
    { name: "shorter than our own", durationMs: 5_000, wantWaitMs: 5_000 },
    { name: "not given", durationMs: 0, wantWaitMs: 15_000 },
  ])("another's lease duration counts: $name", async ({ durationMs, wantWaitMs }) => {
    const { clock, lease, contend } = setUp();
    const long = { acquiredAtMs: 0, renewedAtMs: Number.MAX_SAFE_INTEGER, transitions: 3 };
    lease.put({ holder: "other", durationMs, ...long });
    const a = contend("a");
    await clock.advance(wantWaitMs);
    expect(a.mayWrite).toBe(false);
    await clock.advance(lookMs);
    expect(a.mayWrite).toBe(true);
  });

  test("a take-over of which nothing was heard still counts", async () => {
    const { clock, lease, contend } = setUp();
    let isHeard = false;
    const passage = (): Passage => ({ requestMs: 5, answerMs: isHeard ? 5 : undefined });
    const a = contend("a", { passage: () => (lease.requests === 0 ? quick : passage()) });
    await clock.advance(1_000);
    expect([lease.holder, a.mayWrite]).toEqual(["a", false]);
    isHeard = true;
    await clock.advance(times.retryMs + 4_000);
    expect(a.told).toEqual(["elected"]);
    expect(a.mayWrite).toBe(true);
  });
});

describe("a leader that cannot renew", () => {
  test("writes nothing once the deadline has passed, and goes on when it can again", async () => {
    const { clock, contend } = setUp();
    const a = contend("a");
    await clock.advance(30);
    a.isCut = true;
    await clock.advance(9_960);
    expect(a.mayWrite).toBe(true);
    await clock.advance(30);
    const reason = "the lease was not renewed for 10 s";
    expect(a.election.refusal()).toBe(reason);
    await clock.advance(60_000);
    expect(a.election.refusal()).toBe(reason);
    a.isCut = false;
    await clock.advance(6_500);
    expect(a.mayWrite).toBe(true);
    expect(a.told).toEqual(["elected"]);
    expect(a.log.messages("warn")).toEqual(["the lease cannot be used"]);
  });

  test("counts from the moment at which the last one was sent, not from its answer", async () => {
    const { clock, contend } = setUp();
    const a = contend("a", { passage: () => ({ requestMs: 1_500, answerMs: 1_500 }) });
    await clock.advance(5_990);
    a.isCut = true;
    await clock.advance(7_000);
    expect(a.mayWrite).toBe(true);
    await clock.advance(20);
    expect(a.mayWrite).toBe(false);
  });

  test("is lost when it can again and another leads", async () => {
    const { clock, a, b } = await setUpTwo();
    a.isCut = true;
    await clock.advance(20_000);
    expect([a.mayWrite, b.mayWrite]).toEqual([false, true]);
    a.isCut = false;
    await clock.advance(6_500);
    expect(a.told).toEqual(["elected", "lost"]);
    expect(a.log.messages("error")).toEqual(["the lease is lost: nothing more is written"]);
    expect(a.log.lines.at(-1)?.fields).toMatchObject({ reason: "b holds the lease" });
    await clock.advance(60_000);
    expect(a.mayWrite).toBe(false);
    expect(a.told).toHaveLength(2);
  });

  test("but whose renewals go through unheard goes on", async () => {
    const { clock, a, b } = await setUpTwo();
    a.unheard = 2;
    await clock.advance(60_000);
    expect(a.told).toEqual(["elected"]);
    expect([a.mayWrite, b.mayWrite]).toEqual([true, false]);
  });

  test("because somebody has labelled the Lease goes on", async () => {
    const { clock, lease, a } = await setUpTwo();
    const record = lease.stored?.record;
    if (record) lease.put(record);
    await clock.advance(2_100);
    expect(a.told).toEqual(["elected"]);
    expect(a.mayWrite).toBe(true);
  });

  test("because another name stands in it is lost at once", async () => {
    const { clock, lease, a } = await setUpTwo();
    const record = lease.stored?.record;
    if (record) lease.put({ ...record, holder: "intruder" });
    await clock.advance(2_100);
    expect(a.told).toEqual(["elected", "lost"]);
  });
});

describe("the end", () => {
  test("waits for a renewal that is under way", async () => {
    const { clock, lease, contend } = setUp();
    const a = contend("a", { passage: () => ({ requestMs: 300, answerMs: 300 }) });
    await clock.advance(1_300 + times.retryMs);
    const stopped = a.election.stop();
    await clock.advance(2_000);
    await stopped;
    expect(lease.holder).toBe("");
    expect(lease.requests).toBe(5);
  });

  test("keeps the lease while a write may still arrive of which nothing was heard", async () => {
    const { clock, lease, a } = await setUpTwo();
    a.election.noteDoubt();
    await clock.advance(14_900);
    const stopped = a.election.stop();
    await clock.advance(100);
    await stopped;
    expect(lease.holder).toBe("a");
    expect(a.mayWrite).toBe(false);
  });

  test("of a standby changes nothing", async () => {
    const { clock, lease, b } = await setUpTwo();
    void b.election.stop();
    await clock.advance(60_000);
    expect(lease.holder).toBe("a");
    expect(b.told).toEqual([]);
  });
});

test.each<{ name: string; changes: Partial<ElectionTimes>; want: number }>([
  { name: "the defaults", changes: {}, want: 4_000 },
  { name: "short ones", changes: { leaseDurationMs: 3_000, renewDeadlineMs: 2_000 }, want: 800 },
])("a write of a leader has its limit: $name", ({ changes, want }) => {
  const { leaseDurationMs, renewDeadlineMs } = { ...times, ...changes };
  const limitMs = writeLimitMs({ leaseDurationMs, renewDeadlineMs });
  expect(limitMs).toBe(want);
  expect(renewDeadlineMs + limitMs).toBeLessThan(leaseDurationMs);
});
