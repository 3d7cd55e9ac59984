// Rolls replace pods whose own size is off their share, through the workload's own rollout. Each
// costs the user something, so: to shrink only when the line is broken or others cannot get their
// share otherwise; to grow only when the gain passes the tolerance and the cooldown is over; the
// fewest that repair the line, the one that gives back most first. A roll is allowed only if
// exposure, counted with the workload rolling, is within the budget or not above what it was
// (demanding "lower" deadlocks: all pods old and all new at once is what the ledger counts
// already).

import { decideEviction, type Eviction, type EvictionScene } from "./evictions.ts";
import { slotsAtRest } from "./exposure.ts";
import { isGranted } from "./grants.ts";
import type { LimitAccount } from "./limit-accounts.ts";
import { obstacleTo, type Obstacle, type RollTerms } from "./obstacles.ts";
import type { PolicyKey } from "./facts.ts";
import { oncePer } from "./once-per.ts";
import { turnsOf } from "./namespace-turns.ts";
import type { PoolPlan } from "./pool-plan.ts";
import { heldSlots, type Position } from "./position.ts";
import { isWorthRolling } from "./tolerance.ts";
import { mustBeBounded } from "./unlimited.ts";
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

export function decideRolls(pools: readonly PoolPlan[], terms: RollTerms): RollDecisions {
  const shrinkNeededAt = shrinkNeeds(pools, terms);
  const { server } = terms.limits;
  const positions = pools.map(({ position }) => position);
  const wishes = pools.flatMap(({ index, position, share, grant }) => {
    if (!position.managed) return [];
    const target = isGranted(position) ? grant.poolSize : share;
    const atShare = target === share;
    const shrinkNeeded = shrinkNeededAt(index) || mustBeBounded(position);
    return wishOf({ position, index, target, atShare, shrinkNeeded }, server.exposure);
  });
  const rolling = positions.filter((position) => position.rolling);
  const waiting: WaitingRoll[] = [];
  const turn = turnsOf(positions, terms.isBounded, ({ namespace, rolledAtMs = 0 }) =>
    Math.max(rolledAtMs, terms.served?.[namespace]?.rolledAtMs ?? 0),
  );
  const inTurns = (a: Wish, b: Wish): number =>
    turn(a.position) - turn(b.position) || mostReliefFirst(a, b);
  for (const wish of wishes.sort(inTurns)) {
    const shrinkNeeded = shrinkNeededAt(wish.index) || mustBeBounded(wish.position);
    const obstacle = obstacleTo(wish, { rolling, terms, shrinkNeeded });
    if (!obstacle) {
      const sooner = waiting.filter((one) => turn(one.wish.position) < turn(wish.position));
      const evicting = oneByOne(sooner, { positions, terms });
      if (evicting.eviction) return evicting;
      return { roll: wish, eviction: undefined, ...told(waiting) };
    }
    waiting.push({ wish, obstacle });
  }
  return oneByOne(waiting, { positions, terms });
}

function told(waiting: readonly WaitingRoll[]): Pick<RollDecisions, "waiting" | "obstacles"> {
  return {
    waiting,
    obstacles: new Map(waiting.map(({ wish, obstacle }) => [wish.index, obstacle])),
  };
}

/** No roll starts: where one does not fit, one pod of it may. */
function oneByOne(waiting: readonly WaitingRoll[], scene: EvictionScene): RollDecisions {
  const tooLarge = waiting.filter(({ obstacle }) => obstacle.isTooLarge === true);
  const wishes = tooLarge.map(({ wish }) => wish);
  const { eviction, said } = decideEviction(wishes, scene);
  const both = waiting.map(({ wish, obstacle }) => {
    const more = said.get(wish.index);
    if (!more) return { wish, obstacle };
    return {
      wish,
      obstacle: { ...obstacle, ...more, message: `${obstacle.message}; ${more.message}` },
    };
  });
  return { roll: undefined, eviction, ...told(both) };
}

/** By workload: within one of its limits slots have to be given back. */
function shrinkNeeds(
  pools: readonly PoolPlan[],
  { limits }: RollTerms,
): (index: number) => boolean {
  const needy = limits.all.filter((account) => {
    const own = account.indexes.flatMap((index) => pools[index] ?? []);
    return isShrinkNeeded(account, own);
  });
  const isNeedy = new Set(needy);
  return (index) => limits.of(index).some((account) => isNeedy.has(account));
}

/**
 * The line is broken, or somebody waits for slots, and waiting does not help: neither until the
 * grants have settled nor until leaving pods are gone.
 */
function isShrinkNeeded(account: LimitAccount, own: readonly PoolPlan[]): boolean {
  const { limit, positions, exposure } = account;
  // Nobody is rolled for pods of a policy that has no place.
  const placedSlots = limit.slots + heldOnlySlots(positions);
  const isBrokenWith = (sizeOf: (pool: PoolPlan) => number): boolean =>
    slotsAtRest(positions, own.map(sizeOf), limit.rolloutsMax) > placedSlots;
  if (exposure.slots > placedSlots && isBrokenWith(settledSize)) return true;
  return someoneIsDeferred(account, own) && isBrokenWith(grownSize);
}

function settledSize({ position, grant }: PoolPlan): number {
  return isGranted(position) ? grant.poolSize : position.inForce;
}

function grownSize(pool: PoolPlan): number {
  const { managed, inForce } = pool.position;
  return managed ? Math.max(settledSize(pool), pool.share) : inForce;
}

function heldOnlySlots(positions: readonly Position[]): number {
  return positions.reduce((sum, one) => sum + (one.heldOnly ? heldSlots(one) : 0), 0);
}

/** Somebody's pods cannot get their share before others give slots back. */
function someoneIsDeferred({ limit, exposure }: LimitAccount, own: readonly PoolPlan[]): boolean {
  return own.some(({ position, share, grant }, index) => {
    if (!position.managed) return false;
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
