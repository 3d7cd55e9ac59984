// How long ago something was, when no single clock can be trusted: the wall clock may be set back,
// and the monotonic one stands still while the whole machine sleeps. Who must not believe too long
// in something asks for the larger of both.

import type { Clock } from "../ports.ts";

export interface Moment {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** So long ago that nothing of then holds any more. */
export const longAgo: Moment = { monotonicMs: -Infinity, wallMs: -Infinity };

export function momentOf(clock: Clock): Moment {
  return { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() };
}

/** Milliseconds, by the clock that says more. */
export function ageMs(since: Moment, clock: Clock): number {
  const now = momentOf(clock);
  return Math.max(now.monotonicMs - since.monotonicMs, now.wallMs - since.wallMs);
}
