// A roll starts all pools of a workload anew, those too that nobody sizes: their new pods get what
// the template says. Where that is more than their pods hold now, and as much as the sized pools
// give back, a roll that is to free slots frees none.

import { bareNameIn } from "../../api/keys.ts";
import { slotsBelow } from "../demand/position.ts";
import { mustBeBounded } from "../demand/unlimited.ts";
import { nameFew } from "../words/fold-findings.ts";
import type { Wish } from "./wishes.ts";

/** An obstacle to a roll. */
interface TakesMore {
  readonly reason: "RollsWaiting";
  readonly message: string;
}

export function unsizedWouldTakeMore(wish: Wish): TakesMore | undefined {
  const { position, toShrink, slots, beside = [] } = wish;
  if (!toShrink || mustBeBounded(position)) return undefined;
  const unsized = beside.filter((one) => !one.position.managed);
  const more = unsized.reduce((sum, one) => sum + slotsBelow(one.position, one.poolSize), 0);
  if (more === 0 || more < slots) return undefined;
  const names = nameFew(unsized, (one) => bareNameIn(one.position.pool.poolKey));
  const message =
    `waits, because new pods would free ${slots} slots and take ${more} more for the pool ${names}, ` +
    "which is not sized. To fix: lower its size in the template";
  return { reason: "RollsWaiting", message };
}
