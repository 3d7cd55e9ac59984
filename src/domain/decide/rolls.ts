// Rolls replace pods whose own size is off their share, through the workload's own rollout. Each
// costs the user something, so: to shrink only when the line is broken or others cannot get their
// share otherwise; to grow only when the gain passes the tolerance and the cooldown is over; the
// fewest that repair the line, the one that gives back most first. A roll is allowed only if
// exposure, counted with the workload rolling, is within the budget or not above what it was
// (demanding "lower" deadlocks: all pods old and all new at once is what the ledger counts
// already).

import {
  decideEviction,
  type Eviction,
  type EvictionDecision,
  type EvictionScene,
} from "./evictions.ts";
import { slotsAtRest } from "../demand/exposure.ts";
import { isGranted } from "./grants.ts";
import type { LimitAccount } from "./limit-accounts.ts";
import { obstacleTo, type Obstacle, type RollTerms } from "./obstacles.ts";
import type { PolicyKey } from "../facts/facts.ts";
import { oncePer } from "../once-per.ts";
import { isEverReplaced } from "./never-replaced.ts";
import { jointWishes } from "./joint-wishes.ts";
import { firstPools } from "../demand/own-positions.ts";
import { partsOf } from "./pool-parts.ts";
import { turnsOf } from "./namespace-turns.ts";
import type { Hindrance } from "./one-by-one.ts";
import type { PoolPlan } from "./pool-plan.ts";
import { noResizes, type ResizeDecisions } from "./resizes.ts";
import { heldSlots, type Position } from "../demand/position.ts";
import { sayName } from "../words/say-owner.ts";
import { isWorthRolling } from "./tolerance.ts";
import { mustBeBounded } from "../demand/unlimited.ts";
import { type Wish, wishOf } from "./wishes.ts";

export interface RollDecisions {
  /**
   * The roll to start now, if any; the next one is decided when this one has been seen to start.
   */
  readonly roll: Wish | undefined;
  /** The pod to evict now, if any: never beside a roll. */
  readonly eviction: Eviction | undefined;
  readonly waiting: readonly WaitingRoll[];
  /** The same by the index of the position. */
  readonly obstacles: ReadonlyMap<number, Obstacle>;
}

export interface WaitingRoll {
  readonly wish: Wish;
  readonly obstacle: Obstacle;
}

export const noRolls: RollDecisions = {
  ...{ roll: undefined, eviction: undefined },
  ...{ waiting: [], obstacles: new Map() },
};

const byPolicy = oncePer(({ waiting }: Pick<RollDecisions, "waiting">) =>
  Map.groupBy(waiting, ({ wish }) => wish.position.policy.key),
);

/** Those of one policy that wait. */
export function waitingOf(
  rolls: Pick<RollDecisions, "waiting">,
  policy: PolicyKey,
): readonly WaitingRoll[] {
  return byPolicy(rolls).get(policy) ?? [];
}

/**
 * What running pods are given now runs beside the act of the next decision, and counts there. For
 * growth that was refused before no act waits: it would wait for ever. Pods behind the gate are
 * released with the next decision instead.
 */
export function besideGrowth(
  rolls: RollDecisions,
  live: ResizeDecisions,
): { readonly rolls: RollDecisions; readonly live: ResizeDecisions } {
  const grows = live.resizes.filter(({ why }) => why === "Grow");
  if (grows.some(({ pod }) => pod.live?.refused === undefined)) {
    return { rolls: { ...rolls, roll: undefined, eviction: undefined }, live };
  }
  if (!(rolls.roll ?? rolls.eviction)) return { rolls, live };
  return {
    rolls,
    live: { ...live, releases: [], resizes: live.resizes.filter(({ why }) => why !== "Grow") },
  };
}

export function decideRolls(pools: readonly PoolPlan[], terms: RollTerms): RollDecisions {
  const shrinkNeededAt = shrinkNeeds(pools, terms);
  const { server } = terms.limits;
  const positions = pools.map(({ position }) => position);
  const single = pools.flatMap(({ index, position, share, grant }) => {
    if (!position.managed) return [];
    const target = isGranted(position) ? grant.poolSize : share;
    // The share of a live pool is for running pods: the next one starts small, and grows.
    const atShare = target === share || position.resizablePods !== undefined;
    const shrinkNeeded = shrinkNeededAt(index) || mustBeBounded(position);
    const found = wishOf({ position, index, target, atShare, shrinkNeeded }, server.exposure);
    return found.filter((wish) => wish.toShrink || isEverReplaced(position.workload));
  });
  const rolling = firstPools(positions).filter(
    ({ rolling: isRolling, isGated }) => isRolling && isGated !== true,
  );
  const wishes = jointWishes(single, pools, server.exposure);
  const turn = turnsOf(positions, terms);
  const inTurns = (a: Wish, b: Wish): number =>
    turn(a.position) - turn(b.position) || mostReliefFirst(a, b);
  const found = wishes.sort(inTurns).map((wish): Found => {
    const shrinkNeeded = partsOf(wish).some(({ index, position }) => {
      return shrinkNeededAt(index) || mustBeBounded(position);
    });
    return { wish, obstacle: obstacleTo(wish, { rolling, terms, shrinkNeeded }) };
  });
  const first = found.find(({ obstacle }) => !obstacle)?.wish;
  const firstTurn = first ? turn(first.position) : Infinity;
  const sooner = found.filter(({ wish }) => turn(wish.position) < firstTurn);
  return actsOf(found, first, oneByOne(sooner, { positions, terms }));
}

interface Found {
  readonly wish: Wish;
  /** Undefined where it could be rolled now. */
  readonly obstacle: Obstacle | undefined;
}

/** An eviction of whoever has waited longer comes first. Everybody else is told his own reason. */
function actsOf(
  found: readonly Found[],
  first: Wish | undefined,
  { eviction, said }: EvictionDecision,
): RollDecisions {
  const roll = eviction ? undefined : first;
  const act = eviction?.wish ?? first;
  const waiting = found.flatMap(({ wish, obstacle = behind(wish, act) }) => {
    return wish === roll ? [] : [{ wish, obstacle: withMore(obstacle, said.get(wish.index)) }];
  });
  return { roll, eviction, waiting, obstacles: obstaclesOf(waiting) };
}

/** Of every pool that asks for what waits. */
function obstaclesOf(waiting: readonly WaitingRoll[]): ReadonlyMap<number, Obstacle> {
  const asking = waiting.flatMap(({ wish, obstacle }) => {
    const others = (wish.beside ?? []).filter(({ isAsking }) => isAsking === true);
    return [wish, ...others].map(({ index }) => [index, obstacle] as const);
  });
  return new Map(asking);
}

function withMore(obstacle: Obstacle, more: Hindrance | undefined): Obstacle {
  if (!more) return obstacle;
  return { ...obstacle, ...more, message: `${obstacle.message}; ${more.message}` };
}

/** Nothing else is in its way: one act is decided at a time. */
function behind({ position }: Wish, act: Wish | undefined): Obstacle {
  const name = act ? ` after ${sayName(act.position, position.policy.key)}` : "";
  return { reason: "RollsWaiting", message: `waits for its turn${name}` };
}

/** Where a rollout does not fit, or would be in vain, one pod of it may be replaced. */
function oneByOne(found: readonly Found[], scene: EvictionScene): EvictionDecision {
  const oneByOneOnly = found.filter(({ obstacle }) => obstacle?.isOneByOne === true);
  return decideEviction(
    oneByOneOnly.map(({ wish }) => wish),
    scene,
  );
}

/** By workload: within one of its limits slots have to be given back. */
function shrinkNeeds(
  pools: readonly PoolPlan[],
  { limits, live = noResizes }: RollTerms,
): (index: number) => boolean {
  const needy = limits.all.filter((account) => {
    const own = account.indexes.flatMap((index) => pools[index] ?? []);
    return isShrinkNeeded(account, own, live);
  });
  const isNeedy = new Set(needy);
  return (index) => limits.of(index).some((account) => isNeedy.has(account));
}

/**
 * The line is broken, or somebody waits for slots, and waiting does not help: neither until the
 * grants have settled nor until leaving pods are gone.
 */
function isShrinkNeeded(
  account: LimitAccount,
  own: readonly PoolPlan[],
  live: ResizeDecisions,
): boolean {
  const { limit, positions, exposure } = account;
  // Nobody is rolled for pods of a policy that has no place, nor for what running pods give back.
  const sumOf = (slots: ReadonlyMap<number, number>): number =>
    own.reduce((sum, { index }) => sum + (slots.get(index) ?? 0), 0);
  const lackingSlots = sumOf(live.lackingSlots);
  const placedSlots = limit.slots + heldOnlySlots(positions) + sumOf(live.excessSlots);
  const isBrokenWith = (sizeOf: (pool: PoolPlan) => number, moreSlots: number): boolean =>
    slotsAtRest(positions, own.map(sizeOf), limit.rolloutsMax) + moreSlots > placedSlots;
  if (exposure.slots > placedSlots && isBrokenWith(settledSize, 0)) return true;
  const isDeferred = lackingSlots > 0 || someoneIsDeferred(account, own);
  return isDeferred && isBrokenWith(grownSize, lackingSlots);
}

function settledSize({ position, grant }: PoolPlan): number {
  return isGranted(position) ? grant.poolSize : position.inForce;
}

function grownSize(pool: PoolPlan): number {
  const { managed, inForce, resizablePods } = pool.position;
  if (resizablePods) return settledSize(pool);
  return managed ? Math.max(settledSize(pool), pool.share) : inForce;
}

function heldOnlySlots(positions: readonly Position[]): number {
  return positions.reduce((sum, one) => sum + (one.heldOnly ? heldSlots(one) : 0), 0);
}

/** Somebody's pods cannot get their share before others give slots back. */
function someoneIsDeferred({ limit, exposure }: LimitAccount, own: readonly PoolPlan[]): boolean {
  return own.some(({ position, share, grant }, index) => {
    if (!position.managed || position.resizablePods) return false;
    if (isGranted(position)) return isWorthRolling(position, grant.poolSize, share);
    return (
      isWorthRolling(position, position.published, share) &&
      exposure.slotsWithGrant(index, Math.max(share, position.inForce)) > limit.slots
    );
  });
}

/** What it gives back for what it adds. */
function mostReliefFirst(a: Wish, b: Wish): number {
  const relief = (wish: Wish): number => wish.slots - Math.max(0, wish.addedSlots);
  const isFirst = (wish: Wish): number => Number(mustBeBounded(wish.position));
  return isFirst(b) - isFirst(a) || relief(b) - relief(a) || a.index - b.index;
}
