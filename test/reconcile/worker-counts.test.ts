// A count of workers or threads is a pool's size where each opens one connection. It costs memory
// besides: it shrinks where slots are few, and never grows beyond what its owner has written.

import { describe, expect, it, test } from "vitest";
import { isWorkerCount } from "../../src/api/environment.ts";
import { minuteMs, type MemoryWorld } from "../support/memory-world/world.ts";
import { env, expectOf, play, type Situation } from "../support/situation.ts";

const workers = (...template: readonly string[]): Situation => ({
  name: "workers",
  entry: { env: { maxSize: "WEB_CONCURRENCY" } },
  maxConnections: 1_000,
  podSpec: env(...template.map((value) => ["WEB_CONCURRENCY", value] as const)),
});

const named = (maxSize: string): Situation => ({ ...workers(), entry: { env: { maxSize } } });

test.each([
  { name: "WEB_CONCURRENCY", want: true },
  { name: "GUNICORN_WORKERS", want: true },
  { name: "RAILS_MAX_THREADS", want: true },
  { name: "PHP_FPM_PM_MAX_CHILDREN", want: true },
  { name: "worker_count", want: true },
  { name: "DB_POOL_MAX_SIZE", want: false },
  { name: "WORKER_POOL_SIZE", want: false },
  { name: "DB_MAX_CONNECTIONS_PER_THREADS", want: false },
  { name: "NETWORKERS_MAX", want: false },
])("whether $name is a count of workers: $want", ({ name, want }) => {
  expect(isWorkerCount(name)).toBe(want);
});

describe("where slots are free, a count of workers", () => {
  test.each([
    { name: "stays what the template says", situation: workers("4"), want: 4 },
    { name: "stays 1", situation: workers("1"), want: 1 },
    { name: "is 1 where the template says none", situation: workers(), want: 1 },
    { name: "of threads is 5 there", situation: named("RAILS_MAX_THREADS"), want: 5 },
    { name: "of jobs at once is 5 there", situation: named("SIDEKIQ_CONCURRENCY"), want: 5 },
    { name: "of children is 1 there", situation: named("PHP_FPM_PM_MAX_CHILDREN"), want: 1 },
    {
      name: "is poolSize.min there, where that is more",
      situation: { ...workers(), entry: { ...workers().entry, poolSize: { min: 3 } } },
      want: 3,
    },
    {
      name: "is what the policy says of pods without it",
      situation: { ...workers(), entry: { ...workers().entry, unmanagedPoolSize: 3 } },
      want: 3,
    },
    {
      name: "grows up to poolSize.max",
      situation: { ...workers("4"), entry: { ...workers().entry, poolSize: { max: 8 } } },
      want: 8,
    },
    {
      name: "is not below poolSize.min",
      situation: { ...workers("4"), entry: { ...workers().entry, poolSize: { min: 6 } } },
      want: 6,
    },
  ])("$name", async ({ situation, want }) => {
    await expectOf(situation, { grant: want });
  });

  it("of a size with no limit is as if the template said none", async () => {
    await expectOf(workers("0"), { grant: 1 });
  });
});

test("with Template delivery it shrinks with the server, and comes back to what was found", async () => {
  const sizeIn = (world: MemoryWorld): string | undefined =>
    world.deploymentNow("web").containers[0]?.env.find(({ name }) => name === "WEB_CONCURRENCY")
      ?.value;
  const world = await play({ ...workers("8"), delivery: "Template", maxConnections: 30 });
  // 17 slots / 6 pods (3 planned, 3 in a rollout).
  expect(sizeIn(world)).toBe("2");
  for (let minute = 0; minute < 20; minute += 1) {
    await world.pass(minuteMs);
    world.read({ maxConnections: 1_000 });
  }
  expect(sizeIn(world)).toBe("8");
});
