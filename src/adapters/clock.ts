// The only reader of the system's time.

import type { Clock } from "../ports.ts";

/** Of setTimeout, 24 days; it takes more for no delay at all. */
const longestDelayMs = 2_147_483_647;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, Math.min(delayMs, longestDelayMs));
    return () => {
      clearTimeout(timer);
    };
  },
};
