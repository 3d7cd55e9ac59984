// What is known of a resize that was sent and that the watch has not shown yet.

import { expect, test } from "vitest";
import type { LivePodFacts, PodFacts } from "../../src/domain/facts/facts.ts";
import { LiveMemory } from "../../src/reconcile/memory/live-memory.ts";
import { aWorkload, pods, startMs } from "../support/builders.ts";

const now = { nowMs: startMs, monotonicMs: 100_000 };
const sent = { poolSize: 20, resizedAtMs: startMs, touches: 0, sentAtMs: now.monotonicMs };

/** A pod of size 5 as the watch shows it, after it was told 20. */
function shown(live: Partial<LivePodFacts>, afterMs = 0): PodFacts | undefined {
  const memory = new LiveMemory();
  const [pod] = pods(1, { poolSize: 5, live: { size: 5, touches: 0, ...live } });
  if (!pod) throw new Error("one was built");
  memory.noteSent(pod.uid, sent);
  const later = { ...now, monotonicMs: now.monotonicMs + afterMs };
  const [pool] = memory.withSent([aWorkload("web", { pods: [pod] })], later);
  return pool?.pods[0];
}

test.each([
  ["while nothing shows it, with the larger size", {}, 0, 20],
  ["while an earlier resize is shown, with the larger size", { resizedAtMs: startMs - 1 }, 0, 20],
  ["once it is shown, as it is shown", { resizedAtMs: startMs }, 0, 5],
  ["once a later one is shown, as it is shown", { resizedAtMs: startMs + 1 }, 0, 5],
  ["after a minute it was never heard", {}, 60_000, 5],
] as const)("a pod counts, %s", (...[, live, afterMs, poolSize]) => {
  const pod = shown(live, afterMs);
  expect(pod?.own.poolSize).toBe(poolSize);
  expect(pod?.live?.isPending === true).toBe(poolSize === 20);
});
