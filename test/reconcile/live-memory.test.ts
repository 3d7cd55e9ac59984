// What is known of a resize that was sent and that the watch has not shown yet, and of what was
// seen of pods and their servers before.

import { beforeEach, describe, expect, test } from "vitest";
import type { LivePodFacts, PodFacts, ServerKey } from "../../src/domain/facts/facts.ts";
import type { LiveProof } from "../../src/domain/supply/live-proofs.ts";
import { LiveMemory } from "../../src/reconcile/memory/live-memory.ts";
import { aDatabase, aReading, aSnapshot, aWorkload, pods, startMs } from "../support/builders.ts";

const now = { nowMs: startMs, monotonicMs: 100_000 };
const sent = { poolSize: 20, resizedAtMs: startMs, touches: 0, sentAtMs: now.monotonicMs };

/** A pod of size 5 as the watch shows it, after it was told 20. */
function shown(live: Partial<LivePodFacts>, afterMs = 0): PodFacts | undefined {
  const memory = new LiveMemory();
  const [pod] = pods(1, { poolSize: 5, live: { size: 5, touches: 0, ...live } });
  if (!pod) throw new Error("one was built");
  memory.noteSent(pod.uid, sent);
  const later = { ...now, monotonicMs: now.monotonicMs + afterMs };
  const [pool] = memory.withWritten([aWorkload("web", { pods: [pod] })], later);
  return pool?.pods[0];
}

test.each([
  ["while nothing shows it, with the larger size", {}, 0, 20],
  ["while an earlier resize is shown, with the larger size", { resizedAtMs: startMs - 1 }, 0, 20],
  ["once it is shown, as it is shown", { resizedAtMs: startMs }, 0, 5],
  ["once a later one is shown, as it is shown", { resizedAtMs: startMs + 1 }, 0, 5],
  ["while a watch may be late, with the larger size", {}, 199_999, 20],
  ["once no cache is as old, as it is shown", {}, 200_000, 5],
] as const)("a pod counts, %s", (...[, live, afterMs, poolSize]) => {
  const pod = shown(live, afterMs);
  expect(pod?.own.poolSize).toBe(poolSize);
  expect(pod?.live?.isPending === true).toBe(poolSize === 20);
});

test("a pod that waits by all that is seen came through the gate once its release was sent", () => {
  const memory = new LiveMemory();
  const [pod] = pods(1, { poolSize: 5, gate: { place: 0 } });
  if (!pod) throw new Error("one was built");
  memory.noteSent(pod.uid, sent);
  const [pool] = memory.withWritten([aWorkload("web", { waitingPods: [pod] })], now);
  expect(pool?.waitingPods).toBeUndefined();
  expect(pool?.pods).toMatchObject([{ own: { poolSize: 20 }, cameThroughGate: true }]);
});

describe("of two changes that were sent", () => {
  const touch = { ...sent, poolSize: 5, touches: 1 };

  function pendingAfter(act: (memory: LiveMemory, uid: string) => void): number | undefined {
    const memory = new LiveMemory();
    const [pod] = pods(1, { poolSize: 5, live: { size: 5, touches: 0 } });
    if (!pod) throw new Error("one was built");
    memory.noteSent(pod.uid, sent);
    memory.noteSent(pod.uid, touch);
    act(memory, pod.uid);
    return memory.withWritten([aWorkload("web", { pods: [pod] })], now)[0]?.pods[0]?.own.poolSize;
  }

  test("the larger one counts, whichever was the last", () => {
    expect(pendingAfter(() => undefined)).toBe(20);
  });

  test("what was refused takes nothing from what nobody has answered", () => {
    expect(
      pendingAfter((memory, uid) => {
        memory.forgetSent(uid, touch);
      }),
    ).toBe(20);
    expect(
      pendingAfter((memory, uid) => {
        memory.forgetSent(uid, sent);
      }),
    ).toBe(5);
  });
});

describe("of a pod that the watch shows", () => {
  let memory: LiveMemory;

  beforeEach(() => {
    memory = new LiveMemory();
  });

  /** The clock of a server with one such pod, `afterMs` later. */
  function clockAt(
    afterMs: number,
    resizedAtMs: number | undefined,
    startedAtMs = 0,
    { size = 5, ...more }: Partial<PodFacts> & { readonly size?: number } = {},
  ): Told {
    const live = { size, touches: 0, ...(resizedAtMs !== undefined && { resizedAtMs }) };
    const [pod] = pods(1, { poolSize: size, live, uid: "web-1", ...more });
    if (!pod) throw new Error("one was built");
    const reading = aReading({ startedAtMicroseconds: startedAtMs * 1_000 });
    const snapshot = aSnapshot({
      workloads: [aWorkload("web", { pods: [pod] })],
      database: aDatabase({ reading }),
    });
    const [nowMs, monotonicMs] = [now.nowMs + afterMs, now.monotonicMs + afterMs];
    const clock = memory.clockFor(snapshot, { nowMs, monotonicMs });
    const { restartSeenAtMs } = clock;
    const { server } = snapshot;
    return {
      ...{ server, restartSeenAtMs },
      ...{ sinceMs: clock.resizedAtMs(pod), proof: clock.proofOf(pod) },
      ...{ formerSize: clock.formerSize(pod), doubtedMs: clock.doubtedUntilMs(pod) },
    };
  }

  test("a size counts from when it was first seen, whatever the annotation says", () => {
    clockAt(0, startMs - 1_000_000);
    expect(clockAt(10, startMs + 5_000_000).sinceMs).toBe(now.monotonicMs + 10);
    expect(clockAt(20, startMs + 5_000_000).sinceMs).toBe(now.monotonicMs + 10);
  });

  test("nothing is kept of a server that no policy names any more", () => {
    const { server } = clockAt(0, startMs - 1_000_000);
    clockAt(10, startMs + 5_000_000);
    memory.forgetServer(server);
    expect(clockAt(20, startMs + 5_000_000).sinceMs).toBe(now.monotonicMs + 20);
  });

  test("an old one is believed by an operator that has just started", () => {
    expect(clockAt(0, startMs - 60_000).sinceMs).toBe(now.monotonicMs - 60_000);
  });

  test("a proof holds as long as it has that size", () => {
    const { server } = clockAt(0, startMs);
    memory.noteProofs(server, new Map([["web-1", { askedAtMs: 123, atMs: startMs }]]));
    expect(clockAt(10, startMs).proof?.askedAtMs).toBe(123);
    expect(clockAt(20, startMs + 1).proof).toBeUndefined();
  });

  test("a size that was changed by hand is a new one, and the former one is known", () => {
    const { server } = clockAt(0, startMs, 0, { size: 20 });
    memory.noteProofs(server, new Map([["web-1", { askedAtMs: 123, atMs: startMs }]]));
    const lowered = clockAt(10, startMs, 0, { size: 5 });
    expect(lowered).toMatchObject({ formerSize: 20, sinceMs: now.monotonicMs + 10 });
    expect(lowered.proof).toBeUndefined();
    expect(clockAt(20, startMs, 0, { size: 4 }).formerSize).toBe(20);
    memory.noteProofs(server, new Map([["web-1", { askedAtMs: 456, atMs: startMs }]]));
    expect(clockAt(30, startMs, 0, { size: 3 }).formerSize).toBe(4);
  });

  test("for a minute after it was not ready readings prove nothing of it", () => {
    clockAt(0, startMs);
    const doubtedMs = now.monotonicMs + 10 + 60_000;
    expect(clockAt(10, startMs, 0, { unready: true }).doubtedMs).toBe(doubtedMs);
    expect(clockAt(20, startMs).doubtedMs).toBe(doubtedMs);
    expect(clockAt(30, startMs, 0, { unready: true }).doubtedMs).toBe(doubtedMs + 20);
  });

  test("one that is being started has lost nothing; one that was there before may have", () => {
    const first = clockAt(0, startMs, 0, { unready: true });
    expect(first.doubtedMs).toBe(now.monotonicMs + 60_000);
    const other = { uid: "web-2", unready: true, createdAtMs: startMs } as const;
    expect(clockAt(10, startMs, 0, other).doubtedMs).toBe(-Infinity);
    expect(clockAt(20, startMs, 0, { uid: "web-2" }).doubtedMs).toBe(-Infinity);
    expect(clockAt(30, startMs, 0, other).doubtedMs).toBe(now.monotonicMs + 30 + 60_000);
  });

  test("the first live pods of a server that was looked at without any are being started", () => {
    memory.clockFor(aSnapshot({ workloads: [aWorkload("web")] }), now);
    const made = { unready: true, createdAtMs: startMs } as const;
    expect(clockAt(10, startMs, 0, made).doubtedMs).toBe(-Infinity);
  });

  test("one that was out of sight for a moment may have been ready before", () => {
    clockAt(0, startMs, 0, { createdAtMs: startMs - 60_000 });
    clockAt(10, startMs, 0, { uid: "web-2", createdAtMs: startMs });
    const back = clockAt(20, startMs, 0, { unready: true, createdAtMs: startMs - 60_000 });
    expect(back.doubtedMs).toBe(now.monotonicMs + 20 + 60_000);
  });

  test("a server that says another start was started then", () => {
    expect(clockAt(0, startMs, 1).restartSeenAtMs).toBeUndefined();
    expect(clockAt(10, startMs, 2).restartSeenAtMs).toBe(now.monotonicMs + 10);
    expect(clockAt(20, startMs, 2).restartSeenAtMs).toBe(now.monotonicMs + 10);
  });
});

interface Told {
  readonly server: ServerKey;
  readonly restartSeenAtMs: number | undefined;
  readonly sinceMs: number;
  readonly proof: LiveProof | undefined;
  readonly formerSize: number;
  readonly doubtedMs: number;
}
