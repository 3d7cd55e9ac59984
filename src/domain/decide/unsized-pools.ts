// A roll starts all pools of a workload anew, those too that nobody sizes: their new pods get what
// the template says. Where that is more than their pods hold now, and as much as the sized pools
// give back, a roll that is to free slots frees none.

import { bareNameIn } from "../../api/keys.ts";
import { slotsBelow } from "../demand/position.ts";
import type { Limit } from "../supply/limit.ts";
import { mustBeBounded } from "../demand/unlimited.ts";
import { nameFew } from "../words/fold-findings.ts";
import type { Wish } from "./wishes.ts";

/** An obstacle to a roll. */
interface TakesMore {
  readonly reason: "RollsWaiting";
  readonly message: string;
}

interface Limits {
  readonly of: (index: number) => readonly { readonly limit: Pick<Limit, "kind"> }[];
}

interface Scene {
  readonly terms: { readonly limits: Limits };
}

export function unsizedWouldTakeMore(wish: Wish, { terms }: Scene): TakesMore | undefined {
  const { position, toShrink, slots, beside = [] } = wish;
  if (!toShrink || mustBeBounded(position)) return undefined;
  // Those on another server take nothing there that this one would be freed of.
  const unsized = beside.filter(
    (one) => !one.position.managed && areOnOneServer(terms.limits, wish.index, one.index),
  );
  const more = unsized.reduce((sum, one) => sum + slotsBelow(one.position, one.poolSize), 0);
  if (more === 0 || more < slots) return undefined;
  const names = nameFew(unsized, (one) => bareNameIn(one.position.pool.poolKey));
  const message =
    `waits, because new pods would free ${slots} slots and take ${more} more for the pool ${names}, ` +
    "which is not sized. To fix: lower its size in the template";
  return { reason: "RollsWaiting", message };
}

/** Where several servers are decided on together, two pools may connect to different ones. */
function areOnOneServer(limits: Limits, a: number, b: number): boolean {
  const [own = [], other = []] = [a, b].map((index) => {
    return limits.of(index).filter(({ limit }) => limit.kind === "linked");
  });
  return own.length === 0 || other.some((one) => own.includes(one));
}
