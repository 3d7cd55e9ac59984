// Histories that once broke on a real node, on the same fleet, at the same times: no login is
// refused by an act of ours, what goes beyond the plan is said, and the line holds again.

import { expect, test, vi } from "vitest";
import { Field, minuteMs } from "./field.ts";

// Half an hour of a fleet, and machines are busy.
vi.setConfig({ testTimeout: 120_000 });

test("at rest: the sizes that fit a rollout beside 12 and 2 pods, and no login was refused", async () => {
  const field = await Field.full(1);
  expect(field.sizesOf("web")).toEqual(Array(12).fill(5));
  expect(field.sizesOf("batch")).toEqual([31, 31]);
  expect(field.isWithinBudget).toBe(true);
  expect(field.judge.violation).toBeUndefined();
});

test("two deploys 10 s apart while pods drain for 40 s: said, with what would have covered it", async () => {
  const field = await Field.full(2);
  field.deploy("web");
  await field.pass(10_000);
  field.deploy("web", true);
  await field.pass(15_000);
  expect(field.said("RolloutsBeyondPlan")).toMatch(
    /^\d rollouts at once, and reserve\.rollouts is 1 by .*: Deployment\/web \d times/,
  );
  await field.pass(30 * minuteMs);
  expect(field.said("RolloutsBeyondPlan")).toBeUndefined();
  expect(field.judge.violation).toBeUndefined();
  expect(field.isWithinBudget).toBe(true);
});

test("a new service of 6 pods of 20 on the full fleet: batch is replaced pod by pod", async () => {
  const field = await Field.full(3);
  field.create("reports", 6);
  await field.pass(2 * minuteMs);
  const before = field.refused;
  await field.pass(20 * minuteMs);
  expect(field.evicted.filter((pod) => pod.startsWith("batch"))).toHaveLength(2);
  expect(new Set(field.sizesOf("batch"))).toEqual(new Set([24]));
  expect(field.isWithinBudget).toBe(true);
  expect(field.refused).toBe(before);
  expect(field.judge.violation).toBeUndefined();
});

test("the same while its PodDisruptionBudget allows nothing: said, and repaired once it does", async () => {
  const field = await Field.full(3);
  field.allowEvictions("batch", 0);
  field.create("reports", 6);
  await field.pass(30 * minuteMs);
  const before = field.refused;
  expect(field.sizesOf("batch")).toEqual([31, 31]);
  expect(field.said("EvictionRefused")).toContain("The disruption budget batch");
  expect(field.messageOf("batch")).toMatch(
    /^waits, because 1\d\d of 197 slots are taken, .* add 48; evicting .* refused: .*budget batch/,
  );
  field.allowEvictions("batch", 2);
  await field.pass(20 * minuteMs);
  expect(field.said("EvictionRefused")).toBeUndefined();
  expect(field.isWithinBudget).toBe(true);
  expect(field.refused).toBe(before);
  expect(field.judge.violation).toBeUndefined();
});

test("the same while the operator is killed every 10 s: never two pods are away", async () => {
  const field = await Field.full(5);
  field.operators.restartMs = 1_000;
  field.create("reports", 6);
  await field.pass(2 * minuteMs);
  const before = field.refused;
  for (let second = 0; second < 900; second += 10) {
    field.killOperator();
    await field.pass(10_000);
  }
  await field.pass(20 * minuteMs);
  expect(field.evicted.length).toBeGreaterThan(0);
  expect(field.isWithinBudget).toBe(true);
  expect(field.refused).toBe(before);
  expect(field.judge.violation).toBeUndefined();
});

test("the operator is killed four times, containers die, two deploys and another rollout", async () => {
  const field = await Field.full(4);
  const before = field.refused;
  field.operators.restartMs = 5_000;
  field.deploy("web");
  await field.pass(5_000);
  field.killOperator();
  field.crash("web", 4);
  await field.pass(10_000);
  field.deploy("batch", true);
  await field.pass(10_000);
  field.killOperator();
  field.crash("batch", 1);
  await field.pass(20_000);
  field.killOperator();
  field.deploy("web", true);
  await field.pass(20_000);
  field.killOperator();
  await field.pass(30 * minuteMs);
  expect(field.judge.violation).toBeUndefined();
  expect(field.isWithinBudget).toBe(true);
  const refused = field.refused;
  await field.pass(20 * minuteMs);
  expect(field.refused).toBe(refused);
  expect(refused).toBeGreaterThanOrEqual(before);
});
