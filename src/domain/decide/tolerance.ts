// Damping in size: a gain of a few slots is not worth a restart of pods, nor waiting for. How much
// is, the policy says.

import type { Position } from "../demand/position.ts";

/** The gain from one pool size to a larger one passes the policy's tolerance. */
export function isWorthRolling({ policy }: Position, from: number, to: number): boolean {
  return (to - from) * 100 > from * policy.spec.stability.tolerancePercent;
}
