// One of several, as chance has it: what grammars are made of.

import type { Random } from "../../src/ports.ts";

/** Throws where there is none. */
export function pick<T>(random: Random, from: readonly T[]): T {
  const picked = from[Math.floor(random.next() * from.length)];
  if (picked === undefined) throw new Error("nothing to pick from");
  return picked;
}
