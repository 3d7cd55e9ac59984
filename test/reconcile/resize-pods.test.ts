// What is written to a pod that is resized, and told once more.

import { expect, test } from "vitest";
import type { Resize } from "../../src/domain/decide/resizes.ts";
import type { LivePodFacts } from "../../src/domain/facts/facts.ts";
import { plan } from "../../src/domain/decide/plan.ts";
import type { Outcome, PodResize } from "../../src/ports.ts";
import { PassingFailures, WriteAttempts } from "../../src/reconcile/apply/attempts.ts";
import { PodTime } from "../../src/reconcile/apply/pod-time.ts";
import { resizePods } from "../../src/reconcile/apply/resize-pods.ts";
import { ContestedActs } from "../../src/reconcile/memory/contested-acts.ts";
import { LiveMemory } from "../../src/reconcile/memory/live-memory.ts";
import { Refusals } from "../../src/reconcile/memory/refusals.ts";
import { aSnapshot, aWorkload, pods, startMs } from "../support/builders.ts";

const resized = "poolwarden.dev/resized";
const ok: Outcome<undefined> = { kind: "ok", value: undefined };

/** The annotation that is written, and the namespaces whose rolls are held up. */
async function written(
  why: Resize["why"],
  live: Partial<LivePodFacts>,
  outcome: Outcome<undefined> = ok,
  decidedAtMs = 0,
): Promise<{ readonly text: string | undefined; readonly passingIn: number }> {
  const told = { size: 5, touches: 0, resizedAtMs: startMs - 60_000, ...live };
  const web = aWorkload("web", { pods: pods(1, { poolSize: 20, live: told }) });
  const [position] = plan(aSnapshot({ workloads: [web] }), startMs).positions;
  const [pod] = web.pods;
  if (!position || !pod) throw new Error("there is one");
  const sent: PodResize[] = [];
  const cluster = {
    resizePod: (_: unknown, resize: PodResize) => {
      sent.push(resize);
      return Promise.resolve(outcome);
    },
  };
  const memories = {
    ...{ refusals: new Refusals(), passing: new PassingFailures() },
    contested: new ContestedActs(),
  };
  const attempts = new WriteAttempts(memories, { nowMs: startMs, server: "db" });
  const resizer = { cluster, clock: { monotonicMs: () => 0 }, live: new LiveMemory() };
  const { signal } = new AbortController();
  const podTime = new PodTime(resizer.clock, 1);
  podTime.begin();
  const writing = { attempts, signal, decidedAtMs, podTime };
  await resizePods(resizer, [{ index: 0, position, pod, poolSize: 5, why }], writing);
  return { text: sent[0]?.annotations[resized], passingIn: attempts.passingIn.size };
}

test("a pod that is resized says what it counted as until now", async () => {
  const { text } = await written("Shrink", {});
  expect(text).toBe("was 20 until 2026-01-01T00:00:00.000Z, touched 0");
});

test("one that is told once more says the most that it had before, and the time of the change", async () => {
  const since = "until 2025-12-31T23:59:00.000Z, touched 1";
  expect((await written("Touch", { from: 20, earlier: 9 })).text).toBe(`was 20 ${since}`);
  expect((await written("Touch", { from: 7, earlier: 9 })).text).toBe(`was 9 ${since}`);
});

test("a resize that does not go through holds up no roll of its namespace", async () => {
  const conflict = { kind: "conflict", message: "the test failed", managers: [] } as const;
  const away = { kind: "unavailable", message: "no answer" } as const;
  for (const outcome of [conflict, away]) {
    expect((await written("Grow", {}, outcome)).passingIn).toBe(0);
  }
});

test("a process that was stopped for minutes resizes nothing of what it had decided before", async () => {
  expect((await written("Grow", {}, ok, -59_000)).text).toBeDefined();
  expect((await written("Grow", {}, ok, -60_000)).text).toBeUndefined();
});
