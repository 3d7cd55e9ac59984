// A workload is rolled once for all of its pools, or some of its pods would be replaced twice. So
// the wishes of its pools become one: that of the pool which frees or gains most asks, and each of
// the others says what its next pods get. A roll that shrinks goes before one that grows: what
// grows comes along where the API server hands it out anyway.

import { isMain } from "../../api/keys.ts";
import { isGranted } from "./grants.ts";
import type { PoolPart } from "./pool-parts.ts";
import type { PoolPlan } from "./pool-plan.ts";
import type { Exposure } from "../demand/exposure.ts";
import type { Wish } from "./wishes.ts";

/** The same wishes, one for each workload. */
export function jointWishes(
  wishes: readonly Wish[],
  pools: readonly PoolPlan[],
  exposure: Exposure,
): Wish[] {
  if (pools.every(({ position: { pool } }) => isMain(pool))) return [...wishes];
  const byWorkload = Map.groupBy(pools, ({ position }) => position.workload.key);
  const wished = Map.groupBy(wishes, ({ position }) => position.workload.key);
  return [...wished].flatMap(([key, own]) => jointly(own, byWorkload.get(key) ?? [], exposure));
}

function jointly(
  wishes: readonly Wish[],
  pools: readonly PoolPlan[],
  exposure: Exposure,
): readonly Wish[] {
  const [asking] = wishes.toSorted(mostAskedFirst);
  if (!asking || pools.length < 2) return wishes;
  const alike = wishes.filter(({ toShrink }) => toShrink === asking.toShrink);
  const beside = pools
    .filter(({ index }) => index !== asking.index)
    .map((pool) => partOf(pool, alike));
  const sizes = new Map(beside.map(({ index, poolSize }) => [index, poolSize]));
  const rolling = exposure.slotsWhileRolling(asking.index, asking.poolSize, sizes);
  const slots = alike.reduce((sum, one) => sum + one.slots, 0);
  return [{ ...asking, beside, slots, addedSlots: rolling - exposure.slots }];
}

function mostAskedFirst(a: Wish, b: Wish): number {
  return Number(b.toShrink) - Number(a.toShrink) || b.slots - a.slots || a.index - b.index;
}

function partOf(pool: PoolPlan, wishes: readonly Wish[]): PoolPart {
  const { index, position } = pool;
  const wish = wishes.find((one) => one.index === index);
  if (wish) return { index, position, poolSize: wish.poolSize, isAsking: true };
  return { index, position, poolSize: sizeBeside(pool) };
}

/** What its next pods get without a wish of its own: no more than by now. */
function sizeBeside({ position, share, grant }: PoolPlan): number {
  const { managed, inForce, published } = position;
  if (!managed) return inForce;
  return isGranted(position) ? grant.poolSize : Math.min(published, share);
}
