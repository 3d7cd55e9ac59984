// What is remembered of resizes that did not go through: of which pods, how often, and until when.

import { expect, test } from "vitest";
import type { LivePodFacts, PodFacts } from "../../src/domain/facts/facts.ts";
import type { Failure } from "../../src/ports.ts";
import { RefusedResizes } from "../../src/reconcile/memory/refused-resizes.ts";
import { aWorkload, pods, startMs } from "../support/builders.ts";

const denied: Failure = { kind: "forbidden", message: "denied by a webhook" };

function podOf(uid: string, live: Partial<LivePodFacts> = {}): PodFacts {
  const [pod] = pods(1, { uid, poolSize: 3, live: { size: 3, touches: 0, ...live } });
  if (!pod) throw new Error("one was built");
  return pod;
}

/** What is known of a pod, `afterMs` later. */
function knownOf(memory: RefusedResizes, pod: PodFacts, afterMs = 0): LivePodFacts["refused"] {
  const now = { nowMs: startMs + afterMs, monotonicMs: afterMs };
  const [pool] = memory.within([aWorkload("web", { pods: [pod] })], now);
  return pool?.pods[0]?.live?.refused;
}

test("each refusal doubles the time until the next try, and counts", () => {
  const memory = new RefusedResizes();
  const pod = podOf("a");
  expect([0, 1_000, 3_000].map((ms) => memory.note(pod, denied, startMs + ms))).toEqual([
    1_000, 2_000, 4_000,
  ]);
  const { message } = denied;
  expect(knownOf(memory, pod, 3_000)).toEqual({
    ...{ untilMs: startMs + 7_000, sinceMs: startMs, times: 3, message },
  });
  // Also when it may be tried again: it is a retry.
  expect(knownOf(memory, pod, 8_000)?.times).toBe(3);
});

test("a pod that is told something else by now begins anew, and others are not concerned", () => {
  const memory = new RefusedResizes();
  memory.note(podOf("a"), denied, startMs);
  expect(knownOf(memory, podOf("a", { size: 5 }))).toBeUndefined();
  expect(knownOf(memory, podOf("a", { resizedAtMs: startMs }))).toBeUndefined();
  expect(knownOf(memory, podOf("b"))).toBeUndefined();
});

test("one that goes through after it was refused opens the way for all of its pool", () => {
  const memory = new RefusedResizes();
  const [a, b] = [podOf("a"), podOf("b")];
  for (const pod of [a, b]) memory.note(pod, denied, startMs);
  memory.forget(podOf("c"), [a, b]);
  expect(knownOf(memory, b)).toBeDefined();
  const refused = knownOf(memory, a);
  memory.forget(podOf("a", refused && { refused }), [a, b]);
  expect(knownOf(memory, b)).toBeUndefined();
});

test("what nobody has tried for ten minutes is forgotten, as pods are that are gone", () => {
  const memory = new RefusedResizes();
  memory.note(podOf("a"), denied, startMs);
  expect(knownOf(memory, podOf("a"), 600_999)).toBeDefined();
  expect(knownOf(memory, podOf("a"), 601_000)).toBeUndefined();
  expect(knownOf(memory, podOf("a"), 0)).toBeUndefined();
});
