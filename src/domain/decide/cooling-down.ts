// A workload that was rolled is left alone for its cooldown, of several policies the longest. What
// grows waits for it always. What shrinks waits where shares move with the use of pools (demand:
// Share), as long as the line holds: else the pools of others, each of which may want more every
// ten minutes, would have one workload replaced as often as they like.

import { cooldownEndMs } from "./cooldown.ts";
import type { LimitAccounts } from "./limit-accounts.ts";
import { speakingParts } from "./policies-of-roll.ts";
import { type PoolPart, partsOf } from "./pool-parts.ts";
import { mustBeBounded } from "../demand/unlimited.ts";
import type { Wish } from "./wishes.ts";

/** An obstacle to a roll. */
interface Cooling {
  readonly reason: "RollsWaiting" | "GrowthWaiting";
  readonly message: string;
  readonly untilMs: number;
}

interface Scene {
  readonly terms: {
    readonly limits: Pick<LimitAccounts, "isWithin">;
    readonly isSharedByUse?: boolean;
    readonly nowMs: number;
  };
}

export function isCoolingDown(wish: Wish, { terms }: Scene): Cooling | undefined {
  const { toShrink } = wish;
  const speaking = speakingParts(wish);
  const last = speaking.reduce<PoolPart>((a, b) => (endOf(b) > endOf(a) ? b : a), wish);
  const untilMs = endOf(last);
  if (untilMs <= terms.nowMs || (toShrink && !canWait(wish, { terms }))) return undefined;
  const { spec, key } = last.position.policy;
  const whose = speaking.length > 1 ? ` (the cooldown of policy ${key})` : "";
  const message = `was rolled less than ${spec.stability.cooldown} ago${whose}`;
  return { reason: toShrink ? "RollsWaiting" : "GrowthWaiting", message, untilMs };
}

function endOf({ position }: PoolPart): number {
  return cooldownEndMs(position);
}

function canWait(wish: Wish, { terms: { limits, isSharedByUse } }: Scene): boolean {
  if (isSharedByUse !== true) return false;
  const parts = partsOf(wish);
  if (parts.some(({ position }) => mustBeBounded(position))) return false;
  return parts.every(({ index }) => limits.isWithin(index));
}
