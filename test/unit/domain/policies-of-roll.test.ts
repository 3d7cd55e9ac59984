// A roll of pools of several policies: the strictest of them decides, and one that has no place
// keeps nobody from anything.

import { describe, expect, test } from "vitest";
import {
  admissionIsNew,
  mayAllGrow,
  rebalanceForbidsIt,
  serverIsUnknown,
  someoneKeepsPuttingItBack,
  speakingParts,
} from "../../../src/domain/decide/policies-of-roll.ts";
import { isCoolingDown } from "../../../src/domain/decide/cooling-down.ts";
import type { PoolPart } from "../../../src/domain/decide/pool-parts.ts";
import type { Wish } from "../../../src/domain/decide/wishes.ts";
import type { Position } from "../../../src/domain/demand/position.ts";
import type { PolicyFacts, PoolFacts } from "../../../src/domain/facts/facts.ts";
import { aGrant, aPolicy, aPosition, aWorkload, pods, startMs } from "../../support/builders.ts";

interface Part {
  readonly policy?: Partial<PolicyFacts>;
  readonly spec?: object;
  readonly pool?: Partial<PoolFacts>;
  readonly position?: Partial<Position>;
}

function partOf(name: string, index: number, part: Part): PoolPart {
  const policy = { ...aPolicy(name, { spec: part.spec ?? {} }), ...part.policy };
  const facts = aWorkload("web", { policy: policy.key, pods: pods(3), grant: aGrant(6) });
  const position = aPosition({ ...facts, ...part.pool }, policy);
  return { index, position: { ...position, ...part.position }, poolSize: 6 };
}

function wishOf(beside: Part, own: Part = {}, toShrink = false): Wish {
  const others = [partOf("reports", 1, beside)];
  return { ...partOf("orders", 0, own), toShrink, slots: 6, addedSlots: 0, beside: others };
}

const terms = { nowMs: startMs, limits: { isWithin: () => true } };
const justNow = { rolledAtMs: startMs - 60_000 };
const unplaced = { heldOnly: true };

describe("the policy of another pool keeps a roll waiting", () => {
  test.each<{ name: string; beside: Part; toShrink?: boolean; want: object | undefined }>([
    { name: "not where it says nothing else", beside: {}, want: undefined },
    {
      name: "by its rebalance",
      beside: { spec: { rebalance: "Never" } },
      want: {
        reason: "RollsWaiting",
        message: "rebalance is Never in policy shop/reports: waits for the next deploy",
      },
    },
    {
      name: "not by a rebalance that lets it shrink",
      beside: { spec: { rebalance: "ShrinkOnly" } },
      toShrink: true,
      want: undefined,
    },
    {
      name: "not where it has no place",
      beside: { spec: { rebalance: "Never" }, position: unplaced },
      want: undefined,
    },
  ])("$name", ({ beside, toShrink, want }) => {
    expect(rebalanceForbidsIt(wishOf(beside, {}, toShrink))).toEqual(want);
  });

  test("by the longer cooldown of the two", () => {
    const long = { spec: { stability: { cooldown: "30m" } }, policy: { cooldownMs: 1_800_000 } };
    const wish = wishOf({ ...long, pool: justNow }, { pool: justNow });
    expect(isCoolingDown(wish, { terms })).toEqual({
      reason: "GrowthWaiting",
      message: "was rolled less than 30m ago (the cooldown of policy shop/reports)",
      untilMs: startMs - 60_000 + 1_800_000,
    });
    const unsaid = wishOf({ ...long, pool: justNow, position: unplaced }, { pool: justNow });
    expect(isCoolingDown(unsaid, { terms })?.message).toBe("was rolled less than 5m ago");
    expect(isCoolingDown({ ...wish, toShrink: true }, { terms })).toBeUndefined();
  });

  test("while the admission policy is new to its pods", () => {
    const admissionReadyAtMs = startMs + 30_000;
    const wish = wishOf({ policy: { admissionReadyAtMs } });
    expect(admissionIsNew(wish, { terms })?.untilMs).toBe(admissionReadyAtMs);
    const inTemplate = wishOf({ policy: { admissionReadyAtMs, delivery: "Template" } });
    expect(admissionIsNew(inTemplate, { terms })).toBeUndefined();
  });

  test("while somebody puts its entries back", () => {
    const putBack = { ...justNow, writtenPoolSize: 9, reverts: 3 };
    expect(someoneKeepsPuttingItBack(wishOf({ pool: putBack }), { terms })?.message).toContain(
      "put the entries back 3 times: waits longer each time",
    );
    expect(someoneKeepsPuttingItBack(wishOf({}), { terms })).toBeUndefined();
  });

  test("while the limit of its server is not known, unless it has no place", () => {
    const unknown = { isServerUnknown: true } as const;
    expect(serverIsUnknown(wishOf({ position: unknown }))?.message).toContain(
      "until the limit of the server of policy shop/reports is known",
    );
    expect(serverIsUnknown(wishOf({ position: { ...unknown, ...unplaced } }))).toBeUndefined();
    expect(serverIsUnknown(wishOf({}))).toBeUndefined();
  });
});

test("its pods grow when each of the policies may", () => {
  const wish = wishOf({});
  const mayGrow = (pool: PoolFacts): boolean => pool.policy === "shop/orders";
  expect(mayAllGrow(wish, () => true)).toBe(true);
  expect(mayAllGrow(wish, mayGrow)).toBe(false);
  expect(mayAllGrow(wishOf({ position: unplaced }), mayGrow)).toBe(true);
});

test("one pool speaks for each policy, the one that asks first", () => {
  const wish = wishOf({});
  const more = [partOf("orders", 2, {}), partOf("reports", 3, {}), ...(wish.beside ?? [])];
  expect(speakingParts({ ...wish, beside: more }).map(({ index }) => index)).toEqual([0, 3]);
  expect(speakingParts({ ...wish, beside: [] }).map(({ index }) => index)).toEqual([0]);
});
