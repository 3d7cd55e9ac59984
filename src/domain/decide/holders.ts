// Who holds slots that somebody waits for. Worked out once for a plan, not for each of those who
// wait: with 10,000 workloads that was 100 million looks.

import type { PoolPlan } from "./pool-plan.ts";
import type { ForeignSessions } from "../supply/foreign.ts";
import type { ServerLimit } from "../supply/limit.ts";
import { heldSlots, type Position, slotsAbove } from "../demand/position.ts";

export interface Holder {
  readonly slots: number;
  /** Whose pods they are; undefined for sessions of pods that are gone, or may be. */
  readonly position: Position | undefined;
  readonly why: "above its share" | "held only" | "leaving" | "gone" | "unclear" | "nameless";
}

/** The most slots first. */
export function holdersOf(
  pools: readonly PoolPlan[],
  { unclearSlots = 0 }: Pick<ServerLimit, "unclearSlots">,
  { ghostSlots, namelessSlots }: Pick<ForeignSessions, "ghostSlots" | "namelessSlots">,
): readonly Holder[] {
  const ofPods = pools.flatMap((pool): Holder[] => [
    stayingHolder(pool),
    { slots: pool.position.leavingSlots, position: pool.position, why: "leaving" },
  ]);
  const ofNobody: Holder[] = [
    { slots: ghostSlots, position: undefined, why: "gone" },
    { slots: unclearSlots - namelessSlots, position: undefined, why: "unclear" },
    { slots: namelessSlots, position: undefined, why: "nameless" },
  ];
  const holders = [...ofPods, ...ofNobody].filter(({ slots }) => slots > 0);
  return holders.sort((a, b) => b.slots - a.slots);
}

function stayingHolder({ position, share }: PoolPlan): Holder {
  if (position.heldOnly) return { slots: heldSlots(position), position, why: "held only" };
  return { slots: slotsAbove(position, share), position, why: "above its share" };
}
