// Readings by rounds: the names of one server are read together, and one of them may lie, so of
// what they show at an address the most counts. A round was asked for at one moment: what it shows
// was true after that.

import type { SessionGroup, SessionSample } from "../facts/facts.ts";
import { oncePer } from "../once-per.ts";
import type { ByAddress } from "./sessions-beyond.ts";

export interface Round {
  /** By the monotonic clock. */
  readonly askedAtMs: number;
  /** Users of sessions of which it does not show where they come from. */
  readonly unplaced: ReadonlySet<string>;
  readonly countAt: ByAddress;
}

/** Oldest first. */
export function roundsOf(samples: readonly SessionSample[]): readonly Round[] {
  const rounds = Map.groupBy(samples, ({ atMs, roundMs = atMs }) => roundMs);
  return [...rounds]
    .sort(([a], [b]) => a - b)
    .map(([askedAtMs, some]) => {
      const shown = some.map(({ sessions }) => countsIn(sessions));
      const unplaced = new Set(shown.flatMap((one) => [...one.unplaced]));
      return { askedAtMs, unplaced, countAt: mostOf(shown) };
    });
}

type Counts = Pick<Round, "unplaced" | "countAt">;

/** Worked out once for each reading: the window has many. */
const countsIn = oncePer((sessions: readonly SessionGroup[]): Counts => {
  const countAt = new Map<string, number>();
  for (const { address, count } of sessions) {
    if (address !== undefined) countAt.set(address, (countAt.get(address) ?? 0) + count);
  }
  const unplaced = sessions.filter(({ address }) => address === undefined);
  return { countAt, unplaced: new Set(unplaced.map(({ user }) => user)) };
});

function mostOf([first, ...others]: readonly Counts[]): ByAddress {
  if (!first || others.length === 0) return first?.countAt ?? new Map();
  const most = new Map(first.countAt);
  for (const { countAt } of others) {
    for (const [address, count] of countAt)
      most.set(address, Math.max(count, most.get(address) ?? 0));
  }
  return most;
}
