// Chance that can be repeated: the same seed gives the same numbers on every machine.

import type { Random } from "../../src/ports.ts";

/** Mulberry32: 32 bits of state, good enough to spread things. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next: () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

/** No chance at all. */
export function constantRandom(value: number = 0): Random {
  return { next: () => value };
}
