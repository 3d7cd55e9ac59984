// A process that finds an earlier one of its own pod in the Lease: that one is dead.

import { describe, expect, test } from "vitest";
import { holderOf } from "../../../src/runtime/holder.ts";
import { writeLimitMs } from "../../../src/runtime/leader-election.ts";
import { MemoryLease } from "../../support/memory-lease.ts";
import { setUp, times } from "./contender.ts";

const ownPod = "poolwarden-0_uid-1_";
const inPod = { instance: "poolwarden-0", podUid: "uid-1", processId: 1, term: "f" };
const held = { durationMs: 15_000, acquiredAtMs: 1, renewedAtMs: 1, transitions: 4 };

describe("the name in the Lease", () => {
  test.each([
    {
      name: "says pod, uid and term",
      given: {},
      want: { identity: "poolwarden-0_uid-1_f", ownPod },
    },
    {
      name: "without a uid names no pod of its own",
      given: { podUid: undefined },
      want: { identity: "poolwarden-0_f", ownPod: undefined },
    },
    {
      name: "of a process beside the container's first one claims nothing, as by kubectl exec",
      given: { processId: 42 },
      want: { identity: "poolwarden-0_uid-1_f", ownPod: undefined },
    },
  ])("$name", ({ given, want }) => {
    expect(holderOf({ ...inPod, ...given })).toEqual(want);
  });
});

describe("a Lease that names", () => {
  test.each([
    {
      name: "the process before this one in its pod is taken at once",
      holder: `${ownPod}a`,
      at: 30,
    },
    {
      name: "a pod of the same name with another uid is waited for",
      holder: "poolwarden-0_uid-2_a",
    },
    { name: "this pod as an earlier release did is waited for", holder: "poolwarden-0_a" },
    { name: "another pod is waited for", holder: "poolwarden-1_uid-3_a" },
    {
      name: "a process of this pod that had not begun to lead is waited for",
      holder: `${ownPod}a`,
      more: { acquiredAtMs: 0 },
    },
  ])("$name", async ({ holder, at, more = {} }) => {
    const { clock, lease, contend } = setUp();
    lease.put({ ...held, ...more, holder });
    const b = contend(`${ownPod}b`, { ownPod });
    const afterMs = at ?? times.leaseDurationMs + 600;
    await clock.advance(at === undefined ? times.leaseDurationMs : 9);
    expect(b.mayWrite).toBe(false);
    await clock.advance(afterMs);
    expect(b.mayWrite).toBe(true);
    expect(lease.stored?.record).toMatchObject({ holder: b.name, transitions: 5 });
  });
});

test("until the dead one's last write must have arrived nothing may grow", async () => {
  const { clock, lease, contend } = setUp();
  lease.put({ ...held, holder: `${ownPod}a` });
  const { election } = contend(`${ownPod}b`, { ownPod });
  expect(election.quietForMs).toBe(0);
  await clock.advance(1_000);
  expect(election.quietForMs).toBe(writeLimitMs(times) - 1_000);
  await clock.advance(writeLimitMs(times));
  expect(election.quietForMs).toBe(0);
});

test.each([
  { name: "while the dead one's last write may still arrive", afterMs: 1_000, isGiven: false },
  { name: "once it must have", afterMs: writeLimitMs(times) + 50, isGiven: true },
])("ended in order, it gives the lease away: $name: $isGiven", async ({ afterMs, isGiven }) => {
  const { clock, lease, contend } = setUp();
  lease.put({ ...held, holder: `${ownPod}a` });
  const { election, name } = contend(`${ownPod}b`, { ownPod });
  await clock.advance(afterMs);
  const stopped = election.stop();
  await clock.advance(50);
  await stopped;
  expect(lease.stored?.record.holder).toBe(isGiven ? "" : name);
});

test("who took over in the ordinary way has nobody's writes to wait for", async () => {
  const { clock, contend } = setUp(MemoryLease.free());
  const { election } = contend(`${ownPod}b`, { ownPod });
  await clock.advance(30);
  expect([election.isLeading, election.quietForMs]).toEqual([true, 0]);
});

test("a renewal of the dead one that arrives late is refused, or only makes us look again", async () => {
  const { clock, lease, contend } = setUp();
  const before = lease.put({ ...held, holder: `${ownPod}a` });
  const b = contend(`${ownPod}b`, { ownPod });
  await clock.advance(7);
  // Arrives between our reading and our writing.
  expect(lease.replace(before, { ...held, holder: `${ownPod}a` }).kind).toBe("ok");
  await clock.advance(times.retryMs);
  expect([b.mayWrite, lease.holder]).toEqual([true, b.name]);
  expect(lease.replace(before, { ...held, holder: `${ownPod}a` }).kind).toBe("conflict");
});

test("who made the Lease anew and dies before it led leaves no shortcut to the next process", async () => {
  const { clock, lease, contend } = setUp();
  const elsewhere = contend("poolwarden-1_uid-9_a");
  await clock.advance(30);
  const a = contend(`${ownPod}a`, { ownPod });
  await clock.advance(1_000);
  elsewhere.pause();
  lease.delete();
  await clock.advance(3 * times.retryMs);
  expect([lease.holder, a.mayWrite]).toEqual([a.name, false]);
  a.kill();
  elsewhere.resume();
  const b = contend(`${ownPod}b`, { ownPod });
  await clock.advance(1_000);
  expect([elsewhere.mayWrite, b.mayWrite].filter(Boolean).length).toBeLessThanOrEqual(1);
  expect(b.mayWrite).toBe(false);
});
