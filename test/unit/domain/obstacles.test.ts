// Each thing that stands in the way of a roll, by its name. Every row changes one thing of a roll
// that nothing stands in the way of.

import { describe, expect, test } from "vitest";
import { cooldownEndMs } from "../../../src/domain/decide/cooldown.ts";
import type { PolicyFacts, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { type Obstacle, obstacleTo, type RollTerms } from "../../../src/domain/decide/obstacles.ts";
import type { Wish } from "../../../src/domain/decide/wishes.ts";
import {
  aGrant,
  aPolicy,
  aPosition,
  aWorkload,
  limitsOf,
  pods,
  startMs,
} from "../../support/builders.ts";

interface Row {
  name: string;
  workload?: Partial<PoolFacts>;
  policy?: Partial<PolicyFacts>;
  spec?: object;
  wish?: Partial<Wish>;
  terms?: Partial<RollTerms>;
  /** Of the server. */
  slots?: number;
  rolloutsMax?: number;
  shrinkNeeded?: boolean;
  /** Others that are in a rollout. */
  rolling?: number;
  want?: Partial<Obstacle>;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const rolledAtMs = startMs - 60_000;
/** The template says 10, we wrote 9. */
const putBack = { rolledAtMs, writtenPoolSize: 9 };
const grow = { toShrink: false };
/** It holds 3 x 6, and 3 x 12 come beside. */
const toTwelve = { workload: { grant: aGrant(12) }, wish: { ...grow, poolSize: 12 } };
const atRest = aPosition(aWorkload("web", { pods: pods(3, { poolSize: 6 }), grant: aGrant(6) }));
const unsized = pods(1, { sized: false, createdAtMs: rolledAtMs });

const rows: Row[] = [
  { name: "nothing" },
  { name: "nothing, to grow", wish: grow },
  {
    name: "rebalance Never",
    spec: { rebalance: "Never" },
    want: { reason: "RollsWaiting", message: "rebalance is Never: waits for the next deploy" },
  },
  { name: "rebalance ShrinkOnly lets it shrink", spec: { rebalance: "ShrinkOnly" } },
  {
    name: "rebalance ShrinkOnly does not let it grow",
    spec: { rebalance: "ShrinkOnly" },
    wish: grow,
    want: { message: "rebalance is ShrinkOnly: waits for the next deploy" },
  },
  { name: "paused", workload: { paused: true }, want: { reason: "RolloutPaused" } },
  { name: "OnDelete", workload: { strategy: "OnDelete" }, want: { reason: "OnDelete" } },
  { name: "it rolls already", workload: { rollingOut: true }, want: { reason: "Rolling" } },
  {
    name: "it rolls already and makes no progress",
    workload: { rollingOut: true, stuck: "quota exceeded" },
    want: { reason: "RolloutStuck", message: "rollout is blocked: quota exceeded" },
  },
  {
    name: "Recreate with a pod that is leaving",
    workload: {
      strategy: "Recreate",
      pods: [...pods(3), ...pods(1, { terminating: true })],
      replicas: 3,
      updatedReplicas: 3,
    },
    want: { reason: "RollsWaiting", message: "waits until 1 terminating pod is gone" },
  },
  {
    name: "a rolling update with a pod that is leaving may roll",
    workload: { pods: [...pods(3), ...pods(1, { terminating: true })], updatedReplicas: 3 },
  },
  {
    name: "the admission policy is new",
    policy: { admissionReadyAtMs: startMs + 7 },
    want: { reason: "RollsWaiting", untilMs: startMs + 7 },
  },
  { name: "the admission policy is acted upon by now", policy: { admissionReadyAtMs: startMs } },
  {
    name: "no grant is published yet",
    workload: { grant: undefined },
    want: { message: "waits until its new size is handed out" },
  },
  {
    name: "another size is published",
    wish: { poolSize: 7 },
    want: { message: "waits until its new size is handed out" },
  },
  {
    name: "its size is settling",
    workload: { grant: aGrant(6, { settlingPoolSize: 50, settledAtMs: startMs + 9 }) },
    want: { message: "waits until its new size is handed out", untilMs: startMs + 9 },
  },
  {
    name: "its size is settling by what was seen, not by the clock of who wrote it",
    workload: {
      grant: aGrant(6, {
        settlingPoolSize: 50,
        settledAtMs: startMs,
        unsettledUntilMs: startMs + 9,
      }),
    },
    want: { message: "waits until its new size is handed out", untilMs: startMs + 9 },
  },
  {
    name: "its size has settled",
    workload: { grant: aGrant(6, { settlingPoolSize: 50, settledAtMs: startMs }) },
  },
  {
    name: "pods started without a size although it was rolled: not again for a while",
    workload: { rolledAtMs, pods: unsized, reverts: 1 },
    want: { reason: "StartedUnsized", untilMs: rolledAtMs + 2 * minuteMs },
  },
  {
    name: "for twice as long each time",
    workload: { rolledAtMs, pods: unsized, reverts: 3 },
    want: { reason: "StartedUnsized", untilMs: rolledAtMs + 8 * minuteMs },
  },
  {
    name: "but never for longer than an hour",
    workload: { rolledAtMs, pods: unsized, reverts: 30 },
    want: { reason: "StartedUnsized", untilMs: rolledAtMs + hourMs },
  },
  {
    name: "pods that started before it was rolled say nothing",
    workload: { rolledAtMs, pods: pods(1, { sized: false, createdAtMs: rolledAtMs - 1000 }) },
  },
  {
    name: "after that it is tried again",
    workload: { rolledAtMs: startMs - minuteMs, pods: unsized },
  },
  {
    name: "its owner keeps undoing its rolls",
    workload: { rolledAtMs, isRollUndone: true, undone: 1, owner: "Lake/main" },
    want: { reason: "RollUndone", isOneByOne: true },
  },
  {
    name: "somebody keeps putting the entries back, even to shrink",
    workload: { ...putBack, reverts: 2, otherManagers: ["helm", "argocd"] },
    want: {
      reason: "RevertedByOther",
      message: "helm and argocd have put the entries back 2 times: waits longer each time",
      untilMs: rolledAtMs + 4 * 300_000,
    },
  },
  { name: "put back long ago", workload: { ...putBack, rolledAtMs: startMs - dayMs, reverts: 9 } },
  { name: "put back before, but not since", workload: { rolledAtMs, reverts: 2 } },
  {
    name: "to grow without fresh facts",
    wish: grow,
    terms: { mayGrow: () => false },
    want: {
      reason: "GrowthWaiting",
      message: "no pool grows until the fleet fits its budget and the server has been read",
    },
  },
  { name: "to shrink without fresh facts is allowed", terms: { mayGrow: () => false } },
  {
    name: "to grow while others must shrink",
    wish: grow,
    shrinkNeeded: true,
    want: { reason: "GrowthWaiting" },
  },
  {
    name: "cooling down, to grow",
    wish: grow,
    workload: { rolledAtMs },
    want: { message: "was rolled less than 5m ago", untilMs: rolledAtMs + 300_000 },
  },
  { name: "cooling down does not hold up a shrink", workload: { rolledAtMs } },
  {
    name: "cooling down, to shrink for the use of others",
    workload: { rolledAtMs },
    terms: { isSharedByUse: true },
    want: { reason: "RollsWaiting", message: "was rolled less than 5m ago" },
  },
  {
    name: "cooling down does not hold up a shrink while the line is broken",
    workload: { rolledAtMs },
    terms: { isSharedByUse: true },
    slots: 20,
  },
  { name: "cooled down", wish: grow, workload: { rolledAtMs: startMs - 300_000 } },
  {
    name: "another one rolls",
    rolling: 1,
    want: { reason: "RollsWaiting", message: "waits for the rollout of other" },
  },
  { name: "another one rolls and there is room for two", rolling: 1, rolloutsMax: 2 },
  {
    name: "no room at all: one at a time where the budget has the slots",
    rolloutsMax: 0,
  },
  {
    name: "no room at all, and another one rolls",
    rolloutsMax: 0,
    rolling: 1,
    want: { reason: "RollsWaiting" },
  },
  {
    name: "the line would break",
    ...toTwelve,
    slots: 71,
    want: { message: "waits, because its rollout would need 72 slots in all, the budget is 71" },
  },
  { name: "the line would just hold", ...toTwelve, slots: 72 },
  { name: "broken before and not above what it was, to shrink", slots: 10 },
  {
    name: "broken before, and it would be above what it was",
    ...toTwelve,
    wish: { poolSize: 12 },
    slots: 10,
    want: { message: "waits, because its rollout would need 72 slots in all, the budget is 10" },
  },
  {
    name: "broken before, to grow",
    slots: 10,
    wish: grow,
    want: { message: "waits, because its rollout would need 36 slots in all, the budget is 10" },
  },
];

const calmTerms: Omit<RollTerms, "limits"> = {
  mayGrow: () => true,
  nowMs: startMs,
  leastSizes: [],
  running: [{ limitSlots: 197, slots: 18, stayingSlots: 18, endingSlots: 0 }],
};

function obstacleOf({
  workload,
  policy,
  spec = {},
  wish,
  terms,
  slots = 200,
  rolloutsMax = 1,
  rolling = 0,
  shrinkNeeded = false,
}: Row): Obstacle | undefined {
  const facts = aWorkload("web", { pods: pods(3, { poolSize: 6 }), grant: aGrant(6), ...workload });
  const position = aPosition(facts, aPolicy("orders", { spec, ...policy }));
  const other = aPosition(aWorkload("other", { rollingOut: true }));
  return obstacleTo(
    { index: 0, position, toShrink: true, poolSize: 6, slots: 9, addedSlots: 0, ...wish },
    {
      rolling: Array.from({ length: rolling }, () => other),
      terms: { ...calmTerms, limits: limitsOf([atRest], slots, { rolloutsMax }), ...terms },
      shrinkNeeded,
    },
  );
}

describe("what stands in the way of a roll", () => {
  test.each(rows)("$name", (row) => {
    const obstacle = obstacleOf(row);
    if (row.want === undefined) expect(obstacle).toBeUndefined();
    else expect(obstacle).toMatchObject(row.want);
  });

  test("template delivery has no grant to wait for", () => {
    const policy = { delivery: "Template" as const, admissionReadyAtMs: startMs + 7 };
    expect(obstacleOf({ name: "", policy, workload: { grant: undefined } })).toBeUndefined();
  });
});

describe("cooldownEndMs", () => {
  test.each([
    { name: "never rolled", facts: {}, cooldown: "5m", want: 0 },
    { name: "rolled", facts: { rolledAtMs: 1000 }, cooldown: "5m", want: 301_000 },
    {
      name: "put back: doubled each time",
      facts: { rolledAtMs: 0, reverts: 3 },
      cooldown: "5m",
      want: 2_400_000,
    },
    { name: "at most a day", facts: { rolledAtMs: 0, reverts: 99 }, cooldown: "5m", want: dayMs },
    {
      name: "a longer cooldown is kept",
      facts: { rolledAtMs: 0, reverts: 2 },
      cooldown: "48h",
      want: 2 * dayMs,
    },
  ])("$name", ({ facts, cooldown, want }) => {
    const policy = aPolicy("orders", { spec: { stability: { cooldown } } });
    expect(cooldownEndMs(aPosition(aWorkload("web", facts), policy))).toBe(want);
  });
});
