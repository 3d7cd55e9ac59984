// The arithmetic between pool sizes, slots and pods, with every rounding named. A slot is one
// connection of max_connections; a pool size is what one process sees; confusing the two is the
// classic error of this field (workers x pool).

import { invariant } from "../../errors.ts";
import type { Sizing } from "../../api/sizing.ts";

/** The largest pool size that is believed of a pod, a template or a grant. */
export const poolSizeMax = 1_000_000;

/**
 * What one pod holds in the worst case: pool size x processes per pod + extras per pod. 10, 4
 * processes, 1 extra: 41.
 */
export function slotsPerPod(sizing: Sizing, poolSize: number): number {
  return poolSlots(sizing, poolSize) + sizing.extraConnectionsPerPod;
}

/** What its pools hold alone. 10, 4 processes, 1 extra: 40. */
export function poolSlots({ processesPerPod }: Sizing, poolSize: number): number {
  return poolSize * processesPerPod;
}

/** The largest pool size whose pod fits: 41 slots, 4 processes, 1 extra: 10. May be below 1. */
export function poolSizeWithin(sizing: Sizing, slots: number): number {
  return divideFloor(slots - sizing.extraConnectionsPerPod, sizing.processesPerPod);
}

/** Rounds towards minus infinity: -1 / 4 is -1. */
export function divideFloor(dividend: number, divisor: number): number {
  invariant(divisor > 0, "dividing by a positive number");
  return Math.floor(dividend / divisor);
}

/** Rounds towards plus infinity: 7 / 2 is 4. */
export function divideCeil(dividend: number, divisor: number): number {
  invariant(divisor > 0, "dividing by a positive number");
  return Math.ceil(dividend / divisor);
}

/** `whole` x `percent` / 100, rounded up: 5 % of 197 is 10. */
export function percentCeil(whole: number, percent: number): number {
  return divideCeil(whole * percent, 100);
}
