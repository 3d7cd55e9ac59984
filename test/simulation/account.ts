// What the checkers count of each server at one moment, and whether a write made it worse.

export interface ServerAccount {
  readonly budget: number;
  readonly exposure: number;
  /** To one who cannot know that ghosts were the fleet's. */
  readonly withStrangers: number;
  /** To one who may not see ghosts at all. */
  readonly seen: number;
}

/** Exposure of each server at one moment. */
export type Account = ReadonlyMap<string, ServerAccount>;

export const nothing: ServerAccount = { budget: 0, exposure: 0, withStrangers: 0, seen: 0 };

/** By any way to count, within the budget or not above what it was. */
export function isWithin(earlier: ServerAccount, after: ServerAccount): boolean {
  return (["exposure", "withStrangers", "seen"] as const).some(
    (way) => after[way] <= Math.max(after.budget, earlier[way]),
  );
}
