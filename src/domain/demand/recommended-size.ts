// The pool size for what one pod has at work: its peak and a fifth more, so that a pool is 70 to
// 80 % in use at its peak, and never below the smallest size that its policy allows.

import type { Sizing } from "../../api/sizing.ts";
import type { SaidUse } from "../facts/use-facts.ts";
import { divideCeil, poolSlots } from "./slots.ts";

/** x 1.2, in whole numbers. */
const [marginOf, marginPer] = [6, 5];

export interface Recommended {
  readonly poolSize: number;
  /** `6 x 1.2, rounded up` */
  readonly words: string;
}

export function recommendedSize({ peak }: Pick<SaidUse, "peak">, sizing: Sizing): Recommended {
  const { processesPerPod, floor } = sizing;
  const wanted = divideCeil(peak * marginOf, marginPer * processesPerPod);
  const each = processesPerPod === 1 ? `${peak}` : `${peak} of ${processesPerPod} pools`;
  const words = `${each} x 1.2${processesPerPod === 1 ? "" : ` / ${processesPerPod}`}, rounded up`;
  if (wanted >= floor) return { poolSize: wanted, words };
  return { poolSize: floor, words: `${words}: ${wanted}, and poolSize.min is ${floor}` };
}

/** The peak as a part of the pools of one pod, in per cent. */
export function usedPercent({ peak }: Pick<SaidUse, "peak">, sizing: Sizing, size: number): number {
  const slots = poolSlots(sizing, size);
  return slots === 0 ? 0 : divideCeil(100 * peak, slots);
}

/** Half of it is idle even at its peak. */
export function isFarTooLarge(poolSize: number, recommended: number): boolean {
  return 2 * recommended <= poolSize && poolSize - recommended >= 2;
}
