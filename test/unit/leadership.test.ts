// When the work begins and ends where operators elect a leader: nothing before, everything that
// was collected meanwhile afterwards, and the lease given away after the last run.
import { workloadKindNames } from "../../src/api/workload-kinds.ts";
import { expect, test } from "vitest";
import { createInformers, type Informers } from "../../src/informers.ts";
import { electedPart } from "../../src/leadership.ts";
import type { ListWatch, Sources } from "../../src/ports.ts";
import { Backoff } from "../../src/runtime/backoff.ts";
import { Controller } from "../../src/runtime/controller.ts";
import type { Part } from "../../src/runtime/lifecycle.ts";
import { Problems } from "../../src/runtime/problems.ts";
import { done } from "../../src/runtime/result.ts";
import { WorkQueue } from "../../src/runtime/work-queue.ts";
import { MemoryLease } from "../support/memory-lease.ts";
import { MemoryLog, MemoryMetrics } from "../support/memory-log.ts";
import { constantRandom } from "../support/prng.ts";
import { VirtualClock } from "../support/virtual-clock.ts";
import { Contender } from "./runtime/contender.ts";

interface Setup {
  readonly clock: VirtualClock;
  readonly lease: MemoryLease;
  readonly queue: WorkQueue;
  readonly part: Part;
  readonly informers: Informers;
  /** What happened, in order. */
  readonly story: string[];
}

const runMs = 3_000;

/** An operator whose work is to take keys from a queue, three seconds each. */
function setUp(lease: MemoryLease): Setup {
  const clock = new VirtualClock();
  const [log, metrics, random] = [new MemoryLog(), new MemoryMetrics(), constantRandom(0.5)];
  const story: string[] = [];
  const common = { clock, log, metrics, random };
  const informers = createInformers({
    ...{ ...common, sources: sourcesNoting(story), namespaces: [], problems: new Problems(log) },
  });
  const queue = new WorkQueue(clock);
  const controller = new Controller({
    ...{ ...common, name: "work", queue },
    backoff: new Backoff({ random, baseMs: 1, maxMs: 1 }),
    reconcile: async (key) => {
      story.push(`begin ${key}`);
      await new Promise<void>((resolve) => void clock.after(runMs, resolve));
      story.push(`end ${key}, held by ${lease.holder ?? ""}`);
      return done;
    },
  });
  const { election } = new Contender({ name: "us", lease, clock });
  const part = electedPart(election, [controller], informers);
  return { clock, lease, queue, part, informers, story };
}

function sourcesNoting(story: string[]): Sources {
  const kinds = [
    ...["policies", ...workloadKindNames, "pods", "replicaSets", "autoscalers"],
    ...["admissionPolicies", "admissionBindings", "alertRules"],
  ];
  const source = (kind: string): ListWatch<never> => ({
    async *list() {
      await Promise.resolve();
      story.push(`list ${kind}`);
      yield { objects: [], resourceVersion: "1" };
    },
    async *watch(_, signal) {
      yield { type: "bookmark", resourceVersion: "1" };
      await new Promise((resolve) => {
        signal.addEventListener("abort", resolve);
      });
    },
  });
  const sources = Object.fromEntries(kinds.map((kind) => [kind, () => source(kind)]));
  return sources as unknown as Sources;
}

const held = { durationMs: 15_000, acquiredAtMs: 0, renewedAtMs: 0, transitions: 1 };

test("a standby collects keys and works on them once it leads, after it has listed what operators write", async () => {
  const lease = MemoryLease.free();
  lease.put({ ...held, holder: "other" });
  const { clock, queue, part, informers, story } = setUp(lease);
  void part.start?.();
  for (const kind of Object.values(informers))
    kind.informers.forEach((one) => {
      one.start();
    });
  for (const key of ["a", "b", "a"]) queue.add(key);
  await clock.advance(14_000);
  expect(story.filter((line) => line.startsWith("list"))).toHaveLength(9);
  expect(queue.size).toBe(2);
  story.length = 0;

  await clock.advance(20_000);

  expect(story.filter((line) => line.startsWith("list"))).toEqual([
    "list policies",
    "list Deployment",
    "list StatefulSet",
  ]);
  expect(story.filter((line) => line.startsWith("end"))).toEqual([
    "end a, held by us",
    "end b, held by us",
  ]);
});

test("the lease is given away after the run in hand, and what waits is not begun", async () => {
  const { clock, lease, queue, part, story } = setUp(MemoryLease.free());
  void part.start?.();
  await clock.advance(100);
  queue.add("a");
  queue.add("b");
  await clock.advance(100);

  const stopped = part.stop?.();
  await clock.advance(runMs - 200);
  expect(lease.holder).toBe("us");
  await clock.advance(300);
  await stopped;

  expect(lease.holder).toBe("");
  expect(story).toEqual(["begin a", "end a, held by us"]);
});
