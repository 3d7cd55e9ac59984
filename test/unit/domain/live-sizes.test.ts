// What a live pod counts as, by what readings show and when they were asked for.

import { describe, expect, test } from "vitest";
import type { PodFacts } from "../../../src/domain/facts/facts.ts";
import { startMs } from "../../support/builders.ts";
import { type Case, countedPod, dueMs } from "../../support/counted-pod.ts";

describe("a pod that was shrunk from 20 to 5 counts as", () => {
  test.each<Case & { readonly name: string; readonly counts: number }>([
    { name: "20 without a reading", live: {}, counts: 20 },
    {
      name: "20 while the last reading was asked for before the follow time was over",
      live: {},
      shown: [{ atMs: dueMs - 1, sessions: 5 }],
      counts: 20,
    },
    {
      name: "5 once a reading of after that shows no more",
      live: {},
      shown: [{ atMs: dueMs, sessions: 5 }],
      counts: 5,
    },
    {
      name: "20 while a reading of after that shows more than 5",
      live: {},
      shown: [{ atMs: dueMs, sessions: 6 }],
      counts: 20,
    },
    {
      name: "5 when a later reading fails to show it again for a moment",
      live: {},
      shown: [
        { atMs: dueMs, sessions: 5 },
        { atMs: dueMs + 1_000, sessions: 5 },
      ],
      counts: 5,
    },
    {
      name: "what it shows where it has left 20 and holds more than 5 again",
      live: {},
      shown: [
        { atMs: dueMs, sessions: 5 },
        { atMs: dueMs + 1_000, sessions: 9 },
      ],
      counts: 9,
    },
    {
      name: "the most that it has shown since, until a reading shows no more than 5 again",
      live: {},
      shown: [
        { atMs: dueMs, sessions: 5 },
        { atMs: dueMs + 1_000, sessions: 9 },
        { atMs: dueMs + 2_000, sessions: 0 },
      ],
      counts: 9,
    },
    {
      name: "5 after that",
      live: {},
      shown: [
        { atMs: dueMs, sessions: 5 },
        { atMs: dueMs + 1_000, sessions: 9 },
        { atMs: dueMs + 2_000, sessions: 5 },
      ],
      counts: 5,
    },
    {
      name: "20 where it was not ready when it showed no more: its container is restarted",
      live: {},
      shown: [
        { atMs: dueMs - 1, sessions: 20 },
        { atMs: dueMs, sessions: 3, pod: { unready: true } },
      ],
      counts: 20,
    },
    {
      name: "20 where it ends: it may have lost what it opens again for its last requests",
      live: {},
      shown: [{ atMs: dueMs, sessions: 3, pod: { terminating: true } }],
      counts: 20,
    },
    {
      name: "5 where it ends after it has proven that it has left 20",
      live: {},
      shown: [
        { atMs: dueMs, sessions: 5 },
        { atMs: dueMs + 1_000, sessions: 5, pod: { terminating: true, unready: true } },
      ],
      counts: 5,
    },
    {
      name: "20 where it has just lost every session",
      live: {},
      shown: [
        { atMs: dueMs - 1_000, sessions: 20 },
        { atMs: dueMs, sessions: 0 },
        { atMs: dueMs + 59_999, sessions: 0 },
      ],
      counts: 20,
    },
    {
      name: "5 where it has had no session for a minute",
      live: {},
      shown: [
        { atMs: dueMs - 60_000, sessions: 0 },
        { atMs: dueMs, sessions: 0 },
      ],
      counts: 5,
    },
    {
      name: "20 where nobody knows whether it had any before the first reading",
      live: {},
      shown: [{ atMs: dueMs, sessions: 0 }],
      counts: 20,
    },
    {
      name: "20 where its pool is empty, and only its extra connections are open",
      live: {},
      sizing: { sizing: { extraConnectionsPerPod: 2 } },
      shown: [
        { atMs: dueMs - 1_000, sessions: 20 },
        { atMs: dueMs, sessions: 2 },
      ],
      counts: 20,
    },
    {
      name: "20 where it is ready again, and was not when the reading was asked for",
      live: {},
      known: { doubtedUntilMs: () => dueMs + 1 },
      shown: [{ atMs: dueMs, sessions: 3 }],
      counts: 20,
    },
    {
      name: "5 by a reading that was asked for a minute after it was not ready",
      live: {},
      known: { doubtedUntilMs: () => dueMs + 1 },
      shown: [{ atMs: dueMs + 1, sessions: 3 }],
      counts: 5,
    },
    {
      name: "20 where somebody lowered its annotation by hand, which says nothing of before",
      live: { earlier: 0 },
      known: { formerSize: () => 20 },
      counts: 20,
    },
    {
      name: "20 where it has not followed as often as it was told, however few it shows later",
      live: { touches: 4 },
      shown: [{ atMs: dueMs + 3_600_000, sessions: 2 }],
      counts: 20,
    },
    {
      name: "20 where a reading does not show where each session comes from",
      live: {},
      shown: [{ atMs: dueMs, sessions: 0, isBlind: true }],
      counts: 20,
    },
    {
      name: "20 where it has no address whose sessions could be counted",
      live: {},
      pod: { addresses: [] },
      shown: [{ atMs: dueMs, sessions: 0 }],
      counts: 20,
    },
    {
      name: "more than 20 where the server shows more",
      live: {},
      shown: [{ atMs: dueMs, sessions: 23 }],
      counts: 23,
    },
  ])("$name", ({ counts, ...given }) => {
    expect(countedPod(given).own.poolSize).toBe(counts);
  });
});

test("while readings cannot tell its sessions they prove nothing of a pool that stays live", () => {
  const shown = [dueMs - 60_000, dueMs].map((atMs) => ({ atMs, sessions: 0, isBlind: false }));
  const match = { reading: { seesAllSessions: false } };
  const kept = countedPod({ live: {}, shown, ...match, known: { staysLive: () => true } });
  expect(kept).toMatchObject({ own: { poolSize: 20 }, live: { isResized: true } });
  const other = countedPod({ live: {}, shown, ...match });
  expect(other.live?.isResized).toBeUndefined();
});

test.each([
  { whose: "its role", hiddenUser: "app", counts: 20, isResized: undefined },
  { whose: "another role", hiddenUser: "batch", counts: 5, isResized: true },
])("a session with a host name of $whose: it counts $counts", ({ hiddenUser, counts, ...want }) => {
  const shown = [{ atMs: dueMs, sessions: 5, isBlind: true, hiddenUser }];
  const pod = countedPod({ live: {}, shown, reading: { showsHostNames: true } });
  expect([pod.own.poolSize, pod.live?.isResized]).toEqual([counts, want.isResized]);
});

test("a pod that was never resized counts with the most that it shows beyond its size", () => {
  const live = { size: 5, earlier: 0 };
  const shown = [
    { atMs: dueMs - 1_000, sessions: 9 },
    { atMs: dueMs, sessions: 0 },
  ];
  expect(countedPod({ live, shown }).own.poolSize).toBe(9);
  const fine = [...shown, { atMs: dueMs + 1_000, sessions: 4 }];
  expect(countedPod({ live, shown: fine }).own.poolSize).toBe(5);
});

test("what a server shows just after its start proves nothing: no pool has come back yet", () => {
  const shown = [{ atMs: dueMs + 1_000, sessions: 2 }];
  const nowMs = dueMs + 2_000;
  // The clock of the readings says nowMs when that of the cluster says startMs.
  const startedAtMs = startMs - 30_000;
  expect(countedPod({ live: {}, shown, nowMs, startedAtMs }).own.poolSize).toBe(20);
  const old = countedPod({ live: {}, shown, nowMs, startedAtMs: startMs - 3_600_000 });
  expect(old.own.poolSize).toBe(5);
});

test.each([
  { name: "sized elsewhere", pod: { own: { poolSize: 40, setElsewhere: "args" } } },
  { name: "whose container others size", pod: { sizedByOthers: true, own: { poolSize: 40 } } },
  { name: "without a limit", pod: { own: { poolSize: 40, unlimited: true } } },
])("a pod $name that was released counts as it will hold, and is not resized", ({ pod }) => {
  const live = { size: 2, earlier: 0 };
  const counted = countedPod({ live, pod: pod as unknown as Partial<PodFacts> });
  expect(counted.own.poolSize).toBe(40);
  expect(counted.live?.isResized).toBeUndefined();
});

test("a pod that has grown counts with its new size at once", () => {
  expect(countedPod({ live: { size: 20, earlier: 5 } }).own.poolSize).toBe(20);
});

test("sessions of extra connections and of several processes are told from the pool", () => {
  const sizing = { sizing: { processesPerPod: 2, extraConnectionsPerPod: 1 } };
  const minute = [dueMs, dueMs + 60_000].map((atMs) => ({ atMs, sessions: 11 }));
  const proven = countedPod({ live: {}, sizing, shown: minute });
  expect(proven.own.poolSize).toBe(5);
  const over = countedPod({ live: {}, sizing, shown: [{ atMs: dueMs, sessions: 12 }] });
  expect(over.own.poolSize).toBe(20);
});

test("until a reading can prove it, it says how long that takes", () => {
  expect(countedPod({ live: {}, nowMs: dueMs - 4_000 }).live?.provableInMs).toBe(4_000);
  expect(countedPod({ live: {}, nowMs: dueMs + 4_000 }).live?.provableInMs).toBe(0);
  const shown = [{ atMs: dueMs, sessions: 5 }];
  expect(countedPod({ live: {}, shown }).live?.provableInMs).toBeUndefined();
});

test("a pod that was shown at its size says since when, by the cluster's clock", () => {
  const shown = [
    { atMs: dueMs, sessions: 5 },
    { atMs: dueMs + 1_000, sessions: 5 },
  ];
  const pod = countedPod({ live: {}, shown, nowMs: dueMs + 2_000 });
  expect(pod.live?.followedAtMs).toBe(startMs - 2_000);
  expect(countedPod({ live: {}, shown: [{ atMs: dueMs, sessions: 6 }] }).live?.followedAtMs).toBe(
    undefined,
  );
});

test("a pod that has not shown for two minutes that it gives something back is overdue", () => {
  const overdueAt = (nowMs: number): true | undefined =>
    countedPod({ live: {}, shown: [{ atMs: dueMs, sessions: 6 }], nowMs }).live?.isOverdue;
  const sinceMs = dueMs - 15_000;
  expect(overdueAt(sinceMs + 119_999)).toBeUndefined();
  expect(overdueAt(sinceMs + 120_000)).toBe(true);
});
