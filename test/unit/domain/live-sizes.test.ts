// What a live pod counts as, by what readings show and when they were asked for.

import { describe, expect, test } from "vitest";
import type { LivePodFacts, PodFacts, SessionSample } from "../../../src/domain/facts/facts.ts";
import { type LiveSizes, liveSizesOf } from "../../../src/domain/supply/live-sizes.ts";
import {
  aDatabase,
  aPolicy,
  aReading,
  aSnapshot,
  aWorkload,
  pods,
  startMs,
} from "../../support/builders.ts";

const address = "10.0.0.1";
const resizedAtMs = 1_000_000;
const dueMs = resizedAtMs + 15_000;

interface Shown {
  readonly atMs: number;
  /** At the pod's address. */
  readonly sessions: number;
  /** The server does not say of all sessions where they come from. */
  readonly isBlind?: boolean;
  /** How the pod was then. */
  readonly pod?: Partial<PodFacts>;
}

function sampleOf({ atMs, sessions, isBlind = false }: Shown): SessionSample {
  const common = { user: "app", database: "orders", applicationName: "" };
  return {
    atMs,
    roundMs: atMs,
    sessions: [
      { ...common, address, count: sessions },
      ...(isBlind ? [{ ...common, address: undefined, count: 1 }] : []),
    ],
  };
}

interface Case {
  readonly live: Partial<LivePodFacts>;
  readonly shown?: readonly Shown[];
  readonly nowMs?: number;
  /** By the cluster's clock, which says startMs now. */
  readonly startedAtMs?: number;
  readonly sizing?: Parameters<typeof aWorkload>[1];
  readonly pod?: Partial<PodFacts>;
}

/**
 * A pod that was told 5 at `resizedAtMs` and had 20 before, unless a case says otherwise; as it
 * counts after the last of the readings, each of which was followed by a decision.
 */
function countedPod({ shown = [], ...given }: Case): PodFacts {
  let provenAtMs: number | undefined;
  let found: PodFacts | undefined;
  for (let count = Math.min(1, shown.length); count <= shown.length; count++) {
    const { pod, proofs } = countedAfter(shown.slice(0, count), given, provenAtMs);
    provenAtMs = proofs.get(pod.uid);
    found = pod;
  }
  if (!found) throw new Error("it was counted at least once");
  return found;
}

function countedAfter(
  shown: readonly Shown[],
  { live, nowMs = dueMs, startedAtMs = 0, sizing = {}, pod = {} }: Case,
  provenAtMs: number | undefined,
): Pick<LiveSizes, "proofs"> & { readonly pod: PodFacts } {
  const said = { size: 5, earlier: 20, resizedAtMs: startMs, touches: 0, ...live };
  const state = { ...pod, ...shown.at(-1)?.pod };
  const [one] = pods(1, { poolSize: Math.max(said.size, said.earlier), live: said, ...state });
  if (!one) throw new Error("one was built");
  const asked = { ...one, addresses: pod.addresses ?? [address] };
  const workload = aWorkload("web", { ...sizing, resize: "Live", pods: [asked] });
  const snapshot = aSnapshot({
    policies: [aPolicy()],
    workloads: [workload],
    database: aDatabase({
      reading: aReading({ startedAtMicroseconds: startedAtMs * 1_000 }),
      sessionSamples: shown.map(sampleOf),
      fleetAddresses: new Map([[address, [{ fromMs: 0, untilMs: Infinity }]]]),
    }),
  });
  const clock = {
    ...{ nowMs: startMs, monotonicMs: nowMs, restartSeenAtMs: undefined },
    ...{ resizedAtMs: () => resizedAtMs, provenAtMs: () => provenAtMs },
  };
  const { pools, proofs } = liveSizesOf(snapshot, { clock, isAlone: true });
  const found = pools[0]?.pods[0];
  if (!found) throw new Error("it is there");
  return { pod: found, proofs };
}

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
      name: "5 where it has had no session as long as anybody knows",
      live: {},
      shown: [{ atMs: dueMs, sessions: 0 }],
      counts: 5,
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

test("a pod that has grown counts with its new size at once", () => {
  expect(countedPod({ live: { size: 20, earlier: 5 } }).own.poolSize).toBe(20);
});

test("sessions of extra connections and of several processes are told from the pool", () => {
  const sizing = { sizing: { processesPerPod: 2, extraConnectionsPerPod: 1 } };
  const proven = countedPod({ live: {}, sizing, shown: [{ atMs: dueMs, sessions: 11 }] });
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

describe("a pod that does not follow", () => {
  const over = (touches: number): Case => ({
    live: { touches },
    shown: [{ atMs: dueMs + touches * 15_000, sessions: 9 }],
  });

  test.each([0, 1, 2])("is touched once more after %i times", (touches) => {
    const { live } = countedPod(over(touches));
    expect(live).toMatchObject({ seen: 9, isTouchDue: true, isResized: true });
  });

  test("is given up after three, and needs a restart", () => {
    const { live } = countedPod(over(3));
    expect(live).toMatchObject({ seen: 9 });
    expect(live?.isTouchDue).toBeUndefined();
    expect(live?.isResized).toBeUndefined();
  });

  test("is live again as soon as it follows", () => {
    const shown = [{ atMs: dueMs + 60_000, sessions: 5 }];
    const { live } = countedPod({ live: { touches: 3 }, shown });
    expect(live).toMatchObject({ size: 5, isResized: true });
    expect(live?.seen).toBeUndefined();
  });

  test("a session that is replaced before the old one is gone is no reason to touch it", () => {
    const shown = [
      { atMs: dueMs, sessions: 5 },
      { atMs: dueMs + 5_000, sessions: 6 },
    ];
    expect(countedPod({ live: {}, shown }).live?.seen).toBeUndefined();
  });
});
