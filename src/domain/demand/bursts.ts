// Bursts: the pods of a pool have all connections at work that they have, or that are recommended.
// What a histogram says of that takes ten minutes and more, and no more than a fifth at a time: a
// pool that is held to its recommended size must neither wait for so long nor be replaced so often.
// A moment is no burst: a quarter of the pods in two looks in a row is. It is over when none was
// seen for ten minutes.

import type { Sizing } from "../../api/sizing.ts";
import type { Burst } from "../facts/use-facts.ts";
import type { PodSlots } from "./said-use.ts";
import { poolSlots } from "./slots.ts";

export interface Bursts {
  /** The latest look showed it. */
  readonly isShown: boolean;
  /** The first and the last look of the latest burst; undefined: none was seen. */
  readonly spanMs: readonly [from: number, until: number] | undefined;
}

export const noBursts: Bursts = { isShown: false, spanMs: undefined };

const podsPerFull = 4;
export const calmForMs = 10 * 60_000;
const longMs = 10 * 60_000;

/** So many at work are all: of a pod of the recommended size, or of the smallest that there is. */
export function fullFrom(sizing: Sizing, recommended: number, { slots }: PodSlots): number {
  return Math.min(poolSlots(sizing, recommended), slots);
}

export interface BurstLook {
  /** What each pod has at work. */
  readonly samples: readonly number[];
  /** From how many at work on a pod is full. */
  readonly slots: number;
  readonly nowMs: number;
}

export function withLook(
  { isShown, spanMs }: Bursts,
  { samples, slots, nowMs }: BurstLook,
): Bursts {
  const full = samples.filter((atWork) => atWork >= slots).length;
  if (full === 0 || full * podsPerFull < samples.length) return { isShown: false, spanMs };
  if (!isShown) return { isShown: true, spanMs };
  const isSame = spanMs !== undefined && nowMs < spanMs[1] + calmForMs;
  return { isShown: true, spanMs: [isSame ? spanMs[0] : nowMs, nowMs] };
}

export function burstIn({ spanMs }: Bursts, nowMs: number): Burst | undefined {
  if (!spanMs || nowMs >= spanMs[1] + calmForMs) return undefined;
  return spanMs[1] - spanMs[0] >= longMs ? "Long" : "Short";
}

/** Of a pool that an earlier process has seen bursting. */
export function burstUntil(nowMs: number): Bursts {
  return { isShown: false, spanMs: [nowMs - longMs, nowMs] };
}
