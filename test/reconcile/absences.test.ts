// Since when pods are away, as this process has seen it; and that a pod which never comes back
// keeps nobody else from being repaired.

import { beforeEach, expect, test } from "vitest";
import type { PoolFacts } from "../../src/domain/facts/facts.ts";
import { Absences } from "../../src/reconcile/memory/absences.ts";
import { aWorkload, pods, startMs } from "../support/builders.ts";
import { aContainer, MemoryWorld, minuteMs } from "../support/memory-world/world.ts";

const [ending] = pods(1, { terminating: true });
const [later] = pods(1, { terminating: true });
if (!ending || !later) throw new Error("pods() makes as many as are asked for");
const live = pods(2);
const short = aWorkload("web", { replicas: 3, pods: live });
const whole = aWorkload("web", { replicas: 2, pods: live });
let absences: Absences;

beforeEach(() => {
  absences = new Absences();
});

function missingSince(workload: PoolFacts, atMs: number): number | undefined {
  return absences.seenIn(workload, atMs).missingSinceMs;
}

test("pods are missing since the first time that they were", () => {
  expect(missingSince(short, startMs)).toBe(startMs);
  expect(missingSince(short, startMs + minuteMs)).toBe(startMs);
});

test("once all are there it begins anew", () => {
  missingSince(short, startMs);
  expect(missingSince(whole, startMs + 1)).toBeUndefined();
  expect(missingSince(short, startMs + 2)).toBe(startMs + 2);
});

test("a clock that is set back makes no wait longer", () => {
  missingSince(short, startMs);
  expect(missingSince(short, startMs - minuteMs)).toBe(startMs - minuteMs);
});

test("each pod that ends has its own time", () => {
  absences.seenIn(aWorkload("web", { replicas: 2, pods: [...live, ending] }), startMs);
  const both = aWorkload("web", { replicas: 2, pods: [...live, ending, later] });
  const seen = absences.seenIn(both, startMs + 9).pods;
  expect(seen.map(({ endingSinceMs }) => endingSinceMs)).toEqual([
    ...[undefined, undefined],
    ...[startMs, startMs + 9],
  ]);
});

test("a pod that never ends holds a repair up for 5 minutes, not for ever", async () => {
  const world = new MemoryWorld();
  world.policy("orders", { reserve: { connections: 0, rollouts: 1 } });
  world.deployment("web", { replicas: 3, containers: [aContainer(10)] });
  world.deployment("job", { replicas: 4, containers: [aContainer(10)] });
  await world.pass(20 * minuteMs, 15_000);
  world.controller.graceMs = 10 * 60 * minuteMs;
  const lost = [...world.stores.pods.values()].find(({ workload = "" }) =>
    workload.endsWith("job"),
  );
  if (lost) world.controller.end(lost, world.nowMs);
  world.controller.graceMs = 20_000;
  world.deployment("web", { replicas: 4 });
  await world.pass(4 * minuteMs);
  expect(world.evictions).toEqual([]);
  await world.pass(3 * minuteMs);
  expect(world.evictions.length).toBeGreaterThan(0);
});
