// What follows a roll that brought nothing: another one later, or evictions, and who is named.

import { describe, expect, test } from "vitest";
import type { WorkloadFacts } from "../../../src/domain/facts/facts.ts";
import { lastRollDidNotHelp, ownerUndoesRolls } from "../../../src/domain/decide/rolls-in-vain.ts";
import type { Wish } from "../../../src/domain/decide/wishes.ts";
import { aGrant, aPolicy, aPosition, aWorkload, pods, startMs } from "../../support/builders.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const rolledAtMs = startMs - minuteMs / 2;
const undoer = "Lake/main (field manager lake-operator) has put the pod template back";

/** Four pods that are older than the last roll, which stands in the template no more. */
const undone: Partial<WorkloadFacts> = {
  ...{ rolledAtMs, isRollUndone: true, owner: "Lake/main", templateManagers: ["lake-operator"] },
  pods: pods(4, { poolSize: 9, createdAtMs: rolledAtMs - 1_000, sized: false, revision: "r2" }),
  ...{ replicas: 4, updateRevision: "r2", grant: aGrant(6) },
};

function wishOf(workload: Partial<WorkloadFacts>, delivery: "Admission" | "Template"): Wish {
  const position = aPosition(
    aWorkload("web", { ...undone, ...workload }),
    aPolicy("orders", { delivery }),
  );
  return { index: 0, position, poolSize: 6, toShrink: true, slots: 12, addedSlots: 0 };
}

const now = { terms: { nowMs: startMs } };

describe("an owner that has put the template back twice", () => {
  test.each([
    {
      name: "its pods are replaced one at a time, and it is rolled again after a day",
      want: {
        reason: "RollUndone",
        message: `${undoer} after several rollouts`,
        untilMs: rolledAtMs + dayMs,
        isOneByOne: true,
      },
    },
    { name: "a day after that it is rolled again", workload: { rolledAtMs: startMs - dayMs } },
    { name: "the first time it is not known yet", workload: { undone: 0 } },
    {
      name: "a workload of one pod is rolled again after a delay that doubles",
      workload: { replicas: 1, reverts: 2 },
      want: { untilMs: rolledAtMs + 4 * minuteMs },
    },
    {
      name: "so it is where evictions are off",
      terms: { isEvictionOff: true },
      want: { untilMs: rolledAtMs + 2 * minuteMs, isOneByOne: true },
    },
    {
      name: "people who undo rolls are no owner",
      workload: { owner: undefined, templateManagers: ["kubectl-client-side-apply"] },
    },
    { name: "template delivery: a new pod would get the template's size", delivery: "Template" },
  ] as const)("$name", (row) => {
    const {
      workload,
      terms,
      delivery = "Admission",
      want,
    } = { workload: {}, terms: {}, want: undefined, ...row };
    const facts = { reverts: 1, undone: 1, ...workload } as Partial<WorkloadFacts>;
    const wish = wishOf(facts, delivery);
    const obstacle = ownerUndoesRolls(wish, { terms: { ...now.terms, ...terms } });
    if (want === undefined) expect(obstacle).toBeUndefined();
    else expect(obstacle).toMatchObject(want);
  });

  test("to grow it waits for others to replace its pods", () => {
    const wish = { ...wishOf({ reverts: 1, undone: 1 }, "Admission"), toShrink: false };
    expect(ownerUndoesRolls(wish, now)).toEqual({
      reason: "RollUndone",
      message: `${undoer} after several rollouts: it grows when somebody else replaces its pods`,
      untilMs: rolledAtMs + 10 * minuteMs,
    });
  });
});

test.each([
  {
    name: "put back by the owner",
    workload: {},
    delivery: "Admission",
    want: {
      reason: "RollUndone",
      message: `${undoer} after the last rollout: if that happens again, its pods are evicted one at a time`,
      untilMs: rolledAtMs + minuteMs,
    },
  },
  {
    name: "put back by somebody",
    workload: { owner: undefined, templateManagers: ["k9s"] },
    delivery: "Admission",
    want: {
      reason: "RollUndone",
      message:
        "somebody has put the pod template back after the last rollout: it is rolled out again, with " +
        "a delay that doubles each time. To keep its pods as they are, set spec.rebalance of the " +
        "policy to Never",
    },
  },
  {
    name: "pods started without a size",
    workload: { isRollUndone: undefined },
    delivery: "Admission",
    want: { reason: "StartedUnsized", untilMs: rolledAtMs + minuteMs },
  },
  {
    name: "template delivery",
    workload: { grant: undefined, template: { poolSize: 6, source: "env" } },
    delivery: "Template",
    want: { reason: "StartedUnsized" },
  },
] as const)("the last roll did not help: $name", ({ workload, delivery, want }) => {
  expect(
    lastRollDidNotHelp(wishOf(workload as Partial<WorkloadFacts>, delivery), now),
  ).toMatchObject(want);
});
